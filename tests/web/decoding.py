"""Whatever a server sends, as texts and positions: archives, tables, tiles, papers, pictures."""

from __future__ import annotations

import base64
import gzip
import html
import io
import re
import sqlite3
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import mapbox_vector_tile
import numpy as np
import pyarrow.parquet as pq
import shapely
from PIL import Image
from pypdf import PdfReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.web.traces import Floats, Trace, Traces

BASE64 = re.compile(rb'"([A-Za-z0-9+/]{80,}={0,2})"')
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
TILE = re.compile(r"/(\d+)/(\d+)/(\d+)(?:\?|$)")
"""Zoom, row, column of a tile's address."""
SQLITE, PARQUET, ZIP, GZIP, PDF, PNG, JPEG = (
    b"SQLite format 3\0", b"PAR1", b"PK\3\4", b"\x1f\x8b", b"%PDF", b"\x89PNG", b"\xff\xd8",
)  # fmt: skip


@dataclass
class Told:
    """What a body says."""

    texts: list[str] = field(default_factory=list)
    points: list[Floats] = field(default_factory=list)

    def traces(self, hidden: Traces) -> set[Trace]:
        """Find what gives something hidden away."""
        found: set[Trace] = set()
        for text in self.texts:
            found |= hidden.in_text(text)
        for points in self.points:
            found |= hidden.in_points(points)
        return found

    def add(self, data: bytes) -> None:
        """Take bytes of any kind, by how they begin."""
        for start, read in READERS.items():
            if data.startswith(start):
                read(data, self)
                return
        for packed in BASE64.findall(data):
            self.add(base64.b64decode(packed + b"=" * (-len(packed) % 4)))
        self.say(data.decode(errors="replace"))

    def say(self, text: str) -> None:
        """Take a text, with what is escaped in it written out."""
        if "\\u" in text:
            text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        text = html.unescape(text) if "&" in text else text
        self.texts.append(unquote(text) if "%" in text else text)

    def place(self, shapes: Any) -> None:
        """Take the corners of shapes, and the middle of each."""
        known = [shape for shape in shapes if shape is not None and not shape.is_empty]
        self.points += [
            shapely.get_coordinates(known),
            shapely.get_coordinates(shapely.centroid(known)).reshape(-1, 2),
        ]


def told(data: bytes, address: str, content_type: str) -> Told:
    """Decode the body of an answer."""
    found = Told()
    if "vector-tile" in content_type:
        _tile(data, address, found)
    else:
        found.add(data)
    return found


def _tile(data: bytes, address: str, found: Told) -> None:
    zoom, row, column = map(int, TILE.findall(address)[-1])
    layers = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
    for name, layer in layers.items():
        shapes = [shapely.geometry.shape(each["geometry"]) for each in layer["features"]]
        placed = shapely.transform(
            shapes, lambda xy, size=layer["extent"]: _lonlat(xy / size, zoom, row, column)
        )
        found.place(placed)
        found.texts.append(repr([name, *(each["properties"] for each in layer["features"])]))


def _lonlat(parts: Floats, zoom: int, row: int, column: int) -> Floats:
    across, down = ((parts + np.array([column, row])) / 2**zoom).T
    return np.column_stack(
        (across * 360 - 180, np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * down)))))
    )


def _zip(data: bytes, found: Told) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for name in parts.namelist():
            found.say(name)
            found.add(parts.read(name))


def _sqlite(data: bytes, found: Told) -> None:
    with sqlite3.connect(":memory:") as database:
        database.deserialize(data)
        names = "SELECT name FROM sqlite_master WHERE type = 'table'"
        for (name,) in database.execute(names).fetchall():
            rows = database.execute(f'SELECT * FROM "{name}"').fetchall()
            _cells((cell for row in rows for cell in row), found)
    database.close()


def _parquet(data: bytes, found: Told) -> None:
    table = pq.read_table(io.BytesIO(data))
    found.say(repr(table.schema.metadata))
    _cells((cell for column in table.to_pydict().values() for cell in column), found)


def _cells(cells: Iterator[Any], found: Told) -> None:
    words, shapes = [], []
    for cell in cells:
        shape = _shape(cell) if isinstance(cell, bytes) else None
        if shape is None:
            words.append(str(cell))
        else:
            shapes.append(shape)
    found.say("\n".join(words))
    found.place(shapes)


def _shape(cell: bytes) -> shapely.Geometry | None:
    """Return a geometry in well-known bytes, after a GeoPackage's head if there is one."""
    envelopes = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
    start = 8 + envelopes[cell[3] >> 1 & 7] if cell.startswith(b"GP") else 0
    return shapely.from_wkb(cell[start:], on_invalid="ignore")


def _pdf(data: bytes, found: Told) -> None:
    reader = PdfReader(io.BytesIO(data))
    found.say(repr(reader.metadata))
    for page in reader.pages:
        found.say(page.extract_text())


def _picture(data: bytes, found: Told) -> None:
    with Image.open(io.BytesIO(data)) as picture:
        found.say(repr(picture.info))


READERS: dict[bytes, Callable[[bytes, Told], None]] = {
    GZIP: lambda data, found: found.add(gzip.decompress(data)),
    ZIP: _zip,
    SQLITE: _sqlite,
    PARQUET: _parquet,
    PDF: _pdf,
    PNG: _picture,
    JPEG: _picture,
}
