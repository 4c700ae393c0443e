"""What is counted of stations, visits and findings: whole numbers by county, which add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from stations.audit.findings import PENDING, standing
from stations.audit.ruling import SEVERITIES
from stations.hours.clock import ZONE
from stations.trust import VISITED, inherited

if TYPE_CHECKING:
    from datetime import datetime

    import geopandas as gpd

    from stations.audit.bulletin.period import Period
    from stations.store import Store

OPEN_BY = tuple(f"open_{severity}" for severity in SEVERITIES)
COUNTS = (
    *("stations", "visits", "checked", "open_before", "opened", "returned"),
    *("mended", "closed", "open", "fixed", "overdue", *OPEN_BY),
)
"""What README.md says of each; ``open_before + opened + returned = mended + closed + open``."""
FLAGGED = tuple(name for name in COUNTS if name not in {"stations", "visits", "checked"})
"""Those that are about findings."""
_TICK = pd.Timedelta(microseconds=1)
CHECK_COLUMNS = ["station", "at", "who"]


def counted(
    stations: gpd.GeoDataFrame,
    checks: pd.DataFrame,
    found: pd.DataFrame,
    areas: pd.Series[str],
) -> pd.DataFrame:
    """Return `COUNTS` by county code, sorted; "" is for what lies in no county.

    ``checks`` are `checks_in`'s, ``found`` is `moved`'s; ``areas`` tells the county of every
    station, on the register or not.
    """
    used = stations.index[(stations["status"] == "active").to_numpy(dtype=bool)]
    checked = pd.Index(checks["station"].unique()).intersection(used)
    flags = {name: found["station"][found[flag(name)]] for name in FLAGGED}
    named = {"stations": used, "visits": checks["station"], "checked": checked, **flags}
    counts = {
        name: areas.reindex(list(ids)).fillna("").value_counts() for name, ids in named.items()
    }
    frame = pd.DataFrame(counts).reindex(columns=list(COUNTS)).fillna(0).astype("int64")
    return frame.sort_index().rename_axis("code")


def checks_in(evidence: pd.DataFrame, visits: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the visits of a period: `CHECK_COLUMNS`, one row a person, station and Beijing day.

    They are the inspections among the evidence, and what was recorded with a form and is no
    evidence. Those of a record that was merged into another are the other's.
    """
    heard = set(zip(evidence["station"], evidence["key"], strict=True))
    keys = zip(visits["station"], VISITED + visits["key"], strict=True)
    own = inherited(evidence)
    seen = own.loc[own["kind"] == "inspection", CHECK_COLUMNS]
    more = visits.loc[[key not in heard for key in keys], CHECK_COLUMNS]
    every = pd.concat([seen, more], ignore_index=True) if len(more) else seen
    every = every[period.holds(every["at"])]
    days = every["at"].dt.tz_convert(ZONE).dt.date
    once = every.assign(day=days).drop_duplicates(["station", "who", "day"])
    return once.drop(columns="day").reset_index(drop=True)


def moved(steps: pd.DataFrame, period: Period, last: datetime) -> pd.DataFrame:
    """Return where every finding stands at ``last``, and what the period did to it, as flags.

    `standing`'s columns, and a `flag` for each of `FLAGGED`.
    """
    before = standing(steps, period.begin - _TICK)
    now = standing(steps, last)
    old = now.index.isin(before.index)
    was = now.index.isin(before.index[before["state"].isin(PENDING)])
    came = steps[steps["step"].isin(("reopen", "return")) & period.holds(steps["at"])]
    pending = now["state"].isin(PENDING).to_numpy(dtype=bool)
    back = old & ~was & (pending | now.index.isin(came["finding"]))
    asked = was | ~old | back
    flags: dict[str, Any] = {
        "open_before": was,
        "opened": ~old,
        "returned": back,
        "mended": asked & (now["state"] == "verified").to_numpy(dtype=bool),
        "closed": asked & now["state"].isin(("waived", "settled")).to_numpy(dtype=bool),
        "open": pending,
        "fixed": (now["state"] == "fixed").to_numpy(dtype=bool),
        "overdue": now["overdue"],
    }
    for name, severity in zip(OPEN_BY, SEVERITIES, strict=True):
        flags[name] = pending & (now["severity"] == severity).to_numpy(dtype=bool)
    return now.assign(**{flag(name): column for name, column in flags.items()})


def flag(name: str) -> str:
    """Return the column that tells whether a finding counts there."""
    return f"is_{name}"


def areas_of(
    store: Store, stations: gpd.GeoDataFrame, revision: int, others: pd.Index[str]
) -> pd.Series[str]:
    """Return the county of every station, and of ``others``: where they last were on the register.

    "" for one that was in no county, or never there by ``revision``.
    """
    known = stations["area_code"]
    gone = others.unique().difference(known.index)
    last = {}
    for id_ in gone:
        past = [record for made, record in store.history(id_) if made.number <= revision and record]
        last[id_] = str(past[-1]["area_code"]) if past else ""
    found: pd.Series[str] = pd.concat([known, pd.Series(last, dtype="str")])
    return found
