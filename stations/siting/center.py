"""Least worst cost: the farthest row as near as can be (p-center, by thresholds; Minieka 1970).

The answer is one of the costs in the matrix. Whether some set keeps every row within a cost is a
covering problem, so the least cost is found by halving the sorted costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from stations.siting.answer import answer, nothing_found
from stations.siting.blame import blame_limit, blame_unreached
from stations.siting.covering import any_cover, covering, greedy_cover, relaxed_cost
from stations.siting.entry import entry
from stations.siting.inputs import cost_entries, weights_of
from stations.siting.plan import Blame, infeasible
from stations.siting.reduce import only
from stations.siting.serve import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from stations.siting.clock import Clock, Progress
    from stations.siting.covering import Covering
    from stations.siting.inputs import Choice
    from stations.siting.plan import FloatArray, IntArray, Matrix, Plan

_SHARE = 0.25
"""Of the time left, for one level HiGHS is asked about."""


def p_center(
    costs: Matrix,
    weights: npt.ArrayLike | None = None,
    *,
    sites: int | None = None,
    budget: float | None = None,
    site_costs: npt.ArrayLike | None = None,
    open_: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    time_limit_s: float | None = None,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Plan:
    """Choose columns so that the greatest cost of a row to its nearest column is least.

    ``costs``: rows demand, columns candidates; infinite or, in a sparse matrix, not stored: no way.
    With ``weights`` a row counts its cost times its weight, and not at all if that is 0. At most
    ``sites`` columns are added to the open ones, or as many as ``budget`` pays for. ``infeasible``
    and a `Blame` where some row cannot be served. Raises ``UsageError`` for anything else amiss.
    """
    entries = cost_entries(costs)
    weight = weights_of(weights, entries.shape[0])
    may, clock = entry(
        entries.shape[1],
        sites=sites,
        budget=budget,
        site_costs=site_costs,
        open_=open_,
        forbidden=forbidden,
        time_limit_s=time_limit_s,
        gap=gap,
        seed=seed,
        progress=progress,
    )
    counted = np.flatnonzero(weight > 0)
    weighted = entries.copy()
    weighted.data *= np.repeat(weight, np.diff(entries.indptr))
    search = _Search(weighted[counted], may, clock, seed)
    blame = search.hopeless()
    if blame is None and not search.run():
        blame = search.blame()
    if blame is not None:
        rows, alone = (tuple(counted[list(part)].tolist()) for part in (blame.rows, blame.alone))
        return infeasible(Blame(rows, blame.limits, blame.smallest, alone))
    return search.plan(entries)


class _Search:
    """Halves the costs that can be the answer."""

    def __init__(self, costs: sp.csr_array, may: Choice, clock: Clock, seed: int) -> None:
        self.costs, self.may, self.clock, self.seed = costs, may, clock, seed
        self.best: IntArray | None = None
        self.low = 0.0
        """No set keeps every row below this."""
        self._open = _least(costs, may.open)
        self._how = may.limit, clock, seed
        self._levels: FloatArray = np.zeros(0)
        """The costs that can be the answer, ascending."""
        self._low, self._high = 0, 0
        """Levels: proven, and reached by the best set."""

    def hopeless(self) -> Blame | None:
        """Blame rows that nothing which may be used reaches."""
        usable = np.union1d(self.may.open, self.may.free)
        none = np.flatnonzero(~np.isfinite(_least(self.costs, usable)))
        return blame_unreached(self.costs, none, self.may) if len(none) else None

    def run(self) -> bool:
        """Search; return False where no set serves every row at all."""
        if not self.costs.shape[0]:
            self.best = np.zeros(0, np.int64)
            return True
        usable = np.union1d(self.may.open, self.may.free)
        self.low = float(_least(self.costs, usable).max())
        self._levels = self._all_levels()
        first = any_cover(self._within(self._levels[-1]), *self._how)
        if first.chosen is None:
            return first.ending != "infeasible"
        self._found(first.chosen)
        self._relax()
        self._halve()
        return True

    def _relax(self) -> None:
        """Raise the proven level by relaxations, and better the best by greedy covers."""
        low, high = 0, self._high
        while low < high and not self.clock.over():
            middle = (low + high) // 2
            problem = self._within(self._levels[middle])
            greedy = greedy_cover(problem.rows, problem.costs)
            if problem.costs[greedy].sum() <= self.may.limit:
                self._found(problem.names[greedy])
                high = min(high, self._high)
            elif relaxed_cost(problem, self.clock.left()) > self.may.limit:
                low = middle + 1
                self._prove(low)
            else:
                high = middle

    def _halve(self) -> None:
        """Ask HiGHS level by level; one it cannot decide in its share of time is passed over."""
        floor = self._low
        while floor < self._high and not self._done():
            middle = (floor + self._high) // 2
            share = self.clock.left() * _SHARE if self.clock.limited else None
            found = any_cover(self._within(self._levels[middle]), *self._how, share)
            if found.chosen is not None:
                self._found(found.chosen)
                continue
            if found.ending == "infeasible":
                self._prove(middle + 1)
            floor = max(floor, middle + 1)

    def _found(self, chosen: IntArray) -> None:
        worst = int(np.searchsorted(self._levels, self._worst(chosen)))
        if self.best is None or worst < self._high:
            self.best, self._high = chosen, worst

    def _prove(self, level: int) -> None:
        self._low, self.low = level, float(self._levels[level])

    def _done(self) -> bool:
        high = float(self._levels[self._high])
        return not self.clock.tell(high, self.low) or self.clock.good(high, self.low)

    def blame(self) -> Blame:
        """Blame the rows that cannot be served together at any cost."""
        left = np.flatnonzero(~np.isfinite(self._open))
        part = only(self.costs, rows=left, columns=self.may.free)
        problem = covering(part, self.may.costs[self.may.free], self.may.free)
        found = blame_limit(problem, self.may.limit, self.may.name, self.clock, self.seed)
        return Blame(tuple(left[list(found.rows)].tolist()), found.limits, found.smallest)

    def plan(self, entries: sp.csr_array) -> Plan:
        """Return what was found; without any set in time, an infinite objective."""
        if self.best is None:
            return nothing_found(self.low, self.clock)
        objective = self._worst(self.best)
        return answer(
            self.may,
            self.best,
            objective=objective,
            bound=min(self.low, objective),
            clock=self.clock,
            assignment=nearest(entries, np.union1d(self.may.open, self.best)).server,
        )

    def _all_levels(self) -> FloatArray:
        part = self.costs[:, np.union1d(self.may.open, self.may.free)]
        return np.unique(np.append(part.data[part.data >= self.low], self.low))

    def _worst(self, added: IntArray) -> float:
        chosen = np.union1d(self.may.open, added)
        return float(_least(self.costs, chosen).max(initial=0.0))

    def _within(self, cost: float) -> Covering:
        """Return the question whether some set keeps every row within the cost."""
        left = np.flatnonzero(self._open > cost)
        part = self.costs[left][:, self.may.free]
        near = part.data <= cost
        pointer = np.concatenate(([0], np.cumsum(near)))[part.indptr]
        ones = np.ones(int(near.sum()))
        rows = sp.csr_array((ones, part.indices[near], pointer), shape=part.shape)
        rows.sort_indices()
        return covering(rows, self.may.costs[self.may.free], self.may.free)


def _least(costs: sp.csr_array, columns: IntArray) -> FloatArray:
    """Return each row's least cost to any of the columns; infinite where there is no way."""
    part = costs[:, columns]
    least = np.full(part.shape[0], np.inf)
    filled = np.diff(part.indptr) > 0
    if filled.any():
        least[filled] = np.minimum.reduceat(part.data, part.indptr[:-1][filled])
    return least
