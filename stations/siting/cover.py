"""Most weight covered within a limit: the problem, and the search for good answers.

The search is a greedy start, swaps to a local best, then annealing: a random chosen column gives
way to another, drawn by what the swap would bring (heat bath), ever colder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stations.siting.reduce import dominated_columns, merged, only

if TYPE_CHECKING:
    import scipy.sparse as sp

    from stations.siting.clock import Clock
    from stations.siting.plan import FloatArray, IntArray

HOT, COLD = 0.07, 0.004
"""Annealing's first and last temperature, as a share of the mean worth of a chosen column."""
_FAR = 15.0
"""A swap this many temperatures below the best one has a chance of exp(-15)."""


class Cover(NamedTuple):
    """Choose columns within the limit so that the rows they cover weigh most."""

    rows: sp.csr_array
    """Canonical, ones (float64)."""
    columns: sp.csr_array
    """The same, transposed."""
    weights: FloatArray
    costs: FloatArray
    limit: float
    names: IntArray
    """The caller's column numbers, ascending."""

    @property
    def integral(self) -> bool:
        """Whether every weight, so every worth, is a whole number."""
        return bool((self.weights == np.round(self.weights)).all())

    def worth(self, chosen: IntArray) -> float:
        """Return the weight these columns (places, not names) cover."""
        hit = np.zeros(self.rows.shape[1])
        hit[chosen] = 1.0
        return float(self.weights[self.rows @ hit > 0].sum())

    def places(self, names: IntArray) -> IntArray:
        """Return where these names are; names that are not here are left out."""
        return np.flatnonzero(np.isin(self.names, names))


def cover(
    rows: sp.csr_array, weights: FloatArray, costs: FloatArray, limit: float, names: IntArray
) -> Cover:
    """Merge alike rows, drop dominated columns, and merge again what that made alike."""
    few, weight = merged(rows, weights)
    useless = dominated_columns(few, costs)
    if useless.any():
        keep = np.flatnonzero(~useless)
        few, weight = merged(only(few, columns=keep), weight)
        costs, names = costs[keep], names[keep]
    return Cover(few, few.T.tocsr(), weight, costs, limit, names)


def restricted(problem: Cover, keep: IntArray) -> Cover:
    """Return the problem with some of its columns only."""
    rows = only(problem.rows, columns=keep)
    names = problem.names[keep]
    return cover(rows, problem.weights, problem.costs[keep], problem.limit, names)


class Trial:
    """A set of columns that can change, with what each change would bring kept up to date."""

    def __init__(self, problem: Cover, chosen: IntArray) -> None:
        self.problem = problem
        self.chosen: list[int] = []
        self.inside = np.zeros(len(problem.names), bool)
        self.worth = 0.0
        self.slack = problem.limit
        self._times = np.zeros(len(problem.weights), np.int32)
        self.gain = problem.columns @ problem.weights
        self._cheapest = float(problem.costs.min(initial=np.inf))
        for column in chosen.tolist():
            self.add(column)

    def add(self, column: int) -> None:
        """Choose a column."""
        hit = self._hit(column)
        self.worth += float(self.gain[column])
        self.gain -= self._spread(hit[self._times[hit] == 0])
        self.gain[column] = 0.0
        self._times[hit] += 1
        self.chosen.append(column)
        self.inside[column] = True
        self.slack -= float(self.problem.costs[column])

    def swaps(self, column: int) -> FloatArray:
        """Return what each other column would bring in the place of this; -inf: too dear."""
        problem = self.problem
        alone = self._alone(column)
        brings: FloatArray = self.gain + self._spread(alone)
        brings -= problem.weights[alone].sum()
        brings[problem.costs > self.slack + problem.costs[column]] = -np.inf
        brings[self.inside] = -np.inf
        return brings

    def swap(self, column: int, other: int) -> None:
        """Give up ``column`` for ``other``."""
        alone = self._alone(column)
        self.gain += self._spread(alone)
        self.worth -= float(self.problem.weights[alone].sum())
        self._times[self._hit(column)] -= 1
        self.chosen.remove(column)
        self.inside[column] = False
        self.slack += float(self.problem.costs[column])
        self.add(other)

    def fill(self) -> None:
        """Add the column that brings most per cost, as long as one fits and brings anything."""
        costs = self.problem.costs
        while self.slack >= self._cheapest:
            fits = np.flatnonzero(~self.inside & (costs <= self.slack) & (self.gain > 0))
            if not len(fits):
                return
            with np.errstate(divide="ignore"):
                self.add(int(fits[np.argmax(self.gain[fits] / costs[fits])]))

    def _hit(self, column: int) -> IntArray:
        start, stop = self.problem.columns.indptr[column : column + 2]
        found: IntArray = self.problem.columns.indices[start:stop]
        return found

    def _alone(self, column: int) -> IntArray:
        hit = self._hit(column)
        alone: IntArray = hit[self._times[hit] == 1]
        return alone

    def _spread(self, rows: IntArray) -> FloatArray:
        """Return the weight of these rows for each column that covers them."""
        matrix = self.problem.rows
        begin = matrix.indptr[rows]
        size = matrix.indptr[rows + 1] - begin
        ends = np.cumsum(size)
        if not len(rows):
            return np.zeros(len(self.gain))
        place = np.arange(ends[-1]) + np.repeat(begin - (ends - size), size)
        weight = np.repeat(self.problem.weights[rows], size)
        return np.bincount(matrix.indices[place], weight, len(self.gain))


def start(problem: Cover) -> IntArray:
    """Return a good set: greedy by weight per cost, then swaps while they bring anything."""
    trial = Trial(problem, np.zeros(0, np.int64))
    trial.fill()
    return descend(trial)


def descend(trial: Trial) -> IntArray:
    """Swap while anything is brought, the lowest columns first; return the set."""
    least = 1e-9 * max(1.0, trial.worth)
    better = True
    while better:
        better = False
        for column in sorted(trial.chosen):
            brings = trial.swaps(column)
            other = int(brings.argmax())
            if brings[other] > least:
                trial.swap(column, other)
                trial.fill()
                better = True
    return np.sort(np.array(trial.chosen, np.int64))


def anneal(
    problem: Cover, chosen: IntArray, sweeps: int, draw: np.random.Generator, clock: Clock
) -> IntArray:
    """Return the best set seen on a cooling walk from ``chosen``; stops early with the clock."""
    trial = Trial(problem, chosen)
    best, found = trial.worth, chosen
    if not len(chosen):
        return found
    hot = HOT * trial.worth / len(chosen)
    steps = sweeps * len(chosen)
    for step in range(steps):
        if step % 100 == 0 and clock.over():
            break
        heat = hot * (COLD / HOT) ** (step / steps)
        if _step(trial, heat, draw) and trial.worth > best * (1 + 1e-12):
            best, found = trial.worth, np.sort(np.array(trial.chosen, np.int64))
    return found


def _step(trial: Trial, heat: float, draw: np.random.Generator) -> bool:
    """Draw a column to give up and one to take instead, or the same again; whether it changed."""
    column = trial.chosen[int(draw.integers(len(trial.chosen)))]
    brings = trial.swaps(column)
    brings[column] = 0.0
    near = np.flatnonzero(brings >= brings.max() - _FAR * heat)
    other = int(near[np.argmax(brings[near] + heat * draw.gumbel(size=len(near)))])
    if other == column:
        return False
    trial.swap(column, other)
    trial.fill()
    return True
