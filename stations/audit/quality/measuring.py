"""How well the rules find what was planted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geodata.files import Table
from stations.audit.quality import CHECKS, rules
from stations.audit.quality.ageing import stale
from stations.audit.quality.datums import audit_datums
from stations.audit.quality.planting import RULE_OF, SENT, plant, slip_uploads, sound
from stations.audit.ruling import Context, judge
from stations.imports.records import STATION, Options, read_records
from stations.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import geopandas as gpd

    from stations.audit.quality.planting import Planted

POSITION = ("off_by_one", "datum_upload", "datum_record", "truncated", "wrong_county")
"""Sorts of fault that put a station elsewhere."""
ELSEWHERE = ("wrong_county", "platform_moved")
"""Sorts whose rules tell that it is elsewhere, whatever put it there."""
DOOR = "swapped_axes"
"""The sort that is refused at the door, where it makes a latitude no place has."""


class Trial(NamedTuple):
    """What was found of what was planted."""

    sorts: pd.DataFrame
    """`measured`'s columns."""
    uploads: pd.DataFrame
    """Uploads slipped as a whole, ``beside`` a platform's list and beside nothing: ``slipped``,
    ``found``, ``recall``, ``false_alarms`` among ``clean`` ones."""


def measured(planted: Planted, found: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Return what was found of each sort of fault, and how much else was.

    ``found`` are the rulings of the planted register, ``before`` those of the same register before
    anything was planted: what was found there already counts neither for nor against. Rows that the
    door refuses count as found by the rule about swapped axes. Columns: ``sort``, ``planted``,
    ``found`` (of them), ``flagged`` (new rulings of the sort's rules), ``right`` (of these), and
    `rated`'s.
    """
    known = set(zip(before["rule"], before["station"], strict=True))
    new = found[[pair not in known for pair in zip(found["rule"], found["station"], strict=True)]]
    wrong = set(planted.faults.loc[planted.faults["sort"].isin(POSITION), "station"])
    rows = []
    for sort, ids in RULE_OF.items():
        mine = planted.faults[planted.faults["sort"] == sort]
        flagged = set(new.loc[new["rule"].isin(ids), "station"])
        if sort == DOOR:
            flagged |= refused(planted)
        told = [_names(*pair, sort) for pair in zip(mine["station"], mine["detail"], strict=True)]
        hits = [bool(flagged.intersection(each)) for each in told]
        meant = {each for pair in told for each in pair}
        if sort in ELSEWHERE:
            meant = wrong | meant
        rows.append((sort, len(mine), sum(hits), len(flagged), len(flagged & meant)))
    return rated(pd.DataFrame(rows, columns=["sort", "planted", "found", "flagged", "right"]))


def rated(frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``recall`` (found of planted) and ``precision`` (right of flagged) to counts."""
    return frame.assign(
        recall=frame["found"] / frame["planted"], precision=frame["right"] / frame["flagged"]
    )


def refused(planted: Planted) -> set[str]:
    """Return the ids of the rows an import refuses, of all that were sent; not those at 0° 0°."""
    sent = pd.concat([planted.stations[[*SENT]], planted.swapped])
    found: set[str] = set()
    for name, mine in sent.groupby("datum_in"):
        pair = mine["position_in"].str.split(",", expand=True)
        cells = {"id": mine.index, "name": mine["name"], "lon": pair[0], "lat": pair[1]}
        frame = pd.DataFrame({each: list(values) for each, values in cells.items()}, dtype="str")
        table = Table(frame, np.arange(len(frame)), None, None, "CSV", "utf-8")
        faults = read_records(table, STATION, Options(datum=str(name))).faults
        bad = mine.iloc[[fault.row for fault in faults if fault.row is not None]]
        found |= set(bad.index[~bad["position_in"].str.fullmatch(r"[0.,]+")])
    return found


def trial(stations: gpd.GeoDataFrame, seeds: Iterable[int], at: datetime) -> Trial:
    """Plant, judge and measure with some seeds, over one sound register; the counts are summed."""
    checked = [rule for rule in rules() if rule.check != stale.__name__]  # says nothing of slips
    sorts, slips = [], []
    for seed in seeds:
        clean, dirty = sound(stations, seed), plant(stations, seed)
        before, found = (judge(checked, CHECKS, context_of(each, at)) for each in (clean, dirty))
        sorts.append(measured(dirty, found, before))
        slipped, chosen = slip_uploads(clean, seed)
        for beside in ("platform", "nothing"):
            listed = beside == "platform"
            alarms = slipped_uploads(context_of(clean, at, listed=listed))
            told = slipped_uploads(context_of(slipped, at, listed=listed))
            right = len(told & chosen)
            slips.append((beside, len(chosen), right, len(told - chosen) + len(alarms),
                          2 * clean.uploads["upload"].nunique() - len(chosen)))  # fmt: skip
    counts = pd.concat(sorts).groupby("sort", sort=False)
    summed = counts[["planted", "found", "flagged", "right"]].sum().reset_index()
    names = ["beside", "slipped", "found", "false_alarms", "clean"]
    uploads = pd.DataFrame(slips, columns=names).groupby("beside", sort=False).sum().reset_index()
    return Trial(rated(summed), uploads.assign(recall=uploads["found"] / uploads["slipped"]))


def context_of(planted: Planted, at: datetime, *, listed: bool = True) -> Context:
    """Put together what the rules look at; not ``listed``: without the platform's list."""
    registry = Registry.from_frames(planted.stations)
    platform = planted.platform if listed else None
    return Context(registry, at, uploads=planted.uploads, platform=platform)


def slipped_uploads(context: Context) -> set[str]:
    """Return the uploads that behave like another datum than was said."""
    table = audit_datums(context)
    return set(table.loc[table["behaves_like"] != "", "upload"])


def _names(station: str, detail: str, sort: str) -> tuple[str, ...]:
    return (station, detail) if sort == "duplicate" else (station,)
