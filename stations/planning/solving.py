"""Asking the solver, and reading its answer: which packages in which year, and how good that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from stations.cube import bits
from stations.planning.limits import COUNTY

if TYPE_CHECKING:
    from collections.abc import Callable

    from geodata.geodesy import FloatArray, IntArray
    from stations import siting
    from stations.planning.problem import Problem
    from stations.siting import Obstacle, ProgramPlan
    from stations.siting.plan import Status

    type Progress = Callable[[siting.Step], bool | None]


@dataclass(frozen=True)
class Solved:
    """What the solver found; packages by number, years from 0."""

    chosen: tuple[tuple[int, int], ...]
    """(package, year), ascending."""
    objective: float
    """Worker-hours a week gained, added up over the years' ends; or yuan, to cover all. Infinite
    when infeasible."""
    bound: float
    """No plan within the wish is better."""
    gap: float
    """Distance of the two as a share of the objective; of what comes first where the worst county
    does."""
    status: Status
    gained: tuple[float, ...] = ()
    """Worker-hours a week gained at the end of each year."""
    worst: float | None = None
    """The least share of any county, over the years, where that comes first."""
    worst_bound: float | None = None
    blame: Obstacle | None = None

    @property
    def feasible(self) -> bool:
        """Whether there is a plan at all."""
        return self.blame is None


@dataclass(frozen=True, eq=False)
class Change:
    """What a further question about the same problem has otherwise."""

    budgets: tuple[float, ...] | None = None
    costs: FloatArray | None = None
    """Of the packages."""
    must: tuple[int, ...] = ()
    """Packages that must be taken besides."""
    gap: float | None = None
    time_limit_s: float | None = None
    """At most so long, whatever the wish allows."""
    free: bool = False
    """Without any budget."""
    without: tuple[int, ...] = ()
    """Rows that do not count."""
    most: bool = False
    """Gain as much as the money buys, also where the wish is to cover all."""


NO_CHANGE = Change()


def solve(problem: Problem, change: Change = NO_CHANGE, progress: Progress | None = None) -> Solved:
    """Return the best plan found; the same for the same problem unless a time limit cuts in."""
    from stations import siting  # noqa: PLC0415 - the solvers, for who plans

    wish, matrices = problem.wish, _matrices(problem, change)
    budgets = None if change.free else change.budgets or wish.budgets
    rules = problem.rules(budgets)
    asked: dict[str, Any] = {
        "base": matrices.base if matrices.base.shape[1] else None,
        "budgets": budgets,
        "rules": replace(rules, must=(*rules.must, *change.must)),
        "time_limit_s": _least(wish.time_limit_s, change.time_limit_s),
        "gap": wish.gap if change.gap is None else change.gap,
        "progress": progress,
    }
    prices = problem.shelf.costs if change.costs is None else change.costs
    costs = np.append(prices, np.zeros(matrices.reach.shape[1] - len(prices)))
    if wish.cover_all and not change.most:
        plan = siting.min_program(matrices.reach, matrices.weights, costs, **asked)
        return _read(problem, plan, all_=True)
    if (matrices.groups >= 0).any():
        asked |= {"groups": matrices.groups, "objective": "worst_group_first"}
    plan = siting.max_program(matrices.reach, matrices.weights, costs, **asked)
    return _read(problem, plan, all_=False)


def _least(*limits: float | None) -> float | None:
    return min((each for each in limits if each is not None), default=None)


class Matrices(NamedTuple):
    """What the solver is given; never empty."""

    reach: csr_array
    base: csr_array
    weights: FloatArray
    groups: IntArray


def _matrices(problem: Problem, change: Change) -> Matrices:
    """Return the problem's rows; with the worst county first, also what no package changes."""
    reach, base, weights = problem.reach, problem.base, problem.cells.weights.copy()
    weights[list(change.without)] = 0
    groups = np.full(len(weights), -1)
    if problem.wish.objective == "worst_county" and not problem.wish.cover_all:
        groups, rest = _counties(problem)
        kept = np.arange(len(rest)) % 2 == 0
        reach = _padded(reach, len(rest), 0)
        base = _padded(base, len(rest), 1)
        always = (len(weights) + np.flatnonzero(kept), np.full(kept.sum(), base.shape[1] - 1))
        base += csr_array((np.ones(kept.sum(), dtype=np.bool_), always), shape=base.shape)
        weights = np.append(weights, rest)
    short = (int(not reach.shape[0]), int(not reach.shape[1]))
    if any(short):
        reach, base = _padded(reach, *short), _padded(base, short[0], 0)
        weights, groups = (np.append(each, [0] * short[0]) for each in (weights, groups))
    return Matrices(reach, base, weights.astype(np.float64), groups.astype(np.int64))


def _padded(matrix: csr_array, rows: int, columns: int) -> csr_array:
    """Return a matrix with so many empty rows and columns more."""
    found = matrix.tocoo()
    shape = (matrix.shape[0] + rows, matrix.shape[1] + columns)
    return csr_array((found.data, found.coords), shape=shape)


def _counties(problem: Problem) -> tuple[IntArray, FloatArray]:
    """Return the group of every row, and of two more for each group: always and never served.

    A group is a county; one in which nothing can be done for anybody is none. With the rows that
    no package touches the shares are of all who are there.
    """
    demand, cells, packages = problem.demand, problem.cells, len(problem.shelf)
    codes = demand.sites["area_code"].str.slice(0, COUNTY).to_numpy(dtype=object)
    site = demand.ground.site_of[cells.spot]
    reached = np.diff(cells.relation[:, :packages].indptr) > 0
    names = sorted(set(codes[site[reached]]))
    number = {code: place for place, code in enumerate(names)}
    of_site = np.array([number.get(code, -1) for code in codes], dtype=np.int64)
    of_spot = of_site[demand.ground.site_of]
    usable = demand.supply.usable()
    usable[problem.ending] = 0
    always = demand.wanted & demand.served(usable)
    hours = demand.question.hours
    counted = of_spot >= 0
    sums = [
        np.bincount(of_spot[counted], each[counted], len(names))
        for each in (
            (demand.value * bits.unpacked(always, hours)).sum(axis=1),
            demand.value.sum(axis=1),
        )
    ]
    rows = of_site[site]
    touched = np.bincount(rows[rows >= 0], cells.weights[rows >= 0], len(names))
    never = np.maximum(sums[1] - sums[0] - touched, 0)
    rest = np.column_stack((sums[0], never)).ravel()
    return np.concatenate((rows, np.repeat(np.arange(len(names)), 2))), rest


def _read(problem: Problem, plan: ProgramPlan, *, all_: bool) -> Solved:
    """Put the solver's answer into packages; ``all_``: it was to cover all at least cost."""
    from stations.siting.plan import relative_gap  # noqa: PLC0415 - as above

    if plan.blame is not None:
        return Solved((), float("inf"), float("inf"), float("inf"), plan.status, blame=plan.blame)
    years = max(len(plan.served), 1)
    today = _standing(problem) if all_ else plan.standing / years
    standing = 0.0 if all_ else plan.standing
    objective, bound = plan.objective - standing, plan.bound - standing
    gap, fair = relative_gap(objective, bound), problem.wish.objective == "worst_county"
    worst, worst_bound = (plan.worst, plan.worst_bound) if fair else (None, None)
    if worst is not None and worst_bound is not None:
        gap = max(gap, relative_gap(worst, worst_bound))
    return Solved(
        tuple((k, year) for k, year in plan.chosen if k < len(problem.shelf)),
        objective,
        bound,
        gap,
        plan.status,
        tuple(served - today for served in plan.served),
        worst,
        worst_bound,
    )


def _standing(problem: Problem) -> float:
    """Return the worker-hours of a week that stand today, of those a package may change."""
    return float(problem.cells.weights[np.diff(problem.base.indptr) > 0].sum())
