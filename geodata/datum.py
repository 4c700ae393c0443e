"""Between WGS 84, CGCS2000, GCJ-02, BD-09 and any EPSG code; datum.md tells the whole subject.

GCJ-02 (Amap, Tencent, Apple in the mainland) and BD-09 (Baidu) shift positions inside mainland
China and nowhere else. Inside is decided by the boundary itself (``boundaries.in_mainland``), so
Mandalay, Hanoi or Hong Kong stay where they are. CGCS2000 (EPSG:4490) and WGS 84 (EPSG:4326) differ
by decimetres and are treated as one here.

Every pair is (x, y) with x the longitude or easting, whatever order the reference's own definition
has.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from geodata import shifts
from geodata.boundaries import in_mainland, near_mainland_line
from geodata.errors import UnknownReferenceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    type FloatArray = NDArray[np.float64]
    type BoolArray = NDArray[np.bool_]
    type Pair = tuple[FloatArray, FloatArray]
    type Shifter = Callable[[FloatArray, FloatArray, str], Pair]
    type Way = Callable[[str], tuple[str, str]]

__all__ = ["NEAR_M", "from_wgs84", "in_mainland", "near_line", "parse_reference", "to_wgs84"]

NEAR_M = 2000.0
"""Metres from the mainland's line within which a shifted pair may be read two ways."""

_ROUNDING_M = 1e-4
"""Metres: more than undoing a shift can put a position that is on the line beside it."""

_AROUND = (73.0, 3.0, 136.0, 54.5)
"""West, south, east, north: no shifted pair comes from outside this."""

_SPELLINGS = {
    "wgs84": ("wgs84", "wgs1984", "gps", "epsg4326"),
    "cgcs2000": ("cgcs2000", "epsg4490", "国家2000", "大地2000", "天地图"),
    "gcj02": (
        "gcj02",
        "amap",
        "gaode",
        "高德",
        "腾讯",
        "tencent",
        "国测局",
        "火星坐标",
        "火星坐标系",
    ),
    "bd09": ("bd09", "bd09ll", "baidu", "百度", "百度坐标", "百度坐标系"),
}
_CANONICAL = {spelling: name for name, spellings in _SPELLINGS.items() for spelling in spellings}
_WGS84 = "EPSG:4326"
_CGCS2000 = "EPSG:4490"
_EPSG = re.compile(r"(?:urn:ogc:def:crs:)?epsg:?:?(\d{4,6})", re.IGNORECASE)
_AXES = 2
_WOULD_BE_RIGHT = "write wgs84, cgcs2000, gcj02 (高德), bd09 (百度) or EPSG:n, such as EPSG:27700"


def parse_reference(text: str) -> str:
    """Return the canonical name: ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or ``EPSG:n``.

    Case, spaces, hyphens and underscores do not matter; 高德, 腾讯, 国测局 and 火星坐标 mean gcj02,
    百度 means bd09. EPSG:4326 is wgs84 and EPSG:4490 is cgcs2000. Raises ``UnknownReferenceError``
    for anything else, and for EPSG codes that do not exist or are not a plane or geographic system
    of two axes.
    """
    plain = re.sub(r"[\s_\-‐–—]", "", unicodedata.normalize("NFKC", text)).casefold()
    code = _EPSG.fullmatch(plain)
    if code:
        plain = f"epsg{int(code[1])}"
    if plain in _CANONICAL:
        return _CANONICAL[plain]
    if not code:
        raise UnknownReferenceError(f"unknown reference {text[:80]!r}; {_WOULD_BE_RIGHT}")
    reference = f"EPSG:{int(code[1])}"
    _require_horizontal(reference)
    return reference


@cache
def _require_horizontal(reference: str) -> None:
    try:
        crs = CRS.from_user_input(reference)
    except CRSError as error:
        raise UnknownReferenceError(f"{reference} does not exist; {_WOULD_BE_RIGHT}") from error
    if (
        not (crs.is_projected or crs.is_geographic)
        or crs.is_compound
        or len(crs.axis_info) != _AXES
    ):
        raise UnknownReferenceError(
            f"{reference} ({crs.name}) does not place a point by two coordinates; {_WOULD_BE_RIGHT}"
        )


def to_wgs84(x: ArrayLike, y: ArrayLike, reference: str) -> Pair:
    """Return WGS 84 longitude and latitude in degrees of pairs in ``reference``.

    ``reference`` is any spelling ``parse_reference`` takes. ``x`` and ``y`` are broadcast against
    each other; both answers have their common shape. A pair that cannot be transformed (NaN,
    outside what a projection can undo) gives NaN twice; whether a position is on Earth is not
    judged here. GCJ-02 and BD-09 are undone to better than a micrometre. Where a pair has a
    preimage inside mainland China it is that; a pair that has none and lies outside is returned as
    it is; a pair inside that has none (it can only come from just across the line) is unshifted by
    the formula. Raises ``UnknownReferenceError``.
    """
    return _convert(x, y, parse_reference(reference), _unshift, lambda name: (name, _WGS84))


def from_wgs84(lon: ArrayLike, lat: ArrayLike, reference: str) -> Pair:
    """Return pairs in ``reference`` of WGS 84 longitude and latitude in degrees.

    The inverse of ``to_wgs84``. Shapes, NaN and errors as there. Outside mainland China GCJ-02 and
    BD-09 leave a position as it is.
    """
    return _convert(lon, lat, parse_reference(reference), _shift, lambda name: (_WGS84, name))


def near_line(lon: ArrayLike, lat: ArrayLike) -> BoolArray:
    """Tell which WGS 84 positions lie within ``NEAR_M`` of mainland China's border or coast.

    There the answer of ``in_mainland`` is no better than the boundary data, a shifted pair may have
    two readings, and what the map provider did with it is unknown: show such positions as
    uncertain. Metres to 1 %; False for NaN.
    """
    return near_mainland_line(lon, lat, NEAR_M)


def _convert(x: ArrayLike, y: ArrayLike, reference: str, shift: Shifter, way: Way) -> Pair:
    pair = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    shape = pair[0].shape
    lost = ~(np.isfinite(pair[0]) & np.isfinite(pair[1]))
    first, second = (np.where(lost, np.nan, values).ravel() for values in pair)
    if reference in shifts.FORWARD:
        first, second = shift(first, second, reference)
    elif reference not in _SPELLINGS:
        first, second = _project(first, second, *way(reference))
    return first.reshape(shape)[()], second.reshape(shape)[()]


def _shift(lon: FloatArray, lat: FloatArray, reference: str) -> Pair:
    inside = in_mainland(lon, lat)
    lon[inside], lat[inside] = shifts.FORWARD[reference](lon[inside], lat[inside])
    return lon, lat


def _unshift(x: FloatArray, y: FloatArray, reference: str) -> Pair:
    west, south, east, north = _AROUND
    rows = np.flatnonzero((x > west) & (x < east) & (y > south) & (y < north))
    lon, lat = shifts.undo(reference, x[rows], y[rows])
    moved = in_mainland(lon, lat) | in_mainland(x[rows], y[rows])
    rest = np.flatnonzero(~moved)
    if len(rest):
        moved[rest] = near_mainland_line(lon[rest], lat[rest], _ROUNDING_M)
    x[rows[moved]], y[rows[moved]] = lon[moved], lat[moved]
    return x, y


@cache
def _transformer(source: str, target: str) -> Transformer:
    """Return the way between two systems; CGCS2000 serves for WGS 84, and no guess is made.

    PROJ would pass a pair on unchanged between datums it knows no way between ("ballpark"), up to
    hundreds of metres wrong.
    """
    nearly = tuple(_CGCS2000 if name == _WGS84 else name for name in (source, target))
    for one, other in ((source, target), nearly):
        try:
            return Transformer.from_crs(one, other, always_xy=True, allow_ballpark=False)
        except ProjError:
            continue
    raise UnknownReferenceError(
        f"no exact way between {source} and {target} is known here; convert the file first with "
        "the surveyors' parameters, for instance to CGCS2000"
    )


def _project(x: FloatArray, y: FloatArray, source: str, target: str) -> Pair:
    first, second = _transformer(source, target).transform(x, y)
    lost = ~(np.isfinite(first) & np.isfinite(second))
    return np.where(lost, np.nan, first), np.where(lost, np.nan, second)
