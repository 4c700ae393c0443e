"""Features as GeoJSON, put together from parts that are written once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import orjson
import shapely

from web.ogc.references import CRS84, moved

if TYPE_CHECKING:
    from geodata.geodesy import IntArray
    from web.ogc.visible import Collection


KEPT = 65_536
"""Features a collection keeps written in WGS 84, some 500 bytes each: those people ask for."""


def features(about: Collection, rows: IntArray, reference: str = CRS84) -> list[bytes]:
    """Return some features as JSON objects, their shapes in a reference system."""
    if reference != CRS84:
        return written(about, rows, reference)
    asked, known = rows.tolist(), about.written
    missing = [row for row in asked if row not in known]
    if missing:
        if len(known) + len(missing) > KEPT:
            known = about.written = {}
            missing = asked
        made = zip(missing, written(about, np.array(missing), reference), strict=True)
        if len(missing) > KEPT:
            return [each for _, each in made]
        known.update(made)
    return [known[row] for row in asked]


def written(about: Collection, rows: IntArray, reference: str = CRS84) -> list[bytes]:
    """Return the same, keeping nothing."""
    keys = [f'"{name}":'.encode() for name in about.fields]
    columns = [about.column(name).json(rows) for name in about.fields]
    members = [[key + cell for cell in column] for key, column in zip(keys, columns, strict=True)]
    ids = map(orjson.dumps, about.frame.index[rows].tolist())
    parts = zip(ids, zip(*members, strict=True), _shapes(about, rows, reference), strict=True)
    return [
        b'{"type":"Feature","id":%b,"properties":{%b},"geometry":%b}'
        % (id_, b",".join(cells), shape)
        for id_, cells, shape in parts
    ]


def _shapes(about: Collection, rows: IntArray, reference: str) -> list[bytes]:
    """Write shapes as GeoJSON geometries, axes in the order of their system."""
    if about.are_points and reference == CRS84:
        return [
            b'{"type":"Point","coordinates":%b}' % orjson.dumps(pair)
            for pair in about.places[rows].tolist()
        ]
    shapes = moved(about.shapes[rows], reference)
    return [text.encode() for text in shapely.to_geojson(np.asarray(shapes))]
