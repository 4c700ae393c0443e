"""Least total cost to the nearest column (p-median; Hakimi 1964), with proof.

1. greedy and swaps; 2. a bound by subgradient on multipliers of the rows (Cornuejols, Fisher and
Nemhauser 1977), its choices tried as plans too; 3. columns, and ways longer than a better plan can
have, are dropped; 4. HiGHS on the radius formulation of what is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stations.siting import highs
from stations.siting.answer import answer, nothing_found
from stations.siting.blame import blame_limit, blame_unreached
from stations.siting.covering import any_cover, covering
from stations.siting.entry import entry
from stations.siting.inputs import cost_entries, weights_of
from stations.siting.interchange import Ways, start, ways
from stations.siting.knapsack import never
from stations.siting.multipliers import improve
from stations.siting.plan import Blame, infeasible
from stations.siting.radius import radius_model
from stations.siting.reduce import only
from stations.siting.serve import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import scipy.sparse as sp

    from stations.siting.clock import Clock, Progress
    from stations.siting.inputs import Choice
    from stations.siting.multipliers import Dual
    from stations.siting.plan import FloatArray, IntArray, Matrix, Plan

_MOST_ENTRIES = 2_000_000
"""Under a time limit HiGHS is not asked to start on more entries than this: it would not end."""


def p_median(
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
    """Choose columns so that the rows' weighted costs to their nearest columns add up to least.

    ``costs``: rows demand, columns candidates; infinite or, in a sparse matrix, not stored: no way.
    Rows of weight 0 do not count. At most ``sites`` columns are added to the open ones, or as many
    as ``budget`` pays for. ``infeasible`` and a `Blame` where some row cannot be served. Raises
    ``UsageError`` for anything else amiss.
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
    blame = _hopeless(entries, counted, may)
    if blame is not None:
        return infeasible(blame)
    problem = ways(entries[counted], weight[counted], may)
    run = _Minimiser(problem, clock, seed)
    blame = run.run()
    if blame is not None:
        rows = tuple(counted[list(blame.rows)].tolist())
        return infeasible(Blame(rows, (may.name,), blame.smallest))
    return _plan(entries, weight, may, run)


class _Minimiser:
    def __init__(self, problem: Ways, clock: Clock, seed: int) -> None:
        self.problem, self.clock, self.seed = problem, clock, seed
        self.chosen: IntArray | None = None
        """Names."""
        self.value = np.inf
        self.bound = 0.0

    def run(self) -> Blame | None:
        """Search; return whom to blame where not every row can be served."""
        problem = self.problem
        if not len(problem.rows) or not len(problem.names):
            self._note(np.zeros(0, np.int64))
            self.bound = self.value
            return None
        first = start(problem, self.clock)
        self._note(first)
        if not np.isfinite(self.value):
            blame, first = self._serve_all()
            if blame is not None or self.chosen is None:
                return blame
        dual, best = improve(problem, first, self.clock)
        self._note(best)
        self._prove(dual.bound)
        if not self.clock.good(self.value, self.bound) and self._tell():
            self._finish(dual)
        return None

    def _serve_all(self) -> tuple[Blame | None, IntArray]:
        """Find any set that serves every row, by covering."""
        problem, none = self.problem, np.zeros(0, np.int64)
        left = np.flatnonzero(~np.isfinite(problem.fallback))
        part = only(problem.matrix(), rows=left)
        small = covering(part, problem.costs, np.arange(len(problem.names)))
        found = any_cover(small, problem.limit, self.clock, self.seed)
        if found.chosen is not None:
            chosen = start(problem, self.clock, found.chosen)
            self._note(chosen)
            return None, chosen
        if found.ending != "infeasible":
            return None, none
        blame = blame_limit(small, problem.limit, "", self.clock, self.seed)
        return Blame(tuple(left[list(blame.rows)].tolist()), (), blame.smallest), none

    def _finish(self, dual: Dual) -> None:
        """Drop what no better plan uses, and solve the rest."""
        problem = self.problem
        slack = self.value - dual.bound - (1.0 if problem.integral else 0.0)
        slack += 1e-7 * max(1.0, self.value)
        useless = never(dual.worth, problem.costs, dual.picked, slack)
        farthest = dual.multipliers + slack
        small = problem.reduced(~useless, farthest)
        alone = np.bincount(small.row, minlength=len(small.rows)) == 0
        if (small.fallback[alone] > farthest[alone]).any():
            self._prove(self.value)
            return
        if self.clock.limited and len(small.cost) > _MOST_ENTRIES:
            return
        model, offset = radius_model(small, farthest)
        solved = highs.solve(
            model,
            self.clock,
            seed=self.seed,
            apart=self.clock.gap * self.value,
            told=highs.Told(offset),
        )
        if solved.values is not None:
            chosen = np.flatnonzero(solved.values[: len(small.names)] > 0.5)  # noqa: PLR2004
            if small.costs[chosen].sum() <= small.limit:
                self._note(np.flatnonzero(np.isin(problem.names, small.names[chosen])))
        if solved.ending == "infeasible":
            self._prove(self.value)
        elif np.isfinite(solved.bound):
            self._prove(min(offset + solved.bound, self.value))

    def _note(self, places: IntArray) -> None:
        value = self.problem.value(places)
        if value < self.value:
            self.value, self.chosen = value, self.problem.names[places]

    def _prove(self, bound: float) -> None:
        slack = 1e-7 * max(1.0, abs(bound) * 1e-4)
        rounded = float(np.ceil(bound - slack)) if self.problem.integral else bound
        self.bound = max(self.bound, rounded)
        if self.value - self.bound <= highs.ACCURACY * self.value * 1e-1:
            self.bound = self.value

    def _tell(self) -> bool:
        return self.clock.tell(self.value, self.bound)


def _hopeless(entries: sp.csr_array, counted: IntArray, may: Choice) -> Blame | None:
    usable = np.union1d(may.open, may.free)
    none = np.diff(entries[:, usable].indptr)[counted] == 0
    return blame_unreached(entries, counted[none], may) if none.any() else None


def _plan(entries: sp.csr_array, weight: FloatArray, may: Choice, run: _Minimiser) -> Plan:
    clock = run.clock
    if run.chosen is None:
        return nothing_found(run.bound, clock)
    service = nearest(entries, np.union1d(may.open, run.chosen))
    objective = float((weight * service.cost).sum())
    return answer(
        may,
        run.chosen,
        objective=objective,
        bound=min(run.bound, objective),
        clock=clock,
        assignment=service.server,
    )
