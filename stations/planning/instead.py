"""What else might be done for the money of one action, the rest of the plan being done."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.planning.problem import Problem
    from stations.planning.solving import Solved


class RunnerUp(NamedTuple):
    """Another action."""

    id: str
    name: str
    """Of the station or candidate."""
    cost: int
    gain: float
    """Worker-hours a week it would win back of what the plan loses without the one."""


def runner_up(problem: Problem, solved: Solved, number: int) -> RunnerUp | None:
    """Return what wins most at another place in an action's stead; None: nothing wins anything.

    Within the limits of the wish and, in the year of the action, its cost and what that year has
    left. Of equal ones the cheaper, then the first listed.
    """
    shelf, year = problem.shelf, dict(solved.chosen)[number]
    rest = np.array([each for each, _ in solved.chosen if each != number], dtype=np.int64)
    package = shelf.packages[number]
    allowed = _allowed(problem, solved, rest, year)
    allowed &= ~np.isin(shelf.at, [package.at, package.station])
    beside = Beside.of(problem, rest)
    gains = np.where(allowed, beside.gains(), -1.0)
    best: RunnerUp | None = None
    for other in np.lexsort((np.arange(len(gains)), shelf.costs, -gains)).tolist():
        if gains[other] <= (0 if best is None else best.gain):
            break
        gain = float(gains[other]) - beside.lost(other)
        if gain > (0 if best is None else best.gain):
            name = problem.offer.title(shelf.packages[other])
            best = RunnerUp(shelf.ids[other], name, shelf.packages[other].cost, gain)
    return best


def _allowed(problem: Problem, solved: Solved, rest: IntArray, year: int) -> BoolArray:
    """Tell which packages the wish allows beside some others, in a year."""
    shelf, limits, budgets = problem.shelf, problem.limits, problem.wish.budgets
    allowed = ~np.isin(np.arange(len(shelf)), rest)
    allowed &= ~limits.closed(rest, len(shelf))
    spent = np.array(
        [each for each in rest.tolist() if dict(solved.chosen)[each] == year], np.int64
    )
    if budgets is not None:
        allowed &= shelf.costs <= budgets[year] - shelf.costs[spent].sum()
        for group, amounts in limits.spend(budgets):
            members = np.array(group, dtype=np.int64)
            left = amounts[year] - shelf.costs[np.intersect1d(spent, members)].sum()
            allowed[members] &= shelf.costs[members] <= left
    return allowed


class Beside(NamedTuple):
    """What single packages would win beside some that are done."""

    problem: Problem
    built: BoolArray
    """Rows these serve."""
    stands: IntArray
    """How many of the stations that may end serve each row, and are not ended by these."""

    @classmethod
    def of(cls, problem: Problem, chosen: IntArray) -> Self:
        """Look at the rows when some packages are done."""
        shelf, relation = problem.shelf, problem.cells.relation
        by, stands = np.zeros(relation.shape[1]), np.zeros(relation.shape[1])
        by[chosen] = 1
        stands[len(shelf) :] = ~np.isin(problem.ending, shelf.ends[chosen])
        return cls(problem, relation @ by > 0, np.rint(relation @ stands).astype(np.int64))

    def gains(self) -> FloatArray:
        """Return the worker-hours each package would win, were nothing to end by it."""
        left = np.where(self.built | (self.stands > 0), 0.0, self.problem.cells.weights)
        won: FloatArray = (self.problem.columns @ left)[: len(self.problem.shelf)]
        return won

    def lost(self, package: int) -> float:
        """Return the worker-hours lost because a package ends a station."""
        shelf = self.problem.shelf
        if shelf.ends[package] < 0:
            return 0.0
        base = len(shelf) + int(np.searchsorted(self.problem.ending, shelf.ends[package]))
        rows = np.setdiff1d(self._rows(base), self._rows(package))
        alone = rows[~self.built[rows] & (self.stands[rows] == 1)]
        return float(self.problem.cells.weights[alone].sum())

    def _rows(self, column: int) -> IntArray:
        columns = self.problem.columns
        found: IntArray = columns.indices[columns.indptr[column] : columns.indptr[column + 1]]
        return found
