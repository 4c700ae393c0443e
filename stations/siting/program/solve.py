"""The three questions about a program, each told to HiGHS as one model or two."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from stations.siting import highs
from stations.siting.program.greedy import greedy
from stations.siting.program.model import Expanded
from stations.siting.program.price import priced
from stations.siting.program.run import Run
from stations.siting.program.score import keeps, score
from stations.siting.program.task import narrowed

if TYPE_CHECKING:
    from stations.siting.clock import Clock
    from stations.siting.plan import FloatArray, IntArray
    from stations.siting.program.task import Asked, Task

SLACK = 1e-9
"""How much less the worst group may be served in the second step than in the first."""
_LARGE = 500_000
"""From so many entries times years on programs are bounded part by part first."""
_LOOSE, _CLOSE = 0.1, 0.1
"""Of the gap wished, what the parts' own models may leave open together, and the program's."""
_KERNEL = 0.9
"""Of a time limit, for the bound and the program found with it."""
_FIRST = 0.5
"""Of a time limit, for the first step."""


@dataclass(frozen=True)
class Found:
    """What came out."""

    when: IntArray | None
    """The year of each of the caller's columns; None: nothing."""
    bound: float
    ending: highs.Ending
    worst_bound: float = math.inf
    """No program serves the worst group better."""


class Question:
    """A wish, its task made small, and how long there is."""

    def __init__(self, asked: Asked, task: Task, clock: Clock, seed: int) -> None:
        self.asked, self.task, self.clock, self.seed = asked, task, clock, seed
        self._whole = float(asked.weights.sum() * asked.value.sum())
        """The worth of covering everything in every year."""
        self._standing = score(asked, np.full(asked.reach.shape[1], asked.years)).total

    def most(self) -> Found:
        """Cover as much weight as can be."""
        when = self._greedy()
        early = self._by_parts(when) if self._large() else None
        if early is None or early.when is None:
            return self._most(self._missing(), when)
        worth = score(self.asked, early.when).total
        if self.clock.good(worth - self._standing, early.bound - self._standing):
            return early
        found = self._most(self._missing(), early.when[self.task.names])
        return replace(found, bound=min(found.bound, early.bound))

    def _large(self) -> bool:
        """Whether interior point takes long on the model as a whole."""
        entries: int = self.task.rows.nnz
        return entries * self.task.years > _LARGE

    def _by_parts(self, when: IntArray | None) -> Found | None:
        """Bound part by part, and find a program among the columns the parts choose."""
        task = self.task
        whole = float(task.weights.sum() * task.value.sum())
        gain = self._whole - self._standing
        found = priced(task, _LOOSE * self.clock.gap * gain, self.clock, self.seed)
        if found is None:
            return None
        taken = np.zeros(0, np.int64) if when is None else np.flatnonzero(when < task.years)
        must = np.array(task.rules.must, np.int64)
        keep = np.unique(np.concatenate((found.used, taken, must)))
        part = Question(self.asked, narrowed(task, keep), self.clock, self.seed)
        best = part._most(
            part._missing(),
            None if when is None else when[keep],
            gap=_CLOSE * self.clock.gap,
            until=_KERNEL,
        )
        return Found(best.when, found.bound + self._whole - whole, "limit")

    def fairest(self) -> Found:
        """Serve the worst group as well as can be, then cover as much weight as can be."""
        model = self._missing()
        share = self._share(model)
        goal = np.zeros(model.build.variables)
        goal[share] = -1.0
        first = self._run(model, goal, self._greedy(), highs.Told(0.0, -1.0), until=_FIRST)
        when = self._when(model, first)
        if when is None:
            return Found(None, math.inf, first.ending)
        worst = score(self.asked, when).worst
        model = self._missing()
        share = self._share(model)
        model.build.add((_ONE, share), lower=worst - SLACK)
        second = self._most(model, when[self.task.names])
        bound = max(-first.bound, worst)
        if second.when is None:
            return Found(when, self._whole, "limit", bound)
        return Found(second.when, second.bound, second.ending, bound)

    def cheapest(self) -> Found:
        """Cover every row of the task at the end of the last year at least cost."""
        model = Expanded(self.task)
        model.cover(self.task.years - 1, all_of_them=True)
        goal = np.zeros(model.build.variables)
        goal[model.taken[-1]] = self.task.costs
        run = self._run(model, goal, None, highs.Told())
        return Found(self._when(model, run), run.bound, run.ending)

    def _most(
        self,
        model: Expanded,
        when: IntArray | None,
        *,
        gap: float | None = None,
        until: float = 1.0,
    ) -> Found:
        goal = np.zeros(model.build.variables)
        for value, missed in zip(self.task.value, model.missed, strict=True):
            goal[missed] = value * self.task.weights
        start = None if when is None else model.values(when)
        run = Run(
            model.build.model(goal, model.whole()),
            self.clock,
            highs.Told(self._whole, -1.0),
            seed=self.seed,
            start=start,
            standing=self._standing,
            gap=gap,
            until=until,
        )
        run.go()
        return Found(self._when(model, run), self._whole - run.bound, run.ending)

    def _run(
        self,
        model: Expanded,
        goal: FloatArray,
        when: IntArray | None,
        told: highs.Told,
        *,
        until: float = 1.0,
    ) -> Run:
        start = None if when is None else model.values(when)
        made = model.build.model(goal, model.whole())
        run = Run(made, self.clock, told, seed=self.seed, start=start, until=until)
        run.go()
        return run

    def _missing(self) -> Expanded:
        model = Expanded(self.task)
        for year in range(self.task.years):
            model.cover(year)
        return model

    def _share(self, model: Expanded) -> IntArray:
        """Add that no group is served less than a new variable's share; return the variable."""
        asked, task = self.asked, self.task
        members = asked.groups >= 0
        weight = np.bincount(asked.groups[members], asked.weights[members]) * asked.value.sum()
        share = model.build.new(1)
        for group in np.flatnonzero(weight > 0).tolist():
            mine = np.flatnonzero(task.groups == group)
            part = task.weights[mine] / weight[group]
            blocks = [
                (sp.csr_array(part[None, :] * value), missed[mine])
                for value, missed in zip(task.value, model.missed, strict=True)
            ]
            model.build.add(*blocks, (_ONE, share), upper=1.0)
        return share

    def _greedy(self) -> IntArray | None:
        """Return a start, if it has all that must be taken."""
        found = greedy(self.task)
        return found if keeps(self.asked, self._all(found)) else None

    def _when(self, model: Expanded, run: Run) -> IntArray | None:
        if run.values is None:
            return None
        taken = [run.values[variables] for variables in model.taken]
        years = np.full(len(self.task.names), self.task.years)
        return self._all(years - np.round(sum(taken)).astype(np.int64))

    def _all(self, when: IntArray) -> IntArray:
        """Return the years of all of the caller's columns."""
        every: IntArray = np.full(self.asked.reach.shape[1], self.task.years)
        every[self.task.names] = when
        return every


_ONE = sp.csr_array(np.ones((1, 1)))
