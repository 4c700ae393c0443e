"""Positions: longitude and latitude in degrees on WGS 84, checked where they come in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from geodata.errors import PositionError

if TYPE_CHECKING:
    from typing import Self

type FloatArray = npt.NDArray[np.float64]
type IntArray = npt.NDArray[np.int64]
type BoolArray = npt.NDArray[np.bool_]

SHOWN = 80
"""An error message shows no more than this many characters of a value."""
_WANTED = "longitude,latitude in degrees, such as 102.712,25.041"
_NUMBER = r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?)\s*"
_PAIR = re.compile(f"{_NUMBER},{_NUMBER}", re.ASCII | re.IGNORECASE)


class LonLat(NamedTuple):
    """A position in degrees on WGS 84; ``parse`` and every search check it, the tuple does not."""

    lon: float
    """-180 to 180, east positive."""
    lat: float
    """-90 to 90, north positive."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``"lon,lat"``: two plain decimal numbers; anything else raises PositionError."""
        found = _PAIR.fullmatch(text) if len(text) <= SHOWN else None
        if found is None:
            raise PositionError(f"{shown(text)} is not a position: write {_WANTED}")
        lon, lat = float(found[1]), float(found[2])
        if problem := fault(lon, lat):
            raise PositionError(f"{shown(text)} is not a position: {problem}")
        return cls(lon, lat)


def shown(text: str) -> str:
    """Quote a value for a message, cut to 80 characters."""
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")


def fault(lon: float, lat: float) -> str | None:
    """Say what is wrong with a position, without its numbers; None when nothing is."""
    if abs(lon) <= 180 and abs(lat) <= 90:  # noqa: PLR2004 - the ends of the two scales
        return None
    if abs(lat) <= 180 and abs(lon) <= 90:  # noqa: PLR2004
        return "latitude must be -90 to 90; did you swap longitude and latitude?"
    return "longitude must be -180 to 180 and latitude -90 to 90, in degrees"


def checked(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Give two arrays of shape (n,); PositionError names the first row that is no position.

    The message holds no coordinates: the layer may be a restricted one.
    """
    east, north = _numbers(lon), _numbers(lat)
    if east.ndim != 1 or east.shape != north.shape:
        raise PositionError(
            "need as many longitudes as latitudes, in two flat arrays;"
            f" got shapes {east.shape} and {north.shape}"
        )
    good = (np.abs(east) <= 180) & (np.abs(north) <= 90)  # noqa: PLR2004
    if not good.all():
        row = int(np.argmin(good))
        problem = fault(float(east[row]), float(north[row]))
        raise PositionError(f"row {row} is not a position: {problem}")
    return east, north


def _numbers(values: npt.ArrayLike) -> FloatArray:
    try:
        return np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise PositionError("longitudes and latitudes must be numbers, in degrees") from error


def canonical(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give each place one spelling: 180 for -180, longitude 0 at a pole, 0.0 for -0.0."""
    pole = np.abs(lat) == 90  # noqa: PLR2004
    return np.where(pole, 0.0, np.where(lon == -180, 180.0, lon)) + 0.0, lat + 0.0  # noqa: PLR2004


def checked_one(origin: tuple[float, float]) -> tuple[float, float]:
    """Give one position as plain floats in the spelling of ``canonical``."""
    lon, lat = float(origin[0]), float(origin[1])
    if problem := fault(lon, lat):
        raise PositionError(f"({lon}, {lat}) is not a position: {problem}")
    if abs(lat) == 90:  # noqa: PLR2004
        lon = 0.0
    return 180.0 if lon == -180 else lon + 0.0, lat + 0.0  # noqa: PLR2004
