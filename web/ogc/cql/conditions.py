"""A condition's truth in every feature of a collection."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from geodata.errors import UsageError
from web.api.reading import short
from web.ogc.cql.comparing import COMPARISONS, LISTS, among, between, compared, like, lists
from web.ogc.cql.logic import Truth
from web.ogc.cql.spatial import GEOMETRY, OPERATORS, spatial
from web.ogc.cql.temporal import RELATIONS, temporal
from web.ogc.cql.values import property_of, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geodata.geodesy import BoolArray
    from web.ogc.visible import Collection

_PLAIN: dict[str, Callable[[Sequence[object], Collection], Truth]] = {
    "between": between,
    "in": among,
    "like": like,
}
_DISTANCES = (
    "it is no part of CQL2, and degrees are no distance; ask /api/v1/nearest in metres, or"
    " S_WITHIN a polygon"
)


def rows_of(document: object, about: Collection, reference: str) -> BoolArray:
    """Tell in which features a filter holds; shapes in it are in ``reference``.

    What cannot be answered raises `UsageError` that says what would be right.
    """
    return _truth(document, about, reference).holds


def _truth(node: object, about: Collection, reference: str) -> Truth:
    match node:
        case bool():
            return Truth.constant(node, len(about))
        case {"property": str(name)}:
            value = property_of(name, about)
            if value.kind != "truth":
                raise UsageError(f"filter: {name} is no condition; compare it with something")
            return Truth.of(*value.told([bool(each) for each in value.distinct]))
        case {"op": str(op), "args": [*inner]}:
            return _operation(op.lower(), inner, about, reference)
        case _:
            raise UsageError("filter: expected a condition such as kind = 'smart'")


def _operation(  # noqa: PLR0911 - one for each kind of condition
    op: str, inner: Sequence[object], about: Collection, reference: str
) -> Truth:
    if op in {"and", "or"} and inner:
        parts = [_truth(each, about, reference) for each in inner]
        return reduce(lambda a, b: a & b if op == "and" else a | b, parts)
    if op == "not" and len(inner) == 1:
        return ~_truth(inner[0], about, reference)
    if op == "isnull" and len(inner) == 1:
        return _null(inner[0], about)
    if op in COMPARISONS and len(inner) == 2:  # noqa: PLR2004 - two sides
        left, right = (value_of(each, about) for each in inner)
        return compared(op, left, right, len(about))
    if op in _PLAIN:
        return _PLAIN[op](inner, about)
    if op in OPERATORS:
        return spatial(op, inner, about, reference)
    if op in RELATIONS:
        return temporal(op, inner, about)
    if op in LISTS:
        return lists(op, inner, about)
    told = _DISTANCES if op in {"s_dwithin", "s_beyond", "dwithin"} else "see the README at /help"
    raise UsageError(f"filter: no condition {short(op)!r} with {len(inner)} parts here: {told}")


def _null(node: object, about: Collection) -> Truth:
    match node:
        case {"property": str(name)} if name.lower() == GEOMETRY:
            return Truth.constant(value=False, size=len(about))
        case {"property": str(name)}:
            property_of(name, about)
            return Truth.of(about.column(name).nulls)
        case _:
            raise UsageError("filter: IS NULL is asked of a property")
