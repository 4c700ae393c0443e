"""Where the demand stands, and which stations and candidates it reaches, by one and the same limit.

Stations and candidates are *places*, numbered together: first every row of ``registry.stands``,
the stations' pins before all others, then the candidates in their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geodata.errors import UsageError
from geodata.geodesy import PointIndex
from geodata.roads import HORIZON_MIN
from stations.cube import Ground
from stations.reach import BESIDE
from stations.reach.by_road import RoadReach
from stations.reach.minutes import Minutes, Stations
from stations.reach.pairs import RoadPairs
from stations.reach.samples import samples_of
from stations.reach.straight import StraightReach

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.geodesy import FloatArray, IntArray
    from geodata.roads import RoadNetwork
    from stations.reach import Limit, ReachCache
    from stations.reach.pairs import Progress
    from stations.reach.samples import Samples
    from stations.registry import Registry
    from stations.travel import Mode, Travel


class Places(NamedTuple):
    """What ways may lead to: where stations in use stand, then the candidates."""

    numbers: IntArray
    """Ascending."""
    lon: FloatArray
    lat: FloatArray
    door_lon: FloatArray
    """Where a way by road ends."""
    door_lat: FloatArray

    def indexed(self) -> PointIndex:
        """Return an index over all of them."""
        return PointIndex(self.lon, self.lat)

    def only(self, columns: IntArray) -> Places:
        """Return some of them."""
        ends = (self.lon, self.lat, self.door_lon, self.door_lat)
        return Places(self.numbers[columns], *(each[columns] for each in ends))


def places_of(registry: Registry, candidates: gpd.GeoDataFrame) -> Places:
    """Return the stands of stations in use and the candidates (points, WGS 84), numbered."""
    stands, points = registry.stands, candidates.geometry.to_numpy()
    rows, lon, lat = stands.active, shapely.get_x(points), shapely.get_y(points)
    doors = stands.destinations.wgs84[rows]
    new = len(stands) + np.arange(len(candidates))
    return Places(
        np.concatenate((rows, new)),
        np.concatenate((stands.lon[rows], lon)),
        np.concatenate((stands.lat[rows], lat)),
        np.concatenate((doors[:, 0], lon)),
        np.concatenate((doors[:, 1], lat)),
    )


def spots_of(
    sites: gpd.GeoDataFrame,
    places: Places,
    limit: Limit,
    *,
    travel: Travel,
    cache: ReachCache | None = None,
    progress: Progress | None = None,
) -> Ground:
    """Return the ground of sites over places: each point a spot, each area its sample points.

    As `stations.reach.relate` relates sites to stations: in a straight line, estimated, or by
    road; a site wholly outside the network is estimated, by its samples too.
    """
    shapes = sites.geometry.to_numpy()
    mode = travel.mode(limit.mode) if limit.unit == "min" else None
    network = travel.network(limit.mode)
    if mode is None or network is None:
        return _straight(shapes, places, limit, mode)
    if limit.value > HORIZON_MIN:
        raise UsageError(f"over roads at most {HORIZON_MIN:g} min, not {limit.text}")
    samples = _near(network, shapes)
    pairs = RoadPairs(network, mode.code, samples, cache, progress)
    stations = Stations(places.indexed(), places.numbers, places.door_lon, places.door_lat)
    ways = Minutes(len(shapes), pairs, stations, limit.value, mode)
    return _by_road(RoadReach(shapes, limit, mode, ways), places)


def _straight(shapes: np.ndarray, places: Places, limit: Limit, mode: Mode | None) -> Ground:
    samples = samples_of(shapes)
    return _ground(samples, _pairs(samples, places, limit, mode), len(shapes), limit)


def _by_road(reach: RoadReach, places: Places) -> Ground:
    """Put the samples of the sites outside the network behind those of the others."""
    ways, far = reach.ways, reach.far
    inside = np.flatnonzero(~np.isin(ways.samples.site, far))
    spot_of = np.full(ways.samples.site.size, -1)
    spot_of[inside] = np.arange(inside.size)
    near = ways.reached
    beyond = samples_of(reach.shapes[far])
    away = _pairs(beyond, places.only(ways.passable), reach.limit, reach.mode)
    joined = (
        np.concatenate((spot_of[near.sample], inside.size + away[0])),
        np.concatenate((reach.station_rows[near.column], away[1])),
        np.concatenate((near.minutes, away[2])),
    )
    held = ways.samples.only(inside)
    samples = type(held)(
        np.concatenate((held.site, far[beyond.site])),
        np.concatenate((held.lon, beyond.lon)),
        np.concatenate((held.lat, beyond.lat)),
    )
    return _ground(samples, joined, len(reach.shapes), reach.limit)


def _ground(
    samples: Samples, pairs: tuple[IntArray, IntArray, FloatArray], sites: int, limit: Limit
) -> Ground:
    return Ground.of_pairs(samples.site, pairs, sites=sites, unit=limit.unit)


def _pairs(
    samples: Samples, places: Places, limit: Limit, mode: Mode | None
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return sample, place number and cost of every pair in reach in a straight line."""
    points = shapely.points(samples.lon, samples.lat)
    costs = StraightReach(points, places.indexed(), places.numbers, limit, mode).costs.tocoo()
    sample, column = costs.coords
    return sample, places.numbers[column], costs.data


def _near(network: RoadNetwork, shapes: np.ndarray) -> Samples:
    """Return samples of the sites that may be in the network, as `stations.reach.relate` does."""
    near = shapely.box(*network.info.area.bounds).buffer(BESIDE)
    return samples_of(np.where(shapely.intersects(near, shapes), shapes, shapely.Point()))
