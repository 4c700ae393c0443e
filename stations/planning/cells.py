"""Demand as rows of a matrix: a spot at those hours that the same packages would serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from scipy.sparse import csr_array

from stations.cube import bits

if TYPE_CHECKING:
    from geodata.geodesy import FloatArray, IntArray
    from stations.cube.bits import Words
    from stations.planning.demand import Demand

BLOCK = 1 << 23
"""Pairs of a spot and a column looked at at once."""


class Columns(NamedTuple):
    """What may serve: each acts at a place, at some hours."""

    at: IntArray
    words: Words


@dataclass(frozen=True, eq=False)
class Cells:
    """Rows of demand and the columns that serve them."""

    relation: csr_array
    """Rows × columns, of truth."""
    weights: FloatArray
    """Worker-hours (site-hours)."""
    spot: IntArray
    """Of each row."""
    hours: Words
    """(rows, words): its hours."""

    @classmethod
    def of(cls, demand: Demand, columns: Columns, needed: Words, *, every: bool) -> Self:
        """Cut the ``needed`` hours of each spot, (spots, words), into rows.

        Hours that no column serves are left out, or with ``every`` are a row of their own.
        """
        spot, column = _pairs(demand, columns, needed)
        parts = _Parts(demand, columns, needed, every=every)
        words, number = np.unique(columns.words, axis=0, return_inverse=True)
        groups = _alike(spot, number.ravel()[column], demand.ground.site_of.size, len(words))
        begins = np.searchsorted(spot, np.arange(demand.ground.site_of.size + 1))
        for spots in groups:
            parts.add(spots, begins, column, number.ravel())
        return cls(*parts.joined(len(columns.at)))


def _pairs(demand: Demand, columns: Columns, needed: Words) -> tuple[IntArray, IntArray]:
    """Return spots and columns in their reach that serve some needed hour, by spot."""
    ground = demand.ground
    order = np.argsort(columns.at, kind="stable")
    begins = np.searchsorted(columns.at[order], np.arange(len(demand.supply) + 1))
    counts = np.diff(begins)[ground.station]
    spots, found = [], []
    cuts = np.flatnonzero(np.diff(np.cumsum(counts) // BLOCK)) + 1
    for some in np.split(np.arange(counts.size), cuts):
        many = counts[some]
        pair = np.repeat(some, many)
        first = np.cumsum(many) - many
        place = begins[ground.station[pair]] + np.arange(pair.size) - np.repeat(first, many)
        column, spot = order[place], ground.spot[pair]
        serves = (columns.words[column] & needed[spot]).any(axis=1)
        spots.append(spot[serves])
        found.append(column[serves])
    spot, column = np.concatenate(spots), np.concatenate(found)
    by_spot = np.lexsort((column, spot))
    return spot[by_spot], column[by_spot]


def _alike(spot: IntArray, kind: IntArray, spots: int, kinds: int) -> list[IntArray]:
    """Group the spots that meet the same sets of hours among the columns in their reach."""
    met = np.zeros((spots, kinds), dtype=np.bool_)
    met[spot, kind] = True
    _, group = np.unique(np.packbits(met, axis=1), axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    return np.split(order, np.flatnonzero(np.diff(group.ravel()[order])) + 1)


class _Parts:
    """Rows as they are found."""

    def __init__(self, demand: Demand, columns: Columns, needed: Words, *, every: bool) -> None:
        self._demand, self._columns, self._needed, self._every = demand, columns, needed, every
        self._rows = 0
        self._found: list[tuple[IntArray, ...]] = []
        self._weights: list[FloatArray] = []
        self._hours: list[Words] = []

    def add(self, spots: IntArray, begins: IntArray, column: IntArray, kind: IntArray) -> None:
        """Add the rows of spots that meet the same sets of hours."""
        hours = self._demand.question.hours
        counts = begins[spots + 1] - begins[spots]
        local = np.repeat(np.arange(spots.size), counts)
        first = np.cumsum(counts) - counts
        pairs = np.repeat(begins[spots] - first, counts) + np.arange(local.size)
        columns = column[pairs]
        kinds, number = np.unique(kind[columns], return_inverse=True)
        example = np.zeros(kinds.size, dtype=np.int64)
        example[number.ravel()] = columns
        flags = bits.unpacked(self._columns.words[example], hours)
        classes, of_hour = np.unique(flags, axis=1, return_inverse=True)
        some = np.ones(classes.shape[1], dtype=np.bool_) if self._every else classes.any(axis=0)
        which = of_hour.ravel() == np.arange(classes.shape[1])[:, None]
        needed = bits.unpacked(self._needed[spots], hours)
        weight = (self._demand.value[spots] * needed) @ which.T
        held = (weight > 0) & some
        row = np.full(held.shape, -1)
        row[held] = self._rows + np.arange(held.sum())
        self._rows += int(held.sum())
        pair, of_class = np.nonzero(classes[number.ravel()].astype(np.bool_) & held[local])
        spot, class_ = np.nonzero(held)
        self._found.append((row[local[pair], of_class], columns[pair], spots[spot]))
        self._weights.append(weight[held])
        self._hours.append(bits.packed(which)[class_] & self._needed[spots[spot]])

    def joined(self, columns: int) -> tuple[csr_array, FloatArray, IntArray, Words]:
        """Return relation, weights, spots and hours of all rows."""
        none = np.zeros(0, dtype=np.int64)
        rows, column, spot = (
            np.concatenate([none, *each]) for each in zip(*self._found, strict=True)
        )
        relation = csr_array(
            (np.ones(rows.size, dtype=np.bool_), (rows, column)), shape=(self._rows, columns)
        )
        relation.sort_indices()
        words = bits.words(self._demand.question.hours)
        return (
            relation,
            np.concatenate([np.zeros(0), *self._weights]),
            spot,
            np.concatenate([np.zeros((0, words), dtype=np.uint64), *self._hours]),
        )
