"""Accounts made and changed: what a name, a title, an area may be; passwords to be told once."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from geodata import boundaries
from geodata.errors import MissingError, UsageError
from stations.store import Account, Token
from web.auth import passwords
from web.auth.callers import LONGEST_SIGNATURE, STAFF, Role
from web.auth.doors import canonical, hash_of, mark_of
from web.auth.scopes import SCOPES, TOKEN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from stations.store import Store

ONCE = timedelta(days=7)
"""How long a password that somebody else made up works."""
ROLES = tuple(role for role in Role if role is not Role.PUBLIC)
MOST_TOKENS = 20
"""How many tokens one account may have."""
LONGEST_TOKEN_DAYS = 366
LONGEST_LABEL = 100
PROVINCE = 2
"""Digits of a province's code."""
_NAME = re.compile(r"\w[\w.@-]{0,63}")


def name_of(text: str) -> str:
    """Return the name of an account to be made, `canonical`; `UsageError` for what is none."""
    name = canonical(text)
    if not _NAME.fullmatch(name) or name == STAFF:
        raise UsageError(
            "a name has 1 to 64 letters (of any script), digits, dots, hyphens, underscores or @, "
            f"begins with one of the first two, and is not {STAFF!r}"
        )
    return name


def title_of(text: str, name: str) -> str:
    """Return how the account ``name`` is called by people, such as 王芳: one line of plain text.

    It is not so long that both together could not sign an inspection or a visit.
    """
    title = " ".join(text.split())
    longest = LONGEST_SIGNATURE - len(f" ({name})")
    if len(title) > longest or not title.isprintable():
        raise UsageError(
            f"a title is one line of plain text, at most {longest} characters beside the "
            f"name {name}"
        )
    return title


def label_of(text: str) -> str:
    """Return what a token is for: one line of plain text."""
    label = " ".join(text.split())
    if len(label) > LONGEST_LABEL or not label.isprintable():
        raise UsageError(f"a label is one line of plain text, at most {LONGEST_LABEL} characters")
    return label


def role_of(text: str) -> Role:
    """Return the role of an account by its word."""
    if text not in ROLES:
        raise UsageError(f"a role is one of {', '.join(ROLES)}, not {text[:40]!r}")
    return Role(text)


def area_of(code: str) -> str:
    """Return the leading digits that tell whether an area code lies in ``code``: 530100 is 5301.

    Empty: everywhere. An area that is not in the boundaries raises `UsageError`.
    """
    digits = code.strip()
    try:
        while len(digits) > PROVINCE and digits.endswith("00"):
            if boundaries.name_of(digits[:-2]) != boundaries.name_of(digits):
                break
            digits = digits[:-2]
        if digits:
            boundaries.name_of(digits)
    except MissingError as error:
        raise UsageError(f"{error}; nothing stands for everywhere") from None
    return digits


def check_use(account: Account, changes: Mapping[str, object]) -> None:
    """Refuse to put a newcomer in use without an area said: none stands for everywhere."""
    newcomer = not account.active and not account.password and not account.area
    if newcomer and changes.get("active") and "area" not in changes:
        raise UsageError(f"say the area of {account.name} too: without one it is everywhere")


def make(
    store: Store,
    name: str,
    *,
    title: str,
    role: str,
    area: str,
    who: str,
    now: datetime,
    password: str | None = None,
) -> str:
    """Make an account; return the password to be told once, empty if one was given."""
    name = name_of(name)
    made = "" if password is not None else passwords.made_up()
    if password is not None:
        passwords.check(password, name)
    account = Account(
        name=name,
        title=title_of(title, name),
        role=role_of(role),
        area=area_of(area),
        created=now,
        password=passwords.hashed(password or made),
        password_until=now + ONCE if made else None,
    )
    store.accounts.add(account, who=who)
    return made


def set_password(store: Store, name: str, password: str, *, who: str, now: datetime) -> None:
    """Set a password its owner chose; every session of the account ends."""
    passwords.check(password, name)
    store.accounts.set_password(name, passwords.hashed(password), who=who, at=now)
    store.accounts.succeed(mark_of(name))


def reset_password(store: Store, name: str, *, who: str, now: datetime) -> str:
    """Return a new password to be told once; it works for a week and must be changed then."""
    made = passwords.made_up()
    kept = passwords.hashed(made)
    store.accounts.set_password(name, kept, who=who, at=now, until=now + ONCE)
    store.accounts.succeed(mark_of(name))
    return made


def make_token(
    store: Store,
    account: str,
    *,
    label: str,
    scopes: Collection[str],
    days: int,
    who: str,
    now: datetime,
) -> tuple[str, Token]:
    """Make a token; return its text, which is kept nowhere, and what is known of it."""
    if not scopes or not set(scopes) <= SCOPES.keys():
        raise UsageError(f"scopes: one or more of {', '.join(SCOPES)}")
    if not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise UsageError(f"days: from 1 to {LONGEST_TOKEN_DAYS}")
    if len(store.credentials.tokens(account)) >= MOST_TOKENS:
        raise UsageError(f"an account has at most {MOST_TOKENS} tokens; revoke one first")
    text = TOKEN + secrets.token_urlsafe(32)
    token = Token(
        id=secrets.token_hex(8),
        account=account,
        label=label_of(label),
        scopes=" ".join(each for each in SCOPES if each in scopes),
        created=now,
        expires=now + timedelta(days=days),
    )
    store.credentials.add_token(token, hash_of(text), who=who)
    return text, token
