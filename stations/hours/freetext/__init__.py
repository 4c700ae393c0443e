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
from stations.hours.freetext.sentences import Reader
from stations.hours.freetext.tokens import NotUnderstoodError, cleaned, tokens
from stations.hours.freetext.writing import written

if TYPE_CHECKING:
    from stations.hours.decree import Calendar

_LABEL = re.compile(r"^\s*opening_hours\s*[=:]\s*", re.IGNORECASE)
_SUN_IN_BRACKETS = re.compile(r"\((sunrise|sunset|dawn|dusk)\)")
_ONLY_YEARS = re.compile(r"[\d\s,/-]+")
_SPAN = re.compile(r"(?<!\d)(\d{1,2}:\d\d)\s*-\s*(\d{1,2}:\d\d)")
_SMALL_HOURS, _AFTERNOON = "05:00", "13:00"


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

    An opening_hours expression is returned as it is, without the label ``opening_hours=``.
    """
    if len(text) > syntax.MAX_LENGTH:
        return NotUnderstood(f"{len(text)} characters; at most {syntax.MAX_LENGTH} are read")
    if not text.strip():
        return NotUnderstood("no text")
    for candidate in _candidates(text):
        if _valid(candidate):
            return Understood(candidate)
    try:
        said = Reader(tokens(cleaned(_LABEL.sub("", text)))).read()
        expression = written(said)
        syntax.canonical(expression)
    except (NotUnderstoodError, HoursError) as fault:
        return NotUnderstood(str(fault))
    return Understood(expression, "weekdays" if said.always else "workdays")


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
    if any(_doubtful(*found.groups()) for found in _SPAN.finditer(text)):
        return False
    try:
        syntax.canonical(text)
    except HoursError:
        return False
    return True


def _doubtful(start: str, end: str) -> bool:
    """Tell whether a span such as 8:00-6:00 or 2:30-6:00 may mean the afternoon."""
    since, until = start.zfill(5), end.zfill(5)
    if start == since and end == until:
        return False
    if start != since and "01:00" <= since < _SMALL_HOURS:
        return True
    midnight = until.startswith("00") or (end == until and until < _SMALL_HOURS)
    return until <= since < _AFTERNOON and not midnight
