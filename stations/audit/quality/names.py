"""Names, hosts and telephone numbers brought into a form in which the same is the same.

Telephones: digits without +86 and the trunk's 0, so that a number and the same number without its
area's prefix end alike. libphonenumber takes 14 µs a number, and cannot read the latter.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geodata import boundaries
from geodata.errors import MissingError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from geodata.geodesy import BoolArray, IntArray

    type Texts = npt.NDArray[np.object_]

TELLING = 7
"""Digits at the end of a telephone number that it never loses."""
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|#)\s*\d+", re.IGNORECASE)
_BETWEEN = re.compile(r"[/,;、，；或]|\s{2,}")
_OTHER = re.compile(r"\D")
_TRUNK = re.compile(r"^(?:00)?(?:86(?=\d{10}))?0*")
_PLAIN = re.compile(r"[\W_]+")
_NUMERALS = "一二三四五六七八九十"
_NUMBER = re.compile(rf"\d+|[{_NUMERALS}]+(?=[号站店分期楼层区])|第[{_NUMERALS}]+")
_LEVELS = re.compile(r"(?:特别行政区|自治区|自治州|自治县|地区|省|市|州|县|区|盟|旗)$")


def folded(text: str) -> str:
    """Return the text in one width and case, without spaces and punctuation."""
    return _PLAIN.sub("", unicodedata.normalize("NFKC", text).casefold())


@cache
def _words(*kinds: str) -> re.Pattern[str]:
    data = tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))
    words = {folded(word) for kind in kinds for word in data[kind]}
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))


def cores(names: pd.Series[str], codes: pd.Series[str]) -> Texts:
    """Return what is left of each name without suffixes, marks, and its own province to county.

    ``codes`` are the area codes; "" where nothing is left.
    """
    drop = _words("suffixes", "marks")
    read = [_core(name, code, drop) for name, code in zip(names.array, codes.array, strict=True)]
    return np.array(read, dtype=object)


def _core(name: str, code: str, drop: re.Pattern[str]) -> str:
    left = drop.sub("", folded(name))
    places = _places(code)
    return places.sub("", left) if places else left


@cache
def _places(code: str) -> re.Pattern[str] | None:
    """Return what matches the names of an area and those above it, with and without their level."""
    found: set[str] = set()
    before = ""
    for length in (2, 4, 6):
        try:
            whole = boundaries.name_of(code[:length])
        except MissingError:
            continue
        name, before = whole.removeprefix(before), whole
        short = _LEVELS.sub("", name)
        found |= {name, short} if len(short) > 1 else {name}
    found.discard("")
    return re.compile("|".join(sorted(found, key=len, reverse=True))) if found else None


def host_cores(hosts: pd.Series[str]) -> Texts:
    """Return each host without the legal forms that one clerk writes and another does not."""
    drop = _words("forms", "suffixes", "marks")
    return _each(hosts, lambda host: drop.sub("", folded(host)))


def numbers_in(texts: Texts) -> Texts:
    """Return the numbers in each text, digits or Chinese numerals that count: 2号, 二号, 第二."""
    return _each(pd.Series(texts, dtype=object), _numbers)


def _numbers(text: str) -> str:
    found = (part.lstrip("第") for part in _NUMBER.findall(text))
    return " ".join(part if part.isdigit() else _arabic(part) for part in found)


def _arabic(numeral: str) -> str:
    """Return 1 to 99 in digits; anything else as it is."""
    tens, ten, ones = numeral.rpartition("十")
    digit = _NUMERALS.find
    if ten:
        return str(10 * (digit(tens) + 1 if tens else 1) + (digit(ones) + 1 if ones else 0))
    return str(digit(numeral) + 1) if len(numeral) == 1 else numeral


def counted_apart(mine: Texts, its: Texts) -> BoolArray:
    """Tell where each of two texts has a number the other has not; 12号 and 12号一楼 agree."""
    apart = np.asarray((mine != "") & (its != "") & (mine != its), dtype=np.bool_)
    for at in np.flatnonzero(apart).tolist():
        one, other = set(mine[at].split()), set(its[at].split())
        apart[at] = bool(one - other) and bool(other - one)
    return apart


def sides(texts: Texts) -> IntArray:
    """Return the words of opposite meaning in each text, two bits for each pair of them."""
    at, distinct = pd.factorize(texts)
    bits = [_sides(text) for text in distinct]
    return np.array(bits, dtype=np.int64)[at] if bits else np.empty(0, dtype=np.int64)


def _sides(text: str) -> int:
    bits = 0
    if not _sided().search(text):
        return bits
    for place, (one, other) in enumerate(opposites()):
        left = text.replace(one, "")
        bits |= ((one in text) | (other in left) << 1) << 2 * place
    return bits


@cache
def _sided() -> re.Pattern[str]:
    return re.compile("|".join(word for pair in opposites() for word in pair))


def opposite(mine: IntArray, its: IntArray) -> BoolArray:
    """Tell where one text has only the one word of a pair, and the other only the other."""
    found = np.zeros(len(mine), dtype=np.bool_)
    for place in range(len(opposites())):
        here, there = mine >> 2 * place & 3, its >> 2 * place & 3
        found |= (here | there == 3) & (here & there == 0) & (here > 0) & (there > 0)  # noqa: PLR2004 - both bits
    return found


@cache
def opposites() -> tuple[tuple[str, str], ...]:
    """Return pairs of words; of two where one holds the other, the longer is first."""
    data = tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))
    return tuple((one, other) for one, other in data["opposites"])


def phones(texts: pd.Series[str]) -> Texts:
    """Return the digits of the first number in each cell, "" where there is none."""
    return _each(texts, _phone)


def _phone(text: str) -> str:
    if not text:
        return text
    plain = unicodedata.normalize("NFKC", text)
    one = plain.replace("-", "").isdecimal()
    for part in (plain,) if one else _BETWEEN.split(_EXTENSION.sub("", plain)):
        digits = _OTHER.sub("", part)
        if len(digits) >= TELLING:
            return _TRUNK.sub("", digits) if len(digits) > TELLING + 1 else digits
    return ""


def tails(phones: Texts) -> Texts:
    """Return the digits at each number's end that it never loses."""
    return np.array([each[-TELLING:] for each in phones], dtype=object)


def same_number(mine: Texts, its: Texts) -> BoolArray:
    """Tell where two numbers are one, with or without the area's prefix; "" is no number."""
    pairs = zip(mine, its, strict=True)
    return np.array([bool(a and b) and (a.endswith(b) or b.endswith(a)) for a, b in pairs], bool)


def _each(texts: pd.Series[str], read: Callable[[str], str]) -> Texts:
    """Read each distinct text once."""
    at, distinct = pd.factorize(texts)
    return np.array([read(text) for text in distinct], dtype=object)[at]
