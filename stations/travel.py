"""How long a way takes: over a road network, or an estimate from the straight distance.

The estimate's numbers, all assumed, are in ``stations/data/travel.toml`` with their reasons.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from geodata.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geodata.geodesy import FloatArray, LonLat
    from geodata.roads import Calibration, RoadNetwork

STRAIGHT = "straight"
"""The mode that never takes a road."""

_M_PER_KM, _MIN_PER_HOUR = 1000.0, 60.0


@dataclass(frozen=True)
class Mode:
    """A means of travel."""

    code: str
    zh: str
    en: str
    speed_kmh: float
    detour: float
    """Length of the way over the straight distance."""
    links: tuple[str, ...]
    """Which of `stations.navigation`'s modes serve it, the best first."""
    estimated: bool = True
    """True: minutes come from the straight distance and not from a road network."""

    @property
    def minutes_per_m(self) -> float:
        """Minutes a straight metre takes."""
        return self.detour * _MIN_PER_HOUR / (self.speed_kmh * _M_PER_KM)

    def minutes(self, metres: FloatArray) -> FloatArray:
        """Return the minutes for straight metres, in proportion; infinite for infinite."""
        return metres * self.minutes_per_m


@cache
def modes() -> Mapping[str, Mode]:
    """Return every mode by its code, in the file's order."""
    data = tomllib.loads((files("stations") / "data" / "travel.toml").read_text("utf-8"))
    made = {
        code: Mode(code, **{**row, "links": tuple(row["links"])})
        for code, row in data["modes"].items()
    }
    return MappingProxyType(made)


def mode_of(code: str) -> Mode:
    """Return a mode by its code; `UsageError` names the known ones."""
    if code not in modes():
        raise UsageError(f"no mode {code[:40]!r}; known: {', '.join(modes())}")
    return modes()[code]


@dataclass(frozen=True)
class Travel:
    """How one gets about: over the roads of a network where there is one, else by estimate."""

    roads: RoadNetwork | None = None

    def mode(self, code: str) -> Mode:
        """Return a mode and its estimate; `UsageError` names the known ones.

        Detour and speed are those the network was calibrated with, where it was when this was
        first asked; `STRAIGHT` always keeps its own.
        """
        mode, calibration = mode_of(code), self._calibrations.get(code)
        if calibration is None or code == STRAIGHT:
            return mode
        return replace(mode, detour=calibration.detour, speed_kmh=calibration.speed_kmh)

    def network(self, code: str) -> RoadNetwork | None:
        """Return the network that answers for a mode; None where minutes are an estimate."""
        return None if mode_of(code).code == STRAIGHT else self.roads

    def closing(self, places: Sequence[LonLat], code: str) -> Travel:
        """Return the same with the road nearest to each place closed to a mode.

        `UsageError` without a network for it, and as `RoadNetwork.closing`.
        """
        network = self.network(code)
        if network is None:
            raise UsageError(
                "a road can be closed only where a road network tells the minutes: these are "
                "estimates"
            )
        lon, lat = [each.lon for each in places], [each.lat for each in places]
        return replace(self, roads=network.closing(lon, lat, code))

    @cached_property
    def _calibrations(self) -> Mapping[str, Calibration]:
        return {} if self.roads is None else self.roads.calibrations
