"""What the engine does not keep of an OpenStreetMap file: rivers, the area covered, its date."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import osmium
import shapely

from geodata import apart
from geodata.errors import FileFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geodata.geodesy import FloatArray, IntArray

RIVERS = frozenset({"river", "canal"})
"""Values of ``waterway`` nobody walks straight across."""
CELL_DEGREES = 0.0025
"""Side of the cells that make up the area, those with a road in them: 280 m north to south."""
CLOSE_DEGREES = 0.05
"""Bays of the area narrower than twice this (11 km) are filled, as holes of any size are."""
_NOT_YET = frozenset({"proposed", "construction", "razed", "abandoned"})
_PIECE = 32
_BATCH = 50_000
_HEAD = 64


class Extract(NamedTuple):
    """What one pass over the file finds."""

    rivers: shapely.MultiLineString
    area: shapely.Geometry
    osm_at: datetime | None


def require_pbf(path: Path) -> None:
    """Raise FileFormatError where a file cannot be read or is not PBF."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise FileFormatError(f"{path.name} cannot be opened: {error.strerror}") from None
    if b"OSMHeader" not in head:
        raise FileFormatError(f"{path.name} is not OpenStreetMap data in PBF form (.osm.pbf)")


def read(path: Path) -> Extract:
    """Read rivers, area and date; FileFormatError where there is no road, or it is cut short."""
    try:
        found = apart.call(_read, path.absolute())
    except (RuntimeError, OSError, UnicodeDecodeError) as error:
        raise FileFormatError(
            f"{path.name} cannot be read as OpenStreetMap data ({str(error)[:80]}); it may be cut "
            "short: download it again"
        ) from None
    if found is None:
        raise FileFormatError(f"{path.name} holds no roads (ways tagged highway=…)")
    return found


def _read(path: Path) -> Extract | None:
    """Read them in this process, which damage may end; None: there is no road."""
    rivers: list[str] = []
    cells: set[int] = set()
    roads: list[str] = []
    for highway, wkb in _lines(path):
        (roads if highway else rivers).append(wkb)
        if len(roads) == _BATCH:
            cells.update(_cells(roads))
            roads.clear()
    cells.update(_cells(roads))
    if not cells:
        return None
    area = _area(np.array(sorted(cells), dtype=np.int64))
    return Extract(_pieces(rivers), area, _date(path))


def _lines(path: Path) -> Iterator[tuple[bool, str]]:
    """Yield roads (True) and rivers (False) as WKB; ways with no place in the file are left out."""
    factory = osmium.geom.WKBFactory()
    keys = osmium.filter.KeyFilter("highway", "waterway")
    ways = osmium.filter.EntityFilter(osmium.osm.WAY)
    source = osmium.FileProcessor(str(path)).with_locations().with_filter(ways).with_filter(keys)
    for way in cast("Iterator[osmium.osm.Way]", source):
        highway = way.tags.get("highway")
        if not (highway and highway not in _NOT_YET) and not _bars(way.tags):
            continue
        try:
            yield bool(highway), factory.create_linestring(way)
        except (RuntimeError, osmium.InvalidLocationError):
            continue


def _bars(tags: Any) -> bool:  # noqa: ANN401  pyosmium's own kind of mapping
    return tags.get("waterway") in RIVERS and tags.get("tunnel", "no") == "no"


def _date(path: Path) -> datetime | None:
    with osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
        text = reader.header().get("osmosis_replication_timestamp", "")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _cells(roads: list[str]) -> IntArray:
    """Give the numbers of the cells that hold a point of a road."""
    lonlat = shapely.get_coordinates(shapely.from_wkb(np.array(roads, dtype=object)))
    column, row = np.floor((lonlat + _ORIGIN) / CELL_DEGREES).astype(np.int64).T
    cells: IntArray = np.unique(column * _ROWS + row)
    return cells


_ROWS = 1_000_000
_ORIGIN = np.array((180.0, 90.0))


def _area(cells: IntArray) -> shapely.Geometry:
    """Join the cells, close narrow bays, fill the holes."""
    column, row = np.divmod(cells, _ROWS)
    west, south = column * CELL_DEGREES - 180, row * CELL_DEGREES - 90
    joined = shapely.union_all(
        shapely.box(west, south, west + CELL_DEGREES, south + CELL_DEGREES), grid_size=1e-9
    )
    closed = joined.buffer(CLOSE_DEGREES, quad_segs=2, join_style="mitre").buffer(
        -CLOSE_DEGREES, quad_segs=2, join_style="mitre"
    )
    parts = shapely.get_parts(shapely.union(closed, joined))
    filled = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(parts)))
    return shapely.set_precision(filled, 1e-6)


def _pieces(lines: list[str]) -> shapely.MultiLineString:
    """Cut lines into pieces of at most 32 points, which an index can tell apart."""
    shapes = shapely.from_wkb(np.array(sorted(lines), dtype=object))
    pieces = [
        points[start : start + _PIECE + 1]
        for points in map(shapely.get_coordinates, shapes)
        for start in range(0, max(_last(points), 1), _PIECE)
    ]
    return shapely.MultiLineString([piece for piece in pieces if len(piece) > 1])


def _last(points: FloatArray) -> int:
    return len(points) - 1
