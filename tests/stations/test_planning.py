"""Plans against every plan there is, in worlds small enough to try them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stations.coverage import Terms, parse_hours
from stations.planning import Wish, plan
from stations.reach import Limit
from tests.stations.planning_worlds import LAYER, Oracle, drawn, prices

if TYPE_CHECKING:
    from stations.planning import Scheme

NEEDS = ("toilet",)
NEAR = Limit(900)


def asked(**more: Any) -> Wish:
    """Return a wish with small defaults and no gap left."""
    usual: dict[str, Any] = {
        "layer": LAYER,
        "limit": NEAR,
        "needs": NEEDS,
        "budgets": (200,),
        "gap": 0.0,
    }
    return Wish(**(usual | more))


def both(seed: int, wish: Wish, **world: Any) -> tuple[Scheme, Oracle]:
    """Plan, and set the oracle beside it."""
    registry, candidates = drawn(seed, **world)
    made = plan(registry, wish, candidates=candidates, costs=prices())
    return made, Oracle(registry, wish, candidates, prices())


def program(made: Scheme, oracle: Oracle) -> dict[int, int]:
    """Return the plan in the oracle's numbers."""
    numbers = {id_: number for number, id_ in enumerate(oracle.shelf.ids)}
    return {numbers[each.id]: each.year - 1 for each in made.actions}


def agree(made: Scheme, oracle: Oracle) -> None:
    """Check a plan: allowed, worth what it says, and none is worth more."""
    every = list(oracle.programs())
    if not every:
        assert made.status == "infeasible"
        assert made.blame is not None
        return
    best = max(sum(oracle.gains(each)) for each in every)
    assert made.status == "optimal"
    assert made.objective == pytest.approx(best, rel=1e-9, abs=1e-6)
    assert made.bound == pytest.approx(best, rel=1e-6, abs=1e-6)
    mine = program(made, oracle)
    assert mine in every
    assert made.solved.gained == pytest.approx(oracle.gains(mine), rel=1e-9, abs=1e-6)
    assert made.after["exact"] - made.before["exact"] == pytest.approx(
        made.solved.gained[-1], rel=1e-9, abs=1e-6
    )
    assert made.cost == oracle.cost(mine)


OPTIONS: dict[str, dict[str, Any]] = {
    "builds": {"actions": ("build_standard", "build_smart", "build_mobile")},
    "two years": {"actions": ("build_standard", "build_smart"), "budgets": (90, 150)},
    "three years": {"actions": ("build_standard", "build_mobile"), "budgets": (60, 95, 60)},
    "hours": {"actions": ("extend_hours", "build_standard")},
    "amenities": {"actions": ("add_amenities", "upgrade_24h", "build_mobile")},
    "both": {"actions": ("extend_hours", "add_amenities"), "budgets": (150,)},
    "move": {"actions": ("move", "build_standard"), "world": {"mobile": True}},
    "move in two years": {"actions": ("move",), "budgets": (40, 80), "world": {"mobile": True}},
    "move and mend": {
        "actions": ("move", "add_amenities"),
        "budgets": (40, 60),
        "world": {"mobile": True, "candidates": 2, "sites": 5},
    },
    "merge": {"actions": ("close", "merge", "move"), "world": {"dense": True, "stations": 4}},
    "close": {
        "actions": ("close", "build_standard", "add_amenities"),
        "budgets": (40,),
        "world": {"dense": True},
    },
    "close for two years": {
        "actions": ("close", "merge", "build_standard"),
        "budgets": (0, 40),
        "world": {"dense": True, "stations": 4, "candidates": 2},
    },
    "per county": {"actions": ("build_standard",), "per_county": 1, "budgets": (300,)},
    "spacing": {
        "actions": ("build_standard", "move"),
        "spacing_m": 700.0,
        "world": {"mobile": True, "candidates": 5, "stations": 2},
    },
    "must": {"actions": ("build_standard", "build_smart"), "must": ("c0",)},
    "must by id": {"actions": ("build_standard", "build_smart"), "must": ("build_smart:c1",)},
    "must and spacing": {
        "actions": ("build_standard",),
        "must": ("c0", "c1"),
        "spacing_m": 900.0,
    },
    "keep": {"actions": ("move",), "keep": ("s0", "s2"), "world": {"mobile": True}},
    "forbid": {"actions": ("build_standard", "extend_hours"), "forbid": ("c0", "s1")},
    "forbid by id": {"actions": ("build_standard",), "forbid": ("build_standard:c0",)},
    "sites": {"actions": ("build_standard", "upgrade_24h"), "budgets": None, "sites": 2},
    "sites and money": {"actions": ("build_standard", "add_amenities"), "sites": 1},
    "equal": {"actions": ("build_standard", "build_mobile"), "objective": "equal_prefectures"},
    "night": {"actions": ("build_smart", "upgrade_24h"), "terms": Terms(parse_hours("night"), 30)},
    "no needs": {"actions": ("build_standard", "extend_hours"), "needs": ()},
    "day work": {"actions": ("build_standard",), "terms": Terms(profile="day")},
    "at once": {"actions": ("build_smart",), "terms": Terms(parse_hours("2026-11-04T02:00"))},
}


def tried(option: str, seed: int, **world: Any) -> tuple[Scheme, Oracle]:
    """Plan one of the options in one of the worlds."""
    more = dict(OPTIONS[option])
    world = more.pop("world", {}) | world
    return both(seed, asked(**more), **world)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("option", OPTIONS)
def test_no_plan_is_better(option: str, seed: int) -> None:
    agree(*tried(option, seed))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("option", ["builds", "move", "hours"])
def test_no_plan_is_better_for_areas(option: str, seed: int) -> None:
    agree(*tried(option, seed, areas=True, sites=2))


def test_the_worlds_are_such_that_every_kind_of_action_is_best_somewhere() -> None:
    made = [tried(option, seed)[0] for option in ("merge", "close", "move") for seed in range(4)]
    kinds = {kind for each in made for action in each.actions for kind in action.kinds}
    assert {"merge", "close", "move", "add_amenities"} <= kinds


@pytest.mark.parametrize("seed", range(8))
def test_all_are_covered_at_least_cost_or_it_is_said_why_not(seed: int) -> None:
    more: dict[str, Any] = {"actions": ("build_smart", "upgrade_24h", "add_amenities")}
    money = (330,) if seed % 2 else None
    wish = asked(**more, cover_all=True, budgets=money, limit=Limit(1_500))
    made, oracle = both(seed, wish)
    fitting = [each for each in oracle.programs() if oracle.covers_all(each)]
    if fitting:
        assert made.status == "optimal"
        assert made.objective == min(map(oracle.cost, fitting)) == made.cost
        assert oracle.covers_all(program(made, oracle))
    else:
        assert made.status == "infeasible"
        assert made.actions == ()
        assert made.blame is not None
        assert made.blame.sites or made.blame.alone
        assert made.blame.said().zh


@pytest.mark.parametrize("seed", range(8))
def test_the_worst_county_comes_first(seed: int) -> None:
    more: dict[str, Any] = {"actions": ("build_standard", "upgrade_24h"), "budgets": (100, 60)}
    made, oracle = both(seed, asked(**more, objective="worst_county"))
    codes = oracle.demand.sites["area_code"].to_numpy()
    present = oracle.demand.today.present.sum(axis=1)
    helped = [  # counties for which anything could be done
        code
        for code in sorted(set(codes))
        if any(
            (oracle.worth(frozenset([k])) > oracle.worth(frozenset()))[codes == code].any()
            for k in range(len(oracle.shelf))
        )
    ]

    def score(chosen: dict[int, int]) -> tuple[float, float]:
        ends = [frozenset(k for k, when in chosen.items() if when <= y) for y in range(2)]
        hours = [oracle.worth(done).sum(axis=1) for done in ends]
        shares = [
            sum(each[codes == code].sum() for each in hours) / (2 * present[codes == code].sum())
            for code in helped
        ]
        return round(float(min(shares, default=1.0)), 9), sum(oracle.gains(chosen))

    best = max(map(score, oracle.programs()))
    mine = score(program(made, oracle))
    assert mine[0] == pytest.approx(best[0], abs=1e-6)
    assert mine[1] == pytest.approx(best[1], rel=1e-6)
    if helped:
        assert made.solved.worst == pytest.approx(best[0], abs=1e-6)


def test_the_second_run_is_the_same_as_the_first() -> None:
    wish = asked(actions=("build_smart", "extend_hours", "add_amenities", "move"), budgets=(80, 90))
    first, second = (both(3, wish)[0] for _ in range(2))
    assert first.as_dict() == second.as_dict()
    assert first.frontier() == second.frontier()


def test_hours_are_split_only_where_packages_differ() -> None:
    made, _ = both(1, asked(actions=("build_smart",)))
    cells = made.problem.cells
    assert cells.weights.sum() <= made.problem.demand.value.sum()
    assert len(np.unique(cells.spot)) == len(cells.spot)
