"""Bounds, reductions and the radius formulation, each held against trying every set."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.optimize import linprog

from stations import siting
from stations.siting import bound, highs, multipliers
from stations.siting.clock import Clock
from stations.siting.cover import cover
from stations.siting.inputs import choice, cost_entries, pattern
from stations.siting.interchange import ways
from stations.siting.knapsack import pick
from stations.siting.radius import radius_model
from stations.siting.reduce import dominated_columns, implied_rows, merged, same_rows
from tests.benchmarks import siting as bench

if TYPE_CHECKING:
    import numpy.typing as npt

    from stations.siting.cover import Cover
    from stations.siting.interchange import Ways
    from stations.siting.plan import FloatArray

COLUMNS, SITES = 11, 4
SETS = [list(c) for c in itertools.combinations(range(COLUMNS), SITES)]
SEEDS = range(12)


def points(seed: int, rows: int = 60) -> tuple[FloatArray, FloatArray]:
    """Distances on a plane from rows to columns, and weights."""
    draw = np.random.default_rng(seed)
    apart = draw.random((rows, 1, 2)) - draw.random((1, COLUMNS, 2))
    return np.hypot(apart[..., 0], apart[..., 1]), draw.integers(0, 30, rows).astype(float)


def covering(seed: int) -> tuple[Cover, float]:
    """Make a maximal covering problem and its optimum."""
    metres, weights = points(seed)
    reach = metres <= 0.27
    best = max(float(weights[reach[:, chosen].any(axis=1)].sum()) for chosen in SETS)
    names = np.arange(COLUMNS)
    return cover(pattern(reach), weights, np.ones(COLUMNS), SITES, names), best


def medians(seed: int, open_: tuple[int, ...] = ()) -> tuple[Ways, float]:
    """Make a p-median problem with some columns open already, and its optimum."""
    metres, weights = points(seed)
    weights += 1
    best = min(float((metres[:, [*chosen, *open_]].min(axis=1) * weights).sum()) for chosen in SETS)
    may = choice(COLUMNS, sites=SITES, budget=None, site_costs=None, open_=open_, forbidden=())
    return ways(cost_entries(metres), weights, may), best


def endless() -> Clock:
    return Clock(None, 0.0, None)


@pytest.mark.parametrize("seed", SEEDS)
def test_any_multipliers_prove_a_cover_bound(seed: int) -> None:
    problem, best = covering(seed)
    draw = np.random.default_rng(seed)
    for _ in range(20):
        proven = bound.dual(problem, draw.uniform(-5, 35, len(problem.weights)))
        assert bound.honest(problem, proven.bound) >= best
    assert bound.honest(problem, bound.subgradient(problem, best, endless()).bound) >= best


@pytest.mark.parametrize("seed", SEEDS)
def test_the_subgradient_and_the_relaxation_come_to_the_same_bound(seed: int) -> None:
    problem, best = covering(seed)
    model = bound.cover_model(problem)
    lower, upper = model.lower, model.upper
    least = linprog(
        model.objective,
        A_ub=sp.vstack([-model.rows[np.isfinite(lower)], model.rows[np.isfinite(upper)]]),
        b_ub=np.concatenate((-lower[np.isfinite(lower)], upper[np.isfinite(upper)])),
        bounds=(0, 1),
    )
    exact = float(problem.weights.sum()) - least.fun
    relaxed = bound.relaxed(problem, 10.0)
    assert relaxed is not None
    assert relaxed.bound == pytest.approx(exact, rel=1e-6)
    stepped = bound.subgradient(problem, best, endless()).bound
    assert stepped >= exact - 1e-6
    assert stepped <= max(exact * 1.01, best + 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_columns_shown_useless_are_in_no_better_set(seed: int) -> None:
    problem, _ = covering(seed)
    proven = bound.subgradient(problem, 0.0, endless())
    worths = {s: problem.worth(np.array(s)) for s in _subsets(len(problem.names))}
    for value in sorted(set(worths.values()))[-25:]:
        useless = proven.useless(problem, value)
        for chosen, worth in worths.items():
            assert worth <= value or not useless[list(chosen)].any()


def _subsets(columns: int) -> list[tuple[int, ...]]:
    return list(itertools.combinations(range(columns), min(SITES, columns)))


def test_some_columns_are_shown_useless() -> None:
    found = 0
    for seed in SEEDS:
        problem, best = covering(seed)
        proven = bound.subgradient(problem, best, endless())
        found += int(proven.useless(problem, best).sum())
    assert found > 20


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("open_", [(), (2, 5)])
def test_any_multipliers_prove_a_median_bound(seed: int, open_: tuple[int, ...]) -> None:
    problem, best = medians(seed, open_)
    draw = np.random.default_rng(seed)
    for scale in (1.0, 10.0, 30.0):
        random = draw.uniform(-0.2, 1.2, len(problem.rows)) * scale
        assert multipliers.dual(problem, random).bound <= best + 1e-9
    proven, _ = multipliers.improve(problem, np.arange(SITES), endless())
    assert best * 0.93 <= proven.bound <= best + 1e-9


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("open_", [(), (2, 5)])
def test_the_radius_formulation_is_exact(seed: int, open_: tuple[int, ...]) -> None:
    problem, best = medians(seed, open_)
    model, offset = radius_model(problem, np.full(len(problem.rows), 1e6))
    solved = highs.solve(model, endless())
    assert solved.ending == "optimal"
    assert offset + solved.bound == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_whole_runs_on_a_plane(seed: int) -> None:
    metres, weights = points(seed)
    best = min(float((metres[:, chosen].min(axis=1) * weights).sum()) for chosen in SETS)
    median = siting.p_median(metres, weights, sites=SITES)
    assert median.status == "optimal"
    assert median.objective == pytest.approx(best)
    best = min(float(metres[:, chosen].min(axis=1).max()) for chosen in SETS)
    center = siting.p_center(metres, sites=SITES)
    assert (center.status, center.objective) == ("optimal", best)
    fewest = siting.set_cover(metres <= best)
    few = next(n for n in range(SITES + 1) if _covers(metres <= best, n))
    assert (fewest.status, fewest.objective) == ("optimal", few)


def _covers(reach: npt.NDArray[np.bool_], count: int) -> bool:
    sets = itertools.combinations(range(COLUMNS), count)
    return any(reach[:, list(chosen)].any(axis=1).all() for chosen in sets)


def test_the_knapsack_is_the_relaxation_s() -> None:
    draw = np.random.default_rng(0)
    for _ in range(40):
        worth = draw.uniform(-1, 5, 8)
        costs = draw.integers(0, 4, 8).astype(float)
        limit = float(draw.integers(0, 12))
        exact = linprog(-worth, A_ub=costs[None, :], b_ub=[limit], bounds=(0, 1))
        picked = pick(worth, costs, limit)
        assert picked.worth == pytest.approx(-exact.fun)
        assert costs @ picked.share <= limit + 1e-9


def test_merging_rows_is_np_unique() -> None:
    draw = np.random.default_rng(1)
    dense = draw.random((500, 6)) < 0.3
    weights = draw.random(500)
    groups = same_rows(pattern(dense))
    sets, first, of_row = np.unique(dense, axis=0, return_index=True, return_inverse=True)
    assert sorted(groups.first) == sorted(first)
    assert (dense[groups.first[groups.of_row]] == dense).all()
    few, weight = merged(pattern(dense), weights)
    total = np.bincount(of_row, weights)[sets.any(axis=1)]
    assert sorted(weight) == pytest.approx(sorted(total))
    assert few.shape == (len(total), 6)


def test_dominated_columns_and_implied_rows_are_as_defined() -> None:
    draw = np.random.default_rng(2)
    for _ in range(40):
        dense = draw.random((7, 6)) < 0.5
        costs = draw.integers(1, 3, 6).astype(float)
        gone = dominated_columns(pattern(dense), costs)
        for one in range(6):
            better = [
                other
                for other in np.flatnonzero(~gone)
                if (dense[:, other] >= dense[:, one]).all() and costs[other] <= costs[one]
            ]
            empty = not dense[:, one].any()
            assert gone[one] == (empty or better != [one])
        gone = implied_rows(pattern(dense[dense.any(axis=1)]))
        rows = dense[dense.any(axis=1)]
        for one in range(len(rows)):
            inside = [o for o in np.flatnonzero(~gone) if (rows[o] <= rows[one]).all()]
            assert gone[one] == (inside != [one])


@pytest.mark.slow
def test_a_hard_city_comes_near_the_best_known_with_an_honest_bound() -> None:
    reach, weights, sites = bench.city(2_700, 50, 0.01)
    plan = siting.max_cover(reach, weights, sites=sites, time_limit_s=60)
    assert plan.objective >= 97_657 * 0.999
    assert plan.bound >= 97_657
    assert plan.gap <= 0.003
