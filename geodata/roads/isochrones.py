"""Where one can be within some minutes, as polygons made of cells that were each asked about.

The engine has isochrones of its own, but they are contours of a coarse grid: on real roads up to a
tenth of the points were on the wrong side. So cells are snapped and timed as any point is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.ndimage import binary_dilation, binary_erosion

from geodata.errors import UsageError
from geodata.roads.costing import HORIZON_MIN, WALK_M_PER_MIN
from geodata.roads.engine import NO_EDGE, NO_PATH, RefusalError, understood
from geodata.roads.errors import RoadsEngineError
from geodata.roads.snapping import SNAP_M

if TYPE_CHECKING:
    from collections.abc import Callable

    from geodata.geodesy import BoolArray, FloatArray
    from geodata.roads.costing import Costing
    from geodata.roads.network import RoadNetwork
    from geodata.roads.snapping import Snapped

LEAST_CELL_M = 25.0
"""Side of the smallest cells."""
CELLS = 16_000
"""About how many of the smallest cells there are at most; large polygons have larger cells."""
_LONGER, _LATER_MIN = 1.1, 2.0
"""The engine's own contour, so much later, is where cells are tried."""
_M_PER_DEGREE = 111_320.0


def isochrone(
    network: RoadNetwork, centre: Snapped, mode: str, minutes: float, *, towards: bool
) -> shapely.Geometry:
    """Give the polygon of one snapped point, in degrees; an empty one where it has no road."""
    if not 0 < minutes <= HORIZON_MIN:
        raise UsageError(f"minutes must be above 0 and at most {HORIZON_MIN:.0f}, not {minutes}")
    if not centre.found[0] or centre.metres[0] / WALK_M_PER_MIN > minutes:
        return shapely.Polygon()
    scale = np.array([math.cos(math.radians(float(centre.lat[0]))), 1.0]) * _M_PER_DEGREE
    region = _region(network, centre, network.costing(mode), minutes, scale, towards=towards)
    shapely.prepare(region)
    side = max(LEAST_CELL_M, math.sqrt(region.area / CELLS))
    raster = _Raster(region, side)

    def within(middles: FloatArray) -> BoolArray:
        lonlat = middles / scale
        cells = network.snap(lonlat[:, 0], lonlat[:, 1], mode)
        if towards:
            ways = network.towards(cells, centre, mode)
        else:
            ways = network.matrix(centre, cells, mode)
        return ways.minutes.ravel() <= minutes

    return shapely.transform(raster.joined(raster.filled(within)), lambda metres: metres / scale)


def _region(
    network: RoadNetwork,
    centre: Snapped,
    costing: Costing,
    minutes: float,
    scale: FloatArray,
    *,
    towards: bool,
) -> shapely.Geometry:
    """Bound, in metres, where an answer may lie: the engine's contour and the way to the road."""
    place = {"lon": float(centre.lon[0]), "lat": float(centre.lat[0]), "search_cutoff": 25}
    request: dict[str, Any] = {
        "locations": [place | {"radius": 0, "node_snap_tolerance": 0}],
        "contours": [{"time": min(minutes * _LONGER + _LATER_MIN, HORIZON_MIN)}],
        "polygons": True,
        "denoise": 0,
        "generalize": 20,
        "reverse": towards,
        **costing.request(),
    }
    shapes = [shapely.Point(place["lon"], place["lat"])]
    try:
        with understood():
            found = network.ask("isochrone", request)["features"]
            shapes += [shapely.geometry.shape(each["geometry"]) for each in found]
    except RefusalError as error:
        if error.code not in {NO_EDGE, NO_PATH}:
            raise RoadsEngineError(f"the routing engine refused an isochrone: {error}") from None
    metres = shapely.transform(np.array(shapes, dtype=object), lambda lonlat: lonlat * scale)
    margin = SNAP_M * 1.5
    joined = shapely.union_all(shapely.buffer(shapely.make_valid(metres), margin, quad_segs=2))
    straight = costing.top_speed_kmh * 1000 / 60 * minutes + SNAP_M
    middle = shapely.Point(place["lon"] * scale[0], place["lat"] * scale[1])
    return shapely.intersection(joined, middle.buffer(straight))


class _Raster:
    """Square cells over a region, in metres: coarse ones first, the finest only along the edge."""

    def __init__(self, region: shapely.Geometry, side: float) -> None:
        self._region, self._side = region, side
        west, south, east, north = np.array(region.bounds) / (side * _COARSEST)
        self._corner = np.floor((west, south)) * _COARSEST
        """Of the whole raster, in cells: cells lie on one grid whatever the region."""
        self._shape = math.ceil(east) - math.floor(west), math.ceil(north) - math.floor(south)

    def filled(self, within: Callable[[FloatArray], BoolArray]) -> BoolArray:
        """Ask about the middles of coarse cells, then of the parts of those beside another kind."""
        size = _COARSEST
        good = np.zeros(self._shape, dtype=np.bool_)
        doubtful = ~good
        while True:
            column, row = np.nonzero(doubtful)
            middles = (self._corner + (np.column_stack((column, row)) + 0.5) * size) * self._side
            known = shapely.contains_xy(self._region, middles)
            answers = np.zeros(known.size, dtype=np.bool_)
            answers[known] = within(middles[known])
            good[column, row] = answers
            if size == 1:
                return good
            edge = binary_dilation(good, _AROUND) & ~binary_erosion(good, _AROUND)
            good, doubtful = (np.kron(each, _QUARTERS) for each in (good, edge))
            size //= 2

    def joined(self, good: BoolArray) -> shapely.Geometry:
        """Join the cells that are good."""
        column, row = np.nonzero(good)
        west, south = self._corner[0] + column, self._corner[1] + row
        boxes = shapely.box(west, south, west + 1, south + 1)
        joined = shapely.union_all(shapely.coverage_union_all(boxes), grid_size=0.01)
        return shapely.transform(joined, lambda cells: cells * self._side)


_COARSEST = 4
"""Side of the first cells asked about, in smallest ones; a power of two."""
_AROUND = np.ones((3, 3), dtype=np.bool_)
_QUARTERS = np.ones((2, 2), dtype=np.bool_)
