"""What others make of a snapshot, kept as long as it lives."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable


class Derived:
    """The values of some functions of one snapshot; shared by all threads."""

    def __init__(self) -> None:
        self._values: dict[Callable[..., Any], Any] = {}
        self._computing = threading.RLock()  # one may be made of another

    def get[S, T](self, build: Callable[[S], T], source: S) -> T:
        """Return ``build(source)``: a thread that asks while it is computed waits for it."""
        if build not in self._values:
            with self._computing:
                if build not in self._values:
                    self._values[build] = build(source)
        return cast("T", self._values[build])
