"""Visiting many queries fast: neighbours one after the other, parts on every processor."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geodata.geodesy.lonlat import FloatArray, IntArray

PART = 65_536
"""Queries answered at once by one thread: bounds the memory, whatever the batch."""
SMALL = 2_048
"""Below this many queries neither sorting nor threads pay."""
_CELLS = 65_535.0


def visiting_order(lon: FloatArray, lat: FloatArray) -> IntArray:
    """Order positions along a Z-shaped curve, so that a tree's memory stays in the cache."""
    key = (_spread(_cells(lon)) << np.uint64(1)) | _spread(_cells(lat))
    key = (key << np.uint64(32)) | np.arange(lon.size, dtype=np.uint64)
    key.sort()
    return (key & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _cells(values: FloatArray) -> IntArray:
    low = values.min()
    return ((values - low) * (_CELLS / max(values.max() - low, 1e-9))).astype(np.uint64)


def _spread(cells: IntArray) -> IntArray:
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        cells = (cells | (cells << np.uint64(shift))) & np.uint64(mask)
    return cells


def visit(lon: FloatArray, lat: FloatArray, answer: Callable[[IntArray], None]) -> None:
    """Call ``answer`` with row numbers, part by part, until every row has been named once.

    ``answer`` runs in several threads at once and must only write to its own rows.
    """
    if lon.size <= SMALL:
        answer(np.arange(lon.size))
        return
    parts = max(processors(), -(-lon.size // PART))
    in_threads(answer, np.array_split(visiting_order(lon, lat), parts))


def in_threads[S, T](work: Callable[[S], T], items: Sequence[S]) -> list[T]:
    """Do the work for every item on all processors; numpy and GEOS let threads run at once."""
    if len(items) <= 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(processors()) as pool:
        return list(pool.map(work, items))


def processors() -> int:
    """Count the processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
