"""A program of several years as a 0-1 model: what is taken by the end of each year.

x[k, t] says that column k has been taken by the end of year t, so x[k, t] >= x[k, t-1] and year t
costs ``costs @ (x[., t] - x[., t-1])``. A row not covered at the end of a year is missed, which
costs its weight. Where a standing station can end, the row keeps what stands less what has ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from stations.siting import highs

if TYPE_CHECKING:
    from stations.siting.plan import BoolArray, FloatArray, IntArray
    from stations.siting.program.task import Task

SCALE = 1e3
"""Money is told to HiGHS in this many parts of the largest amount: its tolerances are absolute."""


class Builder:
    """Variables and rows of a model, added block by block."""

    def __init__(self) -> None:
        self.variables = 0
        self._size = 0
        self._entries: list[tuple[IntArray, IntArray, FloatArray]] = []
        self._lower: list[FloatArray] = []
        self._upper: list[FloatArray] = []

    def new(self, count: int) -> IntArray:
        """Return so many new variables."""
        first, self.variables = self.variables, self.variables + count
        return np.arange(first, self.variables)

    def add(
        self,
        *blocks: tuple[sp.csr_array, IntArray],
        lower: float | FloatArray = -np.inf,
        upper: float | FloatArray = np.inf,
    ) -> None:
        """Add rows: the sum of each matrix times its variables lies between the two."""
        count = blocks[0][0].shape[0]
        for matrix, variables in blocks:
            entries = matrix.tocoo()
            self._entries.append((entries.row + self._size, variables[entries.col], entries.data))
        self._lower.append(np.broadcast_to(np.asarray(lower, float), (count,)))
        self._upper.append(np.broadcast_to(np.asarray(upper, float), (count,)))
        self._size += count

    def model(self, objective: FloatArray, whole: BoolArray) -> highs.Model:
        """Return the model; entries said twice are added up."""
        row, column, value = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        matrix = sp.coo_array((value, (row, column)), shape=(self._size, self.variables))
        rows = sp.csr_array(matrix.tocsr())
        rows.eliminate_zeros()
        lower, upper = np.concatenate(self._lower), np.concatenate(self._upper)
        return highs.Model(objective, rows, lower, upper, whole)


class Expanded:
    """The task's variables and limits, year by year; what is wanted of them is added last."""

    def __init__(self, task: Task) -> None:
        self.task = task
        columns, years = len(task.names), task.years
        self.build = Builder()
        self.taken = [self.build.new(columns) for _ in range(years)]
        """The variables of each year."""
        self._sole, self._shared = _enders(task)
        self._ended = [self.build.new(self._shared.shape[1]) for _ in range(years)]
        self.missed: list[IntArray] = []
        self._whole = self.build.variables
        self._limits()

    def _limits(self) -> None:
        self._nested()
        self._spending()
        self._together()
        shared = self._shared.tocoo()
        for taken, ended in zip(self.taken, self._ended, strict=True):
            pairs = np.arange(len(shared.row))
            self.build.add(
                (picks(shared.col, len(ended)), ended),
                (-picks(shared.row, len(taken)), taken),
                lower=np.zeros(len(pairs)),
            )

    def _nested(self) -> None:
        same = sp.eye_array(len(self.task.names), format="csr")
        for before, after in zip(self.taken[:-1], self.taken[1:], strict=True):
            self.build.add((same, after), (-same, before), lower=0.0)

    def _spending(self) -> None:
        task = self.task
        everything = np.arange(len(task.names))
        for group, limits in ((everything, task.budgets), *_spends(task)):
            total = np.cumsum(limits) if task.carry else limits
            for year in np.flatnonzero(np.isfinite(total)).tolist():
                self._spent(group, year, float(total[year]))

    def _spent(self, group: IntArray, year: int, limit: float) -> None:
        costs = self.task.costs[group]
        largest = max(limit, float(np.abs(costs).max(initial=0.0)), 1e-300)
        line = sp.csr_array(costs[None, :] * (SCALE / largest))
        blocks = [(line, self.taken[year][group])]
        if year and not self.task.carry:
            blocks.append((-line, self.taken[year - 1][group]))
        self.build.add(*blocks, upper=limit * (SCALE / largest))

    def _together(self) -> None:
        """Exclusive columns, conflicts, counts, what must be taken and what needs another."""
        task, last = self.task, self.taken[-1]
        columns = len(task.names)
        if task.cliques:
            self.build.add((members(task.cliques, columns), last), upper=1.0)
        if task.rules.at_most:
            groups = [np.array(group, int) for group, _ in task.rules.at_most]
            most = np.array([most for _, most in task.rules.at_most], float)
            self.build.add((members(groups, columns), last), upper=most)
        if task.rules.must:
            self.build.add((picks(np.array(task.rules.must), columns), last), lower=1.0)
        if task.rules.requires:
            needed = [np.array(any_of, int) for _, any_of in task.rules.requires]
            needing = np.array([column for column, _ in task.rules.requires])
            line = members(needed, columns) - picks(needing, columns)
            for taken in self.taken:
                self.build.add((line, taken), lower=0.0)

    def cover(self, year: int, *, all_of_them: bool = False) -> None:
        """Add all rows at the end of a year, each with a variable that says it is missed."""
        task = self.task
        base = task.base
        reach = task.rows - base @ self._sole
        blocks = [(sp.csr_array(reach), self.taken[year])]
        shared = np.flatnonzero(np.diff(self._shared.tocsc().indptr))
        blocks.append((-sp.csr_array(base[:, shared]), self._ended[year][shared]))
        if not all_of_them:
            self.missed.append(self.build.new(len(task.origin)))
            blocks.append((sp.eye_array(len(task.origin), format="csr"), self.missed[-1]))
        self.build.add(*blocks, lower=1.0 - np.diff(base.indptr))

    def values(self, when: IntArray) -> FloatArray:
        """Return the model's x for a program (the year of each of the task's columns)."""
        found = np.zeros(self.build.variables)
        for year, variables in enumerate(self.taken):
            found[variables] = when <= year
            found[self._ended[year]] = self._shared.T @ found[variables] > 0
        for year, missed in enumerate(self.missed):
            taken = found[self.taken[year]]
            stands = 1.0 - self._sole @ taken - found[self._ended[year]]
            found[missed] = self.task.rows @ taken + self.task.base @ stands <= 0
        return found

    def whole(self) -> BoolArray:
        """Tell the variables that are 0 or 1; what is missed follows from them."""
        found: BoolArray = np.arange(self.build.variables) < self._whole
        return found


def _enders(task: Task) -> tuple[sp.csr_array, sp.csr_array]:
    """Return which columns end which base (base by column), and the rest (column by base).

    In the first at most one column of each base can be taken, so their sum says it has ended.
    """
    columns, bases = len(task.names), task.base.shape[1]
    ends: dict[int, list[int]] = {}
    for column, base in task.rules.ends:
        ends.setdefault(base, []).append(column)
    homes: dict[int, set[int]] = {}
    for number, group in enumerate(task.cliques):
        for column in group.tolist():
            homes.setdefault(column, set()).add(number)
    sole: list[tuple[int, int]] = []
    shared: list[tuple[int, int]] = []
    for base, enders in ends.items():
        found = set.intersection(*(homes.get(column, set()) for column in enders))
        target = sole if found or len(set(enders)) == 1 else shared
        target.extend((base, column) for column in sorted(set(enders)))
    one = np.array(sole, np.int64).reshape(-1, 2)
    more = np.array(shared, np.int64).reshape(-1, 2)
    ones = np.ones(len(one)), np.ones(len(more))
    return (
        sp.csr_array((ones[0], (one[:, 0], one[:, 1])), shape=(bases, columns)),
        sp.csr_array((ones[1], (more[:, 1], more[:, 0])), shape=(columns, bases)),
    )


def _spends(task: Task) -> list[tuple[IntArray, FloatArray]]:
    return [(np.array(group, int), np.array(limits)) for group, limits in task.rules.spend if group]


def picks(columns: IntArray, size: int) -> sp.csr_array:
    """Return a row for each of these columns, with a one there."""
    place = (np.arange(len(columns)), columns)
    return sp.csr_array((np.ones(len(columns)), place), shape=(len(columns), size))


def members(groups: tuple[IntArray, ...] | list[IntArray], size: int) -> sp.csr_array:
    """Return a row for each group, with ones at its columns."""
    pointer = np.concatenate(([0], np.cumsum([len(group) for group in groups])))
    place = np.concatenate([*groups, np.zeros(0, np.int64)])
    return sp.csr_array((np.ones(len(place)), place, pointer), shape=(len(groups), size))
