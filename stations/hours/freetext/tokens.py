"""A clerk's text, cut into words the register knows."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class NotUnderstoodError(ValueError):
    """Why a text is not understood; never leaves `stations.hours.freetext`."""


class Token(NamedTuple):
    """One word of a text."""

    kind: str
    """A key of ``[words]`` in the data file, or day, date, time, event, open, close."""
    text: str
    parts: Mapping[str, str | None]
    """What the pattern of a day, date or time picked out."""


_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_ZH_DAY = "(?:[日天]|[一二三四五六](?![一二三四五六七八九十点时月个])|[1-7](?![0-9:点时月.]))"
_HOUR = r"(?:\d{1,2}|[一二三四五六七八九十两零]{1,3})"
_NO_TIME = r"(?![\d:.]|\s*(?:am|pm|a\.m|p\.m))"
_MINUTE = (
    r"(?::(?P<minute>\d\d)(?::00)?|[点时](?:(?P<spoken>半|整|\d{1,2})分?)?"
    r"|\.(?=\d\d\s*[ap]\.?m)(?P<dotted>\d\d))"
)
_HALF = r"(?:\s*(?P<half>[ap])\.?m\.?(?![a-z]{1,2}\b))?"
_TO = r"\s*(?:-|至|到)\s*"

_PATTERNS = {
    "day": [
        rf"(?:周|星期|礼拜)(?P<zh>{_ZH_DAY}(?:(?:{_TO}|\s*[、,和及]?\s*){_ZH_DAY})*)",
        r"(?P<en>mon|tue|wed|thu|fri|sat|sun)(?:(?:s|nes|rs|r|ur)?days?|s|rs|r)?(?![a-z]{1,2}\b)",
        r"(?P<en2>mo|tu|we|th|fr|sa|su)(?![a-z])",
    ],
    "date": [
        r"(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]?",
        r"(?P<month>\d{1,2})月份?(?!\d)",
        rf"(?P<month>\d{{1,2}})(?={_TO}(?:次年|翌年|来年|第二年)?\d{{1,2}}月(?!\d))",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*(?:of\s)?\s*(?P<name>{_MONTHS})\.?",
        rf"(?P<name>{_MONTHS})\.?\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?{_NO_TIME}",
        rf"(?P<name>{_MONTHS})\.?(?![a-z]|\s*\d)",
        r"(?P<christmas>christmas day)",
    ],
    "time": [
        r"(?P<sign>12\s*noon|noon|midday|12\s*midnight|midnight|午夜)",
        rf"(?P<next>NEXT)?\s*(?P<mark>MARK)?\s*(?P<hour>{_HOUR})\s*{_MINUTE}{_HALF}(?!\d|分)",
        r"(?P<hour>\d{1,2})\s*(?P<half>[ap])\.?m\.?(?![a-z]{1,2}\b)",
        rf"(?P<next>NEXT)?\s*(?P<mark>MARK)\s*(?P<hour>{_HOUR})(?!\d)",
        rf"(?P<hour>\d{{1,2}})(?={_TO}\d{{1,2}}[点时])",
        r"(?P<four>[012]\d[0-5]\d)(?!\d)",
    ],
    "open": [r"[(\[]"],
    "close": [r"[)\]]"],
}
_FIRST = ("all_day", "always", "lunch", "daily", "workdays", "weekend", "holidays")
_LAST = ("season", "closed", "besides", "aside", "to", "and", "filler")


@cache
def _data() -> dict[str, dict[str, list[str] | str]]:
    return tomllib.loads((files("stations") / "data" / "hours.toml").read_text("utf-8"))


def words(table: str, key: str) -> list[str]:
    """Return the words of one list of the data file."""
    return list(_data()[table][key])


def one_of(choices: Iterable[str]) -> str:
    """Return a pattern for any of the words, the longest first; Latin words end at their end."""
    ordered = sorted(choices, key=len, reverse=True)
    return "|".join(re.escape(each) + _edge(each) for each in ordered)


def _edge(word: str) -> str:
    return r"(?![a-z])" if len(word) <= len("off") and word.isascii() and word.isalpha() else ""


def cleaned(text: str) -> str:
    """Fold width, case, spaces, dashes and traditional characters."""
    simplified = str.maketrans(str(_data()["simplified"]["from"]), str(_data()["simplified"]["to"]))
    plain = unicodedata.normalize("NFKC", text).lower().translate(simplified)
    plain = re.sub(r"[‐‑‒–—―−~〜→]+", "-", plain)
    return re.sub(r"-{2,}", "-", re.sub(r"\s+", " ", plain)).strip()


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    clock = _data()["clock"]
    marks = one_of(word for key in clock if not key.startswith("next_") for word in clock[key])
    events = one_of(word for each in _data()["events"].values() for word in each)
    found = [("event", events), *((kind, one_of(words("words", kind))) for kind in _FIRST)]
    for kind, patterns in _PATTERNS.items():
        found += [
            (kind, each.replace("NEXT", one_of(clock["next_day"])).replace("MARK", marks))
            for each in patterns
        ]
    found.append(("next_year", one_of(clock["next_year"])))
    found += [(kind, one_of(words("words", kind))) for kind in _LAST]
    return tuple((kind, re.compile(pattern)) for kind, pattern in found)


def tokens(text: str) -> list[Token]:
    """Cut a cleaned text into words; a word not known raises `NotUnderstoodError`."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at] == " ":
            at += 1
            continue
        for kind, pattern in _patterns():
            match = pattern.match(text, at)
            if match and match.end() > at:
                found.append(Token(kind, match[0], match.groupdict()))
                at = match.end()
                break
        else:
            raise NotUnderstoodError(f"the words {text[at : at + 20]!r} are not understood")
    return [each for each in found if each.kind != "filler"]
