"""One expression, evaluated: its state at an instant, its changes over a window.

The library decides what an expression means on a date. What it cannot know (Chinese holidays,
make-up workdays, open ends) is asked of it in several ways, each a reading of the same text: where
all readings agree the state is known, elsewhere it is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import groupby, product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from opening_hours import OpeningHours
from opening_hours import State as Told

from stations.hours import syntax
from stations.hours.clock import DAY, ZONE, State
from stations.hours.decree import Calendar, Reading, readings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geodata.geodesy import IntArray

    type States = np.ndarray[tuple[int], np.dtype[np.uint8]]

type Place = tuple[float, float]
"""Longitude and latitude in WGS 84 degrees, for the sun."""

_STATE = {Told.OPEN: State.OPEN, Told.CLOSED: State.CLOSED, Told.UNKNOWN: State.UNKNOWN}


class Line(NamedTuple):
    """States over a window of days: each from its start to the next start or the window's end."""

    starts: IntArray
    """(k,) minutes since the window's first midnight, Beijing time; ascending, the first is 0."""
    states: States
    """(k,) values of `State`; neighbours differ."""


def constant(state: State) -> Line:
    """Return a line of one state."""
    return Line(np.zeros(1, dtype=np.int64), np.full(1, state, dtype=np.uint8))


def squeezed(starts: IntArray, states: States) -> Line:
    """Return a line without the starts that change nothing."""
    keep = np.ones(len(starts), dtype=bool)
    keep[1:] = states[1:] != states[:-1]
    return Line(starts[keep], states[keep])


def joined(lines: Sequence[Line], rule: Callable[[States, States], States]) -> Line:
    """Return the line whose state is ``rule`` of the lines' states at every minute."""
    first, *others = lines
    for other in others:
        starts = np.union1d(first.starts, other.starts)
        mine = first.states[np.searchsorted(first.starts, starts, side="right") - 1]
        its = other.states[np.searchsorted(other.starts, starts, side="right") - 1]
        first = squeezed(starts, rule(mine, its))
    return first


def agreed(first: States, second: States) -> States:
    """Return the states two readings agree on, unknown where they do not."""
    return np.where(first == second, first, np.uint8(State.UNKNOWN))


def both(first: States, second: States) -> States:
    """Return open where both are; closed where either is; unknown elsewhere."""
    shut = (first == State.CLOSED) | (second == State.CLOSED)
    known = (first == State.OPEN) & (second == State.OPEN)
    return np.where(shut, np.uint8(0), np.where(known, np.uint8(1), np.uint8(2)))


class Hours:
    """One expression with its calendar; build it by `parse`."""

    def __init__(self, spelled: str, calendar: Calendar, place: Place | None) -> None:
        self.spelled = spelled
        self.calendar = calendar
        sunny = syntax.needs_place(spelled)
        self._zone = ZONE if sunny else None
        self._place = place if sunny else None
        self._bounds = () if sunny and place is None else syntax.bounds(spelled)
        self._dated = syntax.names_days(spelled) and (
            calendar == "workdays" or syntax.names_holidays(spelled)
        )
        self._nights = any(map(syntax.passes_midnight, self._bounds))
        self._known: dict[Plan, tuple[OpeningHours, ...]] = {}
        self._plain = self._read(self._bounds)

    @property
    def by_weekday(self) -> bool:
        """Whether the day of the week makes a difference: else both calendars say the same."""
        return syntax.by_weekday(self.spelled)

    def state(self, moment: datetime) -> State:
        """Return the state at a naive Beijing wall time."""
        if self._zone is not None:
            moment = moment.replace(tzinfo=self._zone)
        readers = self._on(moment.date(), decreed=True) if self._dated else self._plain
        if len(readers) == 1:
            return _STATE[readers[0].state(moment)[0]]
        told = {reader.state(moment)[0] for reader in readers}
        return _STATE[told.pop()] if len(told) == 1 else State.UNKNOWN

    def line(self, first: date, days: int, *, decreed: bool) -> Line:
        """Return the states from ``first``'s midnight on, over ``days`` days.

        ``decreed`` False: every date is an ordinary one of its weekday.
        """
        pieces: list[Line] = []
        dates = [first + timedelta(days=step) for step in range(days)]
        offset = 0
        for readers, group in groupby(dates, lambda day: self._on(day, decreed=decreed)):
            run = list(group)
            line = self._run(readers, run[0], len(run))
            pieces.append(Line(line.starts + offset * DAY, line.states))
            offset += len(run)
        if len(pieces) == 1:
            return pieces[0]
        return squeezed(
            np.concatenate([piece.starts for piece in pieces]),
            np.concatenate([piece.states for piece in pieces]),
        )

    def _run(self, readers: tuple[OpeningHours, ...], first: date, days: int) -> Line:
        if not readers:
            return constant(State.UNKNOWN)
        return joined([self._told(reader, first, days) for reader in readers], agreed)

    def _told(self, reader: OpeningHours, first: date, days: int) -> Line:
        origin = first.toordinal()
        start = datetime.combine(first, time(), self._zone)
        end = datetime.combine(first + timedelta(days=days), time(), self._zone)
        starts: list[int] = []
        states: list[int] = []
        for since, _, told, _ in reader.intervals(start, end):
            starts.append((since.toordinal() - origin) * DAY + since.hour * 60 + since.minute)
            states.append(_STATE[told])
        return squeezed(np.array(starts, dtype=np.int64), np.array(states, dtype=np.uint8))

    def _on(self, day: date, *, decreed: bool) -> tuple[OpeningHours, ...]:
        """Return the readers of a date; none: nothing is known."""
        if not (decreed and self._dated):
            return self._plain
        plan = _plan(day, self.calendar, self._nights)
        if plan is None:
            return self._plain
        if plan not in self._known:
            pairs = product(self._different(plan.yesterday), self._different(plan.today))
            acts = [_acts(plan.weekday, *pair) for pair in pairs]
            texts = (syntax.rewritten(text, each) for text, each in product(self._bounds, acts))
            self._known[plan] = self._read(tuple(dict.fromkeys(texts)))
        return self._known[plan]

    def _different(self, told: tuple[Reading, ...]) -> list[Reading]:
        """Leave out readings that select the same rules as another."""
        signed = {reading: syntax.signature(self.spelled, reading) for reading in told}
        return list({sign: reading for reading, sign in signed.items()}.values())

    def _read(self, texts: tuple[str, ...]) -> tuple[OpeningHours, ...]:
        return tuple(_reader(text, self._place) for text in texts)


@dataclass(frozen=True, eq=False)
class Plan:
    """How two dates may read; equal ones are the same object."""

    weekday: int
    """Of today."""
    yesterday: tuple[Reading, ...]
    """It matters for hours that pass midnight."""
    today: tuple[Reading, ...]


@lru_cache(maxsize=8192)
def _plan(day: date, calendar: Calendar, nights: bool) -> Plan | None:  # noqa: FBT001 - its speed
    """Return the plan of a date, None for an ordinary one; ``nights``: hours pass midnight."""
    before = day - timedelta(days=1)
    yesterday = readings(before, calendar) if nights else _plain(before)
    today = readings(day, calendar)
    ordinary = (yesterday, today) == (_plain(before), _plain(day))
    return None if ordinary else _planned(day.weekday(), yesterday, today)


_planned = cache(Plan)


def _plain(day: date) -> tuple[Reading, ...]:
    return (Reading(day.weekday(), holiday=False),)


def _acts(weekday: int, yesterday: Reading, today: Reading) -> dict[int, Reading]:
    acts = {each: Reading(each, holiday=False) for each in range(7)}
    acts[(weekday - 1) % 7], acts[weekday] = yesterday, today
    return acts


@lru_cache(maxsize=65536)
def _reader(text: str, place: Place | None) -> OpeningHours:
    if place is None:
        return OpeningHours(text)
    lon, lat = place
    return OpeningHours(text, timezone=ZONE, coords=(lat, lon), auto_country=False)


@lru_cache(maxsize=65536)
def parse(text: str, calendar: Calendar = "workdays", place: Place | None = None) -> Hours:
    """Read an opening_hours expression; `HoursError` says why it cannot be read.

    ``place`` tells where the sun rises and sets; without it an expression that speaks of the sun
    is unknown at every instant.
    """
    return Hours(syntax.canonical(text), calendar, place)
