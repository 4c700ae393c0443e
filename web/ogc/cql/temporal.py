"""How the days of a feature lie to others: CQL2's functions, by their starts and ends."""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from geodata.errors import UsageError
from web.ogc.cql.logic import Truth
from web.ogc.cql.values import property_of
from web.ogc.moments import OPEN, day_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geodata.geodesy import BoolArray, FloatArray
    from web.ogc.visible import Collection

    type Ends = FloatArray

_ORDERS: dict[str, tuple[str, ...]] = {
    "t_after": ("s > e",),
    "t_before": ("e < s",),
    "t_contains": ("s < s", "e > e"),
    "t_during": ("s > s", "e < e"),
    "t_equals": ("s = s", "e = e"),
    "t_finishedby": ("s < s", "e = e"),
    "t_finishes": ("s > s", "e = e"),
    "t_intersects": ("s <= e", "e >= s"),
    "t_meets": ("e = s",),
    "t_metby": ("s = e",),
    "t_overlappedby": ("s > s", "s < e", "e > e"),
    "t_overlaps": ("s < s", "e > s", "e < e"),
    "t_startedby": ("s = s", "e > e"),
    "t_starts": ("s = s", "e < e"),
}
"""How one's start ``s`` and end ``e`` lie to the other's; open ends are infinite."""
_SIGNS: dict[str, Callable[[Ends, Ends], BoolArray]] = {
    "<": np.less,
    "<=": np.less_equal,
    "=": np.equal,
    ">=": np.greater_equal,
    ">": np.greater,
}
RELATIONS = frozenset({*_ORDERS, "t_disjoint"})


def temporal(op: str, node: Sequence[object], about: Collection) -> Truth:
    """Tell of every feature how its days lie to others."""
    if len(node) != 2:  # noqa: PLR2004 - two of them
        raise UsageError(f"filter: {op.upper()} takes two dates or intervals")
    size = len(about)
    (since, until, known), (since2, until2, known2) = (_ends(each, about) for each in node)
    mine, its = {"s": since, "e": until}, {"s": since2, "e": until2}
    orders = [each.split() for each in _ORDERS["t_intersects" if op == "t_disjoint" else op]]
    held = [_SIGNS[sign](mine[left], its[right]) for left, sign, right in orders]
    holds: BoolArray = reduce(np.logical_and, held)
    holds = ~holds if op == "t_disjoint" else holds
    return Truth.of(np.broadcast_to(holds, size), np.broadcast_to(known & known2, size))


def _ends(node: object, about: Collection) -> tuple[Ends, Ends, BoolArray]:
    """Return starts, ends, and where they are known.

    In an interval a property that is null leaves its end open, as the register means it.
    """
    match node:
        case {"interval": [first, last]}:
            since, until = _end(first, about, -math.inf), _end(last, about, math.inf)
            return since, until, np.array([True])
        case _:
            day = _end(node, about, math.nan)
            return day, day, ~np.isnan(day)


def _end(node: object, about: Collection, unbound: float) -> Ends:
    match node:
        case str() if node in OPEN and not math.isnan(unbound):
            return np.array([unbound])
        case str(text) | {"date": str(text)} | {"timestamp": str(text)}:
            return np.array([float(day_of(text, "filter"))])
        case {"property": str(name)}:
            value = property_of(name, about)
            if value.kind != "day":
                raise UsageError(f"filter: {name} is no date")
            days = about.days(name)
            return np.where(np.isinf(days), unbound, days)
        case _:
            raise UsageError(
                "filter: expected DATE('2026-11-24'), TIMESTAMP('2026-11-24T02:00:00Z'),"
                " INTERVAL('2026-11-01','..') or a property that is a date"
            )
