"""What the searches give back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from geodata.geodesy.lonlat import FloatArray, IntArray


class Neighbours(NamedTuple):
    """The nearest rows of ``m`` queries, each line sorted by metres, then row."""

    rows: IntArray
    """Shape (m, k); -1 where there is none."""
    metres: FloatArray
    """Shape (m, k); infinite where there is none."""


class Pairs(NamedTuple):
    """Pairs of a query and a row, three arrays of one length, sorted by query, metres, row."""

    query: IntArray
    row: IntArray
    metres: FloatArray
