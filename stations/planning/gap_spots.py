"""Where exactly somebody is left out: the spots of demand that no station serves at every hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from stations import reach
from stations.cube import bits, ground_of
from stations.cube.supply import EVERY
from stations.reach.samples import samples_of
from stations.schema import WGS84

if TYPE_CHECKING:
    from geodata.geodesy import FloatArray, IntArray
    from stations.coverage import Truth
    from stations.reach import ReachCache
    from stations.reach.pairs import Progress
    from stations.travel import Travel


class Spots(NamedTuple):
    """Points of demand, WGS 84 degrees: a site that is a point, or samples of an area."""

    site: IntArray
    """Row of the layer's sites."""
    lon: FloatArray
    lat: FloatArray


def uncovered(
    answer: Truth,
    travel: Travel,
    cache: ReachCache | None = None,
    progress: Progress | None = None,
) -> Spots:
    """Return the spots no usable station serves at some hour asked about, with somebody there.

    Areas are looked at in samples (`stations.reach.samples`), only those of sites with a gap.
    """
    cube = answer.asked
    gaps = np.flatnonzero((cube.present > cube.covered(EVERY)).any(axis=1))
    shapes = cube.sites.geometry.to_numpy()[gaps]
    found = samples_of(shapes)
    site = gaps[found.site]
    points = gpd.GeoDataFrame(geometry=shapely.points(found.lon, found.lat), crs=WGS84)
    related = reach.relate(
        answer.registry, points, answer.need.limit, travel=travel, cache=cache, progress=progress
    )
    ground = ground_of(related, answer.registry)
    served = bits.united(cube.supply.usable(), ground.station, ground.begins)
    by_spot = np.zeros((site.size, served.shape[1]), dtype=np.uint64)
    by_spot[ground.site_of] = served  # each point is a site of its own, with one spot at most
    wanted = bits.packed(cube.present > 0)[site]
    left = (wanted & ~by_spot).any(axis=1)
    return Spots(site[left], found.lon[left], found.lat[left])
