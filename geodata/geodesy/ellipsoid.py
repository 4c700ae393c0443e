"""The WGS 84 ellipsoid: geodesic metres, earth-centred coordinates, and chord against geodesic.

A straight chord ``c`` between two points of the ellipsoid bounds their geodesic distance ``s``::

    2 R asin(c / 2R)  <=  s  <=  2 r asin(c / 2r)

where ``r = b²/a`` and ``R = a²/b`` are the least and the greatest radius of curvature of any
normal section (meridian at the equator; any section at a pole).

Lower bound. All normal curvatures are at least 1/R, so by Blaschke's rolling theorem the solid
ellipsoid is an intersection of balls of radius R. It therefore holds the spindle of the two
points (the intersection of all such balls that hold both), and a path on its surface stays out of
the spindle's inside. Projecting such a path onto the convex spindle does not lengthen it, and on
the spindle the shortest way between the tips is an arc of radius R.

Upper bound. As a curve in space a geodesic has the curvature of its normal section, at most 1/r.
Schur's comparison theorem then gives ``c >= 2 r sin(s / 2r)`` while ``s <= 2 π r``. Of the two
ranges this leaves for ``s``, the far one begins at ``2 π r - 2 r asin(c / 2r)``; no shortest path
is longer than ``π R`` (Bonnet and Myers: the Gaussian curvature is at least 1/R²), which excludes
it for every chord below 12,660 km. Beyond ``FAR_CHORD_M`` we use ``π R`` itself.

The two differ by about 2.07e-17 c³ metres: 0.02 mm at 10 km, 1 mm at 36 km. ``NOISE_M`` covers
what floating point and pyproj add (some 1e-8 m together).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from pyproj import Geod

from geodata.geodesy.lonlat import checked

if TYPE_CHECKING:
    import numpy.typing as npt

    from geodata.geodesy.lonlat import BoolArray, FloatArray

WGS84 = Geod(ellps="WGS84")
LEAST_RADIUS_M: float = WGS84.b**2 / WGS84.a
GREATEST_RADIUS_M: float = WGS84.a**2 / WGS84.b
LONGEST_M = math.pi * GREATEST_RADIUS_M
"""No two points are farther apart than this."""
ALL_CHORD_M = 2 * GREATEST_RADIUS_M
"""No chord is as long as this (the longest is ``2 a``)."""
FAR_CHORD_M = 12_000_000.0
NOISE_M = 1e-7
MIDPOINT_CHORD_M = 36_000.0
"""Up to this chord the middle of the two bounds is true to 0.5 mm."""
SERIES_CHORD_M = 100_000.0
_SPREAD = 1.01 * (LEAST_RADIUS_M**-2 - GREATEST_RADIUS_M**-2) / 24
_MIDDLE_THIRD = (LEAST_RADIUS_M**-2 + GREATEST_RADIUS_M**-2) / 48
_MIDDLE_FIFTH = 3 * (LEAST_RADIUS_M**-4 + GREATEST_RADIUS_M**-4) / 1280
_RAD = math.pi / 180


def distance_m(
    lon1: npt.ArrayLike, lat1: npt.ArrayLike, lon2: npt.ArrayLike, lat2: npt.ArrayLike
) -> FloatArray:
    """Measure the geodesic metres between positions, pair by pair: four arrays of shape (n,).

    Karney's algorithm by pyproj, true to some nanometres. PositionError for what is no position.
    """
    return inverse_m(*checked(lon1, lat1), *checked(lon2, lat2))


def inverse_m(lon1: FloatArray, lat1: FloatArray, lon2: FloatArray, lat2: FloatArray) -> FloatArray:
    """Do what ``distance_m`` does, for positions checked already."""
    metres: FloatArray = WGS84.inv(lon1, lat1, lon2, lat2)[2]
    return metres


def to_ecef(lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Earth-centred coordinates in metres, shape (n, 3), of points on the ellipsoid."""
    east, north = lon * _RAD, lat * _RAD
    sin, cos = np.sin(north), np.cos(north)
    normal = WGS84.a / np.sqrt(1 - WGS84.es * sin * sin)
    out = np.empty((lon.size, 3))
    cos *= normal
    np.multiply(cos, np.cos(east), out=out[:, 0])
    np.multiply(cos, np.sin(east), out=out[:, 1])
    np.multiply((1 - WGS84.es) * normal, sin, out=out[:, 2])
    return out


def to_ecef_one(lon: float, lat: float) -> tuple[float, float, float]:
    """Do what ``to_ecef`` does, for one point and without arrays."""
    east, north = lon * _RAD, lat * _RAD
    sin = math.sin(north)
    normal = WGS84.a / math.sqrt(1 - WGS84.es * sin * sin)
    across = normal * math.cos(north)
    return across * math.cos(east), across * math.sin(east), (1 - WGS84.es) * normal * sin


def least_m(chord: FloatArray) -> FloatArray:
    """Lower bound of the geodesic over a chord; infinite for an infinite chord."""
    return np.where(np.isinf(chord), chord, _arc(chord, GREATEST_RADIUS_M) - NOISE_M)


def most_m(chord: FloatArray) -> FloatArray:
    """Upper bound of the geodesic over a chord; infinite for an infinite chord."""
    bound = np.where(chord <= FAR_CHORD_M, _arc(chord, LEAST_RADIUS_M) + NOISE_M, LONGEST_M)
    return np.where(np.isinf(chord), chord, bound)


def middle_m(chord: FloatArray) -> FloatArray:
    """Give the middle of the two bounds, true to 0.5 mm for chords up to ``MIDPOINT_CHORD_M``.

    The series of the arc to the fifth power; what follows is 0.1 mm at 500 km. Infinite for an
    infinite chord.
    """
    square = chord * chord
    middle = square * _MIDDLE_FIFTH
    middle += _MIDDLE_THIRD
    middle *= square
    middle += 1
    middle *= chord
    return middle


def middle_one(chord: float) -> float:
    """Do what ``middle_m`` does, for one number."""
    square = chord * chord
    return ((square * _MIDDLE_FIFTH + _MIDDLE_THIRD) * square + 1) * chord


def overlap(near: FloatArray, far: FloatArray) -> BoolArray:
    """Tell where the bounds for a chord and those for one at least as long may overlap.

    By the series of the two bounds a gap above ``far³ (1/r² - 1/R²) / 24`` keeps them apart; 1 %
    more covers the fifth powers up to ``SERIES_CHORD_M``, beyond which everything counts as
    overlapping. An infinite chord overlaps nothing.
    """
    slack = far * far
    slack *= far
    slack *= _SPREAD
    slack += 3 * NOISE_M
    slack += near
    doubtful: BoolArray = far <= slack
    doubtful |= far > SERIES_CHORD_M
    doubtful &= far < np.inf
    return doubtful


def slack_m(far: float) -> float:
    """Give what keeps the bounds of two chords apart that differ by more, the longer one ``far``.

    As ``overlap`` has it, for a chord of at most ``SERIES_CHORD_M``.
    """
    return far * far * far * _SPREAD + 3 * NOISE_M


def _arc(chord: FloatArray, radius: float) -> FloatArray:
    return 2 * radius * np.arcsin(np.minimum(chord / (2 * radius), 1.0))


def reach_m(metres: FloatArray) -> FloatArray:
    """Chord beyond which no point is within ``metres``; infinite where there is no such chord."""
    half = (metres + NOISE_M) / (2 * GREATEST_RADIUS_M)
    chord = 2 * GREATEST_RADIUS_M * np.sin(np.minimum(half, math.pi / 2)) + NOISE_M
    return np.where(half < math.pi / 2, chord, np.inf)


def reach_one(metres: float) -> float:
    """Do what ``reach_m`` does, for one number."""
    half = (metres + NOISE_M) / (2 * GREATEST_RADIUS_M)
    if not half < math.pi / 2:
        return math.inf
    return 2 * GREATEST_RADIUS_M * math.sin(half) + NOISE_M


def most_one(chord: float) -> float:
    """Do what ``most_m`` does, for one finite number."""
    if chord > FAR_CHORD_M:
        return LONGEST_M
    return 2 * LEAST_RADIUS_M * math.asin(chord / (2 * LEAST_RADIUS_M)) + NOISE_M


def sure_chord(metres: float) -> float:
    """Chord up to which every point is within ``metres``; negative where there is none."""
    if metres >= LONGEST_M:
        return math.inf
    half = min((metres - NOISE_M) / (2 * LEAST_RADIUS_M), math.pi / 2)
    return min(2 * LEAST_RADIUS_M * math.sin(half) - NOISE_M, FAR_CHORD_M)
