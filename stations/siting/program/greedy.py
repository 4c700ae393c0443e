"""A good program to start from: year by year what brings most per cost and keeps every rule."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from stations.siting.plan import FloatArray, IntArray
    from stations.siting.program.task import Task


class Ledger:
    """What is taken so far, and what each rule still leaves room for."""

    def __init__(self, task: Task) -> None:
        self.task = task
        columns, rules = len(task.names), task.rules
        self.when: IntArray = np.full(columns, task.years)
        self._counts: list[list[int]] = [[] for _ in range(columns)]
        """For each column the counted groups it is in."""
        self._room: list[int] = []
        for group in task.cliques:
            self._counted(group.tolist(), 1)
        for members, most in rules.at_most:
            self._counted(members, most)
        self._purses: list[list[int]] = [[0] for _ in range(columns)]
        self._money = [task.budgets.copy()]
        for members, amounts in rules.spend:
            for column in members:
                self._purses[column].append(len(self._money))
            self._money.append(np.array(amounts, float))
        self._needs: dict[int, list[tuple[int, ...]]] = {}
        for column, any_of in rules.requires:
            self._needs.setdefault(column, []).append(any_of)

    def _counted(self, members: list[int] | tuple[int, ...], most: int) -> None:
        for column in members:
            self._counts[column].append(len(self._room))
        self._room.append(most)

    def fits(self, column: int, year: int) -> bool:
        """Whether the column may be taken in that year, after all that is taken."""
        return (
            self.when[column] == self.task.years
            and all(self._room[group] > 0 for group in self._counts[column])
            and all(
                self.left(purse, year) >= self.task.costs[column] for purse in self._purses[column]
            )
            and all(
                any(self.when[one] <= year for one in any_of)
                for any_of in self._needs.get(column, ())
            )
        )

    def left(self, purse: int, year: int) -> float:
        """Return what may still be spent in that year; with ``carry`` also of years before."""
        money = self._money[purse]
        return float(money[: year + 1].sum() if self.task.carry else money[year])

    def take(self, column: int, year: int) -> None:
        """Take it."""
        self.when[column] = year
        for group in self._counts[column]:
            self._room[group] -= 1
        for purse in self._purses[column]:
            self._money[purse][year] -= self.task.costs[column]


class Ground:
    """How often each row is covered, and what a column would bring."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._columns, self._base = task.rows.T.tocsr(), task.base.T.tocsr()
        self.times = np.diff(task.base.indptr).astype(np.int64)
        self._stands = np.ones(task.base.shape[1], bool)
        self._ends: dict[int, list[int]] = {}
        for column, base in task.rules.ends:
            self._ends.setdefault(column, []).append(base)

    def gains(self) -> FloatArray:
        """Return the weight each column would newly cover, what it ends left aside."""
        gains: FloatArray = self._columns @ (self.task.weights * (self.times == 0))
        return gains

    def gain(self, column: int) -> float:
        """Return the weight taking the column brings, less what is lost by what it ends."""
        rows, change = self._change(column)
        before, after = self.times[rows] > 0, self.times[rows] + change > 0
        return float(self.task.weights[rows] @ (after.astype(float) - before))

    def take(self, column: int) -> None:
        """Take it."""
        rows, change = self._change(column)
        self.times[rows] += change
        self._stands[self._ends.get(column, [])] = False

    def _change(self, column: int) -> tuple[IntArray, IntArray]:
        own = self._columns.indices[slice(*self._columns.indptr[column : column + 2])]
        lost = [
            self._base.indices[slice(*self._base.indptr[base : base + 2])]
            for base in self._ends.get(column, ())
            if self._stands[base]
        ]
        if not lost:
            return own, np.ones(len(own), np.int64)
        rows, place = np.unique(np.concatenate((own, *lost)), return_inverse=True)
        signs = np.concatenate((np.ones(len(own)), -np.ones(len(place) - len(own))))
        return rows, np.bincount(place, signs).astype(np.int64)


def greedy(task: Task) -> IntArray:
    """Return the year of each column; what must be taken comes first, as early as it fits.

    By gain per cost, and where columns are counted also by gain alone: the better of both. It may
    not have all that must be taken.
    """
    by_cost = _made(task, np.maximum(task.costs, 1e-9))
    if not task.rules.at_most:
        return by_cost[0]
    by_gain = _made(task, np.ones(len(task.costs)))
    return max(by_cost, by_gain, key=lambda made: made[1])[0]


def _made(task: Task, prices: FloatArray) -> tuple[IntArray, float]:
    """Return a program and its worth; the gain per price decides."""
    ledger, ground, worth = Ledger(task), Ground(task), 0.0
    for year in range(task.years):
        for column in task.rules.must:
            if ledger.fits(column, year):
                ledger.take(column, year)
                ground.take(column)
    for year in range(task.years):
        _fill(ledger, ground, year, prices)
        worth += float(task.value[year] * task.weights[ground.times > 0].sum())
    return ledger.when, worth


def _fill(ledger: Ledger, ground: Ground, year: int, prices: FloatArray) -> None:
    """Take what brings most per price, as long as anything fits.

    What a column brings falls with what is taken, so only the best of the queue is asked again.
    """
    rates = ground.gains() / prices
    queue = [(-rate, column) for column, rate in enumerate(rates.tolist()) if rate > 0]
    heapq.heapify(queue)
    while queue:
        _, column = heapq.heappop(queue)
        if not ledger.fits(column, year):
            continue
        rate = ground.gain(column) / prices[column]
        if rate <= 0:
            continue
        if queue and -rate > queue[0][0]:
            heapq.heappush(queue, (-rate, column))
            continue
        ledger.take(column, year)
        ground.take(column)
