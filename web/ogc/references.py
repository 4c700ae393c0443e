"""Coordinate reference systems features are told in and asked by: axes in each one's own order."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.enums import TransformDirection

from geodata.errors import UnknownReferenceError, UsageError
from web.api.reading import short

if TYPE_CHECKING:
    import numpy.typing as npt

    type Pairs = npt.NDArray[np.float64]
    type Shapes = npt.NDArray[np.object_]
    type Box = tuple[float, float, float, float]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/{}"
_CODES = (
    4326,  # WGS 84, latitude first
    4490,  # CGCS2000, latitude first
    3857,  # Web Mercator
    *range(32643, 32654),  # UTM 43N to 53N
    *range(4513, 4534),  # CGCS2000 3-degree Gauss-Kruger by zone: north, then east with its zone
    *range(4534, 4555),  # the same by central meridian
)
SUPPORTED = (CRS84, *(_EPSG.format(code) for code in _CODES))
"""Every system there is here, by its name in answers."""
ALONG = 32
"""Parts each side of a box is cut into: in another system its sides are curves."""


def reference(text: str, name: str) -> str:
    """Return the system a caller means: its URI, or ``EPSG:4490``, ``CRS84``, a URN."""
    wanted = _known(text)
    if wanted is None:
        raise UnknownReferenceError(
            f"{name}: no reference system {short(text)!r} here; one of those in `crs` of the"
            f" collection, such as {SUPPORTED[1]}"
        )
    return wanted


@lru_cache(maxsize=256)
def _known(text: str) -> str | None:
    plain = text.strip().strip("[]")
    if plain in SUPPORTED:
        return plain
    if re.fullmatch(r"(?:OGC:|urn:ogc:def:crs:OGC:1\.3:)?CRS84", plain, re.IGNORECASE):
        return CRS84
    short_form = re.fullmatch(r"(?:EPSG:|urn:ogc:def:crs:EPSG::)([0-9]{4,5})", plain, re.IGNORECASE)
    uri = _EPSG.format(short_form[1]) if short_form else ""
    return uri if uri in SUPPORTED else None


def moved(shapes: Shapes, to: str) -> Shapes:
    """Return WGS 84 shapes, lon and lat, in another system; `UsageError` where it ends."""
    if to == CRS84:
        return shapes
    return _converted(shapes, to, "crs")


def in_wgs84(shape: shapely.Geometry, source: str, name: str) -> shapely.Geometry:
    """Return a caller's shape in WGS 84, lon and lat; what is not on Earth raises `UsageError`."""
    moved_shape = shape
    if source != CRS84:
        moved_shape = _converted(np.array([shape]), source, name, back=True)[0]
    west, south, east, north = shapely.bounds(moved_shape).tolist()
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004
        order = "lon,lat" if source == CRS84 else "the axis order of its system"
        raise UsageError(f"{name}: not on Earth; coordinates are {order}")
    return moved_shape


def box_in_wgs84(box: Box, source: str) -> Box:
    """Return the box in WGS 84 around a box of another system, its sides curved as they are.

    A geographic system's box comes out exactly, west greater than east where it crosses 180°.
    """
    if source == CRS84:
        return box
    first, second, third, fourth = box
    if _latitude_first(source):
        return second, first, fourth, third
    if not (first <= third and second <= fourth):
        raise UsageError("bbox: the lower corner comes first")
    outline = shapely.segmentize(
        shapely.box(*box), max(third - first, fourth - second, 1e-9) / ALONG
    )
    west, south, east, north = shapely.bounds(in_wgs84(outline, source, "bbox")).tolist()
    return west, south, east, north


@lru_cache(maxsize=128)
def _crs(uri: str) -> CRS:
    return CRS.from_epsg(int(uri.rsplit("/", 1)[1]))


def _latitude_first(uri: str) -> bool:
    return uri != CRS84 and bool(_crs(uri).is_geographic)


@lru_cache(maxsize=128)
def _projection(uri: str) -> Transformer:
    """Return the way from latitude and longitude to a projected system, axes in its own order.

    CGCS2000 and WGS 84 are taken for the same (centimetres apart), as everywhere here.
    """
    crs = _crs(uri)
    return Transformer.from_crs(crs.geodetic_crs, crs)


def _converted(shapes: Shapes, uri: str, name: str, *, back: bool = False) -> Shapes:
    """Return shapes of WGS 84 lon and lat in another system, or ``back`` from it."""
    direction = TransformDirection.INVERSE if back else TransformDirection.FORWARD

    def change(pairs: Pairs) -> Pairs:
        if _latitude_first(uri):
            return pairs[:, ::-1]
        ends = pairs if back else pairs[:, ::-1]
        told = _projection(uri).transform(ends[:, 0], ends[:, 1], direction=direction)
        changed = np.column_stack(told[::-1] if back else told)
        if not np.isfinite(changed).all():
            raise UsageError(f"{name}: that place is beyond what this reference system covers")
        return changed

    return np.asarray(shapely.transform(shapes, change))
