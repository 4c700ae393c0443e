"""How much weight can be covered at most: bounds from multipliers on the rows.

For any multipliers 0 <= u <= w the weight covered is at most
``sum(w - u) + best choice of columns worth A.T @ u`` (Lagrangean relaxation of "a row counts only
if a chosen column covers it"). So whatever finds the multipliers, the bound computed here holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp

from stations.siting import highs
from stations.siting.knapsack import never, pick

if TYPE_CHECKING:
    from stations.siting.clock import Clock
    from stations.siting.cover import Cover
    from stations.siting.knapsack import Picked
    from stations.siting.plan import BoolArray, FloatArray, IntArray

_STEPS = 400
_PATIENCE = 12
_SMALLEST_STEP = 1e-3
_MOMENTUM = 0.6
_SUPPORT = 1e-5


class Dual(NamedTuple):
    """A proven bound, and the multipliers that prove it."""

    bound: float
    multipliers: FloatArray
    worth: FloatArray
    """Of each column under the multipliers."""
    picked: Picked
    support: IntArray
    """Columns the relaxation uses; good ones to search among."""

    def useless(self, problem: Cover, value: float) -> BoolArray:
        """Tell columns that are in no set worth more than ``value``."""
        least = 1.0 if problem.integral else 0.0
        slack = self.bound - value - least + 1e-7 * max(1.0, abs(value))
        return never(self.worth, problem.costs, self.picked, slack)


def dual(problem: Cover, multipliers: FloatArray, support: IntArray | None = None) -> Dual:
    """Return the bound these multipliers prove (0 to the row's weight; others are cut)."""
    u = np.clip(multipliers, 0.0, problem.weights)
    worth = problem.columns @ u
    picked = pick(worth, problem.costs, problem.limit)
    bound = float((problem.weights - u).sum()) + picked.worth
    if support is None:
        support = np.flatnonzero(picked.share)
    return Dual(bound, u, worth, picked, support)


def honest(problem: Cover, bound: float) -> float:
    """Round a bound down where worths are whole numbers, and up by what sums may have lost."""
    slack = 1e-11 * float(problem.weights.sum())
    return float(np.floor(bound + max(slack, 1e-7))) if problem.integral else bound + slack


def subgradient(problem: Cover, value: float, clock: Clock, steps: int = _STEPS) -> Dual:
    """Return good multipliers after some hundred steps down the subgradient.

    Steps are Polyak's towards ``value``, a known worth, deflected (Camerini, Fratta and Maffioli
    1975), and shorter whenever nothing was gained for a while (Held, Wolfe and Crowder 1974).
    """
    best = dual(problem, _first_guess(problem))
    u, last, size, since = best.multipliers, best, 1.0, 0
    way = np.zeros(len(u))
    for step in range(steps):
        if clock.good(value, honest(problem, best.bound)) or (step % 10 == 0 and clock.over()):
            break
        slope = problem.rows @ last.picked.share - 1.0
        slope[((u >= problem.weights) & (slope < 0)) | ((u <= 0) & (slope > 0))] = 0.0
        way = slope + _MOMENTUM * way
        length = float((way * way).sum())
        if length == 0 or size < _SMALLEST_STEP:
            break
        u = np.clip(u - size * (last.bound - value) / length * way, 0.0, problem.weights)
        last = dual(problem, u)
        since = 0 if last.bound < best.bound - 1e-3 * (best.bound - value) else since + 1
        best = last if last.bound < best.bound else best
        if since >= _PATIENCE:
            size, since, last, u = size * 0.6, 0, best, best.multipliers
            way[:] = 0.0
    return best


def relaxed(problem: Cover, seconds: float) -> Dual | None:
    """Return the relaxation's own multipliers (HiGHS, interior point); None: out of time."""
    model = cover_model(problem)
    found = highs.relax(model, seconds)
    if found is None:
        return None
    columns = len(problem.names)
    support = np.flatnonzero(found.values[:columns] > _SUPPORT)
    return dual(problem, found.duals[: len(problem.weights)], support)


def cover_model(problem: Cover) -> highs.Model:
    """Return the problem as a model: columns first, then how much of each row is *not* covered.

    Minimises the weight left uncovered: for each row, uncovered + chosen columns >= 1; one row
    for the limit.
    """
    rows, columns = problem.rows.shape
    scale = 1.0 if (problem.costs == 1).all() else 1e3 / max(problem.limit, 1e-300)
    spent = sp.csr_array(np.concatenate((problem.costs * scale, np.zeros(rows)))[None, :])
    hit = sp.hstack([problem.rows, sp.eye_array(rows, format="csr")], format="csr")
    matrix = sp.csr_array(sp.vstack([hit, spent], format="csr"))
    whole = np.concatenate((np.ones(columns, bool), np.zeros(rows, bool)))
    return highs.Model(
        objective=np.concatenate((np.zeros(columns), problem.weights)),
        rows=matrix,
        lower=np.concatenate((np.ones(rows), [-np.inf])),
        upper=np.concatenate((np.full(rows, np.inf), [problem.limit * scale])),
        whole=whole,
        integral=problem.integral,
    )


def _first_guess(problem: Cover) -> FloatArray:
    """Share a row's weight as if every column were chosen alike often."""
    share = pick(np.ones(len(problem.names)), problem.costs, problem.limit).share.mean()
    times = np.diff(problem.rows.indptr) * share
    guess: FloatArray = problem.weights * np.minimum(1.0, 0.5 / np.maximum(times, 1e-12))
    return guess
