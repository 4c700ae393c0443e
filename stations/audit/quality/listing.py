"""Checks against a map platform's list: missing there, or elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geodata import boundaries
from stations.audit.quality.datums import slipped
from stations.audit.quality.maplist import matches
from stations.audit.quality.places import county, lost
from stations.audit.quality.rows import shifted
from stations.audit.ruling import breaches

if TYPE_CHECKING:
    import pandas as pd

    from geodata.geodesy import BoolArray
    from stations.audit.ruling import Context, Rule


def covered(context: Context) -> BoolArray:
    """Tell which rows lie in a county of which the list has a row: (n,), all False without one."""
    if context.platform is None:
        return np.zeros(len(context.registry.stations), dtype=np.bool_)
    where = context.platform.geometry
    counties = np.unique(boundaries.county_of(where.x.to_numpy(), where.y.to_numpy()))
    return np.isin(context.derived(county), counties[counties > 0])


def missing(context: Context, rule: Rule) -> pd.DataFrame:
    """Find stations that are on no row of the list, in counties where the list has rows at all."""
    found = context.derived(matches)
    if context.platform is None:
        return breaches(rule, [], {})
    listed = covered(context)
    listed[found.station] = False
    rows = np.flatnonzero(listed & ~context.derived(lost).any)
    ids = context.ids(rows)
    return breaches(rule, ids, {"name": context.registry.stations["name"].iloc[rows]})


def moved(context: Context, rule: Rule) -> pd.DataFrame:
    """Find stations that lie over ``metres`` from where the list has them.

    Those in another datum and those with their neighbour's position are left to their own rules.
    """
    found = context.derived(matches)
    explained = [context.derived(slipped), context.derived(shifted).row]
    told_elsewhere = np.isin(found.station, np.concatenate(explained))
    over = np.flatnonzero((found.metres > rule.settings["metres"]) & ~told_elsewhere)
    if context.platform is None:
        return breaches(rule, [], {})
    rows, there = found.station[over], context.platform.iloc[found.row[over]]
    lon, lat = there.geometry.x.to_numpy(), there.geometry.y.to_numpy()
    ids = context.ids(rows)
    return breaches(
        rule,
        ids,
        {"listed_lon": lon.round(6), "listed_lat": lat.round(6), "listed_as": there["name"]},
        beside={"metres": found.metres[over].round(1)},
        proposals=[{"lon": x, "lat": y} for x, y in zip(lon.tolist(), lat.tolist(), strict=True)],
    )


CHECKS = (missing.__name__, moved.__name__)
"""Checks that see nothing without a list."""
