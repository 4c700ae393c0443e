"""The p-median problem as ways from rows to columns, and swaps in it.

Swaps are judged all at once: what a new column brings, what giving up an old one loses, and what
both together regain (fast interchange; Whitaker 1983, Resende and Werneck 2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    from stations.siting.clock import Clock
    from stations.siting.inputs import Choice
    from stations.siting.plan import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Ways:
    """One entry for each way from a row to a column that is shorter than to any open column."""

    rows: IntArray
    """Numbers of the rows: 0, 1, 2 ..."""
    row: IntArray
    """Of each entry; entries are sorted by column, then row."""
    column: IntArray
    cost: FloatArray
    """Weighted."""
    fallback: FloatArray
    """What each row costs without any column added: by the open ones, or infinite."""
    costs: FloatArray
    limit: float
    names: IntArray
    integral: bool

    def matrix(self) -> sp.csr_array:
        """Return who reaches whom, rows by columns, canonical ones."""
        shape = (len(self.rows), len(self.names))
        made = sp.csr_array((np.ones(len(self.row)), (self.row, self.column)), shape=shape)
        made.sort_indices()
        return made

    def value(self, chosen: IntArray) -> float:
        """Return the total cost; infinite where a row is not served."""
        least = self.fallback.copy()
        picked = np.isin(self.column, chosen)
        np.minimum.at(least, self.row[picked], self.cost[picked])
        return float(least.sum())

    def reduced(self, keep: BoolArray, farthest: FloatArray) -> Ways:
        """Return the ways to some columns, none longer than its row's ``farthest``."""
        renumber = np.cumsum(keep) - 1
        near = keep[self.column] & (self.cost <= farthest[self.row])
        return Ways(
            self.rows,
            self.row[near],
            renumber[self.column[near]],
            self.cost[near],
            self.fallback,
            self.costs[keep],
            self.limit,
            self.names[keep],
            self.integral,
        )


def ways(entries: sp.csr_array, weights: FloatArray, may: Choice) -> Ways:
    """Return the weighted ways to the columns that may be added."""
    size = entries.shape[0]
    fallback = np.full(size, np.inf)
    opened = entries[:, may.open].tocoo()
    np.minimum.at(fallback, opened.row, opened.data * weights[opened.row])
    part = entries[:, may.free].tocsc().tocoo()
    cost = part.data * weights[part.row]
    shorter = cost < fallback[part.row]
    row, column, cost = part.row[shorter], part.col[shorter], cost[shorter]
    finite = fallback[np.isfinite(fallback)]
    integral = bool((cost == np.round(cost)).all() and (finite == np.round(finite)).all())
    order = np.lexsort((row, column))
    return Ways(
        np.arange(size),
        row[order].astype(np.int64),
        column[order].astype(np.int64),
        cost[order],
        fallback,
        may.costs[may.free],
        may.limit,
        may.free,
        integral,
    )


class _Two(NamedTuple):
    """For each row the nearest chosen column's place in the list, its cost, and the second's."""

    place: IntArray
    first: FloatArray
    second: FloatArray


def start(problem: Ways, clock: Clock, chosen: IntArray | None = None) -> IntArray:
    """Return a good set: greedily added columns (to ``chosen``), then swaps."""
    unserved = _unserved(problem)
    picked = [] if chosen is None else chosen.tolist()
    slack = problem.limit - float(problem.costs[picked].sum())
    while not clock.over():
        two = _two(problem, picked, unserved)
        gain = _gain(problem, two)
        fits = np.flatnonzero((problem.costs <= slack) & (gain > 0))
        if not len(fits):
            break
        with np.errstate(divide="ignore"):
            picked.append(int(fits[np.argmax(gain[fits] / problem.costs[fits])]))
        slack -= float(problem.costs[picked[-1]])
    return descend(problem, np.array(picked, np.int64), clock)


def descend(problem: Ways, chosen: IntArray, clock: Clock) -> IntArray:
    """Swap one column for another, the best first, while that saves anything."""
    unserved = _unserved(problem)
    picked: list[int] = chosen.tolist()
    while picked and not clock.over():
        two = _two(problem, picked, unserved)
        saves = _swaps(problem, two, picked)
        slack = problem.limit - problem.costs[picked].sum()
        saves[problem.costs[None, :] > slack + problem.costs[picked][:, None]] = -np.inf
        old, new = np.unravel_index(int(saves.argmax()), saves.shape)
        if saves[old, new] <= 1e-9 * max(1.0, two.first.sum()):
            break
        picked[int(old)] = int(new)
    return np.sort(np.array(picked, np.int64))


def _unserved(problem: Ways) -> FloatArray:
    """Return what a row without any way counts in the search: more than all ways together."""
    most = np.zeros(len(problem.rows))
    np.maximum.at(most, problem.row, problem.cost)
    return np.where(np.isfinite(problem.fallback), problem.fallback, 2.0 * most.sum() + 1.0)


def _two(problem: Ways, picked: list[int], unserved: FloatArray) -> _Two:
    begin = np.searchsorted(problem.column, picked)
    stop = np.searchsorted(problem.column, picked, side="right")
    first, second = unserved.copy(), unserved.copy()
    place: IntArray = np.full(len(first), -1)
    for number, (left, right) in enumerate(zip(begin, stop, strict=True)):
        row, cost = problem.row[left:right], problem.cost[left:right]
        nearer = cost < first[row]
        second[row] = np.where(nearer, first[row], np.minimum(second[row], cost))
        first[row] = np.where(nearer, cost, first[row])
        place[row[nearer]] = number
    return _Two(place, first, second)


def _gain(problem: Ways, two: _Two) -> FloatArray:
    saved = np.maximum(0.0, two.first[problem.row] - problem.cost)
    return np.bincount(problem.column, saved, len(problem.names))


def _swaps(problem: Ways, two: _Two, picked: list[int]) -> FloatArray:
    """Return what each swap saves, chosen columns by all columns; -inf to those chosen."""
    count, columns = len(picked), len(problem.names)
    served = two.place >= 0
    loss = np.bincount(two.place[served], (two.second - two.first)[served], count)
    near = np.flatnonzero((problem.cost < two.second[problem.row]) & served[problem.row])
    row = problem.row[near]
    regained = two.second[row] - np.maximum(problem.cost[near], two.first[row])
    cell = two.place[row] * columns + problem.column[near]
    both = np.bincount(cell, regained, count * columns).reshape(count, columns)
    saves = both + _gain(problem, two)[None, :] - loss[:, None]
    saves[:, picked] = -np.inf
    return saves
