"""What a plan says of itself: figures, reasons, frontier, obstacles; and coverage agrees."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from shapely import Point

from geodata.errors import UsageError
from stations import coverage
from stations.catalogue import catalogue
from stations.coverage import Terms
from stations.cube.supply import EVERY
from stations.planning import KINDS, plan
from stations.planning.effects import applied
from stations.planning.frontier import frontier_of
from stations.reach import Limit
from stations.registry import Layer, Registry
from stations.travel import Travel
from tests.stations.planning_worlds import LAYER, Oracle, drawn, offered, prices
from tests.stations.small_roads import SmallRoads
from tests.stations.test_planning import OPTIONS, asked, both, program, tried
from tests.stations.worlds import register, stations

if TYPE_CHECKING:
    from stations.planning import Action, Scheme

ALL = tuple(KINDS.terms)


def changed(registry: Registry, actions: list[Action]) -> Registry:
    """Do what actions say to the register itself, by what they tell of themselves."""
    frame = registry.stations.copy()
    for each in actions:
        if each.kind.startswith("build"):
            offers = {
                "opening_hours": each.opening_hours,
                "amenities": ";".join(each.amenities),
                "kind": each.station_kind,
                "area_code": each.area_code,
            }
            new = stations({each.place: (Point(each.lon, each.lat), offers)})
            frame = pd.concat([frame, new]).sort_index()
            continue
        if each.kind in {"close", "merge"}:
            frame.loc[each.station, "status"] = "closed"
        if each.kind == "move":
            frame.loc[each.station, "geometry"] = Point(each.lon, each.lat)
        if each.opening_hours:
            frame.loc[each.station, "opening_hours"] = each.opening_hours
        if each.amenities:
            row = each.into if each.kind == "merge" else each.station
            had = str(frame.loc[row, "amenities"]).split(";")
            known = [
                code for code in catalogue().amenities.terms if code in {*had, *each.amenities}
            ]
            frame.loc[row, "amenities"] = ";".join(known)
    layers = [Layer(layer.info, layer.sites) for layer in registry.layers.values()]
    return Registry.from_frames(frame, layers)


def worker_hours(registry: Registry, made: Scheme, travel: Travel) -> float:
    """Ask coverage, as anybody would; not rounded to whole people."""
    answer = coverage.truth(registry, made.wish.need, made.wish.terms, travel)
    return float((answer.asked.present * answer.asked.share[EVERY]).sum())


def same_as_coverage(made: Scheme, travel: Travel) -> None:
    if made.blame is not None:
        return
    before = worker_hours(made.registry, made, travel)
    assert made.before["exact"] == pytest.approx(before, rel=1e-12, abs=1e-6)
    for year in range(1, made.wish.years + 1):
        done = [each for each in made.actions if each.year <= year]
        after = worker_hours(changed(made.registry, done), made, travel)
        gained = made.solved.gained[year - 1]
        assert after - before == pytest.approx(gained, rel=1e-9, abs=1e-6)
    assert made.objective == pytest.approx(sum(made.solved.gained), rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("option", OPTIONS)
def test_coverage_finds_the_gain_the_plan_promises(option: str, seed: int) -> None:
    made, _ = tried(option, seed)
    same_as_coverage(made, Travel())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("areas", [False, True])
def test_coverage_finds_it_by_road_too_and_for_areas(seed: int, areas: bool) -> None:  # noqa: FBT001
    registry, candidates = drawn(seed, areas=areas, stations=4)
    travel = Travel(SmallRoads())  # type: ignore[arg-type]
    wish = asked(actions=ALL, limit=Limit(25, "min", "walk"), budgets=(120, 120))
    made = plan(registry, wish, candidates=candidates, costs=prices(), travel=travel)
    same_as_coverage(made, travel)
    assert made.as_dict()["method"]["estimated"] is False


@pytest.mark.parametrize("seed", range(3))
def test_sites_count_where_nobody_knows_the_workers(seed: int) -> None:
    registry, candidates = drawn(seed)
    sites = registry.layer(LAYER).sites.assign(workers=pd.array([pd.NA] * 4, "Int64"))
    bare = Registry.from_frames(registry.stations, [Layer(registry.layer(LAYER).info, sites)])
    wish = asked(actions=("build_standard", "extend_hours"))
    made = plan(bare, wish, candidates=candidates, costs=prices())
    same_as_coverage(made, Travel())
    assert made.as_dict()["objective_of"] == "site-hours"


@pytest.mark.parametrize("seed", range(9))
def test_reasons_are_what_happens_with_and_without(seed: int) -> None:
    wish = asked(actions=ALL, budgets=(90, 110), limit=Limit(1_200))
    made, oracle = both(seed, wish, dense=seed % 3 == 0, mobile=seed % 3 == 1)
    chosen = program(made, oracle)
    whole = oracle.worth(frozenset(chosen))
    for action, reason in zip(made.actions, made.reasons(), strict=True):
        number = oracle.shelf.ids.index(action.id)
        alone = oracle.worth(frozenset([number])) - oracle.worth(frozenset())
        less = oracle.worth(frozenset(chosen) - {number})
        assert reason.action == action.id
        assert reason.gain == pytest.approx(alone.sum(), abs=1e-6)
        assert reason.loss == pytest.approx((whole - less).sum(), abs=1e-6)
        gainers = {each.id: each.worker_hours for each in reason.sites}
        won = np.maximum(alone, 0).sum(axis=1)
        ids = oracle.demand.sites.index
        assert gainers == pytest.approx({i: w for i, w in zip(ids, won, strict=True) if w > 0})
        if action.cost > 0:
            assert reason.per_10000 == pytest.approx(reason.gain / action.cost * 10_000)
        check_superfluous(reason.superfluous, oracle, frozenset(chosen), number)
        check_runner_up(reason.runner_up, oracle, chosen, number)


def check_superfluous(
    told: tuple[str, ...], oracle: Oracle, chosen: frozenset[int], number: int
) -> None:
    """Leave out every station in turn, with the action and without it."""
    supplies = [
        applied(oracle.demand.supply, oracle.shelf, done) for done in (chosen, chosen - {number})
    ]
    found = []
    for row, id_ in enumerate(oracle.registry.stations.index):
        lost = []
        for supply in supplies:
            cubes = [oracle.demand.over(each) for each in (supply, supply.without(np.array([row])))]
            lost.append(
                float(np.subtract(*[each.share[EVERY] * each.present for each in cubes]).sum())
            )
        stands = supplies[0].usable()[row].any()
        if lost[0] < 1e-9 < lost[1] and stands:
            found.append(id_)
    assert list(told) == found


def check_runner_up(told: Any, oracle: Oracle, chosen: dict[int, int], number: int) -> None:
    """Try everything else in its stead."""
    rest = {k: year for k, year in chosen.items() if k != number}
    base = oracle.worth(frozenset(rest)).sum()
    here = {oracle.shelf.packages[number].at, oracle.shelf.packages[number].station} - {-1}
    best = 0.0
    for other, package in enumerate(oracle.shelf.packages):
        swapped = rest | {other: chosen[number]}
        if other not in rest and package.at not in here and oracle.allows(swapped):
            best = max(best, float(oracle.worth(frozenset(swapped)).sum() - base))
    assert (told.gain if told else 0.0) == pytest.approx(best, abs=1e-6)


def test_the_frontier_rises_and_each_point_is_a_plan() -> None:
    wish = asked(actions=("build_standard", "build_smart"), budgets=(150,), limit=Limit(700))
    made, _ = both(5, wish, sites=8, candidates=5)
    front = made.frontier([0, 60, 120, 150, 210, 300, 600])
    gains = [each.gain for each in front.points]
    assert gains == sorted(gains)
    assert gains[0] == 0
    for point in front.points:
        registry, candidates = drawn(5, sites=8, candidates=5)
        other = asked(actions=wish.actions, budgets=(point.budget,), limit=wish.limit)
        alone = plan(registry, other, candidates=candidates, costs=prices())
        assert alone.objective == pytest.approx(point.gain)
        assert point.cost <= point.budget
    budgets = np.array([each.budget for each in front.points], dtype=float)
    line = gains[0] + (gains[-1] - gains[0]) * (budgets - budgets[0]) / np.ptp(budgets)
    assert front.knee == front.points[int(np.argmax(np.array(gains) - line))].budget
    assert made.frontier().points[4].budget == 150
    with pytest.raises(UsageError, match="0 yuan or more"):
        made.frontier([-1])


@pytest.mark.parametrize("more", [{"sites": 1}, {"sites": 3}, {"cover_all": True}])
def test_a_hurried_frontier_still_knows_the_plan_itself(more: dict[str, Any]) -> None:
    wish = asked(actions=("build_standard", "build_smart"), budgets=None, limit=Limit(1500), **more)
    made, oracle = both(5, wish, sites=8, candidates=8)
    assert made.actions
    gain = float(oracle.worth(frozenset(program(made, oracle))).sum())
    gain -= float(oracle.worth(frozenset()).sum())
    hurried = replace(made.problem, wish=replace(made.wish, time_limit_s=1e-6))
    front = frontier_of(hurried, made.solved, None).points
    for point in front:
        assert point.gain <= point.bound
        if point.budget >= made.cost:
            assert point.gain == pytest.approx(gain)
            assert point.cost <= point.budget
    bounds = [each.bound for each in front]
    assert bounds == sorted(bounds)
    if "sites" in more:
        assert front[-1].bound == pytest.approx(gain)


def test_equal_shares_are_equal_at_every_budget() -> None:
    more: dict[str, Any] = {"actions": ("build_standard",), "objective": "equal_prefectures"}
    made, _ = both(5, asked(**more, budgets=(130, 130)), sites=8, candidates=5)
    for point in made.frontier([120, 240, 480]).points:
        half = (point.budget // 2, point.budget - point.budget // 2)
        other, _ = both(5, asked(**more, budgets=half), sites=8, candidates=5)
        assert other.objective == pytest.approx(point.gain)
    assert made.next_yuan(500).gain >= 0
    assert made.sensitivity().shaken


def test_the_next_yuan_are_spent_on_top() -> None:
    wish = asked(actions=("build_standard",), budgets=(60,), limit=Limit(700))
    made, oracle = both(5, wish, sites=8, candidates=5)
    more = made.next_yuan(60)
    mine = frozenset(program(made, oracle))
    best = max(
        oracle.worth(mine | {k}).sum() - oracle.worth(mine).sum() for k in range(len(oracle.shelf))
    )
    assert more.gain == pytest.approx(best)
    assert (len(more.actions), more.cost, more.left) == (1, 60, 0)
    assert not set(more.actions) & {each.id for each in made.actions}
    with pytest.raises(UsageError, match="more than 0"):
        made.next_yuan(0)


def test_dearer_prices_tell_which_actions_stay() -> None:
    wish = asked(actions=("build_standard", "build_mobile"), budgets=(150,), limit=Limit(700))
    made, _ = both(5, wish, sites=8, candidates=5)
    found = made.sensitivity()
    kinds = {kind for each in made.actions for kind in each.kinds}
    assert {each.kind for each in found.shaken} == kinds
    assert {each.factor for each in found.shaken} == {0.8, 1.2}
    for each in found.shaken:
        scaled = prices().scaled(each.kind, each.factor)
        registry, candidates = drawn(5, sites=8, candidates=5)
        other = plan(registry, wish, candidates=candidates, costs=scaled)
        assert other.objective == pytest.approx(each.gain)
        assert set(each.kept) == {a.id for a in other.actions} & {a.id for a in made.actions}
    kept = [set(each.kept) for each in found.shaken]
    assert set(found.stable) == set.intersection(*kept)
    with pytest.raises(UsageError, match="share from 0 to 1"):
        made.sensitivity(1.0)


def test_the_answer_is_json_and_adds_up() -> None:
    made, _ = both(2, asked(actions=ALL, budgets=(90, 90)))
    told = json.loads(json.dumps(made.as_dict(), allow_nan=False))
    assert {"chosen", "objective", "bound", "gap", "status", "before", "after", "reasons"} <= set(
        told
    )
    assert told["cost"] == sum(each["cost"] for each in told["chosen"]) == sum(told["cost_by_year"])
    assert [each["action"] for each in told["reasons"]] == [each["id"] for each in told["chosen"]]
    counties = sum(row["after"] - row["before"] for row in told["counties"])
    assert counties == told["after"]["steps"]["trust"] - told["before"]["steps"]["trust"]
    assert made.sites["gained"].sum() == pytest.approx(made.solved.gained[-1])
    assert made.frame().index.tolist() == [each["id"] for each in told["chosen"]]


def impossible(*, restricted: bool) -> Scheme:
    posts = {
        "b1": (Point(102.70, 25.0), {"name": "哨所甲", "area_code": "530102"}),
        "b2": (Point(102.75, 25.0), {"name": "哨所乙", "area_code": "530102"}),
        "b3": (Point(102.99, 25.3), {"name": "哨所丙", "area_code": "530103"}),
    }
    registry = register({}, {LAYER: posts}, restricted=[LAYER] if restricted else [])
    places = offered([Point(102.701, 25.0), Point(102.751, 25.0)], ["530102"] * 2)
    wish = asked(
        needs=(), actions=("build_smart",), cover_all=True, budgets=(200,), limit=Limit(400)
    )
    return plan(registry, wish, candidates=places, costs=prices())


def test_an_impossible_wish_is_answered_with_what_stands_in_the_way() -> None:
    made = impossible(restricted=False)
    assert (made.status, made.actions) == ("infeasible", ())
    assert made.blame is not None
    assert [each.id for each in made.blame.alone] == ["b3"]
    assert made.blame.least_cost == 300
    assert made.blame.budget == 200
    said = made.blame.said()
    assert "哨所丙（每天全天）" in said.zh
    assert "服务到其余全部至少需要 300 元，预算为 200 元" in said.zh
    assert "哨所丙 (always)" in said.en
    assert made.as_dict()["blame"]["zh"] == said.zh
    assert made.frontier([150, 300]).points[1].gain == 2 * 168


def test_money_is_in_the_way_and_said_so() -> None:
    registry, places = (
        impossible(restricted=False).registry,
        impossible(restricted=False).candidates,
    )
    rows = {name: row for name, row in rows_of(registry).items() if name != "b3"}
    wish = asked(
        needs=(), actions=("build_smart",), cover_all=True, budgets=(200,), limit=Limit(400)
    )
    made = plan(register({}, {LAYER: rows}), wish, candidates=places, costs=prices())
    assert made.blame is not None
    assert [each.id for each in made.blame.sites] == ["b1", "b2"]
    assert made.blame.limits == (("第 1 年预算 200 元", "200 yuan in year 1"),)
    assert made.blame.least_cost == 300


def test_what_must_be_done_and_cannot_is_named() -> None:
    made, _ = both(1, asked(actions=("build_smart",), must=("c0", "c1"), budgets=(200,)))
    assert made.blame is not None
    assert made.blame.must == ("c0", "c1")
    assert "c0、c1" in made.blame.said().zh


def test_a_spacing_that_bars_what_must_be_built_is_named() -> None:
    registry, places = impossible(restricted=False).registry, offered([Point(102.7, 25.0)], [""])
    stands = register({"s": (Point(102.7, 25.001), {})}, {LAYER: rows_of(registry)})
    wish = asked(needs=(), actions=("build_smart",), must=("c0",), spacing_m=500.0)
    made = plan(stands, wish, candidates=places, costs=prices())
    assert made.blame is not None
    assert made.blame.must == ("c0",)
    assert "间距不小于 500 米" in made.blame.said().zh


def rows_of(registry: Registry) -> dict[str, Any]:
    """Return a layer's rows as they were written."""
    sites = registry.layer(LAYER).sites
    return {str(id_): (row.geometry, {"name": row["name"]}) for id_, row in sites.iterrows()}


def test_nothing_of_a_restricted_layer_is_told_to_the_public() -> None:
    made = impossible(restricted=True)
    feasible = plan(
        made.registry,
        asked(needs=(), actions=("build_smart",), budgets=(300,), limit=Limit(400), must=("c0",)),
        candidates=made.candidates,
        costs=prices(),
    )
    for each in (made, feasible):
        text = json.dumps(each.as_dict(restricted_allowed=False), ensure_ascii=False)
        for secret in ("哨所", "b1", "b3", "102.7", "25.0", "候选", "c0", "c1"):
            assert secret not in text
        assert each.as_dict(restricted_allowed=False)["restricted"]
    assert len(feasible.as_dict(restricted_allowed=False)["chosen"]) == 2
    assert "哨所丙" in json.dumps(made.as_dict(), ensure_ascii=False)


def test_a_plan_with_nothing_to_do_says_so() -> None:
    registry, candidates = drawn(0)
    for none in (candidates.iloc[:0], candidates):
        wish = asked(actions=("build_standard",), budgets=(0,), terms=Terms())
        made = plan(registry, wish, candidates=none, costs=prices())
        assert (made.status, made.objective, made.gap, made.actions) == ("optimal", 0.0, 0.0, ())
        assert made.before == made.after
        json.dumps(made.as_dict(), allow_nan=False)
