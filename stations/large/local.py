"""Counting in this process, over all its processors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from threading import Event, Lock
from typing import TYPE_CHECKING

from geodata.geodesy.visiting import processors
from stations.large.sums import nothing, plus, sums_of

if TYPE_CHECKING:
    from stations.large.layer import Block, LargeLayer
    from stations.large.question import Asked
    from stations.large.sums import Progress, Sums


def count(layer: LargeLayer, asked: Asked, *, progress: Progress | None = None) -> Sums:
    """Count all points of a layer, some blocks at a time, in threads.

    Reading, searching and counting let go of the interpreter's lock. Each thread holds one batch
    and its own sums: memory does not grow with the layer. ``progress`` is called by one thread at
    a time; what it raises ends the counting, as does an interrupt, within a batch of each thread.
    """
    shared = _Shared(layer, progress)
    threads = min(processors(), len(shared.blocks)) or 1
    with ThreadPoolExecutor(threads) as pool:
        try:
            works = [pool.submit(_work, shared, asked) for _ in range(threads)]
            return reduce(plus, (work.result() for work in works))
        finally:
            shared.stopped.set()


class _Shared:
    """What is left to do, and how much was done."""

    def __init__(self, layer: LargeLayer, progress: Progress | None) -> None:
        self.blocks = layer.blocks()
        self.stopped = Event()
        self._left = iter(self.blocks)
        self._done, self._rows, self._progress = 0, layer.rows, progress
        self._lock = Lock()

    def next(self) -> Block | None:
        with self._lock:
            return next(self._left, None)

    def tell(self, points: int) -> None:
        with self._lock:
            self._done += points
            if self._progress is not None:
                self._progress(self._done, self._rows)


def _work(shared: _Shared, asked: Asked) -> Sums:
    """Count blocks until there is none left."""
    total = nothing(asked)
    try:
        while (block := shared.next()) is not None:
            for sums in sums_of(block, asked):
                if shared.stopped.is_set():
                    return total
                total = plus(total, sums)
                shared.tell(int(sums.points.sites.sum()))
    except BaseException:
        shared.stopped.set()
        raise
    return total
