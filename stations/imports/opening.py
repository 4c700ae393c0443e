"""Cells about hours: free text, hours of one amenity or way in, closures.

What is understood with certainty is stored as an expression. Free text that is not is kept as
written, with a doubt: the hours are unknown then. What would be stored and read as something else
than its writer meant is a fault.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from stations import hours
from stations.imports.cells import Doubt, text_value

if TYPE_CHECKING:
    from collections.abc import Collection

    from stations.catalogue import Vocabulary
    from stations.hours import Calendar

LONGEST = 2_000
_EXAMPLE = "write it like Mo-Fr 08:30-17:30"
_CLOCK = re.compile(r"(?<![\d:：])(\d{1,2})[:：](\d\d)(?!\d)")
_LAST_HOUR, _LAST_MINUTE = 48, 59
_WORD = re.compile(r"[^\W\d_]+")
_KEYWORD = re.compile(
    "mo|tu|we|th|fr|sa|su|ph|sh|off|closed|open|unknown|week|days?|easter|sunrise|sunset|dawn|dusk"
    "|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
)
_CALENDAR = (
    "the words ask for weekdays as they are, holidays or not, and the column calendar does not: say"
    " weekdays there, or leave those words out"
)
_UNREADABLE = "kept as written, the hours are unknown until somebody rewrites them"

_understood = lru_cache(maxsize=65536)(hours.understand)


def hours_value(text: str, calendar: Calendar = "workdays") -> str | Doubt:
    """Return an opening_hours expression; "" for an empty cell.

    ``calendar`` is the record's: words that ask for ``weekdays`` where it is not are a doubt, if
    that makes a difference.
    """
    clean = text_value(text, longest=LONGEST)
    if not clean:
        return ""
    told = _understood(text)
    if isinstance(told, hours.NotUnderstood):
        if reason := _refused(clean, told.reason):
            raise ValueError(f"{reason}; {_EXAMPLE}")
        return Doubt(clean, f"{told.reason}; {_UNREADABLE}; {_EXAMPLE}")
    if told.calendar not in {"workdays", calendar} and hours.parse(told.expression).by_weekday:
        return Doubt(clean, f"{_CALENDAR}; {_UNREADABLE}")
    return told.expression


def hours_kept(text: str, calendar: Calendar = "workdays") -> str | Doubt:
    """Return what `hours_value` does, but keep what it refuses, so that the hours are unknown.

    For sources nobody can be asked to write anew. What would pass for other hours than were meant
    is kept in “quotation marks”.
    """
    try:
        return hours_value(text, calendar)
    except ValueError as error:
        clean = text_value(text, longest=LONGEST)
        readable = hours.Posted(clean).known
        return Doubt(f"“{clean}”" if readable else clean, f"{error}; {_UNREADABLE}")


def calendar_said(text: str) -> Calendar:
    """Return the calendar the words of some hours ask for; workdays where they do not say."""
    told = _understood(text)
    return told.calendar if isinstance(told, hours.Understood) else "workdays"


def _refused(text: str, reason: str) -> str:
    """Return why a text that is not understood is not even kept; "" if it is."""
    try:
        hours.parse(text)
    except hours.NoSuchDayError as error:
        return str(error)
    except hours.HoursError:
        return reason if _misread(text) else ""
    return reason  # it would pass for an expression


def _misread(text: str) -> bool:
    """Tell whether a text not understood is meant as an expression."""
    times = [(int(hour), int(minute)) for hour, minute in _CLOCK.findall(text)]
    if any(hour > _LAST_HOUR or minute > _LAST_MINUTE for hour, minute in times):
        return True
    words = _WORD.findall(text.casefold())
    return bool(times or "off" in words) and all(map(_KEYWORD.fullmatch, words))


def hours_by_word(
    text: str, calendar: Calendar = "workdays", *, vocabulary: Vocabulary
) -> str | Doubt:
    """Return a JSON object of code → hours; "" for an empty cell.

    Read are JSON itself and ``淋浴：8:00-20:00；洗衣机：9:00-18:00``, with any of the catalogue's
    words; a part that begins with none of them goes on with the hours before it. ``calendar`` is
    the record's, as in `hours_value`.
    """
    clean = text_value(text, longest=LONGEST)
    pairs = _json(clean, dict).items() if clean.startswith("{") else _pairs(clean, vocabulary)
    found: dict[str, str] = {}
    doubts = []
    for word, said in pairs:
        code = vocabulary.code(word)
        if code is None or code in found or not (isinstance(said, str) and said.strip()):
            raise ValueError(
                f"{word[:80]!r} needs to be a word with hours, there once, as in "
                f"“{next(iter(vocabulary)).zh}：08:00-20:00”; words: {vocabulary.expected()}"
            )
        value = hours_value(said, calendar)
        if isinstance(value, Doubt):
            doubts.append(f"{word}: {value.problem}")
            value = value.value
        found[code] = value
    stored = _stored({code: found[code] for code in vocabulary.terms if code in found})
    return Doubt(stored, "; ".join(doubts)) if doubts else stored


def _pairs(text: str, vocabulary: Vocabulary) -> Collection[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for part in re.split(r"\s*[;；]\s*", text.strip(" ;；")):
        word, *said = re.split(r"\s*[:：=\s]\s*", part, maxsplit=1)
        if pairs and vocabulary.code(word) is None:
            pairs[-1] = pairs[-1][0], f"{pairs[-1][1]}; {part}"
        elif word:
            pairs.append((word, "".join(said)))
    return pairs


_DAY = r"(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?"
_YEAR = r"(\d{4})\s*[-./年]\s*"
_CLOSURE = re.compile(
    rf"{_YEAR}{_DAY}(?:\s*(?:-|–|—|~|～|至|到|/|to)\s*(?:{_YEAR})?{_DAY}|\s*(起|onwards))?"
    r"(?:[\s,，:：(（]([^\d]*))?"
)
_KEYS = frozenset({"from", "to", "reason"})


def closures_value(text: str) -> str:
    """Return a JSON list of closures as `stations.hours.Closure.parse` reads them; "" for none.

    Read are JSON itself and ``2026-02-15至2026-02-21 装修``, one day alone, or ``2026-02-15起``
    for a closure without an end; several are parted by ``;``. Both dates are days shut.
    Without its year the second date is in the first one's.
    """
    clean = text_value(text, longest=LONGEST)
    if clean.startswith("["):
        records = _json(clean, list)
    else:
        records = [_closure(part) for part in re.split("[;；]", clean) if part.strip()]
    for record in records:
        if not isinstance(record, dict) or not record.keys() <= _KEYS:
            raise ValueError(f"a closure has from, to and reason, not {str(record)[:80]!r}")
        hours.Closure.parse(record)
    return _stored(records)


def _closure(text: str) -> dict[str, str]:
    found = _CLOSURE.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"write closures like 2026-02-15至2026-02-21 装修, without numbers in the reason, "
            f"not {text[:80]!r}"
        )
    year, month, day, last_year, last_month, last_day, onwards, reason = found.groups(default="")
    record = {"from": f"{year}-{month:0>2}-{day:0>2}"}
    if last_day:
        record["to"] = f"{last_year or year}-{last_month:0>2}-{last_day:0>2}"
    elif not onwards:
        record["to"] = record["from"]
    words = reason.strip(" ,，:：()（）")
    return record | ({"reason": words} if words else {})


def _json[Kind](text: str, kind: type[Kind]) -> Kind:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, kind):
        raise ValueError(f"begins like JSON, but is no JSON {kind.__name__}")  # noqa: TRY004
    return value


def _stored(value: dict[str, Any] | list[Any]) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""
