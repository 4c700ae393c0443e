"""The share of an area within reach of points."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geodata.errors import UsageError
from geodata.geodesy import ellipsoid
from geodata.geodesy.areas import area_m2, checked_areas
from geodata.geodesy.discs import Scene, covered_m2
from geodata.geodesy.feet import edges_of, redrawn
from geodata.geodesy.flat import boxes_of
from geodata.geodesy.plane import Planes
from geodata.geodesy.search import ball
from geodata.geodesy.visiting import in_threads

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from geodata.geodesy.areas import Areas
    from geodata.geodesy.index import PointIndex
    from geodata.geodesy.lonlat import BoolArray, FloatArray, IntArray

LEAST_TILE_M, GREATEST_TILE_M = 5_000.0, 30_000.0
EDGE_DEGREES = 0.01
"""Longer edges are cut: one of a kilometre bends less than 2 cm between degrees and plane."""
SNAP = 1e-9
BLOCK_PAIRS = 1_000_000
BLOCK_PIECES = 512


def share_within(index: PointIndex, areas: Areas, radius_m: float) -> FloatArray:
    """Share (0 to 1) of each area at most ``radius_m`` from any point of the index, shape (n,).

    Discs and polygons meet in local planes no wider than 60 km, in closed form; the result is
    true to better than 1e-4 (1e-5 for most parks). It is exactly 0 where nothing is in reach and
    exactly 1 where everything is (anything within 1e-9 of them counts as them); an empty area has
    share 0. Polygons must be valid: GEOS raises for some that cross themselves.
    """
    if not radius_m >= 0:
        raise UsageError(f"need a radius of at least 0 metres, got {radius_m}")
    array = checked_areas(areas)
    pieces, owner = shapely.get_parts(array, return_index=True)
    sizes = area_m2(pieces)
    covered, total = np.zeros(array.size), np.bincount(owner, sizes, minlength=array.size)
    if len(index):
        for of, square_metres in _covered(index, Pieces(pieces, owner, sizes), radius_m):
            covered += np.bincount(of, square_metres, minlength=array.size)
    share = np.divide(covered, total, out=np.zeros(array.size), where=total > 0)
    return np.where(share < SNAP, 0.0, np.where(share > 1 - SNAP, 1.0, share))


class Pieces(NamedTuple):
    """Polygons, the number of the area each is of, and their square metres."""

    polygons: npt.NDArray[np.object_]
    owner: IntArray
    sizes: FloatArray

    def only(self, kept: BoolArray) -> Pieces:
        """Return the pieces kept."""
        return Pieces(self.polygons[kept], self.owner[kept], self.sizes[kept])


def _covered(
    index: PointIndex, pieces: Pieces, radius_m: float
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield whose square metres are covered; polygons out of reach are left out.

    Polygons too wide for one plane are halved until they are all in, all out or small enough.
    """
    tile = np.clip(radius_m / 2, LEAST_TILE_M, GREATEST_TILE_M)
    pieces = pieces.only(~shapely.is_empty(pieces.polygons))
    while pieces.owner.size:
        boxes = boxes_of(pieces.polygons)
        extent = np.hypot(*boxes.half_sides()) * boxes.stretch(np.zeros(pieces.owner.size))[1]
        middle_m = index.nearest(boxes.lon, boxes.lat, 1).metres[:, 0]
        held = middle_m + extent <= radius_m
        yield pieces.owner[held], pieces.sizes[held]
        partly = ~held & (middle_m - extent <= radius_m)
        small = partly & (extent <= tile)
        share = _shares(index, pieces.polygons[small], radius_m + extent[small], radius_m)
        yield pieces.owner[small], pieces.sizes[small] * share
        pieces = halved(pieces.only(partly & ~small))


def halved(pieces: Pieces) -> Pieces:
    """Cut each polygon across the longer side of its box."""
    boxes = boxes_of(pieces.polygons)
    half_x, half_y = boxes.half_sides()
    east = np.where(half_x > half_y, boxes.lon, boxes.east)
    north = np.where(half_x > half_y, boxes.north, boxes.lat)
    west = np.where(half_x > half_y, boxes.lon, boxes.west)
    south = np.where(half_x > half_y, boxes.south, boxes.lat)
    one = shapely.intersection(pieces.polygons, shapely.box(boxes.west, boxes.south, east, north))
    two = shapely.intersection(pieces.polygons, shapely.box(west, south, boxes.east, boxes.north))
    parts, part_of = shapely.get_parts(np.concatenate((one, two)), return_index=True)
    areal = shapely.area(parts) > 0
    parts, part_of = parts[areal], part_of[areal]
    return Pieces(parts, np.tile(pieces.owner, 2)[part_of], area_m2(parts))


def _shares(
    index: PointIndex, pieces: npt.NDArray[np.object_], reach_m: FloatArray, radius_m: float
) -> FloatArray:
    """Share of each polygon, all small, within the radius of a position."""

    def measure(block: IntArray) -> FloatArray:
        polygons = cut_edges(pieces[block])
        disc_polygon, place = _discs(index, polygons, reach_m[block], radius_m)
        share = [
            share_of(
                index.places.xyz,
                polygons[some],
                disc_polygon[discs] - some.start,
                place[discs],
                radius_m,
            )
            for some, discs in portions(polygons, disc_polygon)
        ]
        return np.concatenate(share)

    blocks = np.split(np.arange(pieces.size), np.arange(BLOCK_PIECES, pieces.size, BLOCK_PIECES))
    return np.concatenate(in_threads(measure, blocks))


def _discs(
    index: PointIndex, polygons: npt.NDArray[np.object_], reach_m: FloatArray, radius_m: float
) -> tuple[IntArray, IntArray]:
    """List (polygon, position) whose disc reaches the polygon's box, sorted by polygon."""
    boxes, places = boxes_of(polygons), index.places
    xyz = ellipsoid.to_ecef(boxes.lon, boxes.lat)
    polygon, place = ball(places.tree, xyz, ellipsoid.reach_m(reach_m))
    apart = boxes.distance(polygon, places.lon[place], places.lat[place])
    near = apart * boxes.stretch(reach_m)[0][polygon] <= radius_m
    return polygon[near], place[near]


def cut_edges(polygons: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Copy polygons, with the edges longer than ``EDGE_DEGREES`` cut."""
    edges, starts = edges_of(polygons)
    longest = np.maximum(np.abs(edges.lon2 - edges.lon1), np.abs(edges.lat2 - edges.lat1))
    long = np.maximum.reduceat(longest, starts[:-1]) > EDGE_DEGREES
    polygons = polygons.copy()
    polygons[long] = shapely.segmentize(polygons[long], EDGE_DEGREES)
    return polygons


def portions(
    polygons: npt.NDArray[np.object_], disc_polygon: IntArray
) -> Iterator[tuple[slice, slice]]:
    """Yield slices of polygons, and of the discs (sorted by polygon) that are theirs."""
    discs = np.bincount(disc_polygon, minlength=polygons.size)
    cost = np.cumsum(discs * (shapely.get_num_coordinates(polygons) + discs))
    cuts = np.flatnonzero(np.diff(cost // BLOCK_PAIRS)) + 1
    bounds = [0, *cuts.tolist(), polygons.size]
    begins = np.searchsorted(disc_polygon, bounds)
    for number, (first, last) in enumerate(pairwise(bounds)):
        yield slice(first, last), slice(begins[number], begins[number + 1])


def share_of(
    xyz: FloatArray,
    polygons: npt.NDArray[np.object_],
    disc_polygon: IntArray,
    place: IntArray,
    radius_m: float,
) -> FloatArray:
    """Share of each polygon, all small, within the radius of its own of the places ``xyz``."""
    boxes = boxes_of(polygons)
    planes = Planes(boxes.lon, boxes.lat)
    degrees, owner = shapely.get_coordinates(polygons, return_index=True)
    flat = planes.project(owner, ellipsoid.to_ecef(*degrees.T))
    drawn = shapely.orient_polygons(redrawn(polygons, np.column_stack(flat)))
    edges, starts = edges_of(drawn)
    x, y = planes.project(disc_polygon, xyz[place])
    scene = Scene(
        polygons=drawn,
        edges=edges,
        edge_polygon=np.repeat(np.arange(polygons.size), np.diff(starts)),
        x=x,
        y=y,
        disc_polygon=disc_polygon,
        radius=radius_m,
    )
    share: FloatArray = covered_m2(scene) / shapely.area(drawn)
    return share
