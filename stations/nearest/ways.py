"""How long the ways take: bounds that cost nothing, and exact minutes where they can decide.

The search asks for exact minutes in small batches, the most promising first, and only while the
bound says that they could change the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from stations.nearest.question import DAY_MIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.travel import Mode


class Ways(Protocol):
    """The ways of one question. "Found" are rows of the index of those that fit it."""

    dear: bool
    """Whether asking for minutes costs more than thinking twice about it."""
    farthest_m: float
    """No way of more straight metres is done in a day."""

    def least(self, metres: float) -> float:
        """Return minutes that no way of so many straight metres, or of more, is shorter than."""
        ...

    def here(self, found: Sequence[int], metres: Sequence[float]) -> list[float]:
        """Return the minutes from the asker to some stations, so many straight metres away.

        Infinite: there is no way; so with `onward`.
        """
        ...

    def onward(self, start: int, found: Sequence[int], metres: Sequence[float]) -> list[float]:
        """Return the minutes from a station to some others, so many straight metres away."""
        ...

    def road_m(self, start: int | None, found: int) -> float | None:
        """Return the metres by road of a way asked for before, from a station or the asker (None).

        None: its minutes are an estimate, or there is no way.
        """
        ...

    def spent(self, start: int | None) -> bool:
        """Tell whether so many ways from one place were asked for that no more will be told."""
        ...


class Straight:
    """Minutes in proportion to straight metres: the bound is the exact value."""

    dear = False

    def __init__(self, mode: Mode) -> None:
        self.least = mode.minutes_per_m.__mul__
        self.farthest_m = DAY_MIN / mode.minutes_per_m

    def here(self, _found: Sequence[int], metres: Sequence[float]) -> list[float]:
        """Return the minutes, whatever the stations."""
        return [*map(self.least, metres)]

    def onward(self, _start: int, _found: Sequence[int], metres: Sequence[float]) -> list[float]:
        """Return the minutes, whatever the stations."""
        return [*map(self.least, metres)]

    def road_m(self, _start: int | None, _found: int) -> None:
        """Return None: every way is estimated."""

    def spent(self, _start: int | None) -> bool:
        """Return False: estimates cost nothing."""
        return False
