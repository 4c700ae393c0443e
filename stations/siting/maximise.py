"""Most weight covered, with proof: bounds and search in turn, then HiGHS on what is left.

1. greedy and swaps; 2. a bound by subgradient, which often ends it; 3. columns that cannot matter
are dropped, rows merged again; 4. the relaxation by interior point, columns dropped again; 5.
rounds of annealing among the columns the relaxation uses, and HiGHS on the union of what they
found; 6. HiGHS on all that is left, from the best found.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from stations.siting import bound as bounds
from stations.siting import highs
from stations.siting.cover import anneal, restricted, start

if TYPE_CHECKING:
    from stations.siting.bound import Dual
    from stations.siting.clock import Clock
    from stations.siting.cover import Cover
    from stations.siting.plan import IntArray

_LP_ENTRIES = 2_000_000
"""Interior point beyond this many entries takes minutes."""
_FEW_COLUMNS = 150
"""With no more columns than this HiGHS is asked at once."""
_WALKS = 8
_SWEEPS = 250
_POOL = 10
_UNION_S = 15.0
_LONGER = 1.5
"""Walks grow by this after a round without gain."""
_IDLE_ROUNDS = 2
"""The search ends after so many rounds without gain, where the rest will do for HiGHS."""
_SEARCH_SHARE = 0.7
"""Of a time limit; all of it where the rest would not do for HiGHS."""
_SHRUNK = 0.7
"""Where more than this share of the columns is left, HiGHS's cuts do not raise the bound."""
_FINISH_RELAXATIONS = 12
"""HiGHS needs the time of about so many relaxations before it betters anything."""


class Maximiser:
    """One run: the best set so far, the bound so far, and the problem as small as it is so far."""

    def __init__(self, problem: Cover, clock: Clock, seed: int) -> None:
        self.problem, self.clock, self.seed = problem, clock, seed
        self.offset = 0.0
        """Weight covered in any case, for the callback."""
        self.value = 0.0
        self.chosen: IntArray = np.zeros(0, np.int64)
        """Names of the columns chosen."""
        self.bound = float(problem.weights.sum())
        self._pool: dict[tuple[int, ...], float] = {}
        self._support: IntArray = np.zeros(0, np.int64)
        self._proof: tuple[Cover, Dual] | None = None
        self._relaxation_s = 0.0
        self._columns = len(problem.names)

    def run(self) -> None:
        """Go through the steps until the gap is as wished or the clock says stop."""
        if not len(self.problem.names):
            self.bound = 0.0
            return
        for step in (self._begin, self._step_down, self._relax, self._search, self._finish):
            step()
            if self.clock.good(self.value, self.bound) or not self._tell():
                return

    def _begin(self) -> None:
        problem = self.problem
        self._found(problem, start(problem))
        if (problem.costs == 1).all():
            self._prove(self.value / (1 - np.exp(-1)))

    def _step_down(self) -> None:
        self._use(bounds.subgradient(self.problem, self.value, self.clock))

    def _relax(self) -> None:
        problem = self.problem
        if len(problem.names) <= _FEW_COLUMNS:
            return
        begin, self._relaxation_s = self.clock.seconds, np.inf
        if problem.rows.nnz > _LP_ENTRIES:
            return
        found = bounds.relaxed(problem, self.clock.left(_SEARCH_SHARE))
        if found is not None:
            self._relaxation_s = self.clock.seconds - begin
            self._use(found)

    def _search(self) -> None:
        idle, sweeps = 0, float(_SWEEPS)
        for round_ in itertools.count():
            if len(self.problem.names) <= _FEW_COLUMNS or self._done():
                return
            before = self.value
            self._walk(round_, int(sweeps))
            self._join()
            self._shrink()
            if self.value == before:
                idle, sweeps = idle + 1, sweeps * _LONGER
            if idle >= _IDLE_ROUNDS and self._hopeful():
                return

    def _finish(self) -> None:
        problem = self.problem
        if not self._hopeful():
            return
        ending = self._solve(problem, self.clock.left(), whole=True)
        if np.isfinite(ending.bound):
            bound = max(float(problem.weights.sum()) - ending.bound, self.value)
            near = bound - self.value <= highs.ACCURACY * self.value
            self._prove(self.value if near and ending.ending == "optimal" else bound)

    def _walk(self, round_: int, sweeps: int) -> None:
        """Anneal some times among the columns the relaxation uses and those of the pool."""
        keep = np.concatenate((self._support, self.chosen, *map(np.array, self._pool)))
        kernel = restricted(self.problem, self.problem.places(keep))
        for walk in range(_WALKS):
            if self._done():
                return
            draw = np.random.default_rng((self.seed, round_, walk))
            begin = kernel.places(self.chosen)
            before = self.value
            self._found(kernel, anneal(kernel, begin, sweeps, draw, self.clock))
            self._tell()
            if self.value > before:
                self._shrink()
            if len(self.problem.names) <= _FEW_COLUMNS:
                return

    def _join(self) -> None:
        """Ask HiGHS for the best set among all columns of the best sets found."""
        if self._done():
            return
        best = sorted(self._pool, key=lambda names: (-self._pool[names], names))[:_POOL]
        self._pool = {names: self._pool[names] for names in best}
        union = np.unique(np.concatenate([np.array(names) for names in best]))
        part = restricted(self.problem, self.problem.places(union))
        self._solve(part, min(_UNION_S, self.clock.left(self._share)), whole=False)

    def _solve(self, problem: Cover, seconds: float, *, whole: bool) -> highs.Solved:
        model = bounds.cover_model(problem)
        columns = len(problem.names)
        inside = np.zeros(columns)
        inside[problem.places(self.chosen)] = 1.0
        first = np.concatenate((inside, problem.rows @ inside == 0))
        total = self.offset + float(problem.weights.sum())
        solved = highs.solve(
            model,
            self.clock,
            start=first,
            seconds=seconds,
            seed=self.seed,
            apart=self.clock.gap * self.value,
            told=highs.Told(total, -1.0) if whole else None,
        )
        if solved.values is not None:
            chosen = np.flatnonzero(solved.values[:columns] > 0.5)  # noqa: PLR2004  # 0 or 1
            if problem.costs[chosen].sum() <= problem.limit:
                self._found(problem, chosen)
        return solved

    def _found(self, problem: Cover, places: IntArray) -> None:
        """Take note of a set; the worth is measured on the problem as a whole."""
        names = problem.names[places]
        whole = self.problem
        worth = whole.worth(whole.places(names))
        self._pool[tuple(names.tolist())] = worth
        if worth > self.value:
            self.value, self.chosen = worth, names

    def _prove(self, bound: float) -> None:
        self.bound = min(self.bound, bounds.honest(self.problem, bound))

    def _use(self, found: Dual) -> None:
        """Take note of a bound and of the columns its relaxation uses."""
        self._prove(found.bound)
        self._support = self.problem.names[found.support]
        self._proof = self.problem, found
        self._shrink()

    def _shrink(self) -> None:
        """Drop the columns that, by the last bound, are in no set better than the best found."""
        if self._proof is None:
            return
        proven, found = self._proof
        useless = np.setdiff1d(proven.names[found.useless(proven, self.value)], self.chosen)
        keep = ~np.isin(self.problem.names, useless)
        if not keep.all():
            self.problem = restricted(self.problem, np.flatnonzero(keep))

    def _hopeful(self) -> bool:
        """Whether HiGHS can be expected to better anything on the whole in the time kept for it."""
        if not self.clock.limited or len(self.problem.names) <= _FEW_COLUMNS:
            return True
        if len(self.problem.names) > _SHRUNK * self._columns:
            return False
        needed = _FINISH_RELAXATIONS * self._relaxation_s
        return self.clock.left() - self.clock.left(_SEARCH_SHARE) >= needed

    @property
    def _share(self) -> float:
        return _SEARCH_SHARE if self._hopeful() else 1.0

    def _done(self) -> bool:
        return self.clock.over(self._share) or self.clock.good(self.value, self.bound)

    def _tell(self) -> bool:
        return self.clock.tell(self.offset + self.value, self.offset + self.bound)
