"""What awaits who comes to a station, kept for all who come there alike.

Where ways are estimates, neither a door nor the way on from it depends on where somebody sets out:
only on when they arrive, and on that only where some door opens or shuts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from stations.nearest.fitting import Fitting
    from stations.nearest.hits import Arrival
    from stations.nearest.onward import Next
    from stations.trust import Standings

    type Key = tuple[int, int, int, Next | None]
    """Row found, state, minute from the day's midnight, way on."""

_KEPT, _TOLD = 8_192, 4_096


class Outlook(NamedTuple):
    """What somebody finds who arrives at a station in a span of time: see `Doors.arrival`."""

    since: float
    """Inclusive."""
    until: float
    """Exclusive."""
    state: int
    """Of its door, as `Doors.state` has it."""
    extra: float | None
    """Minutes to expect besides the way there; None: nobody has worked them out."""
    instead: Next | None
    """The way on; None: giving up is cheaper, or ``extra`` is None."""


class Situation(NamedTuple):
    """What an outlook depends on, but for the station and the arrival."""

    fitting: Fitting
    whole: Standings
    """The evidence, weighed for the question's minute."""
    day: date
    minutes_per_m: float
    stay: float
    moves: bool
    """Whether time goes by on the way."""


class Outlooks(dict[int, Outlook]):
    """The outlooks of one situation, by row found; shared by all threads."""

    def __init__(self, _situation: Situation) -> None:
        """Begin with none; `Facts.outlooks` keeps one for each situation."""
        self._arrivals: dict[Key, Arrival] = {}

    def keep(self, found: int, outlook: Outlook) -> None:
        """Keep one; a span without any arrival is nobody's."""
        if outlook.since < outlook.until:
            if len(self) >= _KEPT:
                self.clear()
            self[found] = outlook

    def arrival(self, key: Key, tell: Callable[[], Arrival]) -> Arrival:
        """Return what is said of a visit; ``tell``: where nobody was told before."""
        known = self._arrivals.get(key)
        if known is None:
            if len(self._arrivals) >= _TOLD:
                self._arrivals.clear()
            known = self._arrivals[key] = tell()
        return known
