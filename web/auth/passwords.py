"""Passwords: which will do, how they are kept (Argon2id), how they are made up.

Length and not being known already are all that is asked, as NIST SP 800-63B does: no rule says
which signs a password must have. Full-width signs count as their plain ones (NFKC), so that it does
not matter how they were typed.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from functools import cache
from importlib.resources import files
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geodata.errors import UsageError

SHORTEST, LONGEST = 12, 128
"""Characters of a password, blanks beside one another taken as one."""
LONGEST_KEPT = 256
"""Characters one from before may have."""
LEFT = 8
"""Characters that must be left of it without the account's name."""
DISTINCT = 5
"""Different characters it must have."""
WORTH, WORD = 9, 2
"""What it must be worth: a sign by itself is worth 1, one of the commonest words this much."""
_GROUPS, _LETTERS = 5, "abcdefghjkmnpqrstuvwxyz23456789"
_hasher = PasswordHasher()


def check(password: str, name: str) -> None:
    """Raise `UsageError` for a password that will not do for the account ``name``."""
    plain = re.sub(" +", " ", _plain(password))
    if not SHORTEST <= len(plain) <= LONGEST:
        raise UsageError(f"a password has {SHORTEST} to {LONGEST} characters, whichever you like")
    folded = plain.casefold()
    if len(folded.replace(name.casefold(), "")) < LEFT:
        raise UsageError("the password is little more than the account's name; take another one")
    plainly = folded in _common() or len(set(folded)) < DISTINCT or _is_run(folded)
    if plainly or _is_repeated(folded) or _worth(folded) < WORTH:
        raise UsageError("the password is among those tried first; take a less common one")


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _hasher.hash(_plain(password))


def matches(password: str, kept: str) -> bool:
    """Whether a password is the one ``kept`` was made of.

    It takes as long where nothing is kept: so nobody learns which accounts there are.
    """
    if len(password) > LONGEST_KEPT:
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


def _is_repeated(text: str) -> bool:
    """Whether it is a short text over and over; the last time it may be cut short."""
    units = (text[:length] for length in range(1, LEFT))
    return any((unit * (len(text) // len(unit) + 1)).startswith(text) for unit in units)


def _worth(text: str) -> int:
    """Return the least that a text is worth, however it is cut into common words and signs."""
    least = [0]
    for end in range(1, len(text) + 1):
        ending = (word for word in _words() if text.endswith(word, 0, end))
        least.append(min([least[-1] + 1, *(least[end - len(word)] + WORD for word in ending)]))
    return least[-1]


@cache
def _common() -> frozenset[str]:
    return _listed("common.txt")


@cache
def _words() -> frozenset[str]:
    """Return what the commonest passwords are put together of, in small letters."""
    return _listed("words.txt")


def _listed(name: str) -> frozenset[str]:
    return frozenset((files("web.auth") / name).read_text(encoding="utf-8").split())


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe())
