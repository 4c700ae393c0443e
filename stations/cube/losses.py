"""Sums of the cube by site, area or hour, and by cause: in order, and whatever the order."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from geodata.errors import UsageError
from stations.cube.measure import PARTS
from stations.cube.supply import EVERY, Condition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.geodesy import BoolArray, IntArray
    from stations.cube.measure import Amounts, Cube

DIGITS: Mapping[str, int] = {"county": 6, "prefecture": 4, "province": 2}
"""How many digits of a site's area code make the group."""
BY = ("site", "county", "prefecture", "province", "hour", "all")
SIXTHS = 6
"""Shapley values of three causes are whole numbers of sixths."""


def table(cube: Cube, by: str, hours: BoolArray | None = None) -> pd.DataFrame:
    """Return worker-hours (site-hours where the layer knows no workers) by cause.

    Indexed by id, area code ("" outside every county), hour (0 is the first of the answer), or
    one row for ``all``, ascending; the columns are `PARTS` and ``present``, their sum. ``hours``,
    (hours,) of truth, picks some. Another ``by`` is a `UsageError`.
    """
    sums = summed(cube, cube.parts, by, hours)
    frame = pd.DataFrame(sums.T, index=_keys(cube, by)[0], columns=list(PARTS))
    frame["present"] = sums.sum(axis=0)
    return frame


def orderless(cube: Cube, by: str, hours: BoolArray | None = None) -> pd.DataFrame:
    """Return what `table` does, with each condition's loss independent of any order.

    The loss between paper and truth is shared out over the three conditions by Shapley's value
    (1953): what a condition takes away, averaged over the six orders in which the three can be
    asked. ``hours``, ``amenity`` and ``trust`` are whole numbers of sixths of a worker-hour, so
    that they add up exactly; ``lost_sixths`` is their sum. Unknown hours are in ``hours``.
    """
    values = np.stack([cube.covered(level) for level in range(EVERY + 1)])
    sixths = np.stack([_sixths(values, each) for each in Condition])
    sums = summed(cube, sixths, by, hours)
    names = [str(each.name).lower() for each in Condition]
    frame = pd.DataFrame(sums.T, index=_keys(cube, by)[0], columns=names)
    frame["lost_sixths"] = sums.sum(axis=0)
    return frame


def difference(before: Cube, after: Cube, by: str) -> pd.DataFrame:
    """Return what a change of stations or ways does to `table`: after less before."""
    change: pd.DataFrame = table(after, by) - table(before, by)
    return change


def summed(cube: Cube, values: Amounts, by: str, hours: BoolArray | None = None) -> Amounts:
    """Sum (k, sites, hours) to (k, groups), groups as in `table`."""
    keys, group = _keys(cube, by)
    if hours is not None:
        values = np.where(hours, values, 0)
    by_row = values.sum(axis=1 if by == "hour" else 2)
    return _grouped(by_row, group, len(keys))


def grid(cube: Cube, by: str) -> tuple[list[str], Amounts]:
    """Return the codes of a grouping of sites, and the parts (`PARTS`, codes, hours)."""
    keys, group = _keys(cube, by)
    if by == "hour":
        raise UsageError("hours are the other side of the grid: group by sites or areas")
    return list(map(str, keys)), _grouped(cube.parts, group, len(keys))


def _grouped(values: Amounts, group: IntArray, groups: int) -> Amounts:
    """Sum counts (k, rows, …) to (k, groups, …)."""
    ones = np.ones(group.size, dtype=np.int64)
    to = csr_array((ones, (group, np.arange(group.size))), shape=(groups, group.size))
    return np.stack([to @ each for each in values])


def _keys(cube: Cube, by: str) -> tuple[pd.Index, IntArray]:
    """Return the groups, and the group of each row (site, or hour)."""
    if by == "hour":
        return pd.RangeIndex(cube.hours, name="hour"), np.arange(cube.hours)
    if by == "site":
        return cube.sites.index, np.arange(len(cube.sites))
    if by == "all":
        return pd.Index(["all"], name="all"), np.zeros(len(cube.sites), dtype=np.int64)
    if by not in DIGITS:
        raise UsageError(f"group by one of {', '.join(BY)}, not {by[:40]!r}")
    codes = cube.sites["area_code"].str.slice(0, DIGITS[by]).to_numpy(dtype=object)
    keys, group = np.unique(codes.astype(str), return_inverse=True)
    return pd.Index(keys.astype(object), name="code"), group


def _sixths(values: Amounts, condition: Condition) -> Amounts:
    """Return Shapley's value of a condition in sixths; ``values`` by set of conditions."""
    others = [each for each in Condition if each is not condition]
    total: Amounts = np.zeros(values.shape[1:], dtype=values.dtype)
    for size in range(len(others) + 1):
        orders = factorial(size) * factorial(len(others) - size)
        for chosen in combinations(others, size):
            before = sum(chosen)
            total += orders * (values[before] - values[before | condition])
    return total
