"""How far is within reach: metres, or minutes by a means of travel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from geodata.errors import UsageError
from stations.travel import mode_of

FARTHEST_M = 20_100_000.0
LONGEST_MIN = 1_440.0

type Unit = Literal["m", "min"]


@dataclass(frozen=True)
class Limit:
    """A limit to reach, inclusive; `UsageError` for one that makes no sense."""

    value: float
    """0 or more; at most half around the Earth, or a day."""
    unit: Unit = "m"
    """``m``: straight geodesic metres. ``min``: minutes of ``mode``."""
    mode: str = "walk"
    """A code of `stations.travel.modes`; without meaning for metres, where it is always walk."""

    def __post_init__(self) -> None:
        """Check the limit."""
        if self.unit not in {"m", "min"}:
            raise UsageError(f"a limit is in m or min, not {str(self.unit)[:40]!r}")
        if not self.value >= 0:
            what = "metres" if self.unit == "m" else "minutes"
            raise UsageError(f"a limit is zero or more {what}, not {self.value}")
        if self.unit == "m" and self.value > FARTHEST_M:
            raise UsageError(
                f"no two places on Earth are {self.value:.0f} m apart; at most 20,100 km"
            )
        if self.unit == "min" and self.value > LONGEST_MIN:
            raise UsageError(f"at most a day, {LONGEST_MIN:.0f} min, not {self.value:g} min")
        mode_of(self.mode)
        if self.unit == "m":
            object.__setattr__(self, "mode", "walk")

    @property
    def text(self) -> str:
        """The limit as `parse_within` reads it."""
        return f"{self.value:.6f}".rstrip("0").rstrip(".") + self.unit


def parse_within(text: str, mode: str = "walk") -> Limit:
    """Read a limit such as ``1000m``, ``1.5km`` or ``10min``; anything else is a `UsageError`.

    ``mode`` is how the minutes are spent; it must be a known one for metres too.
    """
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*(km|m|min)", text.strip().casefold())
    if not match:
        raise UsageError(
            f"a limit is a number with its unit, such as 1000m, 1.5km or 10min, not {text[:40]!r}"
        )
    number, unit = float(match[1]), match[2]
    if unit == "min":
        return Limit(number, "min", mode)
    return Limit(number * (1_000 if unit == "km" else 1), "m", mode)
