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


class SenselessError(NotUnderstoodError):
    """Why words read in one way contradict themselves; another way may still be meant."""


class Token(NamedTuple):
    """One word of a text."""

    kind: str
    """A key of ``[words]`` in the data file, or day, date, time, event, open, close."""
    text: str
    parts: Mapping[str, str | None]
    """What the pattern of a day, date or time picked out."""
    spaced: bool = False
    """A space stands between it and the one before, with or without words of no weight."""
    opens: bool = False
    """A word for open stands right before it or right behind."""


_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_ZH_DAY = (
    r"(?:[日天]|六(?!\s*天|[一二三四五六七八九十点时月个])"
    r"|[一二三四五](?!\s*[天日]|[一二三四五六七八九十点时月个])|[1-7](?!\s*[天日]|[0-9:点时月.]))"
)
"""每周五天 and 每周6日 count days; only 周六日 names two."""
_ZH_RUN = "(?=[一二三四五六日]{3})一?二?三?四?五?六?日?(?![一二三四五六七八九十日点时月个半])"
"""Three days and more without a word between them, in their order: 周一三五."""
_HOUR = r"(?:\d{1,2}|[一二三四五六七八九十两零]{1,3})"
_MARK = "(?P<mark>MARK)"
_NO_TIME = r"(?![\d:.]|\s*(?:am|pm|a\.m|p\.m))"
_MINUTE = (
    r"(?::(?P<minute>\d\d)(?::00)?|[点时](?:(?P<spoken>半|整|\d{1,2})分?)?"
    r"|\.(?=\d\d\s*[ap]\.?m)(?P<dotted>\d\d))"
)
_HALF = r"(?:\s*(?P<half>[ap])\.?m\.?(?![a-z]{1,2}\b))?"
_DATE = r"\d{1,2}(?!\d|\s*[:点时])"
_TO = r"\s*(?:-|至|到)\s*"

_PATTERNS = {
    "day": [
        rf"(?:周|星期|礼拜)(?P<zh>{_ZH_RUN})",
        rf"(?:周|星期|礼拜)(?P<zh>{_ZH_DAY}(?:(?:{_TO}|\s*[、,和及]?\s*){_ZH_DAY})*)",
        r"(?P<en>mon|tue|wed|thu|fri|sat|sun)(?:(?:s|nes|rs|r|ur)?days?|s|rs|r)?(?![a-z]{1,2}\b)",
        r"(?P<en2>mo|tu|we|th|fr|sa|su)(?![a-z])",
    ],
    "date": [
        rf"(?P<month>\d{{1,2}})月(?P<day>{_DATE})[日号]?",
        r"(?P<month>\d{1,2})月份?",
        rf"(?P<month>\d{{1,2}})(?={_TO}(?:次年|翌年|来年|第二年)?\d{{1,2}}月(?!{_DATE}))",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*(?:of\s)?\s*(?P<name>{_MONTHS})\.?",
        rf"(?P<name>{_MONTHS})\.?\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?{_NO_TIME}",
        rf"(?P<name>{_MONTHS})\.?(?![a-z]|\s*\d)",
        r"(?P<christmas>christmas day)",
    ],
    "time": [
        r"(?P<sign>12\s*noon|noon|midday|12\s*midnight|midnight|午夜)",
        rf"(?P<before>[ap])\.?m\.?\s*:?\s*(?P<hour>\d{{1,2}})\s*{_MINUTE}(?!\d|分)",
        rf"(?P<next>NEXT)?\s*(?:{_MARK}\s*:?)?\s*(?P<hour>{_HOUR})\s*{_MINUTE}{_HALF}(?!\d|分)",
        r"(?P<hour>\d{1,2})\s*(?P<half>[ap])\.?m\.?(?![a-z]{1,2}\b)",
        rf"(?P<next>NEXT)?\s*{_MARK}\s*(?P<hour>{_HOUR})(?!\d)",
        rf"(?P<hour>\d{{1,2}})(?={_TO}\d{{1,2}}[点时])",
        r"(?P<four>[012]\d[0-5]\d)(?!\d)",
    ],
    "open": [r"[(\[]"],
    "close": [r"[)\]]"],
}
_FIRST = (
    *(
        "label",
        "all_day",
        "whole_day",
        "year_round",
        "always",
        "lunch",
        "daily",
        "workdays",
        "weekend",
    ),
    "holidays",
)
_LAST = (
    *("season", "closed", "shut_on", "shut", "except", "but", "besides", "aside", "unbroken"),
    *("to", "and", "comma", "stop", "filler", "opens"),
)
_SILENT = ("label", "filler")


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
    at, spaced, opens = 0, False, False
    while at < len(text):
        if text[at] == " ":
            at, spaced = at + 1, True
            continue
        for kind, pattern in _patterns():
            match = pattern.match(text, at)
            if match and match.end() > at:
                at = match.end()
                if kind == "opens":
                    opens = True
                    found[-1:] = [each._replace(opens=True) for each in found[-1:]]
                elif kind not in _SILENT:
                    found.append(Token(kind, match[0], match.groupdict(), spaced, opens))
                    spaced = opens = False
                break
        else:
            raise NotUnderstoodError(f"the words {text[at : at + 20]!r} are not understood")
    return found
