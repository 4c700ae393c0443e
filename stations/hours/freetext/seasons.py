"""Seasons and single dates as people write them: 5月-次年4月, 1st Nov, 10月1日至7日."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from stations.hours.freetext.tokens import NotUnderstoodError, Token

if TYPE_CHECKING:
    from collections.abc import Sequence

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LAST_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_BEFORE = (0, *accumulate(LAST_DAYS))
"""Days of a leap year before each month."""


@dataclass(frozen=True)
class Season:
    """A part of every year."""

    text: str = ""
    """As an expression writes it; empty: the whole year."""
    dates: frozenset[int] = frozenset(range(_BEFORE[-1]))
    """Days of a leap year from 0."""

    @property
    def one_date(self) -> bool:
        """Whether it is a single date rather than a time of the year."""
        return len(self.dates) == 1


YEAR = Season()


def _month(word: Token) -> int:
    if name := word.parts.get("name"):
        return [month.lower() for month in MONTHS].index(name[:3])
    number = int(word.parts["month"] or 0)
    if not 1 <= number <= len(MONTHS):
        raise NotUnderstoodError(f"there is no month {number}")
    return number - 1


def _date(word: Token) -> tuple[str, range]:
    """Return a date or a month as an expression writes it, and its days."""
    if word.parts.get("christmas"):
        return "Dec 25", range(_BEFORE[-1] - 7, _BEFORE[-1] - 6)
    month, day = _month(word), word.parts.get("day")
    if day is None:
        return MONTHS[month], range(_BEFORE[month], _BEFORE[month + 1])
    if not 1 <= int(day) <= LAST_DAYS[month]:
        raise NotUnderstoodError(f"{MONTHS[month]} has no day {day}")
    at = _BEFORE[month] + int(day) - 1
    return f"{MONTHS[month]} {int(day)}", range(at, at + 1)


def season(start: Token, until: Token | None) -> Season:
    """Read a season, or a date or month where it has no end."""
    text, dates = _date(start)
    if until is None:
        return Season(text, frozenset(dates))
    if bool(start.parts.get("day")) != bool(until.parts.get("day")):
        raise NotUnderstoodError("a season has a day at both ends or at none")
    last, others = _date(until)
    length = (others[-1] - dates[0]) % _BEFORE[-1] + 1
    days = frozenset((dates[0] + step) % _BEFORE[-1] for step in range(length))
    return Season(f"{text}-{last}", days)


def without_named_seasons(words: Sequence[Token]) -> list[Token]:
    """Drop 夏季, winter where their dates stand beside them; elsewhere they are a doubt."""
    kept = list(words)
    for at in reversed([at for at, word in enumerate(kept) if word.kind == "season"]):
        kinds = [word.kind for word in kept]
        if kinds[at + 1 : at + 2] == ["date"]:
            del kept[at]
        elif kinds[at + 1 : at + 3] == ["open", "date"] and "close" in kinds[at:]:
            del kept[kinds.index("close", at)]
            del kept[at : at + 2]
        elif kinds[max(at - 2, 0) : at + 2] == ["date", "open", "season", "close"]:
            del kept[at - 1 : at + 2]
        elif kinds[max(at - 1, 0) : at] != ["date"]:
            raise NotUnderstoodError(f"from when to when is {kept[at].text}? Write the dates")
        else:
            del kept[at]
    return kept
