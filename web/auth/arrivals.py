"""Which account somebody has whom the provider of sign-in knows.

Only the provider's mark of a person, the subject, says who they are for good. An e-mail address the
provider has verified stands for it once: where an admin said of an account that it is awaited under
that address, and not for admins. A user name proves nothing. Nobody gets a right by arriving.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from geodata.errors import UsageError
from stations.errors import StoreConflictError
from stations.store import Account, Entry, Identity
from web.auth import people
from web.auth.callers import STAFF, Role
from web.auth.doors import canonical, hash_of
from web.auth.provider import LONGEST_SUBJECT, Person, Trouble

if TYPE_CHECKING:
    from datetime import datetime

    from stations.store import Store

AWAITED = timedelta(days=14)
"""How long an account waits for whom it is for."""
MOST_WAITING = 200
"""How many accounts may wait to be put in use."""
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
_NO_NAME = re.compile(r"[^\w.@-]+")


def account_of(
    store: Store, person: Person, issuer: str, *, newcomers: str, now: datetime
) -> tuple[Account, Identity] | Trouble:
    """Return the account of somebody who arrived, and who it is there, or why there is none.

    ``newcomers``: ``wait`` makes one that is not in use for whom there is none.
    """
    known = store.identities.of_subject(issuer, person.subject)
    if known is None:
        known = _awaited(store, person, issuer, now)
    if known is None:
        return _newcomer(store, person, issuer, wait=newcomers == "wait", now=now)
    account = store.accounts.get(known.account)
    if account.active:
        return account, known
    return Trouble.INACTIVE if account.password else Trouble.WAITING


def stamp_of(identity: Identity) -> str:
    """Return what a session begun by way of a provider is marked with."""
    return hash_of(f"provider {identity.issuer}\0{identity.subject}")[:32]


def link(
    store: Store,
    account: Account,
    issuer: str,
    *,
    subject: str = "",
    email: str = "",
    who: str,
    now: datetime,
) -> Identity:
    """Say who an account is at a provider: by a subject, or by an e-mail address for a time."""
    _require(issuer)
    if bool(subject) == bool(email):
        raise UsageError("say either the subject or the e-mail address")
    if email and account.role == Role.ADMIN:
        raise UsageError("an admin is linked by the subject: addresses may pass to somebody else")
    if email and not (_EMAIL.fullmatch(email) and email.isascii() and email.isprintable()):
        raise UsageError("expected an e-mail address such as wang@example.org")
    if len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise UsageError(f"a subject is one line of plain text, at most {LONGEST_SUBJECT} signs")
    made = Identity(
        account.name,
        issuer,
        now,
        subject=subject or None,
        email=email.lower() or None,
        until=now + AWAITED if email else None,
    )
    store.identities.link(made, who=who)
    return made


def unlink(store: Store, account: Account, issuer: str, *, who: str, now: datetime) -> None:
    """Let nobody of a provider sign in to an account; `MissingError` if nobody could."""
    _require(issuer)
    store.identities.unlink(account.name, issuer, who=who, at=now)


def _require(issuer: str) -> None:
    if not issuer:
        raise UsageError("there is no provider of sign-in: STATIONS_OIDC_ISSUER is not set")


def _awaited(store: Store, person: Person, issuer: str, now: datetime) -> Identity | None:
    """Return the one account that is awaited under a person's address, which it is from now on."""
    if not person.email:
        return None
    waiting = store.identities.awaited(issuer, person.email, now)
    if len(waiting) != 1:
        return None
    account = store.accounts.get(waiting[0].account)
    if account.role == Role.ADMIN or not account.active:
        return None
    store.identities.bind(waiting[0], person.subject, at=now)
    return store.identities.of_subject(issuer, person.subject)


def _newcomer(store: Store, person: Person, issuer: str, *, wait: bool, now: datetime) -> Trouble:
    if not wait or sum(_is_waiting(each) for each in store.accounts.all()) >= MOST_WAITING:
        store.accounts.note(Entry(now, "", "", "identity_unknown", person.subject))
        return Trouble.UNKNOWN
    name = _name_for(store, person)
    account = Account(name, _title_for(person, name), Role.INSPECTOR, "", now, active=False)
    try:
        store.identities.join(account, Identity(name, issuer, now, subject=person.subject))
    except StoreConflictError:  # by another request of the same person, a moment ago
        return Trouble.STALE
    return Trouble.WAITING


def _is_waiting(account: Account) -> bool:
    return not account.active and not account.password


def _name_for(store: Store, person: Person) -> str:
    """Return a name nobody has, like the one the person has there."""
    wish = _NO_NAME.sub("-", canonical(person.username or person.email.partition("@")[0]))
    wish = wish.lstrip(".@-")[:40]
    taken = {STAFF, "", *(each.name for each in store.accounts.all())}
    if wish not in taken:
        return people.name_of(wish)
    return people.name_of(f"{wish or 'p'}-{secrets.token_hex(4)}")


def _title_for(person: Person, name: str) -> str:
    try:
        return people.title_of(person.name, name)
    except UsageError:
        return ""
