"""What others make of a snapshot, kept as long as it lives."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Protocol, Self, cast, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable

    from stations.registry._move import Move
    from stations.registry._snapshot import Registry


@runtime_checkable
class Movable(Protocol):
    """What is made of a snapshot and can be brought to the next one for less."""

    def moved(self, registry: Registry, move: Move) -> Self:
        """Return what it is of the snapshot ``move`` led to, equal to one made anew."""


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

    def take_over(self, before: Derived, registry: Registry, move: Move) -> None:
        """Bring here what is `Movable` of what was made of the snapshot before ``registry``."""
        for build, value in [*before._values.items()]:
            if isinstance(value, Movable):
                self._values[build] = value.moved(registry, move)
