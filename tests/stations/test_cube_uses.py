"""What is made of the cube: gaps, backup, what-if, trends, fairness, catchments, words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import Point

from geodata.errors import UsageError
from stations import cube, reach
from stations.coverage import Limit
from stations.cube import Cube, Ground, Question, hours_text
from stations.cube.supply import EVERY, Condition
from stations.cube.trend import KINDS
from tests.stations.test_cube import LAYER, answer, park, site_rows, station_rows, world
from tests.stations.worlds import register

HERE = (102.7, 25.0)


def _runs(runs: list[tuple[int, int]]) -> np.ndarray:
    flags = np.zeros(168, dtype=bool)
    for start, length in runs:
        flags[np.arange(start, start + length) % 168] = True
    return flags


masks = st.lists(st.booleans(), min_size=168, max_size=168).map(np.array) | st.lists(
    st.tuples(st.integers(0, 167), st.integers(1, 60)), max_size=4
).map(_runs)


@given(masks)
def test_spans_hold_exactly_the_hours(hours: np.ndarray) -> None:
    held = np.zeros(168, dtype=int)
    for span in hours_text.spans(hours):
        for day in span.days:
            held[(day * 24 + np.arange(span.first, span.last)) % 168] += 1
    assert held.tolist() == hours.astype(int).tolist()


@pytest.mark.parametrize(
    ("runs", "zh", "en"),
    [
        ([(d * 24 + 22, 8) for d in range(7)], "每天 22:00–06:00", "daily 22:00–06:00"),
        (
            [(d * 24 + 8, 4) for d in range(5)] + [(d * 24 + 14, 4) for d in range(5)],
            "周一至周五 08:00–12:00、14:00–18:00",
            "Mon–Fri 08:00–12:00, 14:00–18:00",
        ),
        ([(120, 48)], "周末 00:00–24:00", "weekends 00:00–24:00"),
        ([(26, 1), (34, 1)], "周二 02:00–03:00、10:00–11:00", "Tue 02:00–03:00, 10:00–11:00"),
        ([(0, 168)], "每天全天", "always"),
        ([], "无", "never"),
    ],
)
def test_hours_in_words(runs: list[tuple[int, int]], zh: str, en: str) -> None:
    assert hours_text.words(_runs(runs)) == (zh, en)


def bank_and_park() -> Cube:
    """Measure a park of 100 between a bank that shuts at 18:00 and a far mall open at night."""
    registry = register(
        {
            "bank": (
                Point(102.7, 25.002),
                {"opening_hours": "08:00-18:00", "amenities": "toilet", "host": "bank"},
            ),
            "mall": (
                Point(102.75, 25.0),
                {"opening_hours": "18:00-08:00", "amenities": "toilet", "host": "mall"},
            ),
            "tap": (
                Point(102.7, 25.004),
                {"opening_hours": "18:00-22:00", "amenities": "water", "host": "bank"},
            ),
        },
        {LAYER: {"p": (Point(HERE), {"workers": 100}), "q": (Point(103, 25), {"workers": 7})}},
    )
    sites = registry.layer(LAYER).sites
    ground = cube.ground_of(reach.relate(registry, sites, Limit(1_000)), registry)
    return cube.measure(registry, sites, ground, Question(needs=("toilet",)))


def test_a_gap_says_where_when_who_and_what_would_help() -> None:
    gaps = cube.gaps(bank_and_park())
    assert gaps.index.tolist() == ["p", "q"]
    row = gaps.loc["p"]
    assert (row["lost"], row["present"]) == (100 * 14 * 7, 100 * 168)
    assert (row["hours_zh"], row["hours_en"]) == ("每天 18:00–08:00", "daily 18:00–08:00")
    assert row["nearest_id"] == "bank"
    assert row["nearest_cost"] == pytest.approx(221.5, abs=1)
    assert row["usable_id"] == "mall"
    assert row["usable_m"] == pytest.approx(5_047, abs=20)
    assert (row["fix"], row["fix_id"], row["fix_won"]) == ("extend_hours", "bank", 9_800)
    assert row["fix_zh"] == "每天 18:00–08:00"
    far = gaps.loc["q"]
    assert (far["nearest_id"], far["usable_id"], far["fix"], far["fix_won"]) == ("", "", "", 0)
    assert len(cube.gaps(bank_and_park(), limit=1)) == 1


def test_the_worked_example_of_the_readme() -> None:
    found = bank_and_park()
    sums = cube.table(found, "all").iloc[0].to_dict()
    assert sums == {
        "no_station": 1_176,
        "closed": 7_000,
        "unknown": 0,
        "amenity": 2_800,
        "trust": 0,
        "covered": 7_000,
        "present": 17_976,
    }
    sixths = cube.orderless(found, "all").iloc[0]
    assert (sixths / 6).tolist() == [8_400, 1_400, 0, 9_800]


def _won(found: Cube, site: int, station: int, condition: Condition) -> int:
    """Remove one condition of one station by brute force."""
    rows = np.array([station])
    changed = {
        Condition.HOURS: found.supply.opened(rows),
        Condition.AMENITY: found.supply.equipped(rows),
        Condition.TRUST: found.supply.trusting(rows, 1.0, 0.0),
    }
    after = found.over(changed[condition]).covered(EVERY)[site].sum()
    return int(after - found.covered(EVERY)[site].sum())


@settings(max_examples=15, deadline=None)
@given(station_rows, site_rows)
def test_no_single_removal_wins_more_than_the_one_named(
    stations: list[dict[str, Any]], sites: list[Any]
) -> None:
    found = answer(world(stations, sites, 1_500.0), Question(needs=("toilet",)))
    gaps = cube.gaps(found)
    left = found.present - found.covered(EVERY)
    assert gaps["lost"].sum() == left.sum()
    active = [n for n, row in enumerate(stations) if row["status"] == "active"]
    fixes = dict(zip(("confirm", "extend_hours", "add"), (4, 1, 2), strict=True))
    for id_, row in gaps.iterrows():
        site = found.sites.index.get_loc(id_)
        assert (row["hours"] == (left[site] > 0)).all()
        wins = {(s, c): _won(found, site, s, c) for s in active for c in Condition}
        assert row["fix_won"] == max(wins.values(), default=0)
        if row["fix"]:
            named = found.supply.ids.tolist().index(row["fix_id"])
            assert wins[named, Condition(fixes[row["fix"]])] == row["fix_won"]


@settings(max_examples=20, deadline=None)
@given(station_rows, site_rows)
def test_backup_agrees_with_taking_each_away(
    stations: list[dict[str, Any]], sites: list[Any]
) -> None:
    points = [row for row in sites if row[1] == "point"]
    found = answer(world(stations, points, 1_500.0), Question())
    covered = found.covered(EVERY)
    for of, column in (("station", "one_station"), ("host", "one_host")):
        names = (
            found.supply.ids
            if of == "station"
            else np.array(
                [row["host"] or f"id s{n}" for n, row in enumerate(stations)], dtype=object
            )
        )
        lost = {
            name: covered - found.over(found.supply.without(names == name)).covered(EVERY)
            for name in dict.fromkeys(names.tolist())
        }
        hanging = sum((each.sum(axis=1) for each in lost.values()), np.zeros(len(points), int))
        assert cube.backup(found)[column].tolist() == hanging.tolist()
        leaning = cube.leaning(found, of)  # type: ignore[arg-type]
        for name, each in lost.items():
            assert leaning["worker_hours"].get(name, 0) == each.sum()
        assert leaning["worker_hours"].is_monotonic_decreasing


def test_stations_without_a_known_host_back_each_other_up() -> None:
    always: dict[str, Any] = {"place": HERE, "opening_hours": "24/7"}
    site = [(HERE, "point", 10, True)]
    for hosts, alone in ((("", ""), 0), (("bank", "bank"), 1_680), (("bank", ""), 0)):
        stations = [always | {"host": host} for host in hosts]
        found = answer(world(stations, site, 100.0), Question())
        assert cube.backup(found)["one_host"].item() == alone
        assert cube.backup(found)["one_station"].item() == 0
    mine = answer(world([always | {"host": "bank"}] * 2, site, 100.0), Question())
    assert cube.leaning(mine, "host").to_dict("index") == {
        "bank": {"sites": 1, "worker_hours": 1_680, "site_ids": ("p0",)}
    }


def test_what_if_the_bank_closes_at_weekends() -> None:
    before = bank_and_park()
    weekend = np.arange(168) >= 120
    after = before.over(before.supply.shut(before.supply.hosts == "bank", weekend))
    change = cube.difference(before, after, "site")
    assert change.loc["p", "covered"] == -100 * 20
    taps = 100 * 8  # the tap, the bank's too, lacked a toilet in the evening; now it is shut
    assert change[["closed", "amenity"]].to_numpy().tolist()[0] == [100 * 20 + taps, -taps]
    assert change["present"].abs().sum() == 0
    distrusted = before.over(before.supply.trusting(np.array([0]), 0.3, 0.5))
    assert cube.difference(before, distrusted, "all")["trust"].item() == 100 * 70
    gone = before.over(before.supply.without(np.array([0, 2])))
    assert cube.table(gone, "all")["no_station"].item() == 107 * 168


def _measured(stations: list[dict[str, Any]], sites: list[Any], floor: float = 0.0) -> Cube:
    from tests.stations.test_cube import NOW  # noqa: PLC0415

    return answer(world(stations, sites, 1_500.0), Question(("toilet",), trust_floor=floor, at=NOW))


@settings(max_examples=20, deadline=None)
@given(station_rows, station_rows, site_rows, site_rows, st.sampled_from([0.0, 0.7]))
def test_a_trend_adds_up(
    old: list[dict[str, Any]],
    new: list[dict[str, Any]],
    before: list[Any],
    after: list[Any],
    floor: float,
) -> None:
    first, second = _measured(old, before), _measured(new, after, floor)
    if first.weighed != second.weighed:
        return
    trend = cube.compare(first, second)
    change = trend.sites["after"] - trend.sites["before"]
    assert (trend.sites[list(KINDS)].sum(axis=1) == change).all()
    assert trend.sites["before"].sum() == first.covered(EVERY).sum()
    assert trend.sites["after"].sum() == second.covered(EVERY).sum()
    same = cube.compare(first, first)
    assert (same.sites[list(KINDS)] == 0).all(axis=None)
    assert same.edits.empty


def test_a_trend_names_the_edit() -> None:
    site = [(HERE, "point", 10, True)]
    base: dict[str, Any] = {"place": HERE, "opening_hours": "08:00-18:00", "amenities": "toilet"}
    before = _measured([base], site)
    longer = cube.compare(before, _measured([base | {"opening_hours": "08:00-20:00"}], site))
    assert longer.edits.to_dict("records") == [
        {"site": "p0", "kind": "hours", "change": 140, "stations": ("s0",)}
    ]
    dry = cube.compare(before, _measured([base | {"amenities": ""}], site))
    assert dry.edits[["kind", "change"]].to_numpy().tolist() == [["amenity", -700]]
    moved = cube.compare(before, _measured([base | {"place": (102.8, 25.0)}], site))
    assert moved.sites.loc["p0", "moved"] == -700
    shut = cube.compare(before, _measured([base | {"status": "closed"}], site))
    assert shut.edits["kind"].tolist() == ["removed"]
    more = cube.compare(before, _measured([base, base | {"opening_hours": "24/7"}], site))
    assert more.edits[["kind", "stations"]].to_numpy().tolist() == [["added", ("s1",)]]
    people = cube.compare(before, _measured([base], [(HERE, "point", 20, True)]))
    assert people.sites.loc["p0", "site"] == 700


values = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 9)).map(lambda pair: (pair[0] / 20, pair[1])),
    max_size=8,
)


@given(values)
@example([(0.0, 3), (0.0, 1)])
def test_gini_and_the_worst_tenth_agree_with_counting_people(
    groups: list[tuple[float, int]],
) -> None:
    share, weight = np.array(groups, dtype=float).reshape(-1, 2).T
    people = np.repeat(share, (10 * weight).astype(int))
    if not people.size:
        assert np.isnan(cube.gini(share, weight))
        assert np.isnan(cube.worst_mean(share, weight))
        return
    tenth = np.sort(people)[: people.size // 10]
    assert cube.worst_mean(share, weight) == pytest.approx(tenth.mean(), abs=1e-12)
    curve = cube.lorenz(share, weight)
    if not people.any():  # nothing is shared out, so not evenly either
        assert np.isnan(cube.gini(share, weight))
        assert curve.people.size == 0
        return
    apart = np.abs(people[:, None] - people).mean()
    assert cube.gini(share, weight) == pytest.approx(apart / (2 * people.mean()), abs=1e-12)
    assert (curve.people[[0, -1]] == [0, 1]).all()
    assert (np.diff(curve.people) >= 0).all()
    assert (curve.covered <= curve.people + 1e-12).all()


def test_fairness_weighs_counties_and_layers_by_people() -> None:
    found = bank_and_park()
    fair = cube.over_areas(found, "site")
    assert fair.groups["weight"].tolist() == [100 * 168, 7 * 168]
    assert fair.worst_decile == pytest.approx((10.7 - 7) * 70 / 168 / 10.7)
    assert fair.gini == pytest.approx(7 / 107)
    layers = cube.over_types({"one": found, "two": found})
    assert layers.gini == pytest.approx(0)
    assert layers.mean == pytest.approx(fair.mean)


def test_types_of_worker_are_those_the_records_name() -> None:
    bank = {"opening_hours": "24/7"}
    near, far = Point(*HERE), Point(103.5, 25)
    drivers = {"attributes": '{"工种": " 货车司机 "}'}
    rows: dict[str, Any] = {
        "a": (near, {"workers": 10, **drivers}),
        "b": (far, {"workers": 30, **drivers}),
        "c": (near, {"workers": 20, "attributes": '{"worker_type": "riders", "x": 1}'}),
        "d": (far, {"workers": 40, "attributes": '{"worker_type": null}'}),
    }
    other = {"e": (near, {"workers": 5, **drivers})}
    layers = {LAYER: rows, "stops": other, "bare": {"f": (far, {})}}
    registry = register({"s": (near, bank)}, layers)
    cubes = {}
    for name in (LAYER, "stops", "bare"):
        sites = registry.layer(name).sites
        ground = cube.ground_of(reach.relate(registry, sites, Limit(500)), registry)
        cubes[name] = cube.measure(registry, sites, ground, Question())
    bare = cubes.pop("bare")
    fair = cube.over_types(cubes)
    assert fair.groups.index.tolist() == sorted(["货车司机", "riders", LAYER])
    assert list(fair.groups.loc["货车司机"]) == [45 * 168, pytest.approx(15 / 45)]
    assert list(fair.groups.loc[LAYER]) == [40 * 168, 0]
    assert fair.mean == pytest.approx(35 / 105)
    with pytest.raises(UsageError, match="numbers of workers"):
        cube.over_types(cubes | {"bare": bare})
    assert cube.over_types({"bare": bare}).nobody
    assert np.isnan(cube.over_types({}).mean)


def test_a_mobile_station_at_two_places_backs_nobody_up() -> None:
    stations = [{"place": HERE, "opening_hours": "24/7", "amenities": "toilet"}]
    found = _measured(stations, [(HERE, "point", 10, True)])
    twice = np.array([0, 0])
    supply = replace(
        found.supply,
        **{
            name: getattr(found.supply, name)[twice]
            for name in vars(found.supply)
            if name != "hours"
        },
    )
    pairs = (np.array([0, 0]), np.array([0, 1]), np.array([1.0, 2.0]))
    ground = Ground.of_pairs(np.array([0]), pairs, sites=1)
    assert cube.backup(found.over(supply, ground)).loc["p0", "one_station_hours"] == 168


@pytest.mark.parametrize("wrong", [([-1.0], [1.0]), ([1.0], [np.nan]), ([1.0, 2.0], [1.0])])
def test_fairness_of_nonsense_is_refused(wrong: tuple[list[float], list[float]]) -> None:
    with pytest.raises(UsageError):
        cube.gini(*wrong)


@settings(max_examples=60)
@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 2**32 - 1))
def test_catchments_agree_with_the_formula(sites: int, stations: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    costs: Any = rng.choice([0.0, 5.0, 10.0, 10.5, 20.0, 30.0, np.inf], (sites, stations))
    people, places = rng.integers(0, 9, sites), rng.integers(0, 9, stations)
    spot, station = np.nonzero(np.isfinite(costs))
    ground = Ground.of_pairs(np.arange(sites), (spot, station, costs[spot, station]), sites=sites)
    found = cube.e2sfca(ground, people, places, 30.0)

    def weight(cost: float) -> float:
        return 1.0 if cost <= 10 else 0.68 if cost <= 20 else 0.22 if cost <= 30 else 0.0

    ratios = []
    for j in range(stations):
        asking = sum(people[k] * weight(costs[k, j]) for k in range(sites))
        ratios.append(places[j] / asking if asking else 0.0)
    wanted = [sum(ratios[j] * weight(costs[i, j]) for j in range(stations)) for i in range(sites)]
    assert found.ratio.tolist() == pytest.approx(ratios)
    assert found.sites.tolist() == pytest.approx(wanted)
    served = sum(p for p, r in zip(places, ratios, strict=True) if r)
    assert (people * found.sites).sum() == pytest.approx(served)


def test_an_area_of_many_spots_asks_as_one() -> None:
    whole = Ground.of_pairs(np.array([0]), (np.array([0]), np.array([0]), np.array([5.0])), sites=1)
    halves = Ground.of_pairs(
        np.array([0, 0]), (np.array([0, 1]), np.array([0, 0]), np.array([5.0, 5.0])), sites=1
    )
    one = cube.e2sfca(whole, [8], [4], 30.0)
    two = cube.e2sfca(halves, [8], [4], 30.0)
    assert one.sites.tolist() == two.sites.tolist() == [0.5]


def test_profiles_cover_a_week() -> None:
    for profile in cube.profiles().values():
        assert profile.week.shape == (168,)
        assert ((profile.week >= 0) & (profile.week <= 1)).all()


def test_areas_have_gaps_too() -> None:
    registry = register(
        {"s": (Point(102.7, 25), {"opening_hours": "08:00-18:00"})},
        {LAYER: {"a": (park(*HERE), {"workers": 100})}},
    )
    sites = registry.layer(LAYER).sites
    ground = cube.ground_of(reach.relate(registry, sites, Limit(500)), registry)
    found = cube.measure(registry, sites, ground, Question())
    row = cube.gaps(found).loc["a"]
    share = found.share[0, 0, 0]
    assert 0 < share < 1
    assert row["fix_won"] == np.rint(100 * share) * 14 * 7
    assert (row["usable_id"], row["fix_id"]) == ("", "s")
