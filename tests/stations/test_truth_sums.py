"""Whatever the layer looks like, the parts of coverage in truth add up to the whole of it."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from geodata.errors import UsageError
from stations import coverage
from stations.coverage import HourSet, Need, Terms, parse_hours, parse_within
from stations.coverage.figures import LOST, STEPS
from stations.cube.measure import PIECES
from stations.hours.clock import ZONE
from stations.reach import Limit
from stations.store import Changes, Store
from tests.stations.worlds import register

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from stations.coverage import Truth
    from stations.registry import Registry

LAYER = "parks"
DOORS = {
    "bank": (Point(102.70, 25.0), {"opening_hours": "Mo-Fr 08:00-18:00", "amenities": "toilet"}),
    "tap": (Point(102.71, 25.0), {"opening_hours": "06:00-22:00", "amenities": "water"}),
    "dark": (Point(102.72, 25.0), {"amenities": "toilet;water"}),
}
HALF = box(102.695, 24.99, 102.745, 25.01)
OVERLAPPING = box(102.70, 24.995, 102.75, 25.005)
COUNTY_LINE = box(102.60, 24.9, 102.95, 25.1)
AT_SEA = Point(150.0, 10.0)


def world(sites: Mapping[str, tuple[Any, Mapping[str, Any]]]) -> Registry:
    return register(DOORS, {LAYER: sites})


def truth(registry: Registry, within: str = "1000m", **terms: Any) -> Truth:
    need = Need(LAYER, parse_within(within, "ebike"), terms.pop("needs", ("toilet",)))
    return coverage.truth(registry, need, Terms(**terms))


def adds_up(answer: Truth) -> dict[str, Any]:
    """Hold every sum against every other; return the total."""
    total = answer.total()
    assert total["worker_hours"] == total["steps"]["trust"] + sum(total["lost"].values())
    for by in ("site", "county", "prefecture", "province"):
        rows = answer.rows(by)
        for key in ("worker_hours", "sites", "workers", "covered", "workers_unknown", "not_there"):
            assert sum(row[key] for row in rows) == total[key], (by, key)
        for part in ("steps", "lost"):
            assert _sums(row[part] for row in rows) == _sums([total[part]]), (by, part)
    hours = answer.rows("hour")
    assert sum(row["worker_hours"] for row in hours) == total["worker_hours"]
    assert _sums(row["lost"] for row in hours) == _sums([total["lost"]])
    parts = answer.asked.parts
    assert (parts.sum(axis=0) == answer.asked.present).all()
    assert (parts >= 0).all()
    gaps = answer.gaps()
    assert gaps["lost"].sum() == total["worker_hours"] - total["steps"]["trust"]
    assert total["sites"] + total["not_there"] == len(answer.cube.sites)
    return total


def _sums(rows: Iterable[Mapping[str, float]]) -> dict[str, float]:
    found: Counter[str] = Counter()
    for row in rows:
        found.update(row)
    return {key: count for key, count in found.items() if count}


def site(shape: Any, workers: int | None = 100, **more: Any) -> tuple[Any, dict[str, Any]]:
    return shape, {**({} if workers is None else {"workers": workers}), **more}


def test_a_need_nothing_can_meet() -> None:
    registry = world({"a": site(HALF), "b": site(Point(102.7, 25.0), 7)})
    total = adds_up(truth(registry, needs=("aed",)))
    assert total["steps"]["amenities"] == 0
    assert total["share"] == 0
    assert total["lost"]["amenity"] > 0


def test_a_layer_without_workers() -> None:
    registry = world({"a": site(HALF, None), "b": site(Point(102.7, 25.0), None)})
    total = adds_up(truth(registry))
    assert total["worker_hours"] == 2 * 168
    assert (total["workers"], total["workers_unknown"]) == (0, 2)


def test_areas_crossing_a_county_line_and_overlapping() -> None:
    sites = {
        "line": site(COUNTY_LINE, 1000, area_code="530102"),
        "one": site(HALF, 100, area_code="530102"),
        "two": site(OVERLAPPING, 50, area_code="530111"),
    }
    total = adds_up(truth(world(sites)))
    assert total["worker_hours"] == 1150 * 168
    assert truth(world(sites)).rows("county")[0]["sites"] == 2


def test_a_site_in_no_county() -> None:
    sites = {"sea": site(AT_SEA, 9), "land": site(Point(102.7, 25.0), 5, area_code="530102")}
    answer = truth(world(sites))
    adds_up(answer)
    outside, inside = answer.rows("county")
    assert (outside["code"], outside["worker_hours"]) == ("", 9 * 168)
    assert (inside["code"], inside["worker_hours"]) == ("530102", 5 * 168)
    assert answer.method()["data"]["sites_outside_counties"] == 1


@pytest.mark.parametrize("within", ["0m", "10000km", "0min", "1440min"])
def test_a_reach_of_nothing_and_of_half_the_world(within: str) -> None:
    sites = {"at": site(Point(102.7, 25.0), 5), "area": site(HALF, 40), "sea": site(AT_SEA, 9)}
    answer = truth(world(sites), within)
    total = adds_up(answer)
    paper = {row["id"]: row["steps"]["paper"] for row in answer.rows("site")}
    if within.startswith("0"):
        assert paper == {"at": 5 * 168, "area": 0, "sea": 0}
    elif within.endswith("km"):
        assert total["steps"]["paper"] == total["worker_hours"]


@pytest.mark.parametrize("within", ["-1m", "nanm", "infmin", "1000", "100000min"])
def test_a_reach_that_is_none_is_refused(within: str) -> None:
    with pytest.raises(UsageError):
        parse_within(within, "ebike")


def test_no_site_at_all() -> None:
    total = adds_up(truth(world({})))
    assert (total["sites"], total["share"]) == (0, None)


def test_a_site_that_has_ended_is_in_no_head_figure() -> None:
    sites = {
        "ended": site(Point(102.7, 25.0), 1000, until="2026-11-22"),
        "coming": site(Point(102.7, 25.0), None, **{"from": "2026-12-07"}),
        "here": site(Point(102.7, 25.0), 30, **{"from": "2026-11-23"}),
        "midweek": site(Point(102.7, 25.0), 7, until="2026-11-25"),
    }
    registry = world(sites)
    week = truth(registry, hours=parse_hours("2026-11-23"))
    total = adds_up(week)
    counted = {key: total[key] for key in ("sites", "workers", "workers_unknown", "not_there")}
    assert counted == {"sites": 2, "workers": 37, "workers_unknown": 0, "not_there": 2}
    friday = adds_up(truth(registry, hours=HourSet("x", datetime(2026, 11, 27, 9, tzinfo=ZONE))))
    assert (friday["sites"], friday["workers"], friday["not_there"]) == (1, 30, 3)
    assert friday["covered"] == 1
    assert adds_up(truth(registry))["sites"] == 4
    ended = {row["id"]: row for row in week.rows("site")}["ended"]
    assert (ended["sites"], ended["not_there"], ended["worker_hours"], ended["share"]) == (
        0,
        1,
        0,
        None,
    )


def test_an_area_partly_reached_counts_in_part_where_no_workers_are_known() -> None:
    need = Need(LAYER, Limit(1000, "m"), ("toilet",))
    lonely = register({"bank": DOORS["bank"]}, {LAYER: {"a": site(HALF, None)}})
    known = register({"bank": DOORS["bank"]}, {LAYER: {"a": site(HALF, 1_000_000)}})
    paper = coverage.measure(lonely, need)
    exact = float(paper.sites["share"].iloc[0])
    assert 0.1 < exact < 0.5
    answer = coverage.truth(lonely, need, Terms())
    total = adds_up(answer)
    for share in (paper.total()["share"], total["steps"]["paper"] / 168):
        assert share == pytest.approx(exact, abs=0.5 / PIECES)
    assert total["share"] == pytest.approx(
        coverage.truth(known, need, Terms()).total()["share"], abs=0.0005
    )
    assert answer.backup().sites["one_station"].sum() == total["steps"]["trust"]
    assert paper.total()["covered"] == paper.total()["sites"] == 1


shapes = st.sampled_from(
    [HALF, OVERLAPPING, COUNTY_LINE, Point(102.7, 25.0), Point(102.715, 25.0), AT_SEA]
)
days = st.sampled_from(["", "2026-11-24", "2026-11-26"])


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(shapes, st.none() | st.integers(0, 500), days, days), min_size=1, max_size=4
    ),
    st.sampled_from(["0m", "900m", "30km"]),
    st.sampled_from([(), ("toilet",), ("toilet", "water")]),
    st.sampled_from(["all", "2026-11-23", "night", "2026-11-25T09:00"]),
    st.booleans(),
)
def test_it_always_adds_up(
    told: list[tuple[Any, int | None, str, str]],
    within: str,
    needs: tuple[str, ...],
    hours: str,
    without: bool,  # noqa: FBT001
) -> None:
    sites = {
        f"s{n}": site(shape, None if without else workers, **{"from": since, "until": until})
        for n, (shape, workers, since, until) in enumerate(told)
        if not (since and until and until < since)
    }
    registry = world(sites)
    answer = truth(registry, within, needs=needs, hours=parse_hours(hours))
    adds_up(answer)
    removed = (coverage.parse_what_if("station:bank removed"),)
    after = truth(registry, within, needs=needs, hours=parse_hours(hours), supposed=removed)
    trend = after.since(answer).sites
    kinds = trend.drop(columns=["before", "after"]).sum(axis=1)
    assert (trend["after"] - trend["before"] == kinds).all()
    frame = answer.waterfall()
    for before, step in itertools.pairwise(("present", *STEPS)):
        assert frame[before].iloc[0] >= frame[step].iloc[0]
    assert (
        frame["present"].iloc[0] == frame["trust"].iloc[0] + frame[list(LOST)].sum(axis=1).iloc[0]
    )


def test_a_time_still_to_come_is_no_time_to_compare_with(tmp_path: Path) -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=ZONE)
    with Store.open(f"sqlite:///{tmp_path / 'r.db'}", create=True) as store:
        made = store.commit(
            Changes(stations=world({}).stations), who="w", why="y", at=now - timedelta(days=2)
        )
        for asked in ("2026-11-22", "2026-11-22T11:59", "1", "2026-11-20T12:00"):
            assert coverage.revision_before(store, asked, now=now) == made
        for asked in ("2026-11-23", "2026-11-22T12:01", "2030-01-01"):
            with pytest.raises(UsageError, match="later than now, 2026-11-22 12:00"):
                coverage.revision_before(store, asked, now=now)
