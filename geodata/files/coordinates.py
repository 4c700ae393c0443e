"""Coordinates as people write them: decimals, degrees-minutes-seconds, pairs in one cell.

Nothing is guessed: what cannot be read for certain is NaN and a problem in words, by the position
of the cell (0 is the first). Marks of axis and hemisphere (N, E, 北纬, 东经, …) win over the order
the caller gives.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geodata.files.tables import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

type FloatArray = NDArray[np.float64]
type Problems = list[tuple[int, str]]
"""Position of a cell and what is wrong with it and would be right; sorted by position."""

_MARKS = str.maketrans(
    dict.fromkeys("º˚度", "°")
    | dict.fromkeys("′‵‘’´`＇分", "'")
    | dict.fromkeys("″‶“”〃＂秒", '"')
    | dict.fromkeys("−－–﹣", "-")
    | dict.fromkeys("，、；;", ",")
    | dict.fromkeys("（【［[", "(")
    | dict.fromkeys("）】］]", ")")
    | {"：": ":"}
)
_WORDS = (
    (re.compile(r"(?:经度|經度|longitude|long|lng|lon)\s*[:：=]?", re.IGNORECASE), "X"),
    (re.compile(r"(?:纬度|緯度|latitude|lat)\s*[:：=]?", re.IGNORECASE), "Y"),
    (re.compile(r"东经|東經|\beast\b|东|東", re.IGNORECASE), "E"),
    (re.compile(r"西经|西經|\bwest\b|西", re.IGNORECASE), "W"),
    (re.compile(r"北纬|北緯|\bnorth\b|北", re.IGNORECASE), "N"),
    (re.compile(r"南纬|南緯|\bsouth\b|南", re.IGNORECASE), "S"),
)
_AXIS = {"E": "x", "W": "x", "X": "x", "N": "y", "S": "y", "Y": "y"}
_AXIS_WORDS = {"x": "a longitude", "y": "a latitude"}

LON_LIMIT, LAT_LIMIT = 180.0, 90.0
SIXTY = 60
LONGEST = 100
"""Characters a cell with coordinates may have."""

_NUMBER = r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|[+-]?\.\d+"
_PLAIN = re.compile(_NUMBER)
_PART = r"\d+(?:\.\d+)?"
_ANGLE = re.compile(
    rf"""(?P<sign>[+-])?\s*(?P<degrees>{_PART}) (?:\s*[°:]\s*|\s+)
    (?P<minutes>{_PART}) (?:
        (?:\s*[':]\s*|\s+) (?P<seconds>{_PART}) \s*(?:"|'')?
        | \s*'? )""",
    re.VERBOSE,
)
_MARK_FIRST = re.compile(r"[NSEWXY][^NSEWXY]+")
_MARK_LAST = re.compile(r"[^NSEWXY]+[NSEW]")
_WKT = re.compile(
    rf"(?:srid\s*=\s*\d+\s*,)?\s*point\s*(?:z|m|zm)?\s*"
    rf"\(\s*({_NUMBER})\s+({_NUMBER})(?:\s+(?:{_NUMBER}))*\s*\)",
    re.IGNORECASE,
)
_TWO_PLAIN = r"^\s*(?P<a>-?\d{1,9}(?:\.\d{1,30})?)\s*,\s*(?P<b>-?\d{1,9}(?:\.\d{1,30})?)\s*$"
"""RE2: two short decimals with a comma."""

_EXPECTED_NUMBER = "write decimal degrees (102.7123) or degrees, minutes and seconds (102°42'44\")"
_EXPECTED_PAIR = "write both numbers in one cell, as in 102.7123,25.0406"


class _Angle(NamedTuple):
    value: float
    axis: str
    """x, y, or "" where the text does not say."""


class _UnreadableError(ValueError):
    """Internal: why one cell is not a coordinate."""


def parse_numbers(
    values: Sequence[str], *, axis: Literal["x", "y"] | None = None
) -> tuple[FloatArray, Problems]:
    """Read one coordinate a cell: decimal, exponent, or degrees-minutes-seconds.

    Returns floats (n,), NaN where unreadable, empty or not finite, and a problem for each NaN.
    With ``axis`` a cell marked as the other axis (``25°N`` in the column of x) is a problem.
    South and west are negative.
    """
    values = list(values)
    numbers = np.array(pd.to_numeric(pd.Series(values, dtype=object), errors="coerce"), dtype=float)
    problems: Problems = []
    too_long = np.fromiter((len(value) > LONGEST for value in values), bool, len(values))
    for position in np.flatnonzero(~np.isfinite(numbers) | too_long):
        try:
            angle = _angle(_normal(values[position]))
            _require_axis(angle, axis)
            numbers[position] = angle.value
        except _UnreadableError as error:
            numbers[position] = np.nan
            problems.append((int(position), str(error)))
    return numbers, problems


def parse_pairs(
    values: Sequence[str], *, order: Literal["lon,lat", "lat,lon"] = "lon,lat"
) -> tuple[FloatArray, FloatArray, Problems]:
    """Read two coordinates a cell, in ``order`` unless WKT or axis marks say otherwise.

    Accepts ``a,b`` with any usual or Chinese separator or blanks between, in brackets or not,
    ``POINT (x y)``, and degrees-minutes-seconds. Returns x, y (n,), both NaN where unreadable,
    and a problem for each such cell. Pairs are never swapped because of their size:
    see `check_range`.
    """
    values = list(values)
    pairs = _decimal_pairs(values)
    if order == "lat,lon":
        pairs = pairs[:, ::-1]
    problems: Problems = []
    for position in map(int, np.flatnonzero(np.isnan(pairs[:, 0]))):
        try:
            pairs[position] = _pair(values[position], order)
        except _UnreadableError as error:
            problems.append((position, str(error)))
    return pairs[:, 0], pairs[:, 1], problems


def check_range(lon: FloatArray, lat: FloatArray) -> Problems:
    """Tell which positions in degrees are not on Earth, at 0/0, or look swapped.

    Limits (±180, ±90) are inclusive; NaN and infinity are problems. One problem a position.
    """
    inside = (np.abs(lon) <= LON_LIMIT) & (np.abs(lat) <= LAT_LIMIT)
    wrong = ~inside | ((lon == 0) & (lat == 0))
    return [(int(i), _range_problem(float(lon[i]), float(lat[i]))) for i in np.flatnonzero(wrong)]


def _range_problem(lon: float, lat: float) -> str:
    if not (np.isfinite(lon) and np.isfinite(lat)):
        return "no position: longitude and latitude must both be finite numbers"
    if lon == 0 and lat == 0:
        return "longitude 0 and latitude 0 is a point at sea; write the place's own position"
    if abs(lon) <= LAT_LIMIT and abs(lat) <= LON_LIMIT:
        return (
            f"latitude {lat:.12g} is beyond ±90: longitude and latitude look swapped "
            f"(longitude {lat:.12g}, latitude {lon:.12g} would be on Earth)"
        )
    return (
        f"longitude {lon:.12g}, latitude {lat:.12g} is not on Earth (limits ±180 and ±90); "
        "metres of a map grid need their EPSG code"
    )


def _normal(value: str) -> str:
    """Write each mark, digit and axis word of ``value`` in one form; axes are single letters."""
    if len(value) > LONGEST:
        raise _UnreadableError(f"{len(value):,} characters are no coordinate; {_EXPECTED_NUMBER}")
    text = value
    for words, letter in _WORDS:
        text = words.sub(letter, text)
    text = unicodedata.normalize("NFKC", text.translate(_MARKS)).translate(_MARKS).strip().lower()
    return re.sub(r"(?<![a-z])([nsewxy])\s*[:=]?(?![a-z])", lambda m: m[1].upper(), text)


def _angle(text: str) -> _Angle:
    """Read one normalised angle with or without axis marks."""
    letters = "".join(re.findall("[NSEWXY]", text)) if text[:1] + text[-1:] else ""
    body = text.strip("NSEWXY \t,:=").strip()
    if not body:
        raise _UnreadableError(f"empty; {_EXPECTED_NUMBER}")
    axes = {_AXIS[letter] for letter in letters}
    hemispheres = set(letters) & set("NSEW")
    if len(axes) > 1 or len(hemispheres) > 1:
        raise _UnreadableError(f"{shown(text)!r} names two directions; write one number a cell")
    value = _degrees(body)
    if hemispheres and body.startswith("-"):
        raise _UnreadableError(
            f"{shown(text)!r} has both a minus and a direction; keep one of them"
        )
    negative = bool(hemispheres & {"S", "W"})
    return _Angle(-value if negative else value, axes.pop() if axes else "")


def _degrees(body: str) -> float:
    if _PLAIN.fullmatch(body.rstrip("°").strip()):
        return _finite(float(body.rstrip("°")), body)
    match = _ANGLE.fullmatch(body)
    if match is None:
        raise _UnreadableError(f"{shown(body)!r} is not a number; {_EXPECTED_NUMBER}")
    if match["seconds"] is None and not re.search(r"[°:']", body):
        raise _UnreadableError(f"{shown(body)!r} is two numbers; write one number a cell")
    parts = [match["degrees"], match["minutes"], match["seconds"]]
    given = [part for part in parts if part is not None]
    degrees, minutes, seconds = (float(part or 0) for part in parts)
    if not (minutes < SIXTY and seconds < SIXTY) or any("." in part for part in given[:-1]):
        raise _UnreadableError(
            f"{shown(body)!r}: minutes and seconds must be below 60, and only the last number may "
            "have decimals"
        )
    value = degrees + minutes / 60 + seconds / 3600
    return -value if match["sign"] == "-" else value


def _finite(value: float, text: str) -> float:
    if not np.isfinite(value):
        raise _UnreadableError(f"{shown(text)!r} is too large a number; {_EXPECTED_NUMBER}")
    return value


def _require_axis(angle: _Angle, axis: str | None) -> None:
    if axis and angle.axis and angle.axis != axis:
        raise _UnreadableError(
            f"this is {_AXIS_WORDS[angle.axis]} in the column of the other coordinate; "
            "check which column is which"
        )


def _decimal_pairs(values: Sequence[str]) -> FloatArray:
    """Read the plain ``1.5,2.5`` of a column fast, in the order written; (n, 2), NaN elsewhere."""
    try:
        cells = pa.array(values, pa.large_string())
    except UnicodeEncodeError:  # half characters, which Arrow cannot hold
        cells = pa.array([value if _whole(value) else "" for value in values], pa.large_string())
    parts = pc.extract_regex(cells, _TWO_PLAIN)
    first, second = (pc.struct_field(parts, name).cast(pa.float64()) for name in ("a", "b"))
    return np.column_stack([column.to_numpy(zero_copy_only=False) for column in (first, second)])


def _whole(value: str) -> bool:
    return not any("\ud800" <= mark <= "\udfff" for mark in value)


def _pair(value: str, order: str) -> tuple[float, float]:
    text = _normal(value)
    wkt = _WKT.fullmatch(value.translate(_MARKS).strip())
    if wkt is not None:
        return _finite(float(wkt[1]), value), _finite(float(wkt[2]), value)
    return _ordered(_two_angles(text), order, value)


def _two_angles(text: str) -> list[_Angle]:
    body = text.strip()
    if body.startswith("(") and body.endswith(")"):
        body = body[1:-1].strip()
    if not body:
        raise _UnreadableError(f"empty; {_EXPECTED_PAIR}")
    for parts in _splits(body):
        match parts:
            case [first, second]:
                return [_angle(first), _angle(second)]
    raise _UnreadableError(f"{shown(text)!r} is not a pair of coordinates; {_EXPECTED_PAIR}")


def _splits(body: str) -> Iterable[list[str]]:
    yield [part.strip() for part in re.split(r"[,/]", body) if part.strip()]
    yield (_MARK_FIRST if body[0] in _AXIS else _MARK_LAST).findall(body)
    words = body.split()
    if len(words) in {2, 6}:
        half = len(words) // 2
        yield [" ".join(words[:half]), " ".join(words[half:])]


def _ordered(angles: list[_Angle], order: str, value: str) -> tuple[float, float]:
    first, second = angles
    axes = first.axis or {"x": "y", "y": "x"}.get(second.axis, ""), second.axis
    if axes[0] and axes[0] == axes[1]:
        raise _UnreadableError(
            f"{shown(value)!r} gives {_AXIS_WORDS[axes[0]]} twice; give a longitude and a latitude"
        )
    x_first = axes[0] == "x" if axes[0] else order == "lon,lat"
    return (first.value, second.value) if x_first else (second.value, first.value)
