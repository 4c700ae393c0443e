"""Two records of one station, and the one they would become; `findings.merge` records it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from geodata.errors import UsageError
from stations.errors import StationMissingError
from stations.schema import STATION_COLUMNS, UNSTATED

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

POSITION = ("position_in", "datum_in", "datum_by")
"""What goes with a position, and with nothing else."""
_TOGETHER: Mapping[str, str] = dict.fromkeys(POSITION, "position") | {
    "entrance_lon": "entrance",
    "entrance_lat": "entrance",
    "calendar": "opening_hours",
}
"""Columns that are taken with another, under whose name they are chosen."""
_OWN = ("synthetic", "status", "kind", "area_code")
FIELDS = tuple(dict.fromkeys(_TOGETHER.get(name, name) for name in (*STATION_COLUMNS, "position")))
"""What can be chosen, each from either record."""


@dataclass(frozen=True)
class Proposal:
    """How two records would become one."""

    keep: str
    """The id that stays."""
    drop: str
    """The id that ends; its history remains."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Field of `FIELDS` → the id it comes from; what is not named comes from ``keep``."""


def propose(stations: gpd.GeoDataFrame, keep: str, drop: str) -> Proposal:
    """Propose to fill what ``keep`` does not say from what ``drop`` says, and nothing else.

    Where both say something, ``keep`` has the word: which is right, only a visit tells. An id
    that is not in the frame raises `StationMissingError`, one given twice `UsageError`.
    """
    mine, its = _both(stations, keep, drop)
    taken = {
        _TOGETHER.get(name, name): drop
        for name in STATION_COLUMNS
        if name not in (*POSITION, *_OWN, "calendar")
        and _silent(name, mine)
        and not _silent(name, its)
    }
    return Proposal(keep, drop, {name: taken[name] for name in FIELDS if name in taken})


def merged(stations: gpd.GeoDataFrame, proposal: Proposal) -> gpd.GeoDataFrame:
    """Return the one row the proposal makes, a stations frame; `UsageError` for a wrong field."""
    _, its = _both(stations, proposal.keep, proposal.drop)
    for name, source in proposal.fields.items():
        if name not in FIELDS or source not in {proposal.keep, proposal.drop}:
            raise UsageError(
                f"{name[:40]!r} from {source[:80]!r}: a field is one of {', '.join(FIELDS)}, "
                "and comes from one of the two records"
            )
    row = stations.loc[[proposal.keep]].copy()
    chosen = {name for name, source in proposal.fields.items() if source == proposal.drop}
    for name in STATION_COLUMNS:
        if _TOGETHER.get(name, name) in chosen:
            row[name] = pd.Series([its[name]], index=row.index, dtype=row[name].dtype)
    if "position" in chosen:
        row.geometry = [its[stations.geometry.name]]
    return row


def _both(
    stations: gpd.GeoDataFrame, keep: str, drop: str
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    if keep == drop:
        raise UsageError(f"two records are merged, not {keep[:80]!r} with itself")
    for each in (keep, drop):
        if each not in stations.index:
            raise StationMissingError(f"no station {each[:80]!r} to merge")
    return stations.loc[keep], stations.loc[drop]


def _silent(name: str, row: pd.Series[Any]) -> bool:
    """Tell whether a record says nothing in a column."""
    value = row[name]
    return bool(pd.isna(value)) or value == "" or (name in UNSTATED and value is UNSTATED[name])
