"""The share of an area within reach of points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.errors import UsageError
from geodata.geodesy import ellipsoid
from geodata.geodesy.areas import area_m2, checked_areas
from geodata.geodesy.discs import Scene, covered_m2
from geodata.geodesy.feet import edges_of
from geodata.geodesy.flat import boxes_of
from geodata.geodesy.plane import Planes
from geodata.geodesy.search import ball

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from geodata.geodesy.areas import Areas
    from geodata.geodesy.index import PointIndex
    from geodata.geodesy.lonlat import FloatArray, IntArray

LEAST_TILE_M, GREATEST_TILE_M = 5_000.0, 30_000.0
EDGE_DEGREES = 0.01
"""Longer edges are cut: one of a kilometre bends less than 2 cm between degrees and plane."""
SNAP = 1e-9
BLOCK_PAIRS = 1_000_000
BLOCK_PIECES = 2_048


def share_within(index: PointIndex, areas: Areas, radius_m: float) -> FloatArray:
    """Share (0 to 1) of each area at most ``radius_m`` from any point of the index, shape (n,).

    Discs and polygons meet in local planes no wider than 30 km, in closed form; the result is
    true to 1e-5 for polygons of a park's size and up. It is exactly 0 where nothing is in reach and
    exactly 1 where everything is (anything within 1e-9 of them counts as them); an empty area has
    share 0. Polygons must be valid: GEOS raises for some that cross themselves.
    """
    if not radius_m >= 0:
        raise UsageError(f"need a radius of at least 0 metres, got {radius_m}")
    array = checked_areas(areas)
    pieces, owner = shapely.get_parts(array, return_index=True)
    covered, total = np.zeros(array.size), area_m2(array)
    if len(index):
        for polygons, of, share in _shares(index, pieces, owner, radius_m):
            covered += np.bincount(of, share * area_m2(polygons), minlength=array.size)
    share = np.divide(covered, total, out=np.zeros(array.size), where=total > 0)
    return np.where(share < SNAP, 0.0, np.where(share > 1 - SNAP, 1.0, share))


def _shares(
    index: PointIndex, pieces: npt.NDArray[np.object_], owner: IntArray, radius_m: float
) -> Iterator[tuple[npt.NDArray[np.object_], IntArray, FloatArray]]:
    """Yield polygons, whose they are and their share; those out of reach are left out.

    Polygons too wide for one plane are halved until they are all in, all out or small enough.
    """
    tile = np.clip(2 * radius_m, LEAST_TILE_M, GREATEST_TILE_M)
    full = ~shapely.is_empty(pieces)
    pieces, owner = pieces[full], owner[full]
    while pieces.size:
        boxes = boxes_of(pieces)
        extent = np.hypot(*boxes.half_sides()) * boxes.stretch(np.zeros(pieces.size))[1]
        middle_m = index.nearest(boxes.lon, boxes.lat, 1).metres[:, 0]
        held = middle_m + extent <= radius_m
        yield pieces[held], owner[held], np.ones(np.count_nonzero(held))
        partly = ~held & (middle_m - extent <= radius_m)
        small = np.flatnonzero(partly & (extent <= tile))
        for block in np.split(small, np.arange(BLOCK_PIECES, small.size, BLOCK_PIECES)):
            polygons = shapely.segmentize(pieces[block], EDGE_DEGREES)
            reach_m = radius_m + extent[block]
            yield pieces[block], owner[block], _measured(index, polygons, reach_m, radius_m)
        large = partly & (extent > tile)
        pieces, owner = _halved(pieces[large], owner[large])


def _halved(
    pieces: npt.NDArray[np.object_], owner: IntArray
) -> tuple[npt.NDArray[np.object_], IntArray]:
    """Cut each polygon across the longer side of its box."""
    boxes = boxes_of(pieces)
    half_x, half_y = boxes.half_sides()
    east = np.where(half_x > half_y, boxes.lon, boxes.east)
    north = np.where(half_x > half_y, boxes.north, boxes.lat)
    west = np.where(half_x > half_y, boxes.lon, boxes.west)
    south = np.where(half_x > half_y, boxes.south, boxes.lat)
    one = shapely.intersection(pieces, shapely.box(boxes.west, boxes.south, east, north))
    two = shapely.intersection(pieces, shapely.box(west, south, boxes.east, boxes.north))
    parts, part_of = shapely.get_parts(np.concatenate((one, two)), return_index=True)
    polygons = shapely.area(parts) > 0
    return parts[polygons], np.tile(owner, 2)[part_of[polygons]]


def _measured(
    index: PointIndex, polygons: npt.NDArray[np.object_], reach_m: FloatArray, radius_m: float
) -> FloatArray:
    """Share of each polygon, all small, within the radius of a position."""
    boxes = boxes_of(polygons)
    polygon, place = ball(
        index.places.tree, ellipsoid.to_ecef(boxes.lon, boxes.lat), ellipsoid.reach_m(reach_m)
    )
    discs = np.bincount(polygon, minlength=polygons.size)
    cost = np.cumsum(discs * (shapely.get_num_coordinates(polygons) + discs))
    cuts = np.flatnonzero(np.diff(cost // BLOCK_PAIRS)) + 1
    shares = [
        _share_of(index, polygons[block], polygon[chosen] - block.start, place[chosen], radius_m)
        for block, chosen in _blocks(cuts, polygon, polygons.size)
    ]
    return np.concatenate(shares)


def _blocks(cuts: IntArray, polygon: IntArray, size: int) -> Iterator[tuple[slice, slice]]:
    """Yield slices of polygons, and of the pairs (sorted by polygon) that are theirs."""
    bounds = [0, *cuts.tolist(), size]
    begins = np.searchsorted(polygon, bounds)
    for i in range(len(bounds) - 1):
        yield slice(bounds[i], bounds[i + 1]), slice(begins[i], begins[i + 1])


def _share_of(
    index: PointIndex,
    polygons: npt.NDArray[np.object_],
    disc_polygon: IntArray,
    place: IntArray,
    radius_m: float,
) -> FloatArray:
    boxes = boxes_of(polygons)
    planes = Planes(boxes.lon, boxes.lat)
    degrees, owner = shapely.get_coordinates(polygons, return_index=True)
    flat = planes.project(owner, ellipsoid.to_ecef(*degrees.T))
    drawn = shapely.orient_polygons(shapely.set_coordinates(polygons.copy(), flat))
    edges, starts = edges_of(drawn)
    scene = Scene(
        polygons=drawn,
        starts=np.column_stack((edges.lon1, edges.lat1)),
        ends=np.column_stack((edges.lon2, edges.lat2)),
        edge_polygon=np.repeat(np.arange(polygons.size), np.diff(starts)),
        centres=planes.project(disc_polygon, index.places.xyz[place]),
        disc_polygon=disc_polygon,
        radius=radius_m,
    )
    return covered_m2(scene) / shapely.area(drawn)
