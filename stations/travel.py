"""How long a way takes: an estimate from the straight distance, by means of travel.

The numbers, all assumed, are in ``stations/data/travel.toml`` with their reasons.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from geodata.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.geodesy import FloatArray

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
