"""Passwords: which will do, how they are kept (Argon2id), how they are made up.

Length and not being known already are all that is asked, as NIST SP 800-63B does: no rule says
which signs a password must have. Full-width signs count as their plain ones (NFKC), so that it does
not matter how they were typed.
"""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from importlib.resources import files
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geodata.errors import UsageError

SHORTEST, LONGEST = 12, 256
"""Characters of a password."""
LEFT = 8
"""Characters that must be left of it without the account's name."""
DISTINCT = 5
"""Different characters it must have."""
_GROUPS, _LETTERS = 5, "abcdefghjkmnpqrstuvwxyz23456789"
_hasher = PasswordHasher()


def check(password: str, name: str) -> None:
    """Raise `UsageError` for a password that will not do for the account ``name``."""
    plain = _plain(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise UsageError(f"a password has {SHORTEST} to {LONGEST} characters, whichever you like")
    folded = plain.casefold()
    if len(folded.replace(name.casefold(), "")) < LEFT:
        raise UsageError("the password is little more than the account's name; take another one")
    if folded in _common() or len(set(folded)) < DISTINCT or _is_run(folded):
        raise UsageError("the password is among those tried first; take a less common one")


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _hasher.hash(_plain(password))


def matches(password: str, kept: str) -> bool:
    """Whether a password is the one ``kept`` was made of.

    It takes as long where nothing is kept: so nobody learns which accounts there are.
    """
    if len(password) > LONGEST:
        password = ""
    try:
        _hasher.verify(kept or _nobody(), _plain(password))
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


def made_up() -> str:
    """Return a password to be told once: groups of letters and digits that are not mixed up."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(_GROUPS))
    return "-".join(groups)


def _plain(password: str) -> str:
    """Return a password as it is compared; half of a surrogate pair cannot be typed."""
    return unicodedata.normalize("NFKC", password.encode(errors="replace").decode())


def _is_run(text: str) -> bool:
    """Whether each sign is the one after, or before, the one that stands before it."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return len(steps) == 1


@cache
def _common() -> frozenset[str]:
    return frozenset((files("web.auth") / "common.txt").read_text(encoding="utf-8").split())


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe())
