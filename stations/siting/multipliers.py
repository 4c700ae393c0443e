"""How little the rows can cost in all: a bound from one multiplier for each row.

For any multipliers u (not above a row's fallback) the total is at least ``sum(u)`` less the best
choice of columns worth ``sum(max(0, u - cost))`` each: the Lagrangean relaxation of "each row is
served by one column".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stations.siting.interchange import descend
from stations.siting.knapsack import pick

if TYPE_CHECKING:
    from stations.siting.clock import Clock
    from stations.siting.interchange import Ways
    from stations.siting.knapsack import Picked
    from stations.siting.plan import FloatArray, IntArray

_STEPS = 1200
_PATIENCE = 20
_SMALLEST_STEP = 1e-3
_MOMENTUM = 0.3
_TRY_EVERY = 25
_MOST_TRIES = 12


class Dual(NamedTuple):
    """A proven bound and what proves it."""

    bound: float
    multipliers: FloatArray
    worth: FloatArray
    picked: Picked
    slope: FloatArray
    """How the bound changes with each multiplier."""


def dual(problem: Ways, multipliers: FloatArray) -> Dual:
    """Return the bound these multipliers prove; they are cut to 0 and the fallback."""
    u = np.clip(multipliers, 0.0, problem.fallback)
    spare = u[problem.row] - problem.cost
    inside = np.flatnonzero(spare > 0)
    column = problem.column[inside]
    worth = np.bincount(column, spare[inside], len(problem.names))
    picked = pick(worth, problem.costs, problem.limit)
    served = np.bincount(problem.row[inside], picked.share[column], len(u))
    slope = 1.0 - served
    slope[((u >= problem.fallback) & (slope > 0)) | ((u <= 0) & (slope < 0))] = 0.0
    return Dual(float(u.sum()) - picked.worth, u, worth, picked, slope)


def improve(problem: Ways, chosen: IntArray, clock: Clock) -> tuple[Dual, IntArray]:
    """Climb to a good bound, trying the relaxation's choices as plans on the way."""
    value, tried, tries = problem.value(chosen), {tuple(chosen.tolist())}, 0
    best = last = dual(problem, _first_guess(problem, chosen))
    size, since = 1.0, 0
    way = np.zeros(len(best.multipliers))
    for step in range(_STEPS):
        if clock.good(value, best.bound) or size < _SMALLEST_STEP:
            break
        if problem.integral and value - best.bound < 1 - 1e-6:
            break
        if step % 10 == 0 and clock.over():
            break
        if step % _TRY_EVERY == 0 and tries < _MOST_TRIES:
            found = np.flatnonzero(best.picked.share >= 1)
            if tuple(found.tolist()) not in tried:
                tried.add(tuple(found.tolist()))
                tries += 1
                found = descend(problem, found, clock)
                if problem.value(found) < value:
                    value, chosen = problem.value(found), found
        way = last.slope + _MOMENTUM * way
        length = float((way * way).sum())
        if length == 0:
            break
        last = dual(problem, last.multipliers + size * (value - last.bound) / length * way)
        since = 0 if last.bound > best.bound + 1e-4 * (value - best.bound) else since + 1
        best = last if last.bound > best.bound else best
        if since >= _PATIENCE:
            size, since, last = size * 0.6, 0, best
            way[:] = 0.0
    return best, chosen


def _first_guess(problem: Ways, chosen: IntArray) -> FloatArray:
    """Between the nearest chosen column and the second."""
    first = np.where(np.isfinite(problem.fallback), problem.fallback, np.inf)
    second = first.copy()
    for column in chosen.tolist():
        inside = slice(*np.searchsorted(problem.column, (column, column + 1)))
        row, cost = problem.row[inside], problem.cost[inside]
        nearer = cost < first[row]
        second[row] = np.where(nearer, first[row], np.minimum(second[row], cost))
        first[row] = np.where(nearer, cost, first[row])
    second = np.where(np.isfinite(second), second, first)
    return (first + second) / 2
