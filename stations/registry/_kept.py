"""What a snapshot computes when first asked, and can tell the next one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REMEMBERED = 32
"""Answers to different questions that are kept."""


class Kept[K, V]:
    """Remembers answers that are dear; a thread that asks while one is computed waits for it."""

    def __init__(self, build: Callable[[K], V], known: Mapping[K, V] | None = None) -> None:
        self._build, self._computing = build, threading.Lock()
        self._known: dict[K, V] = dict(known or {})
        self._asked: set[K] = set()

    def __call__(self, asked: K) -> V:
        """Return the answer to a question."""
        self._asked.add(asked)
        if asked in self._known:
            return self._known[asked]
        with self._computing:
            if asked not in self._known:
                newest = list(self._known.items())[1 - REMEMBERED :]
                self._known = {**dict(newest), asked: self._build(asked)}
            return self._known[asked]

    def carried(self, carry: Callable[[K, V], V | None]) -> dict[K, V]:
        """Return what ``carry`` makes of each answer; where it makes nothing there is none."""
        found = {asked: carry(asked, each) for asked, each in [*self._known.items()]}
        return {asked: each for asked, each in found.items() if each is not None}

    def was_asked(self, asked: K) -> bool:
        """Tell whether anybody asked this snapshot."""
        return asked in self._asked


class Later[T]:
    """One value that is dear: computed when first asked for."""

    def __init__(self, build: Callable[[], T], known: T | None = None) -> None:
        self._build, self._computing = build, threading.Lock()
        self.known = known
        """None: not computed yet."""

    def __call__(self) -> T:
        """Return it."""
        if self.known is None:
            with self._computing:
                if self.known is None:
                    self.known = self._build()
        return self.known
