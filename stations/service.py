"""Who gets to a station in time: the area from which it is within reach.

By road where there is a network: the isochrone *towards* the station, with its holes. Else the
circle of the estimate, the straight distance that takes just as long, and labelled so. A limit in
metres is a circle always. Areas are for drawing and for planners; whether one site is covered is
for `stations.coverage`, which does not cut shapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geodata.errors import UsageError
from geodata.geodesy.circles import circle

if TYPE_CHECKING:
    import shapely

    from stations.reach import Limit
    from stations.registry import Registry
    from stations.travel import Travel

LONGEST_MIN = 60.0
WIDEST_M = 100_000.0


@dataclass(frozen=True, eq=False)
class ServiceArea:
    """From where one station is within reach."""

    shape: shapely.Geometry
    """A polygon or several in WGS 84, with holes; empty where no road leads to the station."""
    estimated: bool
    """Whether it is a circle made from minutes, for want of roads there."""
    unreachable: bool
    """Whether the station lies where roads are known, and none is near enough."""


def service_area_of(registry: Registry, row: int, limit: Limit, travel: Travel) -> ServiceArea:
    """Return the area within ``limit`` of a station, a row of ``registry.stands``.

    Roads lead to its entrance where that is known. `UsageError` for nothing, more than
    `LONGEST_MIN` minutes, or more than `WIDEST_M` metres.
    """
    most = LONGEST_MIN if limit.unit == "min" else WIDEST_M
    if not 0 < limit.value <= most:
        raise UsageError(
            f"an area is drawn for more than 0 and up to {most:g} {limit.unit}, not {limit.text}"
        )
    by_time = limit.unit == "min"
    network = travel.network(limit.mode) if by_time else None
    if network is not None:
        lon, lat = registry.stands.destinations.wgs84[[row]].T
        snapped = network.snap(lon, lat, limit.mode)
        if snapped.inside[0]:
            [shape] = network.isochrones(lon, lat, limit.mode, limit.value)
            return ServiceArea(shape, estimated=False, unreachable=not snapped.found[0])
    metres = limit.value / travel.mode(limit.mode).minutes_per_m if by_time else limit.value
    shape = circle(float(registry.stands.lon[row]), float(registry.stands.lat[row]), metres)
    return ServiceArea(shape, estimated=by_time, unreachable=False)
