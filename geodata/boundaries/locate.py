"""Which polygon covers a point, for a million points at a time.

A grid is laid over the polygons. A cell that no edge touches lies wholly in one polygon or in none,
and so do all the cells that can be reached from it without entering a touched one; a point there is
answered by looking up its cell. Only points in touched cells are put to GEOS, and only against the
polygons whose edges are there. Nothing is rounded: the answers are those of asking every polygon
about every point.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    type FloatArray = NDArray[np.float64]
    type IntArray = NDArray[np.int64]
    type BoolArray = NDArray[np.bool_]
    type Polygons = NDArray[np.object_]

CHUNK = 1 << 17
"""Points handled at once: the working arrays stay in the processor's cache and under 10 MB."""

_MARGIN = 1e-9
"""Degrees by which an edge's box is grown, far more than rounding can move it."""


class Locator:
    """Finds the polygon that covers a point; on a shared edge the one with the lowest code.

    The polygons may leave gaps but must not overlap.
    """

    def __init__(self, polygons: Polygons, codes: IntArray, cell: float) -> None:
        """Take polygons in lon/lat, their codes (positive, ascending), the grid's step in degrees.

        The polygons become the locator's own: it prepares them, which others must not do meanwhile.
        """
        self._polygons = polygons
        self._codes = codes
        self._cell = cell
        west, south, east, north = shapely.total_bounds(polygons)
        self._west, self._south = west - cell, south - cell
        self._columns = int((east - self._west) / cell) + 2
        self._rows = int((north - self._south) / cell) + 2
        shapely.prepare(polygons)
        self._lock = Lock()
        self._fill(*self._touched())

    def find(self, lon: FloatArray, lat: FloatArray) -> IntArray:
        """Return the code for each point of two flat arrays; 0 where no polygon covers it."""
        found = np.zeros(len(lon), dtype=np.int64)
        for start in range(0, len(lon), CHUNK):
            part = slice(start, start + CHUNK)
            found[part] = self._find_chunk(lon[part], lat[part])
        return found

    def _find_chunk(self, lon: FloatArray, lat: FloatArray) -> IntArray:
        column = (lon - self._west) / self._cell
        row = (lat - self._south) / self._cell
        on_grid = (column >= 0) & (column < self._columns) & (row >= 0) & (row < self._rows)
        column = np.where(on_grid, column, 0).astype(np.int64)
        row = np.where(on_grid, row, 0).astype(np.int64)
        found = np.where(on_grid, self._grid[row * self._columns + column], 0).astype(np.int64)
        edge = np.flatnonzero(found < 0)
        found[edge] = self._ask(lon[edge], lat[edge], -1 - found[edge])
        return found

    def _ask(self, lon: FloatArray, lat: FloatArray, slot: IntArray) -> IntArray:
        """Test points of touched cells; ``slot`` says which touched cell."""
        counts = self._starts[slot + 1] - self._starts[slot]
        point = np.repeat(np.arange(len(lon)), counts)
        candidate = self._candidates[_ranges(self._starts[slot], counts)]
        order = np.argsort(candidate, kind="stable")
        point, candidate = point[order], candidate[order]
        bounds = np.searchsorted(candidate, np.arange(len(self._polygons) + 1))
        found = np.zeros(len(lon), dtype=np.int64)
        with self._lock:  # GEOS builds a prepared polygon's index at its first question, unguarded
            for number in np.unique(candidate)[::-1].tolist():  # the lowest code is written last
                points = point[bounds[number] : bounds[number + 1]]
                hit = shapely.intersects_xy(self._polygons[number], lon[points], lat[points])
                found[points[hit]] = self._codes[number]
        return found

    def _touched(self) -> tuple[IntArray, IntArray]:
        """Return (cell, polygon) for each cell touched by an edge of a polygon, sorted."""
        cells = [self._cells_on_edge(polygon) for polygon in self._polygons]
        cell = np.concatenate(cells)
        number = np.repeat(np.arange(len(cells)), [len(own) for own in cells])
        order = np.lexsort([number, cell])
        return cell[order], number[order]

    def _cells_on_edge(self, polygon: BaseGeometry) -> IntArray:
        """Return the cells that a polygon's edges touch, each once."""
        rings = shapely.get_rings(shapely.get_parts(polygon))
        points, ring = shapely.get_coordinates(rings, return_index=True)
        points = (points - (self._west, self._south)) / self._cell
        start = np.flatnonzero(ring[1:] == ring[:-1])
        column, row = _touching(points[start], points[start + 1], _MARGIN / self._cell)
        return np.unique(row * self._columns + column)

    def _fill(self, cell: IntArray, polygon: IntArray) -> None:
        """Lay the grid: a code, 0 for none, or ``-1 - slot`` for a touched cell."""
        touched, counts = np.unique(cell, return_counts=True)
        self._starts = np.concatenate([[0], np.cumsum(counts)])
        self._candidates = polygon
        free = np.ones((self._rows, self._columns), dtype=bool)
        free.flat[touched] = False
        region, regions = ndimage.label(free)
        some_cell = np.zeros(regions + 1, dtype=np.int64)
        some_cell[region.ravel()] = np.arange(region.size)
        row, column = np.divmod(some_cell[1:], self._columns)
        lon = self._west + (column + 0.5) * self._cell
        lat = self._south + (row + 0.5) * self._cell
        code = np.zeros(regions + 1, dtype=np.int32)
        tree = shapely.STRtree(self._polygons)
        inside, number = tree.query(shapely.points(lon, lat), predicate="within")
        code[inside + 1] = self._codes[number]
        self._grid = code[region.ravel()]
        self._grid[touched] = -1 - np.arange(len(touched), dtype=np.int32)


def _touching(start: FloatArray, end: FloatArray, margin: float) -> tuple[IntArray, IntArray]:
    """Return columns and rows of the unit cells that edges (n, 2) → (n, 2) touch, within margin.

    Of the cells in an edge's box those whose four corners lie on one side of the edge are not
    touched.
    """
    low = np.floor(np.minimum(start, end) - margin).astype(np.int64)
    high = np.floor(np.maximum(start, end) + margin).astype(np.int64)
    width = high[:, 0] - low[:, 0] + 1
    count = width * (high[:, 1] - low[:, 1] + 1)
    edge = np.repeat(np.arange(len(start)), count)
    row, column = np.divmod(_ranges(np.zeros_like(count), count), width[edge])
    cell = low[edge] + np.stack([column, row], axis=1)
    along = (end - start)[edge]
    centre = cell + 0.5 - start[edge]
    off = np.abs(along[:, 0] * centre[:, 1] - along[:, 1] * centre[:, 0])
    touched = off <= (0.5 + margin) * np.abs(along).sum(axis=1)
    return cell[touched, 0], cell[touched, 1]


def _ranges(starts: IntArray, counts: IntArray) -> IntArray:
    """Return ``counts[i]`` numbers from ``starts[i]`` on for each i, one after the other."""
    ends = np.cumsum(counts)
    return np.arange(counts.sum()) + np.repeat(starts - ends + counts, counts)
