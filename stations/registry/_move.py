"""From the rows of one snapshot to those of the next: what is made row by row is carried over.

The first snapshot is the move from no rows to all of them, so there is one way to make each thing:
of the *fresh* rows (new or changed), put among what is known of the others.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd
    import numpy.typing as npt

    from geodata.geodesy import IntArray


def frozen[Array: npt.NDArray[Any]](values: Array) -> Array:
    """Return the array itself, from now on read-only."""
    values.flags.writeable = False
    return values


@dataclass(frozen=True, eq=False)
class Move:
    """Which rows become which; made by `of`."""

    before: int
    """How many rows there were."""
    rows: IntArray
    """Where the fresh rows are now, ascending."""
    was: IntArray
    """Which rows they were before; -1: they are new."""
    order: IntArray | None
    """Now → position in the rows of before with the fresh ones behind them; None: the ids are the
    same, so that every row is where it was."""

    @classmethod
    def of(cls, ids: Sequence[str], fresh: Sequence[str], removed: Iterable[str] = ()) -> Move:
        """Return the move from ``ids`` to these with ``fresh`` (both sorted), without others.

        An id to be removed that is not there makes no difference.
        """
        size, mine = len(ids), np.arange(len(fresh))
        if not size:
            return cls(0, mine, np.full(len(fresh), -1), mine)
        at = np.array([bisect_left(ids, each) for each in fresh], dtype=np.int64)
        there = [row < size and ids[row] == each for row, each in zip(at, fresh, strict=True)]
        known = np.array(there, dtype=np.bool_)
        was = np.where(known, at, -1)
        gone = [row for each in removed if (row := bisect_left(ids, each)) < size
                and ids[row] == each]  # fmt: skip
        if known.all() and not gone:
            return cls(size, at, was, None)
        order = np.arange(size)
        order[at[known]] = size + mine[known]
        order[gone] = -1
        order = np.insert(order, at[~known], size + mine[~known])
        order = order[order >= 0]
        return cls(size, np.flatnonzero(order >= size), was, order)

    def __len__(self) -> int:
        return self.before if self.order is None else len(self.order)

    @property
    def same_ids(self) -> bool:
        """Whether every row is where it was."""
        return self.order is None

    @cached_property
    def to(self) -> IntArray:
        """Before → now; -1: it is not as it was, or not there."""
        if self.order is None:
            found = np.arange(self.before)
            found[self.rows] = -1
            return found
        found = np.full(self.before, -1)
        kept = np.flatnonzero(self.order < self.before)
        found[self.order[kept]] = kept
        return found

    @cached_property
    def to_same_id(self) -> IntArray:
        """Before → where that id is now, changed or not; -1: nowhere."""
        found, changed = self.to.copy(), self.was >= 0
        found[self.was[changed]] = self.rows[changed]
        return found

    def array[Array: npt.NDArray[Any]](self, known: Array, fresh: Array) -> Array:
        """Return the values of all rows, ``known`` being those of before; itself if none differ."""
        if not self.before:
            return frozen(fresh)
        if self.order is not None:
            both: Array = np.concatenate((known, fresh))[self.order]  # type: ignore[assignment]
            return frozen(both)
        if np.array_equal(known[self.rows], fresh, equal_nan=fresh.dtype.kind == "f"):
            return known
        values = known.copy()
        values[self.rows] = fresh
        return frozen(values)

    def frame(
        self, known: gpd.GeoDataFrame, fresh: gpd.GeoDataFrame, differing: Iterable[str]
    ) -> gpd.GeoDataFrame:
        """Return the rows of two frames with the same columns; those not ``differing`` are shared.

        That is for rows of the same ids.
        """
        if not self.before:
            return fresh
        if self.order is not None:
            return pd.concat([known, fresh]).take(self.order)
        frame = known.copy(deep=False)
        for name in differing:
            cells = known[name].array.copy()
            cells[self.rows] = fresh[name].array
            frame[name] = cells
        return frame

    def by_row[T](self, known: Mapping[int, T], fresh: Mapping[int, T]) -> Mapping[int, T]:
        """Return what some rows have, ascending; ``fresh`` is by number of the fresh row."""
        rows = self.rows.tolist()
        told = {rows[number]: each for number, each in fresh.items()}
        if self.same_ids and {row: known[row] for row in rows if row in known} == told:
            return known
        return dict(sorted((self.unchanged(known) | told).items(), key=itemgetter(0)))

    def unchanged[T](self, known: Mapping[int, T]) -> dict[int, T]:
        """Return what rows had that are as they were, by where they are now."""
        to = self.to[np.fromiter(known, np.int64, len(known))].tolist()
        return {row: each for row, each in zip(to, known.values(), strict=True) if row >= 0}
