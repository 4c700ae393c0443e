"""Vector tiles of a collection, in the tiling web maps use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geodata.errors import MissingError
from web.api.base import JSON
from web.ogc import base
from web.ogc.base import MVT, blueprint, link
from web.ogc.visible import visible_one

if TYPE_CHECKING:
    from flask import Response

    from geodata.geodesy import FloatArray, IntArray
    from web.ogc.visible import Collection

SCHEME = "WebMercatorQuad"
_DEFINITION = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{SCHEME}"
_MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
DEEPEST = 22
EXTENT = 4096
"""Parts a tile's side has."""
BUFFER = 64
"""Parts beyond its edges that belong to a tile, so that marks are not cut."""
MOST = 2_000
"""Features a tile holds; more are counted by cell."""
CELLS = 32
"""Cells a tile's side has then."""
SHOWN = (
    "name", "kind", "status", "amenities", "opening_hours", "workers", "from", "until", "synthetic",
)  # fmt: skip
"""Properties in tiles; what else there is, the item tells."""


@blueprint.get("/collections/<name>/tiles")
def tilesets(name: str) -> Response:
    """List the tilings a collection comes in."""
    base.given()
    about = visible_one(name)
    return base.answer(
        lambda: {"links": base.this(JSON), "tilesets": [_tileset(about)]},
        "ogc/tiles.html",
        restricted=about.restricted,
        about=about,
    )


@blueprint.get(f"/collections/<name>/tiles/{SCHEME}")
def tileset(name: str) -> Response:
    """Describe the tiling web maps use."""
    base.given()
    about = visible_one(name)
    return base.answer(
        lambda: _tileset(about), "ogc/tiles.html", restricted=about.restricted, about=about
    )


@blueprint.get(f"/collections/<name>/tiles/{SCHEME}/<int:zoom>/<int:row>/<int:column>")
def tile(name: str, zoom: int, row: int, column: int) -> Response:
    """Draw one tile: the features in it or, where they are very many, how many in each cell."""
    base.given()
    about = visible_one(name)
    if zoom > DEEPEST or max(row, column) >= 2**zoom:
        raise MissingError(f"no such tile: 0 to {DEEPEST}, then row and column below 2 to that")
    return base.sent(lambda: drawn(about, zoom, row, column), MVT, restricted=about.restricted)


def drawn(about: Collection, zoom: int, row: int, column: int) -> bytes:
    """Return a tile as MVT; its one layer is called as the collection."""
    side = 1 / 2**zoom
    corner = column * side, row * side
    margin = side * BUFFER / EXTENT
    west, east = ((corner[0] + part) * 360 - 180 for part in (-margin, side + margin))
    north, south = (_latitude(corner[1] + part) for part in (-margin, side + margin))
    rows = np.sort(about.tree.query(shapely.box(west, south, east, north)))
    if len(rows) > MOST:
        found = _counted(_placed(about.places[rows], corner, side))
    else:
        found = _single(about, rows, corner, side)
    if not found:
        return b""
    import mapbox_vector_tile  # noqa: PLC0415 - with protobuf; only tiles need it

    layer = {"name": about.name, "features": found, "version": 2}
    options = {"y_coord_down": True, "extents": EXTENT}
    encoded: bytes = mapbox_vector_tile.encode([layer], default_options=options)
    return encoded


def _single(
    about: Collection, rows: IntArray, corner: tuple[float, float], side: float
) -> list[dict[str, Any]]:
    """Return features as they are, cut to the tile's buffer."""
    names = [name for name in SHOWN if name in about.fields]
    columns = [about.column(name) for name in names]
    shapes = shapely.transform(about.shapes[rows], lambda xy: _placed(xy, corner, side))
    if not about.are_points:
        shapes = shapely.simplify(shapes, 1, preserve_topology=True)
        shapes = shapely.clip_by_rect(shapes, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    found = []
    for row, shape in zip(rows.tolist(), shapes, strict=True):
        codes = [int(column.codes[row]) for column in columns]
        cells = {
            name: ";".join(value) if isinstance(value, tuple) else value
            for name, column, code in zip(names, columns, codes, strict=True)
            if code >= 0 and (value := column.values[code]) != ()
        }
        if not shape.is_empty:
            found.append({"geometry": shape, "properties": {"id": about.frame.index[row], **cells}})
    return found


def _counted(places: FloatArray) -> list[dict[str, Any]]:
    """Return one point for each cell that has features, in their middle, with their number."""
    inside = ((places >= 0) & (places < EXTENT)).all(axis=1)
    places = places[inside]
    cells = (places // (EXTENT // CELLS)).astype(np.int64)
    _, which, counts = np.unique(
        cells[:, 0] * CELLS + cells[:, 1], return_inverse=True, return_counts=True
    )
    middles = np.column_stack([np.bincount(which, axis) / counts for axis in places.T])
    return [
        {"geometry": point, "properties": {"count": count}}
        for point, count in zip(shapely.points(middles), counts.tolist(), strict=True)
    ]


def _placed(lonlat: FloatArray, corner: tuple[float, float], side: float) -> FloatArray:
    """Return positions in a tile: right and down from its corner, `EXTENT` to a side."""
    across = (lonlat[:, 0] + 180) / 360
    tall = np.radians(lonlat[:, 1].clip(-89.9, 89.9))
    down = 0.5 - np.arcsinh(np.tan(tall)) / (2 * np.pi)
    return (np.column_stack((across, down)) - corner) * (EXTENT / side)


def _latitude(down: float) -> float:
    return float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * down)))))


def _tileset(about: Collection) -> dict[str, Any]:
    path = f"/collections/{about.name}/tiles/{SCHEME}"
    item = link("item", f"{path}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", MVT)
    return {
        "title": f"{about.zh} {about.en}",
        "dataType": "vector",
        "crs": _MERCATOR,
        "tileMatrixSetURI": _DEFINITION,
        "links": [
            link("self", path, JSON),
            {**item, "templated": True},
            link("http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", _DEFINITION, JSON),
        ],
    }
