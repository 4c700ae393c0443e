"""Every row covered at least cost (set covering; Toregas and others 1971), or proof of why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from stations.siting import highs
from stations.siting.plan import TOLERANCE
from stations.siting.reduce import dominated_columns, implied_rows, only, same_rows

if TYPE_CHECKING:
    import scipy.sparse as sp

    from stations.siting.clock import Clock
    from stations.siting.plan import BoolArray, FloatArray, IntArray


class Covering(NamedTuple):
    """A covering problem made small: every row must be hit."""

    rows: sp.csr_array
    costs: FloatArray
    names: IntArray
    """The caller's column numbers, ascending."""
    origin: IntArray
    """For each row the lowest of the caller's rows it stands for."""


class Covered(NamedTuple):
    """What came out: a set of column numbers, or none, and the least cost there can be."""

    chosen: IntArray | None
    bound: float
    ending: Literal["optimal", "infeasible", "limit"]


def covering(rows: sp.csr_array, costs: FloatArray, names: IntArray) -> Covering:
    """Merge alike rows, drop implied rows and dominated columns, until nothing changes."""
    origin = same_rows(rows).first
    few = only(rows, rows=np.sort(origin))
    origin = np.sort(origin)
    while True:
        before = few.shape
        keep = np.flatnonzero(~implied_rows(few))
        few, origin = only(few, rows=keep), origin[keep]
        columns = np.flatnonzero(~dominated_columns(few, costs))
        few, costs, names = only(few, columns=columns), costs[columns], names[columns]
        if few.shape == before:
            return Covering(few, costs, names, origin)


def least_cover(problem: Covering, limit: float, clock: Clock, seed: int) -> Covered:
    """Cover every row at least cost; ``infeasible``: not within ``limit``.

    Every row must have a column.
    """
    if not problem.rows.shape[0]:
        return Covered(np.zeros(0, np.int64), 0.0, "optimal")
    start, model = greedy_cover(problem.rows, problem.costs), _model(problem)
    apart = clock.gap * float(problem.costs[start].sum())
    inside = _inside(problem, start)
    solved = highs.solve(model, clock, start=inside, seed=seed, apart=apart, told=highs.Told())
    chosen = _best(problem, start, solved)
    if problem.costs[chosen].sum() <= limit:
        return Covered(problem.names[chosen], solved.bound, solved.ending)
    if solved.ending == "optimal" or solved.bound > limit:
        return Covered(None, solved.bound, "infeasible")
    return Covered(None, solved.bound, "limit")


def any_cover(
    problem: Covering, limit: float, clock: Clock, seed: int, seconds: float | None = None
) -> Covered:
    """Cover every row within ``limit``, at whatever cost; ``infeasible``: it cannot be done."""
    if not problem.rows.shape[0]:
        return Covered(np.zeros(0, np.int64), 0.0, "optimal")
    start, model = greedy_cover(problem.rows, problem.costs), _model(problem)
    if problem.costs[start].sum() <= limit:
        return Covered(problem.names[start], 0.0, "optimal")
    inside = _inside(problem, start)
    target = limit + (0.5 if model.integral else 0.0)
    solved = highs.solve(model, clock, start=inside, seed=seed, seconds=seconds, target=target)
    chosen = _best(problem, start, solved)
    if problem.costs[chosen].sum() <= limit:
        return Covered(problem.names[chosen], 0.0, "optimal")
    beyond = solved.ending == "optimal" or solved.bound > target
    return Covered(None, 0.0, "infeasible" if beyond else "limit")


def relaxed_cost(problem: Covering, seconds: float) -> float:
    """Return a cost no cover is below: the relaxation's, proven by its multipliers alone."""
    if not problem.rows.shape[0]:
        return 0.0
    model = _model(problem)
    found = highs.relax(model, seconds)
    if found is None:
        return 0.0
    multipliers = np.maximum(found.duals, 0.0)
    over = problem.costs - problem.rows.T @ multipliers
    bound = float(multipliers.sum() + np.minimum(over, 0.0).sum())
    return float(np.ceil(bound - highs.ACCURACY)) if model.integral else bound * (1 - TOLERANCE)


def _model(problem: Covering) -> highs.Model:
    rows, columns = problem.rows.shape
    integral = bool((problem.costs == np.round(problem.costs)).all())
    lower, upper = np.ones(rows), np.full(rows, np.inf)
    return highs.Model(problem.costs, problem.rows, lower, upper, np.ones(columns, bool), integral)


def _inside(problem: Covering, chosen: IntArray) -> FloatArray:
    inside = np.zeros(len(problem.costs))
    inside[chosen] = 1.0
    return inside


def _best(problem: Covering, start: IntArray, solved: highs.Solved) -> IntArray:
    if solved.values is None:
        return start
    found = np.flatnonzero(solved.values > 0.5)  # noqa: PLR2004  # 0 or 1
    better = problem.costs[found].sum() <= problem.costs[start].sum()
    return found if better else start


def greedy_cover(rows: sp.csr_array, costs: FloatArray) -> IntArray:
    """Cover every row, by most rows per cost (Chvatal 1979), then drop what is not needed."""
    columns = rows.T.tocsr()
    left = np.ones(rows.shape[0], bool)
    chosen: list[int] = []
    gain = columns @ np.ones(rows.shape[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        while left.any():
            best = int(np.argmax(np.where(gain > 0, gain / costs, -1.0)))
            chosen.append(best)
            hit = columns.indices[columns.indptr[best] : columns.indptr[best + 1]]
            new = hit[left[hit]]
            left[new] = False
            gain -= np.bincount(rows[new].indices, minlength=rows.shape[1])
    return np.sort(_without_spare(columns, chosen, costs))


def _without_spare(columns: sp.csr_array, chosen: list[int], costs: FloatArray) -> IntArray:
    times: IntArray = np.zeros(columns.shape[1], np.int64)
    hits = {c: columns.indices[columns.indptr[c] : columns.indptr[c + 1]] for c in chosen}
    for hit in hits.values():
        times[hit] += 1
    kept = []
    for column in sorted(chosen, key=lambda c: (-costs[c], -c)):
        if (times[hits[column]] > 1).all():
            times[hits[column]] -= 1
        else:
            kept.append(column)
    return np.array(kept, np.int64)


def unreached(rows: sp.csr_array) -> BoolArray:
    """Tell rows without any column."""
    none: BoolArray = np.diff(rows.indptr) == 0
    return none
