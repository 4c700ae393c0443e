"""The nearest point of an index to each of many areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geodata.errors import UsageError
from geodata.geodesy import ellipsoid
from geodata.geodesy.areas import checked_areas
from geodata.geodesy.feet import edges_of, metres_to_edges, redrawn
from geodata.geodesy.flat import boxes_of
from geodata.geodesy.results import Pairs
from geodata.geodesy.search import ball

if TYPE_CHECKING:
    import numpy.typing as npt

    from geodata.geodesy.areas import Areas
    from geodata.geodesy.feet import Edges
    from geodata.geodesy.flat import Boxes
    from geodata.geodesy.index import PointIndex
    from geodata.geodesy.lonlat import BoolArray, FloatArray, IntArray
    from geodata.geodesy.positions import Positions


class _Pairs(NamedTuple):
    """Polygons with positions that may be the nearest to them; sorted by polygon."""

    polygon: IntArray
    place: IntArray

    def only(self, kept: BoolArray) -> _Pairs:
        return _Pairs(self.polygon[kept], self.place[kept])


def nearest_to_areas(index: PointIndex, areas: Areas) -> tuple[IntArray, FloatArray]:
    """Find the row nearest to each area, and its metres; both of shape (n,).

    A point inside an area or on its boundary is at 0 m. Otherwise the metres are the geodesic ones
    to the nearest point of the boundary, whose edges are straight in degrees (RFC 7946), true to
    1 mm up to 100 km below 85° of latitude. Ties (to a micrometre) go to the lower row. An empty
    area, or an empty index, gives row -1 and infinity.
    """
    array = checked_areas(areas)
    polygons, area_of = shapely.get_parts(array, return_index=True)
    full = ~shapely.is_empty(polygons)
    polygons, area_of = polygons[full], area_of[full]
    if not len(index) or not polygons.size:
        return np.full(array.size, -1), np.full(array.size, np.inf)
    polygon, place, metres = _Search(index, polygons).run()
    return _best(area_of[polygon], index.places.first[place], metres, array.size)


def areas_within(index: PointIndex, areas: Areas, radius_m: float) -> Pairs:
    """Find every pair of an area and a row at most ``radius_m`` apart, inclusive.

    Metres are as in ``nearest_to_areas``: 0 inside or on the boundary. UsageError for a radius
    that is NaN or negative.
    """
    array = checked_areas(areas)
    if not radius_m >= 0:
        raise UsageError(f"need a radius of 0 metres or more, got {radius_m}")
    polygons, area_of = shapely.get_parts(array, return_index=True)
    full = ~shapely.is_empty(polygons)
    polygons, area_of = polygons[full], area_of[full]
    if not len(index) or not polygons.size:
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    polygon, place, metres = _Search(index, polygons).all_within(radius_m)
    entry, rows = index.places.expand(place, len(index))
    return _nearest_part(Pairs(area_of[polygon[entry]], rows, metres[entry]), radius_m)


def _nearest_part(pairs: Pairs, radius_m: float) -> Pairs:
    """Keep each area's least metres to a row, over its parts and edges, within the limit."""
    order = np.lexsort((pairs.metres, pairs.row, pairs.query))
    same = (np.diff(pairs.query[order], prepend=-1) == 0) & (
        np.diff(pairs.row[order], prepend=-1) == 0
    )
    kept = order[~same & (pairs.metres[order] <= radius_m)]
    kept = kept[np.lexsort((pairs.row[kept], pairs.metres[kept], pairs.query[kept]))]
    return Pairs(pairs.query[kept], pairs.row[kept], pairs.metres[kept])


def _best(
    group: IntArray, rows: IntArray, metres: FloatArray, groups: int
) -> tuple[IntArray, FloatArray]:
    """Give the least metres (to a micrometre), then the least row, of each group."""
    best_rows, best_metres = np.full(groups, -1), np.full(groups, np.inf)
    order = np.lexsort((rows, np.round(metres, 6), group))
    first = order[np.flatnonzero(np.diff(group[order], prepend=-1))]
    best_rows[group[first]], best_metres[group[first]] = rows[first], metres[first]
    return best_rows, best_metres


class _Search:
    """Narrows the pairs of a polygon and a position by bounds, then measures what is left."""

    def __init__(self, index: PointIndex, polygons: npt.NDArray[np.object_]) -> None:
        self._places: Positions = index.places
        self._polygons = polygons
        self._boxes: Boxes = boxes_of(polygons)
        nearest = index.nearest(self._boxes.lon, self._boxes.lat, 1)
        self._seed = index.places.place_of[nearest.rows[:, 0]]
        self._seed_m = nearest.metres[:, 0]

    def run(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Polygon, position and metres of pairs among which every polygon's nearest one is."""
        pairs = self._candidates()
        within = pairs.only(self._inside(pairs))
        held = np.zeros(self._polygons.size, dtype=np.bool_)
        held[within.polygon] = True
        return self._joined(within, self._contenders(pairs.only(~held[pairs.polygon])))

    def _candidates(self) -> _Pairs:
        """Every position that may be nearer to the polygon than the one nearest to its middle."""
        boxes, every = self._boxes, np.arange(self._polygons.size)
        radius = self._radius()
        _, high = boxes.stretch(self._seed_m + radius)
        seeds = shapely.points(self._offsets(_Pairs(every, self._seed)))
        self._planes = self._in_plane()
        plane_m = shapely.distance(self._planes, seeds)
        bound = np.fmin(high * plane_m, self._seed_m + radius) + ellipsoid.NOISE_M
        return self._near(bound, radius)

    def all_within(self, radius_m: float) -> tuple[IntArray, IntArray, FloatArray]:
        """Polygon, position and metres of edges; none within the radius is missing."""
        bound = np.full(self._polygons.size, radius_m + ellipsoid.NOISE_M)
        pairs = self._near(bound, self._radius())
        inside = self._inside(pairs)
        return self._joined(pairs.only(inside), pairs.only(~inside))

    def _joined(self, within: _Pairs, outside: _Pairs) -> tuple[IntArray, IntArray, FloatArray]:
        polygon, place, metres = self._measured(outside)
        return (
            np.concatenate((within.polygon, polygon)),
            np.concatenate((within.place, place)),
            np.concatenate((np.zeros(within.place.size), metres)),
        )

    def _radius(self) -> FloatArray:
        """Metres from each box's middle to beyond its corners."""
        boxes = self._boxes
        _, high = boxes.stretch(np.zeros(self._polygons.size))
        radius: FloatArray = np.hypot(*boxes.half_sides()) * high
        return radius

    def _near(self, bound: FloatArray, radius: FloatArray) -> _Pairs:
        """Every position that may be within ``bound`` of a polygon of this ``radius``."""
        boxes = self._boxes
        self._low, self._high = boxes.stretch(bound)
        xyz = ellipsoid.to_ecef(boxes.lon, boxes.lat)
        pairs = _Pairs(*ball(self._places.tree, xyz, ellipsoid.reach_m(bound + radius)))
        lon, lat = self._places.lon[pairs.place], self._places.lat[pairs.place]
        apart = boxes.distance(pairs.polygon, lon, lat) * self._low[pairs.polygon]
        return pairs.only(apart <= bound[pairs.polygon])

    def _offsets(self, pairs: _Pairs) -> FloatArray:
        lon, lat = self._places.lon[pairs.place], self._places.lat[pairs.place]
        return np.column_stack(self._boxes.offsets(pairs.polygon, lon, lat))

    def _in_plane(self) -> npt.NDArray[np.object_]:
        degrees, owner = shapely.get_coordinates(self._polygons, return_index=True)
        offsets = self._boxes.offsets(owner, *degrees.T)
        return redrawn(self._polygons, np.column_stack(offsets))

    def _inside(self, pairs: _Pairs) -> BoolArray:
        shapely.prepare(self._polygons)
        inside: BoolArray = shapely.intersects_xy(
            self._polygons[pairs.polygon],
            self._places.lon[pairs.place],
            self._places.lat[pairs.place],
        )
        return inside

    def _contenders(self, pairs: _Pairs) -> _Pairs:
        """Pairs that the plane cannot tell from the nearest one."""
        points = shapely.points(self._offsets(pairs))
        shapely.prepare(self._planes)
        plane_m = shapely.distance(self._planes[pairs.polygon], points)
        bound = np.full(self._polygons.size, np.inf)
        np.minimum.at(bound, pairs.polygon, plane_m * self._high[pairs.polygon])
        return pairs.only(
            plane_m * self._low[pairs.polygon] <= bound[pairs.polygon] + ellipsoid.NOISE_M
        )

    def _measured(self, pairs: _Pairs) -> tuple[IntArray, IntArray, FloatArray]:
        """Measure every edge that can hold the nearest point of the boundary."""
        named, which = np.unique(pairs.polygon, return_inverse=True)
        edges, starts = edges_of(self._polygons[named])
        counts = np.diff(starts)[which]
        pair = np.repeat(np.arange(which.size), counts)
        edge = np.arange(pair.size) - np.repeat(np.cumsum(counts) - counts - starts[which], counts)
        edges = edges.take(edge)
        share, plane_m = self._plane_feet(pairs, pair, edges)
        bound = np.full(which.size, np.inf)
        np.minimum.at(bound, pair, plane_m * self._high[pairs.polygon[pair]])
        near = plane_m * self._low[pairs.polygon[pair]] <= bound[pair] + ellipsoid.NOISE_M
        polygon, place = pairs.polygon[pair[near]], pairs.place[pair[near]]
        lon, lat = self._places.lon[place], self._places.lat[place]
        return polygon, place, metres_to_edges(lon, lat, edges.take(near), share[near])

    def _plane_feet(
        self, pairs: _Pairs, pair: IntArray, edges: Edges
    ) -> tuple[FloatArray, FloatArray]:
        """Where each edge is nearest in the plane, as a share of it, and how near."""
        boxes, polygon = self._boxes, pairs.polygon[pair]
        x, y = self._offsets(pairs)[pair].T
        x1, y1 = boxes.offsets(polygon, edges.lon1, edges.lat1)
        x2, y2 = boxes.offsets(polygon, edges.lon2, edges.lat2)
        across, up = x2 - x1, y2 - y1
        squared = np.maximum(across**2 + up**2, 1e-12)
        share = np.clip(((x - x1) * across + (y - y1) * up) / squared, 0, 1)
        return share, np.hypot(x1 + share * across - x, y1 + share * up - y)
