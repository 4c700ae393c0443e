"""The hours of a whole register, row by row: what is equal is evaluated once.

Every answer is computed for the distinct `Posted` records and then spread over the rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from geodata.errors import UsageError
from stations.hours import blocks, syntax
from stations.hours.clock import DAY, State, wall
from stations.hours.decree import CALENDARS
from stations.hours.posted import Posted, line_of, state_on_wall

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from geodata.geodesy import FloatArray, IntArray
    from stations.hours.blocks import Block
    from stations.hours.decree import Calendar
    from stations.hours.posted import Closure

    type Bytes = npt.NDArray[np.uint8]
    type Rows = npt.NDArray[np.integer] | Sequence[int]

LONGEST_MIN = float(DAY)
"""The longest way and the longest stay asked about, each."""
WEEK_HOURS = 168
REFERENCE_MONDAY = date(2026, 11, 2)
"""The ordinary week: no public holiday falls in November. Seasonal hours are its own."""
SUN_CELL_DEGREES = 0.5
"""Rows this close share their sunrise, to about two minutes."""
ACROSS = 1000
"""Apart enough to pack a cell's column and row into one number."""
KEPT = 8
"""How many instants, days and weeks are remembered, each."""


class Week(NamedTuple):
    """Every row over the 168 hours from a Monday 00:00, Beijing time.

    Hour ``h`` is bit ``h % 8`` (lowest first) of byte ``h // 8``. An hour is open when the door is
    open at every minute of it, closed when it is closed at any, and unknown otherwise.
    """

    open: Bytes
    """(n, 21)."""
    unknown: Bytes
    """(n, 21)."""

    def states(self, hour: int) -> Bytes:
        """Return the `State` of every row in an hour of the week, 0 to 167."""
        byte, bit = hour // 8, np.uint8(hour % 8)
        opened, unsure = (bits[:, byte] >> bit & np.uint8(1) for bits in self)
        states: Bytes = opened | unsure << np.uint8(1)
        return states


class _Recent[K, V]:
    """The values of the last few keys. Threads may compute one twice, never see half of it."""

    def __init__(self) -> None:
        self._values: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        return self._values.get(key)

    def put(self, key: K, value: V) -> V:
        kept = list(self._values.items())[1 - KEPT :]
        self._values = {**{old: each for old, each in kept if old != key}, key: value}
        return value


@dataclass(frozen=True, eq=False)
class Timetable:
    """The hours of n rows; immutable. Build it by `Timetable.of`."""

    distinct: tuple[Posted, ...]
    codes: IntArray
    """(n,) row → position in ``distinct``."""
    _instants: _Recent[datetime, Bytes] = field(default_factory=_Recent, repr=False)
    _blocks: _Recent[date, Block] = field(default_factory=_Recent, repr=False)
    _weeks: _Recent[date | None, Week] = field(default_factory=_Recent, repr=False)

    @classmethod
    def of(
        cls,
        expressions: Sequence[str],
        calendars: Sequence[str] | str = "workdays",
        *,
        closures: Mapping[int, tuple[Closure, ...]] | None = None,
        lon: FloatArray | None = None,
        lat: FloatArray | None = None,
    ) -> Timetable:
        """Build the timetable of rows; ``closures`` go by row.

        A calendar other than ``workdays`` or ``weekdays`` raises `UsageError`. Positions are
        needed only for expressions that speak of the sun.
        """
        if isinstance(calendars, str):
            calendars = [calendars] * len(expressions)
        odd = set(calendars) - set(CALENDARS)
        if odd:
            raise UsageError(f"a calendar is workdays or weekdays, not {min(odd)!r}")
        known: dict[tuple[str, str, int], int] = {}
        keys = zip(expressions, calendars, _cells(expressions, lon, lat), strict=True)
        codes = [known.setdefault(key, len(known)) for key in keys]
        distinct = (
            Posted(expression, cast("Calendar", calendar), place=_place(cell))
            for expression, calendar, cell in known
        )
        table = cls(tuple(distinct), np.array(codes, dtype=np.int64))
        return table.changed(
            {row: replace(table.posted(row), closures=shut) for row, shut in closures.items()}
            if closures
            else {}
        )

    def narrowed(self, within: Mapping[int, tuple[str, ...]]) -> Timetable:
        """Return the timetable in which some rows must be open by further expressions too."""
        return self.changed(
            {
                row: replace(self.posted(row), within=self.posted(row).within + texts)
                for row, texts in within.items()
            }
        )

    def changed(self, rows: Mapping[int, Posted]) -> Timetable:
        """Return the timetable in which other hours are posted at some rows."""
        if not rows:
            return self
        known = {posted: code for code, posted in enumerate(self.distinct)}
        codes = self.codes.copy()
        for row, posted in rows.items():
            codes[row] = known.setdefault(posted, len(known))
        return Timetable(tuple(known), codes)

    def merged(
        self, fresh: Timetable, among: Callable[[IntArray, IntArray], IntArray]
    ) -> Timetable:
        """Return the timetable of some rows of both; itself if that makes no difference.

        ``among`` makes the rows' codes of this one's and ``fresh``'s, both after what is distinct
        here and, behind that, there.
        """
        known = {posted: code for code, posted in enumerate(self.distinct)}
        codes = [known.setdefault(posted, len(known)) for posted in fresh.distinct]
        found = among(self.codes, np.array(codes, dtype=np.int64)[fresh.codes])
        if found is self.codes:
            return self
        if len(known) > len(self.distinct):
            return Timetable(tuple(known), found)
        return Timetable(self.distinct, found, self._instants, self._blocks)

    def __len__(self) -> int:
        return len(self.codes)

    def posted(self, row: int) -> Posted:
        """Return what is posted at a row's door."""
        return self.distinct[int(self.codes[row])]

    def states(self, at: datetime) -> Bytes:
        """Return the `State` of every row, (n,), at an aware instant."""
        moment = wall(at).replace(second=0, microsecond=0)
        states = self._instants.get(moment)
        if states is None:
            told = [state_on_wall(posted, moment) for posted in self.distinct]
            states = self._instants.put(moment, np.array(told, dtype=np.uint8))
        return states[self.codes]

    def open_through(
        self,
        at: datetime,
        stay_min: float,
        *,
        rows: Rows | None = None,
        after_min: FloatArray | float = 0.0,
    ) -> Bytes:
        """Tell what a visit finds that begins ``after_min`` after ``at`` and lasts ``stay_min``.

        ``after_min`` is one number or one for each of ``rows`` (default: all). Open: open at
        every minute of the visit; closed: closed at any; unknown: otherwise. A visit may end as
        the door shuts; one of no length asks for the state on arrival. Ways and stays beyond 24
        hours, negative ones and NaN raise `UsageError`.
        """
        moment = wall(at)
        after = np.asarray(after_min, dtype=float)
        if not 0 <= stay_min <= LONGEST_MIN or not ((after >= 0) & (after <= LONGEST_MIN)).all():
            raise UsageError("ways and stays last from 0 to 1440 minutes")
        codes = self.codes if rows is None else self.codes[np.asarray(rows, dtype=np.int64)]
        into_day = (moment - datetime.combine(moment.date(), datetime.min.time())).total_seconds()
        arrival = into_day / 60 + after
        start = np.floor(arrival).astype(np.int64)
        last = np.maximum(np.ceil(arrival + stay_min).astype(np.int64) - 1, start)
        return self._block(moment.date(), codes).worst(codes, start, last)

    def _block(self, day: date, codes: IntArray) -> Block:
        block = self._blocks.get(day) or blocks.empty(len(self.distinct))
        missing = np.unique(codes[block.slot[codes] < 0])
        if missing.size:
            lines = [line_of(self.distinct[code], day, blocks.DAYS) for code in missing.tolist()]
            block = self._blocks.put(day, block.extended(missing, lines))
        return block

    def week(self, monday: date | None) -> Week:
        """Return every row over a week's hours, computed once a week.

        None: the ordinary week as posted, without holidays, make-up workdays and closures. A
        date that is not a Monday raises `UsageError`.
        """
        if monday is not None and monday.weekday():
            raise UsageError(f"a week begins on a Monday, {monday} is none")
        week = self._weeks.get(monday)
        if week is None:
            hours = np.array([_hours(posted, monday) for posted in self.distinct], dtype=np.uint8)
            hours = hours.reshape(len(self.distinct), WEEK_HOURS)
            packed = (
                np.packbits(hours == state, axis=1, bitorder="little")[self.codes]
                for state in (State.OPEN, State.UNKNOWN)
            )
            week = self._weeks.put(monday, Week(*packed))
        return week


def _hours(posted: Posted, monday: date | None) -> Bytes:
    line = line_of(posted, monday or REFERENCE_MONDAY, 7, decreed=monday is not None)
    lengths = np.diff(line.starts, append=7 * DAY)
    minutes = np.repeat(line.states, lengths).reshape(WEEK_HOURS, 60)
    shut = (minutes == State.CLOSED).any(axis=1)
    full = (minutes == State.OPEN).all(axis=1)
    return np.where(shut, State.CLOSED, np.where(full, State.OPEN, State.UNKNOWN))


def _cells(texts: Sequence[str], lon: FloatArray | None, lat: FloatArray | None) -> list[int]:
    """Return for each row the number of its cell of equal sun; -1 where it does not matter."""
    if lon is None or lat is None:
        return [-1] * len(texts)
    sunny = {text: syntax.needs_place(text.lower()) for text in set(texts)}
    across = np.floor((np.asarray(lon, dtype=float) + 180) / SUN_CELL_DEGREES).astype(np.int64)
    down = np.floor((np.asarray(lat, dtype=float) + 90) / SUN_CELL_DEGREES).astype(np.int64)
    cells = (across * ACROSS + down).tolist()
    return [cell if sunny[text] else -1 for text, cell in zip(texts, cells, strict=True)]


def _place(cell: int) -> tuple[float, float] | None:
    if cell < 0:
        return None
    across, down = divmod(cell, ACROSS)
    return (across + 0.5) * SUN_CELL_DEGREES - 180, (down + 0.5) * SUN_CELL_DEGREES - 90
