"""Coverage by minutes: what its answer says of itself, and two limits side by side."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from shapely import Point, box

from geodata.errors import UsageError
from stations import coverage
from stations.coverage import Limit, Need, ReachCache, Travel
from tests.stations.small_roads import SmallRoads, road_minutes
from tests.stations.worlds import register

if TYPE_CHECKING:
    from pathlib import Path

    from stations.coverage import Coverage
    from stations.registry import Registry

SITES: dict[str, Any] = {
    "area": (box(102.20, 25.20, 102.24, 25.22), {"workers": 1_000, "area_code": "530102"}),
    "behind": (Point(102.21, 25.9), {"workers": 10, "area_code": "530103"}),
    "lost": (Point(102.45, 25.45), {"workers": 20, "area_code": "530102"}),
    "outside": (Point(101.99, 25.2), {"workers": 40, "area_code": ""}),
    "post": (Point(102.25, 25.21), {"workers": 30, "area_code": "530102"}),
}
STATIONS: dict[str, Any] = {"s": (Point(102.22, 25.21), {}), "t": (Point(102.7, 25.7), {})}


@pytest.fixture
def registry() -> Registry:
    return register(STATIONS, {"sites": SITES})


def measured(registry: Registry, limit: Limit, roads: SmallRoads | None = None) -> Coverage:
    travel = Travel(roads)  # type: ignore[arg-type]
    return coverage.measure(registry, Need("sites", limit), travel)


def test_an_answer_by_road_says_what_is_estimated_and_unreachable(registry: Registry) -> None:
    answer = measured(registry, Limit(45, "min"), SmallRoads())
    sites = answer.sites
    assert sites.index[sites["estimated"]].tolist() == ["outside"]
    assert sites.index[sites["unreachable"]].tolist() == ["behind", "lost"]
    assert sites.index[sites["nearest_min"].isna()].tolist() == ["behind", "lost"]
    assert (sites["nearest_id"] != "").all()
    assert sites["nearest_m"].notna().all()
    assert sites.at["area", "nearest_m"] == 0
    assert sites.at["post", "nearest_min"] == pytest.approx(
        road_minutes((102.25, 25.21), (102.22, 25.21))
    )
    assert 0 < sites.at["area", "share"] < 1
    total = answer.total()
    assert (total["unreachable"], total["estimated"]) == (2, True)
    groups = {row["code"]: row for row in answer.rows("county")}
    assert {code: row["estimated"] for code, row in groups.items()} == {
        "": True,
        "530102": False,
        "530103": False,
    }
    assert groups["530102"]["unreachable"] == 1
    rows = {row["id"]: row for row in answer.rows("site")}
    assert rows["lost"]["nearest_min"] is None
    assert (rows["lost"]["unreachable"], rows["outside"]["estimated"]) == (1, True)
    method = answer.as_dict("site")["method"]
    assert (method["within"], method["unit"], method["mode"]) == ("45min", "min", "walk")
    assert (method["within_m"], method["estimated"]) == (None, "some")
    assert method["roads"] == {"source": "small.osm.pbf", "built_at": None, "osm_at": None}
    assert set(method["sampling"]) == {"method", "error"}
    json.dumps(answer.as_dict("site"), allow_nan=False)


def test_gaps_by_time_put_the_farthest_in_minutes_first(registry: Registry) -> None:
    gaps = measured(registry, Limit(0.5, "min"), SmallRoads()).gaps()
    left = gaps["workers_left"].tolist()
    assert left == sorted(left, reverse=True)
    rows: dict[str, Any] = {
        f"p{n:02}": (Point(102.1 + n / 40, 25.3), {"workers": 5}) for n in range(30)
    }
    many = register(STATIONS, {"sites": rows | {"lost": (Point(102.45, 25.45), {"workers": 5})}})
    minutes = measured(many, Limit(0, "min"), SmallRoads()).gaps()["nearest_min"]
    assert minutes.index[0] == "lost"
    assert math.isnan(minutes.iloc[0])
    known = minutes.iloc[1:]
    assert known.is_monotonic_decreasing
    by_metres = measured(many, Limit(0, "min"), SmallRoads()).gaps()["nearest_m"].iloc[1:]
    assert not by_metres.is_monotonic_decreasing


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (Limit(1_500), ("1500m", "m", "straight", 1_500, "none")),
        (Limit(12.5, "min", "ebike"), ("12.5min", "min", "ebike", None, "all")),
        (Limit(10, "min", "straight"), ("10min", "min", "straight", None, "all")),
    ],
)
def test_the_method_says_how(registry: Registry, limit: Limit, said: tuple[Any, ...]) -> None:
    roads = SmallRoads() if limit.unit == "m" or limit.mode == "straight" else None
    answer = measured(registry, limit, roads)
    method = answer.as_dict("site")["method"]
    names = ("within", "unit", "mode", "within_m", "estimated")
    assert tuple(method[name] for name in names) == said
    assert (method["roads"], method["sampling"]) == (None, None)
    assert answer.sites["estimated"].all() == (said[-1] == "all")
    assert answer.sites["nearest_min"].isna().all() == (limit.unit == "m")


def test_nothing_to_measure_is_not_said_to_be_measured_by_road() -> None:
    registry = register(STATIONS, {"none": {}})
    guess = coverage.measure(registry, Need("none", Limit(5, "min")))
    roads: Any = SmallRoads()
    known = coverage.measure(registry, Need("none", Limit(5, "min")), Travel(roads))
    assert (guess.estimated, known.estimated) == ("all", "all")
    assert (known.roads, known.total()["sites"]) == (None, 0)


def test_without_any_station_nobody_is_called_unreachable_by_road(registry: Registry) -> None:
    bare = register({}, {"sites": SITES})
    answer = measured(bare, Limit(45, "min"), SmallRoads())
    assert answer.sites.index[answer.sites["unreachable"]].tolist() == ["lost"]
    assert (answer.sites["nearest_id"] == "").all()
    assert not answer.sites["covered"].any()


def test_a_cache_changes_nothing(registry: Registry, tmp_path: Path) -> None:
    need, roads = Need("sites", Limit(45, "min")), SmallRoads()
    travel: Any = Travel(roads)  # type: ignore[arg-type]
    first = coverage.measure(registry, need, travel, ReachCache(tmp_path))
    asked = len(roads.asked)
    again = coverage.measure(registry, need, travel, ReachCache(tmp_path))
    assert len(roads.asked) == asked
    assert again.as_dict("site") == first.as_dict("site")
    assert first.as_dict("site") == measured(registry, need.limit, SmallRoads()).as_dict("site")


def test_two_limits_side_by_side(registry: Registry) -> None:
    here = measured(registry, Limit(45, "min"), SmallRoads())
    there = measured(registry, Limit(4_500))
    paired = coverage.flips(here, there)
    assert paired.index.tolist() == sorted(SITES)
    for id_, row in paired.iterrows():
        one, other = here.sites.loc[id_], there.sites.loc[id_]
        states = [(site["covered"], site["share"] >= 1) for site in (one, other)]
        assert row["flips"] == (states[0] != states[1])
        gap = one["share"] - other["share"]
        assert (row["change"] != "") == (row["flips"] or abs(gap) >= coverage.CHANGE)
        assert row["change"] in {"", "less" if gap < 0 else "more"}
        assert (row["share"], row["share_beside"]) == (one["share"], other["share"])
    assert paired["flips"].any()
    counts = coverage.flip_counts(paired)
    assert sum(counts.values()) - counts["flips"] == len(SITES)
    rows = coverage.flip_rows(coverage.changed(paired))
    assert [row["flips"] for row in rows] == sorted((row["flips"] for row in rows), reverse=True)
    assert {row["id"] for row in rows} == set(paired.index[paired["change"] != ""])
    json.dumps(rows, allow_nan=False)
    back = coverage.flip_counts(coverage.flips(there, here))
    assert (back["less"], back["more"]) == (counts["more"], counts["less"])


def test_only_answers_about_the_same_sites_can_be_compared(registry: Registry) -> None:
    other = register(STATIONS, {"sites": SITES, "more": {}})
    with pytest.raises(UsageError, match="one layer at one revision"):
        coverage.flips(
            measured(registry, Limit(5)), coverage.measure(other, Need("more", Limit(5)))
        )


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
@pytest.mark.parametrize("unit", ["m", "min"])
def test_a_senseless_limit_is_refused(value: float, unit: Any) -> None:
    with pytest.raises(UsageError):
        Limit(value, unit)


def test_limits_know_their_words() -> None:
    assert coverage.parse_within("10min", "car") == Limit(10, "min", "car")
    assert coverage.parse_within("1440 MIN") == Limit(1_440, "min", "walk")
    assert coverage.parse_within("1km", "car") == coverage.parse_within("1000m", "walk")
    for text in ("10min", "0.5min", "1500m", "0m", "0.000001min", "20000000m"):
        assert coverage.parse_within(text).text == text
        assert coverage.parse_within(coverage.parse_within(text).text).text == text
    for text, mode, said in [
        ("10min", "swim", "walk, ebike"),
        ("1440.1min", "walk", "at most a day"),
        ("10 minutes", "walk", "10min"),
        ("१०min", "walk", "10min"),
        ("99999km", "walk", "20,100 km"),
        ("10m", "swim", "walk, ebike"),
    ]:
        with pytest.raises(UsageError, match=said):
            coverage.parse_within(text, mode)
    with pytest.raises(UsageError, match="m or min"):
        Limit(1, "h")  # type: ignore[arg-type]
    assert np.isclose(Limit(1 / 3, "min").value, 1 / 3)
