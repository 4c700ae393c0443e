"""Makes covering problems small before they are solved; every step keeps an optimum.

Why each step is valid, and when, is told in the README beside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    import numpy.typing as npt

    from stations.siting.plan import BoolArray, FloatArray, IntArray, Untyped

    type UnsignedArray = npt.NDArray[np.uint64]

_CHUNK_ROWS = 100_000
_MOST_PRODUCTS = 60_000_000
"""Looking for dominated lines takes about 10 ns for each product of two entries: more than this
costs more than it saves."""


class Groups(NamedTuple):
    """Which rows have the same set of columns."""

    first: IntArray
    """A row of each group: its lowest."""
    of_row: IntArray
    """The group of each row."""


def same_rows(rows: sp.csr_array) -> Groups:
    """Group rows with the same columns; ``rows`` must be canonical.

    Rows are told apart by the sum of a random 64-bit number for each column, then compared entry
    by entry with the group's first; should two sets ever share a sum, other numbers are drawn.
    """
    draw = np.random.default_rng(0)
    while True:
        key = draw.integers(0, 2**64 - 1, rows.shape[1], np.uint64, endpoint=True)
        _, first, of_row = np.unique(_sums(rows, key), return_index=True, return_inverse=True)
        if _agree(rows, first[of_row]):
            return Groups(first, of_row)


def merged(rows: sp.csr_array, weights: FloatArray) -> tuple[sp.csr_array, FloatArray]:
    """Return one row for each distinct set of columns, with the weights added up.

    Rows without columns and groups without weight are left out. Data are ones (float64).
    """
    groups = same_rows(rows)
    weight = np.bincount(groups.of_row, weights, len(groups.first))
    keep = (weight > 0) & (np.diff(rows.indptr)[groups.first] > 0)
    return only(rows, rows=groups.first[keep]), weight[keep]


def only(
    matrix: sp.csr_array, rows: IntArray | None = None, columns: IntArray | None = None
) -> sp.csr_array:
    """Return some rows and columns as a canonical csr of ones (float64)."""
    part = matrix
    if rows is not None:
        part = part[rows]
    if columns is not None:
        part = part[:, columns]
    ones = np.ones(len(part.indices))
    made = sp.csr_array((ones, part.indices, part.indptr), shape=part.shape)
    made.sort_indices()
    return made


def dominated_columns(rows: sp.csr_array, costs: FloatArray) -> BoolArray:
    """Tell columns some other column can replace: all their rows, at no higher cost.

    Of two alike the higher number is dominated. Nothing is found where looking would take long.
    """
    return _contained(rows.T.tocsr(), costs)


def implied_rows(rows: sp.csr_array) -> BoolArray:
    """Tell rows that are covered whenever some other row is: they hold all of its columns."""
    found = common(rows)
    if found is None:
        return np.zeros(rows.shape[0], bool)
    size = np.diff(rows.indptr)
    one, other = found.row, found.col
    smaller = size[one]
    holds = (found.data == smaller) & (one != other)
    holds &= (size[other] > smaller) | (other > one)
    implied = np.zeros(rows.shape[0], bool)
    implied[other[holds]] = True
    return implied


def _contained(lines: sp.csr_array, costs: FloatArray) -> BoolArray:
    found = common(lines)
    if found is None:
        return np.zeros(lines.shape[0], bool)
    size = np.diff(lines.indptr)
    one, other = found.row, found.col
    inside = (found.data == size[one]) & (one != other) & (costs[other] <= costs[one])
    alike = (size[other] == size[one]) & (costs[other] == costs[one])
    inside &= ~alike | (other < one)
    contained: BoolArray = size == 0
    contained[one[inside]] = True
    return contained


def common(lines: sp.csr_array) -> Untyped:
    """Return how many entries each two lines share (coo), or None where that takes long."""
    across = np.bincount(lines.indices, minlength=lines.shape[1]).astype(float)
    if across @ across > _MOST_PRODUCTS:
        return None
    counted = _plain(lines)
    return (counted @ counted.T.tocsr()).tocoo()


def _plain(matrix: sp.csr_array) -> sp.csr_array:
    ones = np.ones(len(matrix.indices), np.int32)
    return sp.csr_array((ones, matrix.indices, matrix.indptr), shape=matrix.shape)


def _sums(rows: sp.csr_array, key: UnsignedArray) -> UnsignedArray:
    """Return the wrapping sum of ``key`` over each row's columns."""
    sums = np.zeros(rows.shape[0], np.uint64)
    for start in range(0, rows.shape[0], _CHUNK_ROWS):
        pointer = rows.indptr[start : start + _CHUNK_ROWS + 1]
        total = np.zeros(pointer[-1] - pointer[0] + 1, np.uint64)
        np.cumsum(key[rows.indices[pointer[0] : pointer[-1]]], out=total[1:])
        ends = total[pointer - pointer[0]]
        sums[start : start + len(pointer) - 1] = ends[1:] - ends[:-1]
    return sums


def _agree(rows: sp.csr_array, like: IntArray) -> bool:
    """Whether every row has exactly the columns of the row it is said to be like."""
    size = np.diff(rows.indptr)
    if (size != size[like]).any():
        return False
    for start in range(0, rows.shape[0], _CHUNK_ROWS):
        stop = min(start + _CHUNK_ROWS, rows.shape[0])
        pointer = rows.indptr[start : stop + 1]
        shift = rows.indptr[like[start:stop]] - pointer[:-1]
        place = np.arange(pointer[0], pointer[-1]) + np.repeat(shift, size[start:stop])
        if (rows.indices[pointer[0] : pointer[-1]] != rows.indices[place]).any():
            return False
    return True
