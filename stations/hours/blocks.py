"""Lines of many records end to end, so that one binary search answers for all rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stations.hours.clock import DAY, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.geodesy import IntArray
    from stations.hours.evaluation import Line, States

DAYS = 3
SPAN = DAYS * DAY


@dataclass(frozen=True)
class Block:
    """The lines of some distinct records over the same three days."""

    slot: IntArray
    """Distinct record → position of its line, -1 where it has none yet."""
    count: int
    starts: IntArray
    """Ascending: position of the line times `SPAN`, plus the minute of the window."""
    states: States
    closed: IntArray
    """closed[i]: how many of the first i states are closed; ``unknown`` likewise."""
    unknown: IntArray

    def extended(self, records: IntArray, lines: Sequence[Line]) -> Block:
        """Return the block with the lines of further records."""
        count = self.count + len(records)
        slot = self.slot.copy()
        slot[records] = np.arange(self.count, count)
        shifted = [line.starts + k * SPAN for k, line in enumerate(lines, self.count)]
        states = np.concatenate([self.states, *(line.states for line in lines)])
        return Block(
            slot,
            count,
            np.concatenate([self.starts, *shifted]),
            states,
            _before(states == State.CLOSED),
            _before(states == State.UNKNOWN),
        )

    def worst(self, records: IntArray, first: IntArray, last: IntArray) -> States:
        """Return closed where any minute from ``first`` to ``last`` is, else unknown, else open.

        Minutes of the window, both inclusive; every record needs its line.
        """
        base = self.slot[records] * SPAN
        since = np.searchsorted(self.starts, base + first, side="right") - 1
        until = np.searchsorted(self.starts, base + last, side="right")
        shut = self.closed[until] > self.closed[since]
        unsure = self.unknown[until] > self.unknown[since]
        states = np.where(shut, State.CLOSED, np.where(unsure, State.UNKNOWN, State.OPEN))
        return states.astype(np.uint8)


def empty(records: int) -> Block:
    """Return a block without lines, for a number of distinct records."""
    none, zero = np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64)
    slot = np.full(records, -1, dtype=np.int64)
    return Block(slot, 0, none, none.astype(np.uint8), zero, zero)


def _before(chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> IntArray:
    return np.concatenate(([0], np.cumsum(chosen)))
