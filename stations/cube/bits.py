"""Hours as bits: sets of hours in machine words, joined over many stations at once.

A row of hours is ``words(hours)`` words of 64 bits; hour ``h`` is bit ``h % 64`` (lowest first) of
word ``h // 64``. Bits past the last hour are 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from geodata.geodesy import BoolArray, IntArray

    type Words = npt.NDArray[np.uint64]
    type Bytes = npt.NDArray[np.uint8]

WORD_BYTES = 8
WORD_BITS = 64
LITTLE = np.dtype("<u8")


def words(hours: int) -> int:
    """Return how many words a row of so many hours takes."""
    return -(-hours // WORD_BITS)


def packed(flags: BoolArray) -> Words:
    """Pack truth values (…, hours) into words (…, words)."""
    return from_bytes(np.packbits(flags, axis=-1, bitorder="little"))


def from_bytes(rows: Bytes) -> Words:
    """Read bytes (…, b), lowest hour in the lowest bit of the first, as words."""
    short = -rows.shape[-1] % WORD_BYTES
    full = np.pad(rows, [(0, 0)] * (rows.ndim - 1) + [(0, short)])
    return np.ascontiguousarray(full).view(LITTLE).astype(np.uint64, copy=False)


def unpacked(rows: Words, hours: int) -> Bytes:
    """Return words (…, words) as 0 and 1 (…, hours)."""
    little = np.ascontiguousarray(rows).astype(LITTLE, copy=False)
    return np.unpackbits(little.view(np.uint8), axis=-1, count=hours, bitorder="little")


def constant(flags: BoolArray, hours: int) -> Words:
    """Return rows (n, words) with all hours where a flag is true, and none where it is not."""
    return packed(np.repeat(np.asarray(flags, dtype=np.bool_)[:, None], hours, axis=1))


def united(rows: Words, member: IntArray, begins: IntArray) -> Words:
    """Return the union of each group's rows; a group without any has no hour.

    Group ``i`` is ``rows[member[begins[i]:begins[i + 1]]]``. One pass over all groups for the
    first row of each, one for the second, and so on.
    """
    counts = np.diff(begins)
    left = np.flatnonzero(counts > 0)
    if left.size == counts.size:
        found = rows[member[begins[:-1]]]
    else:
        found = np.zeros((counts.size, *rows.shape[1:]), dtype=np.uint64)
        found[left] = rows[member[begins[left]]]
    rank = 1
    left = left[counts[left] > rank]
    while left.size:
        found[left] |= rows[member[begins[left] + rank]]
        rank += 1
        left = left[counts[left] > rank]
    return found


def sole(rows: Words, member: IntArray, begins: IntArray) -> Words:
    """Return the hours that exactly one row of each group has; groups as in `united`."""
    counts = np.diff(begins)
    once = np.zeros((counts.size, *rows.shape[1:]), dtype=np.uint64)
    twice = once.copy()
    rank, left = 0, np.flatnonzero(counts > 0)
    while left.size:
        found = rows[member[begins[left] + rank]]
        twice[left] |= once[left] & found
        once[left] |= found
        rank += 1
        left = left[counts[left] > rank]
    once &= ~twice
    return once


def all_hours(hours: int) -> Words:
    """Return one row, (words,), with every hour."""
    return packed(np.ones(hours, dtype=np.bool_))
