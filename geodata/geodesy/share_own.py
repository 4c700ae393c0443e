"""The share of many areas within reach, each of points of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.errors import UsageError
from geodata.geodesy import ellipsoid
from geodata.geodesy.areas import area_m2, checked_areas
from geodata.geodesy.flat import boxes_of
from geodata.geodesy.lonlat import canonical, checked
from geodata.geodesy.share import (
    BLOCK_PIECES,
    GREATEST_TILE_M,
    LEAST_TILE_M,
    SNAP,
    Pieces,
    cut_edges,
    halved,
    portions,
    share_of,
)
from geodata.geodesy.visiting import in_threads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    import numpy.typing as npt

    from geodata.geodesy.areas import Areas
    from geodata.geodesy.flat import Boxes
    from geodata.geodesy.lonlat import BoolArray, FloatArray, IntArray


def share_within_own(
    areas: Areas,
    area: IntArray,
    point: IntArray,
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    *,
    radius_m: float,
) -> FloatArray:
    """Share (0 to 1) of each area at most ``radius_m`` from any of its own points, shape (n,).

    ``area`` (ascending) and ``point`` pair numbers of ``areas`` with those of the positions; an
    area may stand in ``areas`` many times, each time with other points. Otherwise as
    `share_within`, and equal to it to 1e-9.
    """
    if not radius_m >= 0:
        raise UsageError(f"need a radius of at least 0 metres, got {radius_m}")
    array, discs = checked_areas(areas), Discs(*canonical(*checked(lon, lat)), radius_m)
    pieces, owner = shapely.get_parts(array, return_index=True)
    sizes = area_m2(pieces)
    total = np.bincount(owner, sizes, minlength=array.size)
    covered = np.zeros(array.size)
    begins = np.searchsorted(area, np.arange(array.size + 1))
    pairs = Own(np.asarray(point), begins).of(owner)
    for of, square_metres in discs.covered(Pieces(pieces, owner, sizes), pairs):
        covered += np.bincount(of, square_metres, minlength=array.size)
    share = np.divide(covered, total, out=np.zeros(array.size), where=total > 0)
    return np.where(share < SNAP, 0.0, np.where(share > 1 - SNAP, 1.0, share))


class Own:
    """The points of each of some pieces: ``begins`` marks them off, as in a csr array."""

    def __init__(self, point: IntArray, begins: IntArray) -> None:
        self.point, self.begins = point, begins

    @property
    def piece(self) -> IntArray:
        """The piece each point is of."""
        return np.repeat(np.arange(self.begins.size - 1), np.diff(self.begins))

    def of(self, pieces: IntArray) -> Own:
        """Return the points of some pieces, in that order, as often as they are named."""
        counts = np.diff(self.begins)[pieces]
        begins = np.concatenate(([0], np.cumsum(counts)))
        shift = np.repeat(self.begins[pieces] - begins[:-1], counts)
        return Own(self.point[np.arange(begins[-1]) + shift], begins)

    def only(self, kept: BoolArray) -> Self:
        """Return the points kept, of as many pieces."""
        before = np.concatenate(([0], np.cumsum(kept)))
        return type(self)(self.point[kept], before[self.begins])


class Discs:
    """Discs of one radius about positions checked already."""

    def __init__(self, lon: FloatArray, lat: FloatArray, radius_m: float) -> None:
        self._lon, self._lat, self._radius_m = lon, lat, radius_m
        self._xyz = ellipsoid.to_ecef(lon, lat)

    def covered(self, pieces: Pieces, own: Own) -> Iterator[tuple[IntArray, FloatArray]]:
        """Yield whose square metres are covered; polygons out of reach are left out.

        Polygons too wide for one plane are halved until they are all in, all out or small enough.
        """
        radius_m = self._radius_m
        tile = np.clip(radius_m / 2, LEAST_TILE_M, GREATEST_TILE_M)
        some = ~shapely.is_empty(pieces.polygons) & (np.diff(own.begins) > 0)
        pieces, own = pieces.only(some), own.of(np.flatnonzero(some))
        while pieces.owner.size:
            boxes = boxes_of(pieces.polygons)
            extent = np.hypot(*boxes.half_sides()) * boxes.stretch(np.zeros(pieces.owner.size))[1]
            chord = self._nearest_chord(boxes, own)
            held = ellipsoid.most_m(chord) + extent <= radius_m
            yield pieces.owner[held], pieces.sizes[held]
            partly = ~held & (ellipsoid.least_m(chord) - extent <= radius_m)
            small = partly & (extent <= tile)
            numbers = np.flatnonzero(small)
            share = self._shares(pieces.polygons[small], own.of(numbers), radius_m + extent[small])
            yield pieces.owner[small], pieces.sizes[small] * share
            large = np.flatnonzero(partly & ~small)
            parent = Pieces(pieces.polygons[large], np.arange(large.size), pieces.sizes[large])
            halves = halved(parent)
            own = own.of(large[halves.owner])
            pieces = Pieces(halves.polygons, pieces.owner[large][halves.owner], halves.sizes)

    def _nearest_chord(self, boxes: Boxes, own: Own) -> FloatArray:
        """Chord from each box's middle to the nearest of its points, of which it has some."""
        apart = ellipsoid.to_ecef(boxes.lon, boxes.lat)[own.piece] - self._xyz[own.point]
        chord = np.sqrt(np.einsum("ij,ij->i", apart, apart))
        nearest: FloatArray = np.minimum.reduceat(chord, own.begins[:-1])
        return nearest

    def _shares(
        self, polygons: npt.NDArray[np.object_], own: Own, reach_m: FloatArray
    ) -> FloatArray:
        def measure(block: IntArray) -> FloatArray:
            cut = cut_edges(polygons[block])
            near = self._reaching(cut, own.of(block), reach_m[block])
            piece = near.piece
            share = [
                share_of(
                    self._xyz,
                    cut[some],
                    piece[discs] - some.start,
                    near.point[discs],
                    self._radius_m,
                )
                for some, discs in portions(cut, piece)
            ]
            return np.concatenate(share)

        starts = np.arange(BLOCK_PIECES, polygons.size, BLOCK_PIECES)
        blocks = np.split(np.arange(polygons.size), starts)
        return np.concatenate(in_threads(measure, blocks))

    def _reaching(self, polygons: npt.NDArray[np.object_], own: Own, reach_m: FloatArray) -> Own:
        """Leave out the points whose disc does not reach the polygon's box."""
        boxes, piece = boxes_of(polygons), own.piece
        apart = boxes.distance(piece, self._lon[own.point], self._lat[own.point])
        return own.only(apart * boxes.stretch(reach_m)[0][piece] <= self._radius_m)
