"""Who to send a rider to: the nearest stations in use that have what is needed.

Distances are geodesic metres on WGS 84, straight lines rather than roads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geodata.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.geodesy import LonLat
    from stations.registry import Registry


class Hit(NamedTuple):
    """A found station. Hits come by distance, then id, so ties have one order."""

    station: dict[str, Any]
    """The station's record, as `Registry.station` returns it."""
    distance_m: float
    """Rounded to the millimetre."""

    def as_dict(self) -> dict[str, Any]:
        """Return the record with its distance, for JSON."""
        return {**self.station, "distance_m": self.distance_m}


def find(
    registry: Registry,
    origin: LonLat,
    *,
    limit: int,
    needs: Sequence[str] = (),
    within_m: float = np.inf,
) -> list[Hit]:
    """Return at most ``limit`` stations in use that offer all of ``needs``, nearest first.

    Stations farther than ``within_m`` (inclusive) are left out. ``limit`` below 1, or a negative
    or NaN ``within_m``, raises `UsageError`; an unknown amenity `UnknownAmenityError`.
    """
    if limit < 1 or not within_m >= 0:
        raise UsageError(f"need limit >= 1 and within_m >= 0, got {limit} and {within_m}")
    found, metres = registry.index.nearest_to(
        origin, limit, within_m=within_m, where=registry.offers(needs)
    )
    return [
        Hit(registry.record(row), round(distance, 3))
        for row, distance in zip(registry.active[found].tolist(), metres.tolist(), strict=True)
    ]
