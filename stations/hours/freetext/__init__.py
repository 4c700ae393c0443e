"""What clerks write about hours, as an expression where it is certain, else as a fault.

The whole text must be words of ``stations/data/hours.toml``, numbers, times and dates, and fit
together in one way only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stations.hours import syntax
from stations.hours.errors import HoursError
from stations.hours.freetext.phrases import Phraser
from stations.hours.freetext.readings import readings
from stations.hours.freetext.sentences import sentence
from stations.hours.freetext.tokens import NotUnderstoodError, SenselessError, cleaned, tokens
from stations.hours.freetext.writing import written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.hours.decree import Calendar
    from stations.hours.freetext.readings import Clause

_LABEL = re.compile(r"^\s*opening_hours\s*[=:]\s*", re.IGNORECASE)
_SUN_IN_BRACKETS = re.compile(r"\((sunrise|sunset|dawn|dusk)\)")
_ONLY_YEARS = re.compile(r"[\d\s,/-]+")
_SPAN = re.compile(r"(?<!\d)(\d{1,2}:\d\d)\s*-\s*(\d{1,2}:\d\d)")
_LISTED_OFF = re.compile(r"\d\s*,\s*[\d:]+-[\d:]+ +(?:off|closed)\b", re.IGNORECASE)
"""8:00-18:00, 12:00-13:00 off: a break to whoever wrote it, closed all day to OSM."""
_LAST_MINUTE = re.compile(r"(?<=\d)\s*-\s*23:59(?![\d+])")
_SMALL_HOURS, _NOON, _AFTERNOON, _EVENING = "05:00", "12:00", "13:00", "18:00"
_QUOTED = re.compile(r'"[^"]*"')
_TIMED = re.compile(
    r"\d:\d\d|24/7|sunrise|sunset|dawn|dusk|off|closed|open|unknown|\"", re.IGNORECASE
)
_HOURS_END, _OFF_END = re.compile(r"\d:\d\d\+?$"), re.compile(r"(?:off|closed)$", re.IGNORECASE)
_HOURS = re.compile(r"\d{1,2}:\d\d|\(|sunrise|sunset|dawn|dusk", re.IGNORECASE)


@dataclass(frozen=True)
class Understood:
    """A text that can mean one thing only."""

    expression: str
    calendar: Calendar = "workdays"
    """``weekdays`` where the text says that holidays make no difference."""


@dataclass(frozen=True)
class NotUnderstood:
    """A text that leaves a doubt; keep it and have a person read it."""

    reason: str


def understand(text: str) -> Understood | NotUnderstood:
    """Read what somebody wrote about opening hours.

    An opening_hours expression is returned as it is, without the label ``opening_hours=`` and with
    24:00 for an end at 23:59.
    """
    if len(text) > syntax.MAX_LENGTH:
        return NotUnderstood(f"{len(text)} characters; at most {syntax.MAX_LENGTH} are read")
    if not text.strip():
        return NotUnderstood("no text")
    for candidate in _candidates(text):
        if _valid(candidate):
            return Understood(_LAST_MINUTE.sub("-24:00", candidate))
    try:
        phrases = Phraser(tokens(cleaned(_LABEL.sub("", text)))).read()
        return _only(readings(phrases))
    except (NotUnderstoodError, HoursError) as fault:
        return NotUnderstood(str(fault))


def _only(ways: Sequence[tuple[Clause, ...]]) -> Understood:
    """Return what every way to read a text says that makes sense; a doubt in one is a doubt."""
    found: set[Understood] = set()
    senseless: NotUnderstoodError | None = None
    doubts: list[NotUnderstoodError] = []
    for way in ways:
        try:
            said = sentence(way)
            expression = written(said)
            doubts += said.doubts
        except SenselessError as fault:
            senseless = senseless or fault
            continue
        syntax.canonical(expression)
        found.add(Understood(expression, "weekdays" if said.always else "workdays"))
    if doubts:
        raise doubts[0]
    if len(found) > 1:
        raise NotUnderstoodError(
            "it can be read in two ways: " + " / ".join(sorted(each.expression for each in found))
        )
    if not found:
        raise senseless or NotUnderstoodError("the days and the hours do not fit together")
    return found.pop()


def _candidates(text: str) -> list[str]:
    plain = _LABEL.sub("", text.strip())
    spaced = re.sub(r"\s+", " ", _SUN_IN_BRACKETS.sub(r"\1", plain))
    return [plain, spaced]


def _valid(text: str) -> bool:
    """Tell whether the text is an expression that nobody wrote by a 12-hour clock.

    A bare number is not taken for a year.
    """
    if _ONLY_YEARS.fullmatch(text) and text != "24/7":
        return False
    doubtful = any(_doubtful(*found.groups()) for found in _SPAN.finditer(text))
    if doubtful or _LISTED_OFF.search(text) or _days_alone(text):
        return False
    try:
        syntax.canonical(text)
    except HoursError:
        return False
    return True


def _days_alone(text: str) -> bool:
    """Tell whether days stand apart from all hours: 9:00-17:00, Mo-Fr; OSM opens all of them."""
    plain = _QUOTED.sub('""', text)
    if not _HOURS.search(plain):
        return False
    for rule in re.split(r";|\|\|", plain):
        parts = [part.strip() for part in rule.split(",") if part.strip()]
        for before, part, behind in zip(["", *parts], parts, [*parts[1:], ""], strict=False):
            between = _HOURS_END.search(before) and _OFF_END.search(parts[-1])
            if not _TIMED.search(part) and (not behind or _HOURS.match(behind) or between):
                return True
    return False


def _doubtful(start: str, end: str) -> bool:
    """Tell whether a span such as 8:00-6:00 or 2:30-6:00 may mean the afternoon."""
    since, until = start.zfill(5), end.zfill(5)
    if _NOON <= since < _EVENING and "01:00" <= until < _NOON and not end.startswith("0"):
        return True
    if start == since and end == until:
        return False
    if start != since and "01:00" <= since < _SMALL_HOURS:
        return True
    midnight = until.startswith("00") or (end == until and until < _SMALL_HOURS)
    return until <= since < _AFTERNOON and not midnight
