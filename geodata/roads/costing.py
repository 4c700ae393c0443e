"""How each mode travels (`costing.toml`), and how fast it can be at the very most."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from geodata.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.geodesy import FloatArray
    from geodata.roads.closures import Closures

MODES = ("walk", "ebike", "car", "truck")
WALK_M_PER_MIN = 5000 / 60
"""Pace of the straight legs to and from the road, for every mode."""
HORIZON_MIN = 360.0
"""Six hours: what is farther by road counts as no way at all. Every search pays for it."""
SPHERE_SHARE = 0.985
"""Least metres the engine counts for a metre of road. Its sphere is at most 0.34 % short (at the
poles; 0.2 % in China), and it rounds each edge to whole metres, which may take another 1 %."""
SLACK_M = 20.0
"""For positions rounded to 0.1 m and part metres dropped at both ends."""
SLACK_MIN = 1 / 60
"""For times rounded to whole seconds."""


@dataclass(frozen=True)
class TruckSize:
    """What a truck measures and weighs; the defaults are in `costing.toml`."""

    height_m: float
    width_m: float
    length_m: float
    weight_t: float
    axle_load_t: float

    def __post_init__(self) -> None:
        """Refuse what is no truck."""
        for each in fields(self):
            if not 0 < getattr(self, each.name) < 100:  # noqa: PLR2004 - said in the message
                raise UsageError(f"a truck's {each.name} must be a number above 0 and below 100")

    def options(self) -> dict[str, float]:
        """Name the sizes as the engine does."""
        return {
            "height": self.height_m,
            "width": self.width_m,
            "length": self.length_m,
            "weight": self.weight_t,
            "axle_load": self.axle_load_t,
        }


@dataclass(frozen=True)
class Costing:
    """One mode as the engine is told of it."""

    code: str
    engine: str
    """The engine's own name for the kind of traffic."""
    options: Mapping[str, Any]
    top_speed_kmh: float
    """Nothing goes faster, on any way."""
    closures: Closures | None = None
    """Roads closed to it; part of all that an answer depends on."""

    def least_minutes(self, straight_m: FloatArray) -> FloatArray:
        """Lower bound of every answer of ``RoadNetwork.matrix`` for geodesic metres apart.

        The whole way at `top_speed_kmh`, less what the engine's shorter sphere and its rounding
        may hide (`SPHERE_SHARE`, `SLACK_M`, `SLACK_MIN`). Legs to the road are walked, which no
        mode beats by going slower, so they only add to it. Never below 0.
        """
        ground = straight_m * SPHERE_SHARE - SLACK_M
        minutes: FloatArray = (ground / (self.top_speed_kmh * 1000 / 60) - SLACK_MIN).clip(0)
        return minutes

    def request(self) -> dict[str, Any]:
        """Give the part of a request that names the mode."""
        return {"costing": self.engine, "costing_options": {self.engine: dict(self.options)}}


@cache
def _document() -> dict[str, Any]:
    text = (files("geodata.roads") / "costing.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def usual_truck() -> TruckSize:
    """Give the truck of `costing.toml`."""
    return TruckSize(**_document()["truck_size"])


def costing_of(mode: str, truck: TruckSize | None = None) -> Costing:
    """Give the costing of one of `MODES`; UsageError for any other word."""
    if mode not in MODES:
        raise UsageError(f"no mode {mode[:40]!r} on roads; known: {', '.join(MODES)}")
    known = _document()[mode]
    options = dict(known["options"])
    if mode == "truck":
        options |= (truck or usual_truck()).options()
    return Costing(mode, known["engine"], options, known["top_speed_kmh"])
