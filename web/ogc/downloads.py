"""Whole collections as files: GeoJSON and CSV written while they are sent, GeoParquet."""

from __future__ import annotations

import csv
import hashlib
import io
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from apiflask import FileSchema
from flask import Response, current_app, request

from geodata.errors import MissingError
from geodata.files import guarded
from web.api import replies
from web.api.base import GEOJSON, endpoint
from web.api.queries import NoQuery
from web.ogc.base import snapshot
from web.ogc.visible import visible_one
from web.ogc.writing import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    import geopandas as gpd

    from stations.registry import LiveRegistry
    from web.ogc.visible import Collection

TYPES = {
    "geojson": GEOJSON,
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
PIECE = 2_000
"""Features written at a time."""
BYTES = FileSchema(type="string", format="binary")


@endpoint("/exports/<what>.<form>", NoQuery, BYTES, content_type="application/octet-stream")
def download(_: NoQuery, what: str, form: str) -> Response:
    """Send a whole collection: `stations` or a layer, as `geojson`, `parquet` or `csv`.

    Columns are the register's own, positions WGS 84; `stations import` reads the files again.
    A file is named by its entity tag: send it as `If-None-Match` and it comes only if it changed.
    """
    about = visible_one(what)
    if form not in TYPES:
        raise MissingError(f"no such file: {about.name} comes as {', '.join(TYPES)}")
    packed = form != "parquet" and request.accept_encodings.quality("gzip") > 0
    written = WRITERS[form](about, snapshot().revision)
    answer = Response(_packed(written) if packed else written, content_type=TYPES[form])
    answer.implicit_sequence_conversion = False  # sent as it is written, never held whole
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers.set("Content-Disposition", "attachment", filename=f"{about.name}.{form}")
    answer.headers["Vary"] = replies.VARY
    if about.restricted:
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
    identity = f"{replies.version_of(snapshot())}|{about.name}|{form}|{packed}"
    answer.set_etag(hashlib.sha256(identity.encode()).hexdigest()[:32])
    answer.last_modified = _changed()
    answer.headers["Cache-Control"] = "no-cache"
    answer.make_conditional(request)
    return answer


def _changed() -> datetime | None:
    """Return when the register's revision was made."""
    live: LiveRegistry = current_app.extensions["stations.register"]
    registry = snapshot()
    known: dict[int, datetime] = current_app.extensions.setdefault("ogc.revisions", {})
    if registry.revision not in known:
        known |= {each.number: each.at for each in live.store.revisions()}
    return known.get(registry.revision)


def table(about: Collection) -> gpd.GeoDataFrame:
    """Return a collection as a frame: its id, what everybody may see of it, its geometry."""
    frame = about.frame[[*about.fields, "geometry"]].reset_index()
    texts = [name for name, field in about.fields.items() if field.kind in {"text", "day"}]
    return frame.assign(**{name: frame[name].where(frame[name] != "") for name in texts})


def _geojson(about: Collection, revision: int) -> Iterator[bytes]:
    yield b'{"type":"FeatureCollection","revision":%d,"features":[\n' % revision
    for start in range(0, len(about), PIECE):
        rows = np.arange(start, min(start + PIECE, len(about)))
        yield (b",\n" if start else b"") + b",\n".join(written(about, rows))
    yield b"\n]}\n"


def _csv(about: Collection, _revision: int) -> Iterator[bytes]:
    """Write UTF-8 with a mark, as Excel in Chinese offices wants it; points as lon and lat.

    No text runs there as a formula: `geodata.files.guarded`.
    """
    frame = table(about)
    cells = pd.DataFrame(frame.drop(columns="geometry"))
    if about.are_points:
        places = dict(zip(("lon", "lat"), about.places.T, strict=True))
    else:
        places = {"geometry": shapely.to_wkt(about.shapes, rounding_precision=-1)}
    for position, (name, values) in enumerate(places.items(), start=2):
        cells.insert(position, name, values)
    yield "\ufeff".encode() + _lines([map(guarded, cells.columns)])
    for start in range(0, len(cells), PIECE):
        piece = cells.iloc[start : start + PIECE]
        columns = [map(_cell, piece[name].tolist()) for name in piece.columns]
        yield _lines(zip(*columns, strict=True))


def _lines(rows: Any) -> bytes:  # noqa: ANN401 - rows of cells
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:  # noqa: ANN401 - any cell
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return guarded(value)
    return "" if value is pd.NA or value is None or value != value else value  # noqa: PLR0124 - NaN


def _parquet(about: Collection, _revision: int) -> Iterator[bytes]:
    """Write GeoParquet 1.1 with a box for each row, so that readers skip what they do not need."""
    file = io.BytesIO()
    table(about).to_parquet(
        file, index=False, schema_version="1.1.0", write_covering_bbox=True, compression="zstd"
    )
    yield file.getvalue()


WRITERS: dict[str, Callable[[Collection, int], Iterator[bytes]]] = {
    "geojson": _geojson,
    "csv": _csv,
    "parquet": _parquet,
}


def _packed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(level=1, wbits=31)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()
