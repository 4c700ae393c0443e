"""Positions outside the county they declare, where nothing graver explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stations.audit.quality.counties import astray, metres_outside
from stations.audit.quality.datums import slipped
from stations.audit.quality.places import county
from stations.audit.quality.rows import shifted
from stations.audit.ruling import breaches

if TYPE_CHECKING:
    import pandas as pd

    from stations.audit.ruling import Context, Rule


def outside_county(context: Context, rule: Rule) -> pd.DataFrame:
    """Find positions over ``within_m`` metres outside what they declare.

    Lost positions (null island, swapped axes), rows that hold their neighbour's position and
    records in a wrong datum have rules of their own and are left to them. Proposes nothing: the
    code may be wrong or the position.
    """
    rows = context.derived(astray)
    explained = [context.derived(shifted).row, context.derived(slipped)]
    rows = np.setdiff1d(rows, np.concatenate(explained))
    metres = metres_outside(context, rows)
    far = metres > rule.settings["within_m"]
    rows, metres = rows[far], metres[far]
    frame = context.registry.stations
    lies_in = [str(code) if code else "" for code in context.derived(county)[rows].tolist()]
    return breaches(
        rule,
        context.ids(rows),
        {"declared": frame["area_code"].iloc[rows], "lies_in": lies_in},
        beside={"metres": metres.round()},
    )
