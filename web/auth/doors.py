"""Signing in: a name and a password in, a session out; and how long one must wait after failures.

A session's secret is 256 random bits made here at every sign-in; the store has its hash only. What
a page must send along with a change (`csrf`) is made of the secret, so it is nowhere kept.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING

from werkzeug.exceptions import TooManyRequests, Unauthorized

from geodata.errors import MissingError
from stations.store import Account, Entry, Session
from web.auth import passwords
from web.auth.callers import STAFF, Role

if TYPE_CHECKING:
    from datetime import datetime

    from stations.store import Store

FREE_TRIES = 5
"""Failures at one name that cost no time."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
"""How long no try is taken after the next failure; twice as long after each more, up to this."""
WRONG = "The name or the password is wrong, or the account is not in use."
_USUAL = (timedelta(hours=12), timedelta(days=7))
_LASTS = {Role.ADMIN: (timedelta(hours=1), timedelta(hours=12))}


def lasts(role: Role) -> tuple[timedelta, timedelta]:
    """Return how long a session may stand unused, and how long it lasts at most."""
    return _LASTS.get(role, _USUAL)


def canonical(name: str) -> str:
    """Return a name as accounts are found by it: neither width nor case of letters matters."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def hash_of(secret: str) -> str:
    """Return what the store knows a session's secret or a token by; both are random."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def mark_of(name: str) -> str:
    """Return what failures to sign in under a name, `canonical`, are counted by."""
    return hash_of(f"name {name}")


def csrf(secret: str) -> str:
    """Return what pages send along with changes made in this session."""
    return hmac.digest(secret.encode(errors="replace"), b"csrf", "sha256").hex()


def sign_in(store: Store, name: str, password: str, *, staff_token: str, now: datetime) -> Account:
    """Return the account somebody signs in to.

    401 for whatever is wrong, without saying what; 429 after too many failures.
    """
    name = canonical(name)
    nobody = Account(name, "", Role.PUBLIC, "", now, active=False)
    account = account_of(store, name, staff_token, now) or nobody
    require_right(store, account, password, now=now, otherwise=Unauthorized(WRONG))
    return account


def begin(
    store: Store, account: Account, *, stamp: str, now: datetime, instead: str | None
) -> tuple[str, Session]:
    """Return the secret of a new session, and the session; that of ``instead``, a hash, ends.

    ``stamp`` marks what it begins with: `stamp_of`, or `web.auth.arrivals.stamp_of`.
    """
    secret = secrets.token_urlsafe(32)
    longest = lasts(Role(account.role))[1]
    session = Session(
        id=secrets.token_hex(8),
        account=account.name,
        stamp=stamp,
        created=now,
        used=now,
        expires=now + longest,
    )
    store.credentials.begin(session, hash_of(secret), instead=instead)
    return secret, session


def require_right(
    store: Store, account: Account, password: str, *, now: datetime, otherwise: Exception
) -> None:
    """Raise ``otherwise`` unless the password is the account's; 429 after too many failures."""
    mark = mark_of(account.name)
    until = store.accounts.attempt(mark, now, _wait)
    if until is not None:
        raise TooManyRequests(
            "Too many failures; please wait.", retry_after=math.ceil((until - now).total_seconds())
        )
    if not _is_right(account, password, now):
        known = account.name if account.password else ""  # what was typed may be a password
        store.accounts.note(Entry(now, "", known, "password_wrong"))
        raise otherwise
    store.accounts.succeed(mark)


def account_of(store: Store, name: str, staff_token: str, now: datetime) -> Account | None:
    """Return the account of a name, or what stands for the staff token; None: there is none."""
    if name == STAFF:
        return Account(STAFF, "", Role.ADMIN, "", now, staff_token) if staff_token else None
    try:
        return store.accounts.get(name)
    except MissingError:
        return None


def stamp_of(account: Account) -> str:
    """Return what a session of an account is marked with: the password it began with."""
    return hash_of(f"stamp {account.password}")[:32]


def _is_right(account: Account, password: str, now: datetime) -> bool:
    if account.name == STAFF:
        sent = password.strip().encode(errors="replace")
        return hmac.compare_digest(sent, account.password.encode())
    right = passwords.matches(password, account.password)
    too_late = account.password_until is not None and now >= account.password_until
    return right and account.active and not too_late


def _wait(failures: int) -> timedelta:
    if failures < FREE_TRIES:
        return timedelta(0)
    doubled: int = 2 ** min(failures - FREE_TRIES, 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)
