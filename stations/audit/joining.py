"""What the audit sees today beside what the loop remembers: one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stations.audit.findings import PENDING
from stations.audit.ruling import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

KEY = ["rule", "station", "fact"]
NEW = "new"
"""The state of what today's audit sees and nobody has recorded."""
_TOLD = ("severity", "evidence", "proposal")


def joined(
    breaches: pd.DataFrame,
    standing: pd.DataFrame,
    stations: gpd.GeoDataFrame,
    judged: Iterable[str],
) -> pd.DataFrame:
    """Return rulings and findings as one frame: overdue first, then the gravest, by due day.

    ``breaches``: today's rulings without the unknown; ``standing``: `findings.standing`'s, every
    finding there ever was; ``judged``: ids of the rules today's audit ran. Columns: those of both;
    ``finding`` (<NA>: not recorded), ``state`` (`NEW` then), ``seen`` (True, False, <NA> where the
    rule was not run), the station's ``name`` and ``area_code`` ("" of one that is gone). What is
    seen has today's severity and evidence, the rest what it was opened with.
    """
    breaches = breaches.drop_duplicates(KEY)
    known = standing.rename_axis("finding").reset_index()
    frame = breaches.merge(
        known, on=KEY, how="outer", suffixes=("", "_then"), indicator="where", sort=False
    )
    seen = (frame["where"] != "right_only").to_numpy(dtype=bool)
    for name in _TOLD:
        frame[name] = frame[name].where(seen, frame[f"{name}_then"]).astype("str")
    ran = frame["rule"].isin(set(judged)).to_numpy(dtype=bool)
    frame["seen"] = pd.array(seen, dtype="boolean")
    frame.loc[~seen & ~ran, "seen"] = pd.NA
    frame["finding"] = frame["finding"].astype("Int64")
    frame["state"] = frame["state"].fillna(NEW).astype("str")
    frame["overdue"] = frame["overdue"].eq(True)  # noqa: FBT003 - NaN is not overdue
    for name in ("by", "why", "assignee", "due", "until"):
        frame[name] = frame[name].fillna("").astype("str")
    about = stations[["name", "area_code"]].reindex(frame["station"]).fillna("")
    frame = frame.assign(**{name: about[name].to_numpy() for name in about})
    return _ordered(frame.drop(columns=["where", *(f"{name}_then" for name in _TOLD)]))


def pending(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what `joined` holds that is seen today or not over yet."""
    mine = frame["seen"].fillna(value=False) | frame["state"].isin(PENDING)
    return frame[mine.to_numpy(dtype=bool)]


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    grave = frame["severity"].map(SEVERITIES.index).to_numpy()
    due = frame["due"].where(frame["due"] != "", "9999").to_numpy()
    early = ~frame["overdue"].to_numpy(dtype=bool)
    columns = [frame[name].to_numpy() for name in ("fact", "rule", "station")]
    order = np.lexsort((*columns, due, grave, early))
    return frame.iloc[order].reset_index(drop=True)
