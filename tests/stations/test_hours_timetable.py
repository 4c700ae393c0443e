"""Whole registers against brute force, minute by minute."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import UsageError
from stations.hours import Closure, Posted, State, Timetable, state_at
from stations.hours.clock import ZONE

DAY = 1440
NAMES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
FREE = {date(2026, 2, day) for day in range(15, 24)}  # Spring Festival, from the notice
WORKED = {date(2026, 2, 14), date(2026, 2, 28)}
TABLE = [
    "Mo-Fr 08:30-12:00,14:30-18:00",
    "24/7",
    "",
    "Mo-Sa 22:00-06:00; PH off",
    "10:00-12:00+",
    "Mo-Th 08:30-19:00; Fr 08:30-17:30",
    "Mo-Fr 09:00-09:30,09:45-10:15; Sa,PH 10:00-10:30",
    "nonsense",
]

days_of_week = st.frozensets(st.integers(0, 6), min_size=1)
spans = st.lists(
    st.tuples(st.integers(0, DAY - 1), st.integers(1, DAY)).map(lambda s: (s[0], s[0] + s[1])),
    min_size=1,
    max_size=3,
)
february = st.integers(0, 27 * DAY).map(
    lambda minute: datetime(2026, 2, 2, tzinfo=ZONE) + timedelta(minutes=minute)
)


def quarters(most: int) -> st.SearchStrategy[float]:
    return st.integers(0, most * 4).map(lambda quarter: quarter / 4)


def expression(days: frozenset[int], hours: list[tuple[int, int]]) -> str:
    written = ",".join(f"{clock(start)}-{clock(end)}" for start, end in hours)
    return f"{','.join(NAMES[day] for day in sorted(days))} {written}"


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def possible(day: date) -> set[int]:
    """Which weekdays a date of February 2026 may stand for."""
    if day in FREE:
        return {6}
    return set(range(5)) if day in WORKED else {day.weekday()}


def brute(days: frozenset[int], hours: list[tuple[int, int]], day: date) -> list[int]:
    """Work out the states of one date's minutes from the meaning of a single rule."""
    seen = [
        [
            any(
                (today in days and start <= minute < end)
                or (yesterday in days and start <= minute + DAY < end)
                for start, end in hours
            )
            for minute in range(DAY)
        ]
        for today in possible(day)
        for yesterday in possible(day - timedelta(days=1))
    ]
    return [int(told[0]) if len(set(told)) == 1 else 2 for told in zip(*seen, strict=True)]


def worst(states: list[int]) -> int:
    if State.CLOSED in states:
        return State.CLOSED
    return State.UNKNOWN if State.UNKNOWN in states else State.OPEN


@settings(deadline=None, max_examples=25)
@given(
    days_of_week, spans, st.sampled_from([date(2026, 2, 9), date(2026, 2, 16), date(2026, 2, 23)])
)
def test_a_week_is_its_minutes(
    days: frozenset[int], hours: list[tuple[int, int]], monday: date
) -> None:
    table = Timetable.of([expression(days, hours)])
    minutes = [
        state for step in range(7) for state in brute(days, hours, monday + timedelta(days=step))
    ]
    week = table.week(monday)
    seen = [int(week.states(hour)[0]) for hour in range(168)]
    assert seen == [worst(minutes[hour * 60 : hour * 60 + 60]) for hour in range(168)]


@settings(deadline=None, max_examples=60)
@given(
    days_of_week,
    spans,
    february,
    quarters(300),
    quarters(120),
)
def test_a_visit_is_its_minutes(
    days: frozenset[int], hours: list[tuple[int, int]], at: datetime, stay: float, way: float
) -> None:
    table = Timetable.of([expression(days, hours)])
    first = at.date()
    minutes = [
        state for step in range(3) for state in brute(days, hours, first + timedelta(days=step))
    ]
    arrival = at.hour * 60 + at.minute + way
    visited = [
        state
        for minute, state in enumerate(minutes)
        if (minute < arrival + stay and minute + 1 > arrival)
        or (stay == 0 and minute <= arrival < minute + 1)
    ]
    assert table.open_through(at, stay, after_min=way).tolist() == [worst(visited)]
    assert table.states(at).tolist() == [minutes[at.hour * 60 + at.minute]]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(TABLE), max_size=12), february, st.data())
def test_rows_are_answered_one_by_one(rows: list[str], at: datetime, data: st.DataObject) -> None:
    table = Timetable.of(rows)
    assert table.states(at).tolist() == [int(state_at(Posted(row), at)) for row in rows]
    ways = data.draw(st.lists(st.integers(0, 90), min_size=len(rows), max_size=len(rows)))
    seen = table.open_through(at, 15, after_min=np.array(ways, dtype=float))
    expected = [
        worst([int(state_at(Posted(row), at + timedelta(minutes=way + k))) for k in range(15)])
        for row, way in zip(rows, ways, strict=True)
    ]
    assert seen.tolist() == expected


def test_equal_rows_are_evaluated_once() -> None:
    table = Timetable.of(TABLE * 50)
    assert len(table.distinct) == len(TABLE)
    assert len(table) == len(TABLE) * 50
    assert table.posted(len(TABLE)) == Posted(TABLE[0])
    monday = date(2026, 2, 16)
    assert table.week(monday) is table.week(monday)


def test_the_ordinary_week_knows_no_holidays_and_no_closures() -> None:
    closed = {0: (Closure(datetime(2026, 1, 1), None),)}  # noqa: DTZ001
    table = Timetable.of(TABLE, closures=closed)
    ordinary = table.week(None)
    tuesday_ten = 24 + 10
    assert ordinary.states(tuesday_ten)[:3].tolist() == [State.OPEN, State.OPEN, State.UNKNOWN]
    assert table.week(date(2026, 11, 2)).states(tuesday_ten)[0] == State.CLOSED
    assert ordinary.open.shape == ordinary.unknown.shape == (len(TABLE), 21)


def test_amenities_and_closures_go_by_row() -> None:
    closed = {1: (Closure.parse({"from": "2026-03-03", "to": "2026-03-03"}),)}
    table = Timetable.of(["24/7"] * 4, closures=closed)
    needs = table.narrowed({2: ("08:00-20:00",), 3: ("08:00-20:00", "nonsense")})
    night, noon = (datetime(2026, 3, 3, hour, tzinfo=ZONE) for hour in (3, 12))
    assert table.states(night).tolist() == [1, 0, 1, 1]
    assert needs.states(night).tolist() == [1, 0, 0, 0]
    assert needs.states(noon).tolist() == [1, 0, 1, 2]
    assert needs.open_through(noon, 600).tolist() == [1, 0, 0, 0]


def test_rows_may_be_asked_in_any_order() -> None:
    table = Timetable.of(TABLE)
    at = datetime(2026, 3, 3, 9, tzinfo=ZONE)
    every = table.open_through(at, 20)
    rows = [6, 0, 6, 3]
    assert table.open_through(at, 20, rows=rows).tolist() == every[rows].tolist()
    assert table.open_through(at, 20, rows=[]).tolist() == []


@pytest.mark.parametrize(
    ("way", "stay", "expected"),
    [
        (0.75, 0.0, State.OPEN),  # 11:59:45, before the door shuts at 12:00
        (0.75, 0.25, State.OPEN),
        (0.75, 0.5, State.CLOSED),
        (1.0, 0.0, State.CLOSED),
        (150.75, 1.0, State.CLOSED),  # 14:29:45, before it opens at 14:30
        (151.0, 210.0, State.OPEN),
    ],
)
def test_parts_of_a_minute_count(way: float, stay: float, expected: State) -> None:
    table = Timetable.of([TABLE[0]])
    at = datetime(2026, 3, 3, 11, 59, tzinfo=ZONE)
    assert table.open_through(at, stay, after_min=way).tolist() == [expected]


def test_expressions_of_the_sun_know_where_they_are() -> None:
    texts = ["sunrise-sunset", "08:00-18:00", "sunrise-sunset"]
    at = datetime(2026, 12, 20, 7, 30, tzinfo=ZONE)
    lon, lat = np.array([121.4, 121.4, 97.9]), np.array([31.2, 31.2, 24.0])
    assert Timetable.of(texts, lon=lon, lat=lat).states(at).tolist() == [1, 0, 0]
    assert Timetable.of(texts).states(at).tolist() == [2, 0, 2]


def test_calendars_go_by_row() -> None:
    table = Timetable.of([TABLE[0]] * 2, ["workdays", "weekdays"])
    assert table.states(datetime(2026, 2, 16, 10, tzinfo=ZONE)).tolist() == [0, 1]


def test_an_empty_register_answers() -> None:
    table = Timetable.of([])
    at = datetime(2026, 3, 3, 9, tzinfo=ZONE)
    assert table.states(at).size == table.open_through(at, 20).size == 0
    assert table.week(None).open.shape == (0, 21)


@pytest.mark.parametrize(
    ("stay", "way"), [(-1.0, 0.0), (float("nan"), 0.0), (10_080.0, 0.0), (0.0, -1.0), (0.0, 1e9)]
)
def test_odd_visits_are_refused(stay: float, way: float) -> None:
    at = datetime(2026, 3, 3, 9, tzinfo=ZONE)
    with pytest.raises(UsageError, match="1440"):
        Timetable.of(TABLE).open_through(at, stay, after_min=way)


def test_other_odd_questions_are_refused() -> None:
    table = Timetable.of(TABLE)
    with pytest.raises(UsageError, match="Monday"):
        table.week(date(2026, 3, 3))
    with pytest.raises(UsageError, match="workdays"):
        Timetable.of(TABLE, "lunar")
    with pytest.raises(UsageError, match="time zone"):
        table.states(datetime(2026, 3, 3, 9))  # noqa: DTZ001


def test_many_instants_and_days_are_forgotten_again() -> None:
    table = Timetable.of(TABLE)
    begin = datetime(2026, 2, 1, 9, tzinfo=ZONE)
    first = [table.states(begin + timedelta(days=step)).tolist() for step in range(28)]
    again = [table.states(begin + timedelta(days=step)).tolist() for step in range(28)]
    stays = [
        table.open_through(begin + timedelta(days=step), 1).tolist() for step in [*range(28), 0]
    ]
    assert first == again == stays[:28]
    assert stays[28] == stays[0]
