"""Area of polygons covered by discs of one radius, in a plane, in closed form.

By Green's theorem the area of (polygon ∩ union of discs) is half the integral of ``x dy - y dx``
along its boundary, which is made of the pieces of the polygon's edges that lie in a disc, and of
the arcs that lie in the polygon and in no other disc. Nothing is drawn with many corners.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    import numpy.typing as npt

    from geodata.geodesy.feet import Edges
    from geodata.geodesy.lonlat import BoolArray, FloatArray, IntArray

_TWIN_M = 1e-6
"""Discs with centres closer than this are one disc."""
_TURN = 8.0
"""More than a full turn: keeps the angles of one circle apart from those of the next."""


class Scene(NamedTuple):
    """Polygons and discs, each disc belonging to one polygon; coordinates in metres.

    Shells run anticlockwise, holes clockwise. Discs are sorted by polygon.
    """

    polygons: npt.NDArray[np.object_]
    edges: Edges
    edge_polygon: IntArray
    x: FloatArray
    """East of the discs' centres."""
    y: FloatArray
    """North of the discs' centres."""
    disc_polygon: IntArray
    radius: float


class _Events(NamedTuple):
    """Places on circles where something begins (+), ends (-) or is crossed (0)."""

    circle: IntArray
    angle: FloatArray
    weight: FloatArray


def covered_m2(scene: Scene) -> FloatArray:
    """Area of each polygon that lies in at least one of its discs, shape (n,)."""
    edge, disc = _meetings(scene.edge_polygon, scene.disc_polygon, scene.polygons.size)
    edge, enter, leave, events = _crossings(scene, edge, disc)
    lengths = _union_lengths(edge, enter, leave, scene.edge_polygon.size)
    x1, y1, x2, y2 = scene.edges
    around = (x1 * y2 - y1 * x2) * lengths
    straight = np.bincount(scene.edge_polygon, around, minlength=scene.polygons.size)
    return (straight + _arcs(scene, events)) / 2


def _meetings(first: IntArray, second: IntArray, groups: int) -> tuple[IntArray, IntArray]:
    """Pair every member of ``first`` with every one of ``second`` (sorted) of the same group."""
    counts = np.bincount(second, minlength=groups)
    begins = np.cumsum(counts) - counts
    repeats = counts[first]
    left = np.repeat(np.arange(first.size), repeats)
    within = np.arange(left.size) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    return left, begins[first[left]] + within


def _crossings(
    scene: Scene, edge: IntArray, disc: IntArray
) -> tuple[IntArray, FloatArray, FloatArray, _Events]:
    """Edges that pass through a disc, the shares where they enter and leave it, the crossings."""
    x1, y1, x2, y2 = scene.edges
    across, up = x2 - x1, y2 - y1
    squared = np.maximum(across * across + up * up, 1e-18)
    x, y = x1[edge] - scene.x[disc], y1[edge] - scene.y[disc]
    half = (across / squared)[edge] * x + (up / squared)[edge] * y
    root = half * half - (x * x + y * y - scene.radius**2) * (1 / squared)[edge]
    meets = np.flatnonzero(root > 0)
    edge, disc, x, y, half = edge[meets], disc[meets], x[meets], y[meets], half[meets]
    width = np.sqrt(root[meets])
    marks = []
    for share in (-half - width, width - half):
        real = np.flatnonzero((share >= 0) & (share <= 1))
        there = share[real]
        north = y[real] + there * up[edge[real]]
        marks.append((disc[real], np.arctan2(north, x[real] + there * across[edge[real]])))
    circle, angle = (np.concatenate(column) for column in zip(*marks, strict=True))
    enter, leave = np.maximum(-half - width, 0), np.minimum(width - half, 1)
    hit = enter < leave
    crossings = _Events(circle, angle, np.zeros(circle.size))
    return edge[hit], enter[hit], leave[hit], crossings


def _union_lengths(edge: IntArray, enter: FloatArray, leave: FloatArray, edges: int) -> FloatArray:
    """Share of each edge in the union of its intervals."""
    shift = 2.0 * edge
    order = np.argsort(shift + enter)
    edge, enter, leave = edge[order], (shift + enter)[order], (shift + leave)[order]
    so_far = np.maximum.accumulate(leave)
    before = np.concatenate(([-1.0], so_far[:-1]))[: edge.size]
    return np.bincount(edge, np.maximum(leave - np.maximum(enter, before), 0), minlength=edges)


def _arcs(scene: Scene, crossings: _Events) -> FloatArray:
    """Integral of ``x dy - y dx`` along the free arcs inside each polygon."""
    events = _merged(crossings, _covers(scene), _seams(scene.x.size))
    order = np.argsort(events.circle * _TURN + events.angle)
    circle, angle = events.circle[order], events.angle[order]
    depth = np.cumsum(events.weight[order])[:-1]
    free = (circle[1:] == circle[:-1]) & (depth < 0.5) & (np.diff(angle) > 0)  # noqa: PLR2004
    first = np.flatnonzero(free)
    circle, begin, end = circle[first], angle[first], angle[first + 1]
    inside = _inside(scene, circle, (begin + end) / 2)
    circle, begin, end = circle[inside], begin[inside], end[inside]
    swept = scene.radius * (end - begin)
    swept += scene.x[circle] * (np.sin(end) - np.sin(begin))
    swept -= scene.y[circle] * (np.cos(end) - np.cos(begin))
    polygon = scene.disc_polygon[circle]
    return np.bincount(polygon, scene.radius * swept, minlength=scene.polygons.size)


def _inside(scene: Scene, circle: IntArray, angle: FloatArray) -> BoolArray:
    x = scene.x[circle] + scene.radius * np.cos(angle)
    y = scene.y[circle] + scene.radius * np.sin(angle)
    shapely.prepare(scene.polygons)
    inside: BoolArray = shapely.contains_xy(scene.polygons[scene.disc_polygon[circle]], x, y)
    return inside


def _covers(scene: Scene) -> _Events:
    """Where each circle dips into the other discs of its polygon."""
    polygons = scene.polygons.size
    one, other = _meetings(scene.disc_polygon, scene.disc_polygon, polygons)
    x, y = scene.x[other] - scene.x[one], scene.y[other] - scene.y[one]
    apart = np.hypot(x, y)
    twin = apart < _TWIN_M
    dips = ~twin & (apart < 2 * scene.radius)
    circle, middle = one[dips], np.arctan2(y[dips], x[dips])
    half = np.arccos(apart[dips] / (2 * scene.radius))
    begin, end = _wrapped(middle - half), _wrapped(middle + half)
    over_seam = circle[begin > end]
    hidden = one[twin & (other < one)]
    around = np.concatenate((over_seam, hidden))
    return _merged(
        _Events(circle, begin, np.ones(circle.size)),
        _Events(circle, end, -np.ones(circle.size)),
        _Events(around, np.full(around.size, -np.pi), np.ones(around.size)),
        _Events(around, np.full(around.size, np.pi), -np.ones(around.size)),
    )


def _wrapped(angle: FloatArray) -> FloatArray:
    """Angles from -π to π."""
    return angle - 2 * np.pi * np.round(angle / (2 * np.pi))


def _seams(circles: int) -> _Events:
    """Both ends of every circle, at -π and π."""
    circle = np.repeat(np.arange(circles), 2)
    return _Events(circle, np.tile([-np.pi, np.pi], circles), np.zeros(circle.size))


def _merged(*events: _Events) -> _Events:
    circle, angle, weight = (np.concatenate(column) for column in zip(*events, strict=True))
    return _Events(circle, angle, weight)
