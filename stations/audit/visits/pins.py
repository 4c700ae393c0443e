"""How far somebody, or a photo, was from a station's pin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geodata.geodesy import distance_m
from stations.audit.visits.terms import terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.geodesy import LonLat


def metres(station: Mapping[str, Any], here: LonLat) -> float:
    """Return geodesic metres from a position to a station's pin, or its entrance if nearer.

    `PositionError` for a position that is not on Earth.
    """
    pins = [(station["lon"], station["lat"])]
    if station["entrance_lon"] is not None:
        pins.append((station["entrance_lon"], station["entrance_lat"]))
    lon, lat = zip(*pins, strict=True)
    count = len(pins)
    return float(distance_m([here.lon] * count, [here.lat] * count, lon, lat).min())


def is_far(away_m: float | None, accuracy_m: float | None) -> bool:
    """Whether a position is farther from the pin than its accuracy and a large place explain."""
    return away_m is not None and away_m > (accuracy_m or 0) + terms().limits.far_m
