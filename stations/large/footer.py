"""What a Parquet part says of itself: where its positions and workers are, and in which CRS.

Read are GeoParquet (WKB or points as GeoArrow has them), columns marked as GeoArrow points or WKB,
and plain columns of longitude and latitude, which are WGS 84.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from geodata import datum
from geodata.errors import FileFormatError, UnknownReferenceError
from geodata.files import references
from stations.imports import headings

if TYPE_CHECKING:
    from collections.abc import Mapping

CRS84 = "OGC:CRS84"
"""What GeoParquet means where it does not say (version 1.1, section "crs")."""
_POINTS = ("geoarrow.point", "geoarrow.wkb", "ogc.wkb")
_ENCODINGS = ("wkb", "point")
_NAME, _METADATA = b"ARROW:extension:name", b"ARROW:extension:metadata"


@dataclass(frozen=True)
class Source:
    """Which columns of a part are read, and how."""

    position: tuple[str, ...]
    """One column of geometry, or those of longitude and latitude."""
    reference: str
    """As `geodata.datum` names it."""
    workers: str | None
    """None: nobody's number is known."""

    @property
    def columns(self) -> list[str]:
        """All columns that are read."""
        return [*self.position, *([] if self.workers is None else [self.workers])]


def source_of(schema: pa.Schema, name: str) -> Source:
    """Return where the part called ``name`` has its points.

    `FileFormatError` where it has none, or does not say in a way we understand where on Earth.
    """
    found = headings.recognise(schema.names, ("lon", "lat", "workers"), {})
    workers = found.get("workers")
    if b"geo" in (schema.metadata or {}):
        column, crs = _geoparquet(schema, name)
    elif marked := [field for field in schema if _extension(field)[0] in _POINTS]:
        column, crs = marked[0].name, _extension(marked[0])[1].get("crs")
    elif "lon" in found and "lat" in found:
        return Source((found["lon"], found["lat"]), "wgs84", workers)
    else:
        raise FileFormatError(
            f"{name} has no geometry: give it a geometry column (GeoParquet) or columns lon and "
            f"lat; it has {', '.join(schema.names)[:200] or 'no column'}"
        )
    return Source((column,), _reference(crs, name), None if workers == column else workers)


def _geoparquet(schema: pa.Schema, name: str) -> tuple[str, object]:
    """Return the primary column and its CRS."""
    try:
        geo = json.loads(schema.metadata[b"geo"])
        column = geo["primary_column"]
        about = geo["columns"][column]
        encoding = about["encoding"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise FileFormatError(
            f"{name}: its geo metadata cannot be understood; write it again as GeoParquet"
        ) from None
    if column not in schema.names:
        raise FileFormatError(f"{name} has no geometry: its column {column!r} is not there")
    if str(encoding).casefold() not in _ENCODINGS:
        raise FileFormatError(
            f"{name} holds geometry as {str(encoding)[:40]!r}; points are wanted, as WKB or point"
        )
    return column, about.get("crs", CRS84)


def _extension(field: pa.Field) -> tuple[str, Mapping[str, Any]]:
    """Return the name and the metadata of an extension type, registered here or not."""
    if isinstance(field.type, pa.BaseExtensionType):
        written = field.type.__arrow_ext_serialize__()
        return field.type.extension_name, _parsed(written)
    told = field.metadata or {}
    return told.get(_NAME, b"").decode("utf-8", "replace"), _parsed(told.get(_METADATA, b""))


def _parsed(written: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(written or b"{}")
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _reference(crs: object, name: str) -> str:
    """Return the CRS as `geodata.datum` names it; what it cannot turn into WGS 84 is refused."""
    _, code, notes = references.settle(np.zeros(0, dtype=object), crs, name)
    if code is None or notes:
        raise FileFormatError(
            f"{name}: its coordinate reference system is unknown or has no EPSG code; write it "
            "with one, for example EPSG:4326 (WGS 84) or EPSG:4490 (CGCS2000)"
        )
    try:
        reference = datum.parse_reference(code)
        datum.to_wgs84(0.0, 0.0, reference)
    except UnknownReferenceError as error:
        raise FileFormatError(f"{name}: {error}") from None
    return reference
