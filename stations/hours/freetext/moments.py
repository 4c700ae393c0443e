"""Times of day as people write them: 早8点, 下午2:30, 6pm, 24:30, dusk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from stations.hours.clock import DAY
from stations.hours.freetext.tokens import NotUnderstoodError, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stations.hours.freetext.tokens import Token

NOON = 720
HOUR = 60
EVENT_ORDER = {"dawn": 360, "sunrise": 420, "sunset": 1140, "dusk": 1200}
"""Roughly when, in minutes, to see which of two spans comes first."""

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_EVENING_FROM, _DAWN_TO, _NOON_TO, _LAST_HOUR = 5, 6, 2, 24
_UNSURE_BEFORE, _SURE_FROM, _NIGHT_FROM = 5, 13, 18
_MORNINGS = frozenset({"dawn", "early", "morning", "am"})


@dataclass(frozen=True)
class Moment:
    """One end of a span, as written."""

    minute: int
    """Since midnight, before the mark is applied."""
    mark: str = ""
    """A key of ``[clock]``, or am or pm; empty: none written."""
    next_day: bool = False
    event: str = ""
    padded: bool = False
    """Written with two digits for the hour or of 13 hours and more: a 24-hour clock."""


@dataclass(frozen=True)
class Span:
    """From one moment to another, in minutes; past 1440 on the next day."""

    start: int
    end: int
    start_event: str = ""
    end_event: str = ""

    def __str__(self) -> str:
        return f"{self.start_event or _clock(self.start)}-{self.end_event or self._end()}"

    def _end(self) -> str:
        return _clock(self.end - DAY if DAY < self.end <= DAY + self.start else self.end)

    @property
    def overnight(self) -> bool:
        """Whether it passes midnight."""
        return self.end > DAY


ALL_DAY = Span(0, DAY)


def _clock(minute: int) -> str:
    return f"{minute // HOUR:02}:{minute % HOUR:02}"


def moment(token: Token) -> Moment:
    """Read a time or an event."""
    if token.kind == "event":
        event = next(key for key in EVENT_ORDER if token.text in words("events", key))
        return Moment(EVENT_ORDER[event], event=event, padded=True)
    part = token.parts
    if part.get("sign"):
        midnight = "midnight" in token.text or token.text == "午夜"
        return Moment(DAY if midnight else NOON, mark="exact", padded=True)
    if four := part.get("four"):
        return Moment(int(four[:2]) * HOUR + int(four[2:]), padded=True)
    hour = _number(part["hour"] or "")
    minute = _minute(part)
    if hour > _LAST_HOUR or minute >= HOUR:
        raise NotUnderstoodError(f"{token.text!r} is no time of day")
    half = part.get("half") or part.get("before")
    mark = f"{half}m" if half else _mark(part.get("mark"))
    padded = hour >= _SURE_FROM or (part["hour"] or "").startswith("0")
    return Moment(hour * HOUR + minute, mark, bool(part.get("next")), padded=padded)


def _minute(part: Mapping[str, str | None]) -> int:
    spoken = part.get("spoken")
    if spoken is not None:
        return {"半": 30, "整": 0}[spoken] if spoken in "半整" else int(spoken)
    return int(part.get("minute") or part.get("dotted") or 0)


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS[text] if len(text) == 1 else DAY
    return (_DIGITS.get(tens, DAY) if tens else 1) * 10 + (_DIGITS.get(ones, DAY) if ones else 0)


def _mark(word: str | None) -> str:
    kinds = ("dawn", "early", "morning", "noon", "afternoon", "evening", "same_day")
    return "" if word is None else next(key for key in kinds if word in words("clock", key))


def span(start: Moment, end: Moment) -> Span:
    """Join two moments; what is not certain raises `NotUnderstoodError`."""
    since = _resolved(start) % DAY if start.mark == "exact" else _resolved(start)
    until = _resolved(_carried(start, end)) + (DAY if end.next_day else 0)
    if start.next_day or since >= DAY:
        raise NotUnderstoodError("a span begins on its own day, before 24:00")
    if not start.mark and not start.event:
        _check_unmarked(start, end)
    if until in {0, DAY - 1}:
        until = DAY  # 23:59 is meant to leave no minute out
    if until <= since and not (start.event or end.event):
        if not _sure_overnight(start, end):
            raise NotUnderstoodError(
                f"{_clock(since)} to {_clock(until)} ends before it begins: write 下午, pm or 次日"
            )
        until += DAY
    return Span(since, until, start.event, end.event)


def _carried(start: Moment, end: Moment) -> Moment:
    """Give the end the start's mark where people leave it out: 下午2:30-6:00."""
    written = end.mark or end.event or end.next_day or end.minute >= _SURE_FROM * HOUR
    if written or not start.mark or start.minute >= _SURE_FROM * HOUR:
        return end
    if start.mark not in {"dawn", "morning", "afternoon", "evening"}:
        raise NotUnderstoodError("the end of a span needs its own 上午, 下午, am or pm")
    carried = Moment(end.minute, start.mark)
    if start.mark == "evening" and end.minute // HOUR >= _EVENING_FROM:
        return carried if _resolved(carried) > _resolved(start) else end
    return carried


def _check_unmarked(start: Moment, end: Moment) -> None:
    """Refuse a start that may be meant for the afternoon."""
    hour = start.minute // HOUR
    if not start.padded and 0 < hour < _UNSURE_BEFORE:
        raise NotUnderstoodError(f"{_clock(start.minute)} may be meant for the afternoon")
    if end.mark in {"am", "pm"} and not start.padded:
        raise NotUnderstoodError("the start of a span needs its own am or pm")


def _sure_overnight(start: Moment, end: Moment) -> bool:
    """Tell whether a span that ends at an earlier hour can only mean the next day's."""
    if end.mark:
        return end.mark in _MORNINGS and (start.mark, start.minute) != (end.mark, end.minute)
    if start.mark == "evening":
        return True
    late = start.minute >= (_SURE_FROM if end.padded else _NIGHT_FROM) * HOUR and not start.mark
    small_hours = end.minute < _UNSURE_BEFORE * HOUR and end.padded
    return late or small_hours or end.minute < HOUR


def _resolved(moment: Moment) -> int:
    """Return minutes since midnight, the mark applied."""
    hour, minute, mark = moment.minute // HOUR, moment.minute, moment.mark
    if mark in {"", "same_day", "exact"}:
        return minute
    if mark in {"am", "pm"}:
        if hour > NOON // HOUR or (mark == "pm" and hour == 0):
            raise NotUnderstoodError(f"{_clock(minute)} {mark} is no time of day")
        return minute % NOON + (NOON if mark == "pm" else 0)
    if mark == "afternoon" and 1 <= hour < NOON // HOUR:
        return minute + NOON
    if mark == "noon" and 1 <= hour <= _NOON_TO:
        return minute + NOON
    if mark == "evening" and _EVENING_FROM <= hour <= NOON // HOUR:
        return minute + NOON
    if _impossible(mark, hour):
        raise NotUnderstoodError(f"{_clock(minute)} does not go with the word before it")
    return minute


def _impossible(mark: str, hour: int) -> bool:
    fits = {
        "dawn": range(_DAWN_TO + 1),
        "early": range(3, 12),
        "morning": range(5, 13),
        "noon": range(11, 15),
        "afternoon": range(12, 19),
        "evening": range(17, 25),
    }
    return hour not in fits[mark]


def inside(pause: Span, spans: Sequence[Span]) -> bool:
    """Tell whether a break lies within one of the spans, with time left on both sides."""
    return any(
        each.start < pause.start and pause.end < each.end and not each.end_event for each in spans
    )


def cut(spans: Sequence[Span], pause: Span) -> list[Span]:
    """Take a break out of the span it lies in."""
    found: list[Span] = []
    for each in spans:
        if inside(pause, [each]):
            found += [replace(each, end=pause.start, end_event=""), replace(each, start=pause.end)]
        else:
            found.append(each)
    return found


def ordered(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return the spans if each begins where the one before has ended, or later."""
    for earlier, later in pairwise(spans):
        if later.start < earlier.end:
            raise NotUnderstoodError(f"{earlier} and {later} do not follow each other")
    return tuple(spans)
