"""What a map of very many stations shows: bunches of them far off, each of them close by.

The map is cut into tiles of 512 pixels as web maps are, and each into 8 x 8 cells. Stations lie
sorted along a Z-order curve, so that those of a cell stand side by side: a tile is counted by
looking up 65 numbers, however many stations there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.errors import UsageError
from web.api import answers, replies
from web.api.base import endpoint, register
from web.api.queries import NoQuery

if TYPE_CHECKING:
    from flask import Response

    from geodata.geodesy import FloatArray, IntArray
    from stations.registry import Registry

FINEST = 24
"""Halvings of the world's side in the curve: cells of 2.4 m at the equator."""
SPLIT = 3
"""Halvings of a tile's side into cells."""
APART = 15
"""From this zoom on every station stands alone; a web map's zoom is one more."""
DEEPEST = FINEST - SPLIT
NORTHMOST = 85.0511287798
"""Beyond it web maps end; what lies there is drawn at their edge."""


@dataclass(frozen=True)
class Marks:
    """The stations of a snapshot along the curve."""

    keys: IntArray
    """Position on the curve, ascending."""
    rows: IntArray
    """The station at each."""
    sums: FloatArray
    """Shape (n + 1, 2): sums of longitudes and latitudes up to each."""

    @classmethod
    def of(cls, registry: Registry) -> Marks:
        """Sort the stations of a snapshot; ties by id."""
        keys = _keys(registry.lon, registry.lat)
        rows = np.argsort(keys, kind="stable")
        places = np.column_stack((registry.lon, registry.lat))[rows]
        sums = np.vstack((np.zeros((1, 2)), np.cumsum(places, axis=0)))
        return cls(keys[rows], rows, sums)

    def tile(self, zoom: int, x: int, y: int) -> tuple[list[list[float]], list[int]]:
        """Return the bunches of a tile (lon and lat of their middle, count), and single rows."""
        shift = 2 * (FINEST - zoom - SPLIT)
        first = int(_interleaved(np.array([x]), np.array([y]))[0]) << 2 * SPLIT
        edges = (first + np.arange(4**SPLIT + 1, dtype=np.int64)) << shift
        starts = np.searchsorted(self.keys, edges)
        if zoom >= APART:
            return [], self.rows[starts[0] : starts[-1]].tolist()
        counts = np.diff(starts)
        many, single = np.flatnonzero(counts > 1), np.flatnonzero(counts == 1)
        totals = self.sums[starts[1:][many]] - self.sums[starts[:-1][many]]
        middles = (totals / counts[many, None]).round(5)
        bunches = np.column_stack((middles, counts[many])).tolist()
        return bunches, self.rows[starts[:-1][single]].tolist()


@endpoint("/marks/<int:zoom>/<int:x>/<int:y>", NoQuery, answers.Marks)
def marks(_: NoQuery, zoom: int, x: int, y: int) -> Response:
    """Show the stations of one map tile: bunches with their number, and those that stand alone.

    Tiles are of 512 pixels in Web Mercator, numbered from the north-west as web maps number them.
    """
    if zoom > DEEPEST or max(x, y) >= 2**zoom:
        raise UsageError(f"no such tile: zoom 0 to {DEEPEST}, x and y below 2 to the zoom")
    registry = register()
    return replies.versioned(registry, lambda: _tile(registry, zoom, x, y))


def _tile(registry: Registry, zoom: int, x: int, y: int) -> dict[str, Any]:
    bunches, rows = registry.derived(Marks.of).tile(zoom, x, y)
    return {
        "bunches": bunches,
        "stations": marked(registry, rows),
        "revision": registry.revision,
    }


def marked(registry: Registry, rows: list[int]) -> list[dict[str, Any]]:
    """Return what a mark of each station says."""
    frame = registry.stations.iloc[rows]
    columns = (frame.index, frame["name"], frame["kind"], frame["status"])
    places = registry.lon[rows].tolist(), registry.lat[rows].tolist()
    told = zip(*(column.tolist() for column in columns), *places, strict=True)
    return [dict(zip(answers.Mark.model_fields, each, strict=True)) for each in told]


def _keys(lon: FloatArray, lat: FloatArray) -> IntArray:
    side = 2**FINEST
    height = np.radians(lat.clip(-NORTHMOST, NORTHMOST))
    across = (lon + 180) / 360
    down = 0.5 - np.arcsinh(np.tan(height)) / (2 * np.pi)
    x, y = ((part * side).astype(np.int64).clip(0, side - 1) for part in (across, down))
    return _interleaved(x, y)


def _interleaved(x: IntArray, y: IntArray) -> IntArray:
    """Return positions on the curve: the bits of x and y in turns, y first."""
    keys: IntArray = _spread(x) | (_spread(y) << 1)
    return keys


def _spread(bits: IntArray) -> IntArray:
    """Put a zero before each of 32 bits."""
    bits = bits.astype(np.int64)
    for step, mask in _MASKS:
        bits = (bits | (bits << step)) & mask
    return bits


_MASKS = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)
