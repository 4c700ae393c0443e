"""Activities: what may be said of one, what its steps come to, the calendar of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import FaultyDataError, UsageError
from stations import activities as domain
from stations.activities import Planned, Wanted
from stations.errors import StationMissingError, StoreConflictError
from stations.store import Changes, Store
from tests.stations.register_samples import BY, stations, when

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stations.activities import Activity
    from stations.store import ActivityStep

BEIJING = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 25, 14, tzinfo=BEIJING)
END = START + timedelta(hours=2)
WHO: dict[str, Any] = {"who": "王芳", "at": START - timedelta(days=3)}
SAID = Planned("义诊", "冬季义诊", START, END, "门口", "市总工会")
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
CODES = {"A": "530114", "B": "530302"}
WHERE = {"A": ("甲站", 102.7, 25.0), "B": ("乙站", 103.8, 25.5)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'a.db'}", create=True) as made:
        made.commit(Changes(stations=stations({"A": {}, "B": {}})), **BY, at=when(1))
        yield made


def told(store: Store) -> list[Activity]:
    return domain.activities_of(store.activity_steps())


def add(store: Store, step: ActivityStep) -> int:
    return store.add_activity_step(step, base=store.activities_number())


def test_an_activity_is_what_its_last_step_says(store: Store) -> None:
    add(store, domain.planned(SAID, "A", key="1", **WHO))
    add(store, domain.planned(replace(SAID, kind="haircut"), "B", key="2", **WHO))
    first = told(store)[0]
    assert (first.kind, first.state, first.changes, first.station) == (
        "health_check",
        "planned",
        0,
        "A",
    )
    later = replace(SAID, starts=START + timedelta(days=1), ends=END + timedelta(days=1))
    add(store, domain.changed(first, later, key="3", why="停电", **WHO))
    first = told(store)[0]
    assert (first.starts, first.changes, first.step, first.number) == (later.starts, 1, 3, 1)
    with pytest.raises(UsageError, match="nobody came yet"):
        domain.held(first, 3, key="4", who="x", at=START)
    after: dict[str, Any] = {"who": "李明", "at": later.ends}
    add(store, domain.held(first, 35, key="4", **after))
    first = told(store)[0]
    assert (first.state, first.came) == ("held", 35)
    with pytest.raises(UsageError, match="why"):
        domain.held(first, 36, key="5", **after)
    with pytest.raises(UsageError, match="planned can be called off"):
        domain.called_off(first, key="5", why="x", **after)
    add(store, domain.held(first, 36, key="5", why="漏数一人", **after))
    assert told(store)[0].came == 36
    half = store.activity_steps().loc[:3]
    before = domain.activities_of(half)
    assert domain.activities_of(store.activity_steps(after=3), before) == told(store)
    assert store.verify().broken is None


def test_what_is_called_off_stays_so(store: Store) -> None:
    add(store, domain.planned(SAID, "A", key="1", **WHO))
    (activity,) = told(store)
    with pytest.raises(UsageError, match="why"):
        domain.called_off(activity, key="2", why=" ", **WHO)
    add(store, domain.called_off(activity, key="2", why="下雨", **WHO))
    (activity,) = told(store)
    with pytest.raises(UsageError, match="called off"):
        domain.held(activity, 3, key="3", who="x", at=END)
    with pytest.raises(UsageError):
        domain.called_off(activity, key="3", why="x", **WHO)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "?"}, "kind"),
        ({"title": " "}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"place": "x" * 201}, "place"),
        ({"ends": START}, "ends"),
        ({"ends": START + timedelta(days=32)}, "ends"),
        ({"starts": START.replace(tzinfo=None), "ends": END.replace(tzinfo=None)}, "starts"),
        (
            {"starts": datetime(1, 1, 1, tzinfo=UTC), "ends": datetime(1, 1, 2, tzinfo=UTC)},
            "starts",
        ),
    ],
)
def test_faults_name_their_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(FaultyDataError) as caught:
        domain.planned(replace(SAID, **change), "A", key="1", **WHO)
    assert [each.field for each in caught.value.faults] == [field]


def test_the_store_takes_each_step_once(store: Store) -> None:
    step = domain.planned(SAID, "A", key="1", **WHO)
    assert add(store, step) == add(store, step) == 1
    with pytest.raises(StoreConflictError, match="another step"):
        add(store, domain.planned(replace(SAID, title="x"), "A", key="1", **WHO))
    with pytest.raises(StoreConflictError, match="read them again"):
        store.add_activity_step(domain.planned(SAID, "A", key="2", **WHO), base=0)
    with pytest.raises(StationMissingError):
        add(store, domain.planned(SAID, "nobody", key="3", **WHO))
    with pytest.raises(UsageError):
        add(store, domain.planned(SAID, "A", key="k" * 201, **WHO))
    assert len(store.activity_steps()) == 1


def some(number: int, station: str, starts: datetime, came: int | None, state: str) -> Activity:
    return domain.Activity(
        number, number, 0, station, "haircut", "义剪", starts, starts + timedelta(hours=1), "", "",
        state, came, START, START, "x", "",  # type: ignore[arg-type]
    )  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from("AB"),
            st.integers(0, 360 * 24),
            st.integers(0, 90) | st.none(),
        ),
        max_size=20,
    )
)
def test_sums_and_lists_by_brute_force(drawn: list[tuple[str, int, int | None]]) -> None:
    rows = [
        some(n, id_, YEAR + timedelta(hours=at), came, "planned" if came is None else "held")
        for n, (id_, at, came) in enumerate(drawn, 1)
    ]
    by_month = domain.sums(rows, CODES, "month")
    for row in by_month:
        mine = [e for e in rows if e.starts.astimezone(BEIJING).strftime("%Y-%m") == row["code"]]
        assert row["came"] == sum(e.came or 0 for e in mine)
        assert row["held"] + row["planned"] == len(mine)
    assert sum(row["came"] for row in by_month) == sum(e.came or 0 for e in rows)
    since = datetime(2026, 6, 1, tzinfo=UTC)
    found = domain.listed(rows, CODES, Wanted(area="5301", since=since))
    expected = [e for e in rows if e.station == "A" and e.ends > since]
    assert found == sorted(expected, key=lambda e: (e.starts, e.number))


NASTY = '</script>;,\\ "x"\u202e工会 BEGIN:VEVENT'


def test_the_calendar_is_what_it_says_and_bears_any_text() -> None:
    first = replace(some(7, "A", START, None, "planned"), title=NASTY, place=NASTY, holder=NASTY)
    off = replace(some(8, "B", START, None, "called_off"), changes=2)
    made = domain.calendar_of([first, off], WHERE, title=NASTY, host="example.org")
    assert made == domain.calendar_of([first, off], WHERE, title=NASTY, host="example.org")
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))
    read = icalendar.Calendar.from_ical(made)
    assert [str(zone["tzid"]) for zone in read.timezones] == ["Asia/Shanghai"]
    one, other = read.events
    assert str(one["uid"]) == "activity-7@example.org"
    assert str(one["summary"]) == NASTY
    assert str(one["location"]) == f"甲站 {NASTY}"
    assert (one.start, one.end) == (START, START + timedelta(hours=1))
    assert b"GEO:25.0;102.7" in one.to_ical()
    assert (str(one["status"]), one["sequence"]) == ("CONFIRMED", 0)
    assert (str(other["status"]), other["sequence"]) == ("CANCELLED", 2)
    assert b"TZID=Asia/Shanghai:20261125T140000" in made
