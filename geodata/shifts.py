"""The two shifts as formulas, and their inverses by iteration; ``datum`` says where they apply.

GCJ-02 adds to a position a polynomial and a few sine waves about 105° E 35° N, in metres on
Krasovsky's ellipsoid of 1940. BD-09 takes GCJ-02, stretches and turns it about the origin by two
more waves and adds a constant. Both are known from the providers' own software only; no standard
gives them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    type FloatArray = NDArray[np.float64]
    type Pair = tuple[FloatArray, FloatArray]
    type Shift = Callable[[FloatArray, FloatArray], Pair]

_AXIS = 6378245.0
_ECCENTRICITY_2 = 0.00669342162296594323
_BD_WAVES = np.pi * 3000 / 180
_BD_EAST, _BD_NORTH = 0.0065, 0.006

_STEP = 1e-13
"""Degrees: an iteration that moves nothing further than this has arrived (0.01 µm)."""
_ROUNDS = 40


def gcj02(lon: FloatArray, lat: FloatArray) -> Pair:
    """Return GCJ-02 of WGS 84 degrees."""
    x, y = lon - 105.0, lat - 35.0
    ripple = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    cross = 0.1 * x * y
    root = np.sqrt(np.abs(x))
    east = 300 + x + 2 * y + 0.1 * x * x + cross + 0.1 * root
    east += 2 / 3 * (ripple + _waves(x, (20, 1), (40, 3), (150, 12), (300, 30)))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + cross + 0.2 * root
    north += 2 / 3 * (ripple + _waves(y, (20, 1), (40, 3), (160, 12), (320, 30)))
    phi = np.radians(lat)
    flat = 1 - _ECCENTRICITY_2 * np.sin(phi) ** 2
    east_radius = _AXIS / np.sqrt(flat) * np.cos(phi)
    north_radius = _AXIS * (1 - _ECCENTRICITY_2) / flat**1.5
    return lon + np.degrees(east / east_radius), lat + np.degrees(north / north_radius)


def _waves(t: FloatArray, *waves: tuple[int, int]) -> FloatArray:
    """Sum sines of (amplitude in metres, half period in degrees)."""
    total = np.zeros_like(t)
    for amplitude, half_period in waves:
        total += amplitude * np.sin(np.pi / half_period * t)
    return total


def bd09_of_gcj02(x: FloatArray, y: FloatArray) -> Pair:
    """Return BD-09 of GCJ-02 degrees."""
    radius = np.hypot(x, y) + 2e-5 * np.sin(_BD_WAVES * y)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(_BD_WAVES * x)
    return radius * np.cos(angle) + _BD_EAST, radius * np.sin(angle) + _BD_NORTH


def bd09(lon: FloatArray, lat: FloatArray) -> Pair:
    """Return BD-09 of WGS 84 degrees."""
    return bd09_of_gcj02(*gcj02(lon, lat))


FORWARD: dict[str, Shift] = {"gcj02": gcj02, "bd09": bd09}


def undo(reference: str, x: FloatArray, y: FloatArray) -> Pair:
    """Return the WGS 84 degrees that ``FORWARD[reference]`` takes to (x, y), to some 1e-13°.

    Finite positions in or around China only: elsewhere the iteration may not arrive.
    """
    if reference == "bd09":
        x, y = _solve(bd09_of_gcj02, x, y)
    return _solve(gcj02, x, y)


def _solve(shift: Shift, x: FloatArray, y: FloatArray) -> Pair:
    """Find what ``shift`` takes to (x, y) by taking the error off; each round leaves 2 % of it."""
    lon, lat = x, y
    for _ in range(_ROUNDS):
        there_x, there_y = shift(lon, lat)
        off_x, off_y = x - there_x, y - there_y
        lon, lat = lon + off_x, lat + off_y
        if max(np.abs(off_x).max(initial=0), np.abs(off_y).max(initial=0)) <= _STEP:
            break
    return lon, lat
