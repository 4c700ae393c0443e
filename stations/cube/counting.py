"""Counting bits by position: of many rows of bits, how many of each group have each bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stations.cube import bits

if TYPE_CHECKING:
    import numpy.typing as npt

    from geodata.geodesy import FloatArray, IntArray
    from stations.cube.bits import Words

    type Counts = npt.NDArray[np.int64]

STACK = 63
"""Rows added up as one number of six bits."""
VALUES, BYTE = 256, 8
ONES = np.unpackbits(np.arange(VALUES, dtype=np.uint8)[:, None], axis=1, bitorder="little")
"""(256, 8): which bits a byte of each value has."""


def counted(rows: Words, group: IntArray, groups: int) -> Counts:
    """Count the rows (n, words) of each group that have each bit: (groups, bits).

    Rows of a group are stacked, and a stack is added up in all its columns at once by carry-save
    adders (Harley and Seal's population count, in columns): three bits of one weight are one of
    that weight and one of twice the weight.
    """
    order = np.argsort(group, kind="stable")
    counts = np.bincount(group, minlength=groups)
    stacks = -(-counts // STACK)
    first = np.cumsum(stacks) - stacks
    padded = np.zeros((STACK, stacks.sum()), dtype=np.int64)
    rank = np.arange(order.size) - np.repeat(np.cumsum(counts) - counts, counts)
    of = group[order]
    padded[rank % STACK, first[of] + rank // STACK] = order + 1
    blank = np.zeros((1, rows.shape[1]), dtype=np.uint64)
    planes = _added(np.concatenate((blank, rows))[padded])
    width = rows.shape[1] * bits.WORD_BITS
    totals = np.zeros((stacks.sum(), width), dtype=np.uint8)
    for number, plane in enumerate(planes):
        totals += bits.unpacked(plane, width) << np.uint8(number)
    out: Counts = np.zeros((groups, width), dtype=np.int64)
    some = np.flatnonzero(stacks)
    if some.size:
        out[some] = np.add.reduceat(totals, first[some], axis=0, dtype=np.int64)
    return out


def _added(stack: Words) -> list[Words]:
    """Add up (k, n, words) along the first axis: bit planes (n, words), the lowest first."""
    planes = []
    while len(stack):
        carries = []
        while len(stack) > 1:
            third = max(len(stack) // 3, 1)
            a, b = stack[:third], stack[third : 2 * third]
            c = stack[2 * third : 3 * third]
            half = a ^ b
            carry = a & b
            if len(c):
                carry |= half & c
                half ^= c
            carries.append(carry)
            stack = np.concatenate((half, stack[3 * third :]))
        planes.append(stack[0])
        stack = np.concatenate(carries) if carries else stack[:0]
    return planes


def weighed(rows: Words, group: IntArray, groups: int, weights: FloatArray) -> Counts:
    """Add up whole-number weights of the rows of each group that have each bit.

    A byte at a time: the weight of each of its 256 values says that of each of its bits. Exact
    while sums are below 2**53.
    """
    little = rows.astype(bits.LITTLE, copy=False)
    table = np.ascontiguousarray(little.view(np.uint8).T)
    out = np.empty((groups, len(table) * BYTE), dtype=np.int64)
    base = group * VALUES
    for number, values in enumerate(table):
        held = np.bincount(base + values, weights, minlength=groups * VALUES)
        out[:, number * BYTE : (number + 1) * BYTE] = held.reshape(groups, VALUES) @ ONES
    return out
