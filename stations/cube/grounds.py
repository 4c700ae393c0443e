"""The ground of a reach, however it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.errors import UsageError
from stations.cube.ground import Ground
from stations.reach.by_road import RoadReach
from stations.reach.straight import StraightReach

if TYPE_CHECKING:
    import numpy.typing as npt

    from stations.reach import Reach
    from stations.registry import Registry


def ground_of(reach: Reach, registry: Registry) -> Ground:
    """Take a reach related without needs: what stations lack is found out later.

    In a straight line areas are measured exactly, over roads by their samples, and exactly again
    where they lie wholly outside the network. `UsageError` for a reach that leaves out stations in
    use, or is of a kind unknown here.
    """
    if not np.array_equal(reach.station_rows, registry.stands.active):
        raise UsageError("the cube needs reach to every station in use: relate without needs")
    if isinstance(reach, StraightReach):
        return _straight(reach)
    if isinstance(reach, RoadReach):
        return _by_road(reach)
    raise UsageError(f"no ground for a {type(reach).__name__}")


def _straight(reach: StraightReach) -> Ground:
    pairs = reach.costs.tocoo()
    spot, column = pairs.coords
    return Ground.of_pairs(
        np.arange(len(reach.shapes)),
        (spot, reach.station_rows[column], pairs.data),
        sites=len(reach.shapes),
        unit=reach.limit.unit,
        polygons=_areas(reach.shapes),
        radius_m=reach.radius_m,
    )


def _by_road(reach: RoadReach) -> Ground:
    """Put the sites outside the network, one spot each, behind the samples of the others."""
    ways, far = reach.ways, reach.far
    away = StraightReach(
        reach.shapes[far],
        ways.stations.only(ways.passable),
        reach.station_rows[ways.passable],
        reach.limit,
        reach.mode,
    )
    inside = np.flatnonzero(~np.isin(ways.samples.site, far))
    spot_of = np.full(ways.samples.site.size, -1)
    spot_of[inside] = np.arange(inside.size)
    near, beyond = ways.reached, away.costs.tocoo()
    spots = np.concatenate((spot_of[near.sample], inside.size + beyond.coords[0]))
    stations = (reach.station_rows[near.column], away.station_rows[beyond.coords[1]])
    none = np.full(inside.size, None, dtype=object)
    return Ground.of_pairs(
        np.concatenate((ways.samples.site[inside], far)),
        (spots, np.concatenate(stations), np.concatenate((near.minutes, beyond.data))),
        sites=len(reach.shapes),
        unit="min",
        polygons=np.concatenate((none, _areas(reach.shapes[far]))),
        radius_m=away.radius_m,
    )


def _areas(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return the areas, None for the points."""
    areas = shapes.copy()
    areas[shapely.get_type_id(shapes) == shapely.GeometryType.POINT] = None
    return areas
