"""How a shape lies to another: planar in longitude and latitude, where edges are straight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.errors import GEOSException

from geodata.errors import UsageError
from web.api.reading import short
from web.ogc.cql.logic import Truth
from web.ogc.references import CRS84, box_in_wgs84, in_wgs84

if TYPE_CHECKING:
    from collections.abc import Sequence

    from web.ogc.visible import Collection

_MIRRORED = {
    "s_intersects": "intersects",
    "s_within": "contains",
    "s_contains": "within",
    "s_touches": "touches",
    "s_crosses": "crosses",
    "s_overlaps": "overlaps",
    "s_equals": "intersects",
    "s_disjoint": "intersects",
}
"""The word for it as the tree wants it: how the shape asked about lies to the feature."""
_SWAPPED = {"s_within": "s_contains", "s_contains": "s_within"}
OPERATORS = frozenset(_MIRRORED)
GEOMETRY = "geometry"
_KINDS = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}
)
_BOX, _CORNERS = 4, 6


def spatial(op: str, node: Sequence[object], about: Collection, reference: str) -> Truth:
    """Tell of every feature how its shape lies to one given in a reference system."""
    if len(node) != 2:  # noqa: PLR2004 - two shapes
        raise UsageError(f"filter: {op.upper()} takes the property geometry and a shape")
    left, right = node
    if _is_property(right) and not _is_property(left):
        left, right, op = right, left, _SWAPPED.get(op, op)
    if not _is_property(left) or _is_property(right):
        raise UsageError(f"filter: {op.upper()} takes the property geometry and a shape")
    shape = _shape(right, reference)
    rows = about.tree.query(shape, predicate=_MIRRORED[op])
    if op == "s_equals":
        rows = rows[shapely.equals(about.shapes[rows], shape)]
    found = np.zeros(len(about), dtype=np.bool_)
    found[rows] = True
    return Truth.of(~found if op == "s_disjoint" else found)


def _is_property(node: object) -> bool:
    match node:
        case {"property": str(name)}:
            if name.lower() != GEOMETRY:
                raise UsageError(f"filter: {short(name)!r} is no shape; the shape is {GEOMETRY}")
            return True
        case _:
            return False


def _shape(node: object, reference: str) -> shapely.Geometry:
    match node:
        case {"bbox": [*corners]}:
            return _box(corners, reference)
        case {"type": "GeometryCollection", "geometries": [*_]}:
            raise UsageError("filter: a shape of one kind, please, not a collection")
        case {"type": str(kind), "coordinates": [*pairs]} if kind in _KINDS:
            shape = _built({"type": kind, "coordinates": pairs})
            return in_wgs84(shape, reference, "filter")
        case _:
            raise UsageError(
                "filter: expected a shape such as POINT(102.7 25) or BBOX(102.5,24.8,103,25.2)"
            )


def _built(node: dict[Any, Any]) -> shapely.Geometry:
    try:
        shape = shapely.force_2d(shapely.geometry.shape(node))
        if not (shapely.is_empty(shape) or not np.isfinite(shapely.get_coordinates(shape)).all()):
            if shapely.is_valid(shape):
                return shape
            raise UsageError(f"filter: that shape is not valid: {shapely.is_valid_reason(shape)}")
    except (GEOSException, ValueError, TypeError, IndexError, AttributeError) as error:
        if isinstance(error, UsageError):
            raise
    raise UsageError("filter: that shape has no coordinates that can be read")


def _box(corners: list[Any], reference: str) -> shapely.Geometry:
    if len(corners) == _CORNERS:
        corners = [*corners[:2], *corners[3:5]]
    numbers = [each for each in corners if isinstance(each, (int, float)) and np.isfinite(each)]
    if len(corners) != _BOX or len(numbers) != _BOX:
        raise UsageError("filter: BBOX takes four numbers, west, south, east, north")
    first, second, third, fourth = numbers
    west, south, east, north = box_in_wgs84((first, second, third, fourth), reference)
    if south > north:
        raise UsageError("filter: a BBOX has its lower corner first")
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    boxes = [shapely.box(left, south, right, north) for left, right in spans]
    whole = boxes[0] if len(boxes) == 1 else shapely.multipolygons(boxes)
    return in_wgs84(whole, CRS84, "filter")
