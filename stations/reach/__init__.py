"""Demand site → stations, with cost: the one relation coverage and siting share.

Costs are straight metres, or minutes: over the roads of a network where there is one, else
estimated from the straight distance. Limits are inclusive. How areas are measured, and what is
kept on disk, is told in ``stations/reach/README.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.errors import UsageError
from geodata.geodesy import PointIndex
from geodata.roads import HORIZON_MIN
from stations.reach.by_road import RoadReach
from stations.reach.cache import ReachCache
from stations.reach.limits import Limit, parse_within
from stations.reach.minutes import Minutes, Stations
from stations.reach.pairs import RoadPairs
from stations.reach.relation import Nearest, Reach
from stations.reach.samples import described, samples_of
from stations.reach.straight import StraightReach
from stations.travel import Travel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import geopandas as gpd

    from geodata.geodesy import IntArray
    from geodata.roads import RoadNetwork
    from stations.reach.pairs import Progress
    from stations.reach.samples import Samples
    from stations.registry import Registry

__all__ = ["Limit", "Nearest", "Reach", "ReachCache", "described", "parse_within", "relate"]

ESTIMATES = Travel()
BESIDE = 0.05
"""Degrees around a network's box within which sites are brought to its roads at all."""


def relate(
    registry: Registry,
    sites: gpd.GeoDataFrame,
    limit: Limit,
    needs: Sequence[str] = (),
    *,
    travel: Travel = ESTIMATES,
    cache: ReachCache | None = None,
    progress: Progress | None = None,
    on: date | None = None,
) -> Reach:
    """Relate ``sites`` (points and polygons, WGS 84) to the stations within ``limit``.

    Only stations in use that offer all of ``needs`` (amenity codes) count; one that moves at each
    of its places, or at those of a day (``on``). ``cache`` keeps what
    the roads were asked; ``progress`` is told pairs done and to do. Minutes over roads are limited
    to `geodata.roads.HORIZON_MIN`, `UsageError` for more.
    """
    index, rows = _counting(registry, needs, on)
    shapes = sites.geometry.to_numpy()
    mode = travel.mode(limit.mode) if limit.unit == "min" else None
    network = travel.network(limit.mode)
    if mode is None or network is None:
        return StraightReach(shapes, index, rows, limit, mode)
    if limit.value > HORIZON_MIN:
        raise UsageError(f"over roads at most {HORIZON_MIN:g} min, not {limit.text}")
    pairs = RoadPairs(network, mode.code, _samples(network, shapes), cache, progress)
    lon, lat = registry.stands.destinations.wgs84[rows].T
    ways = Minutes(len(shapes), pairs, Stations(index, rows, lon, lat), limit.value, mode)
    return RoadReach(shapes, limit, mode, ways)


def _counting(
    registry: Registry, needs: Sequence[str], on: date | None
) -> tuple[PointIndex, IntArray]:
    """Return the stands that count, and an index over them."""
    index, rows = registry.stands.offering(needs)
    if on is None or (kept := registry.stands.on(on)[rows]).all():
        return index, rows
    return PointIndex(index.lon[kept], index.lat[kept]), rows[kept]


def _samples(network: RoadNetwork, shapes: np.ndarray) -> Samples:
    """Return samples of the sites that may be in the network."""
    near = shapely.box(*network.info.area.bounds).buffer(BESIDE)
    return samples_of(np.where(shapely.intersects(near, shapes), shapes, shapely.Point()))
