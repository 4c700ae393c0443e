"""Chunks of work over all cores, results in order."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def in_order[S, T](work: Callable[[S], T], chunks: Sequence[S]) -> Iterator[T]:
    """Yield ``work`` of each chunk in order; threads do it, as the engine lets go of the lock.

    An exception, also one thrown by whoever takes the results, drops the chunks not yet begun.
    """
    if len(chunks) <= 1:
        yield from map(work, chunks)
        return
    pool = ThreadPoolExecutor(len(os.sched_getaffinity(0)))
    own = [copy_context() for _ in chunks]
    try:
        yield from pool.map(lambda chunk, own: own.run(work, chunk), chunks, own)
    finally:
        pool.shutdown(cancel_futures=True)
