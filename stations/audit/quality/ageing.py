"""Records nobody has confirmed for long."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stations.audit.ruling import breaches
from stations.hours.clock import ZONE

if TYPE_CHECKING:
    from geodata.geodesy import FloatArray
    from stations.audit.ruling import Context, Rule

_DAY_S = 86_400.0


def stale(context: Context, rule: Rule) -> pd.DataFrame:
    """Find stations without evidence, good or bad, for over ``days`` days.

    One nobody has ever looked at counts from the day its position was recorded, where that is
    known, and at once where it is not.
    """
    frame, ledger = context.registry.stations, context.registry.ledger
    now = context.at.timestamp()
    last = np.full(len(frame), -np.inf)
    when = ledger.at
    past = np.flatnonzero(ledger.counting(now))  # by station, then time: the last one written wins
    last[ledger.station[past]] = when[past]
    known_since = np.maximum(last, _recorded(context))
    rows = np.flatnonzero((now - known_since) / _DAY_S > rule.settings["days"])
    ever = np.where(np.isfinite(known_since[rows]), known_since[rows], np.nan)
    age = (now - ever) // _DAY_S
    return breaches(
        rule,
        context.ids(rows),
        {"last_evidence": [_day(each) for each in last[rows].tolist()]},
        beside={"days": age},
    )


def _recorded(context: Context) -> FloatArray:
    """Return the second each position was recorded at, -inf where that is not known."""
    frame = context.registry.stations
    if context.uploads is None or "since" not in context.uploads:
        return np.full(len(frame), -np.inf)
    since = pd.to_datetime(context.uploads["since"].reindex(frame.index), utc=True)
    seconds = since.dt.as_unit("us").astype("int64").to_numpy() / 1e6
    return np.where(since.isna(), -np.inf, seconds)


def _day(second: float) -> str:
    if not np.isfinite(second):
        return ""
    return datetime.fromtimestamp(second, UTC).astimezone(ZONE).date().isoformat()
