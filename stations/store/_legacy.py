"""What rows recorded before a column was there say about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from geodata.errors import UsageError
from stations.catalogue import catalogue, folded
from stations.days import order_problem, read_day
from stations.schema import STATION_COLUMNS, UNSTATED

if TYPE_CHECKING:
    import geopandas as gpd

_DAYS = ("from", "until")
_TEXTS = [name for name in UNSTATED if STATION_COLUMNS[name] == "str"]


def stations_completed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Fill in what nobody could say: hours of the host and of amenities, doors, places."""
    for name in _TEXTS:
        frame[name] = frame[name].fillna(UNSTATED[name])
    return frame


def sites_completed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Fill in the days a site is there from its attributes (开工日期, 竣工日期, …).

    An attribute that is understood becomes the day; one that is not stays where it is, and does
    not bound. So do both where the last day is before the first.
    """
    old = frame.index[frame["from"].isna() | frame["until"].isna()]
    if len(old):
        told = [_of_attributes(text) for text in frame.loc[old, "attributes"]]
        for name in ("attributes", *_DAYS):
            frame.loc[old, name] = [each[name] for each in told]
    return frame


def _of_attributes(text: str) -> dict[str, str]:
    attributes: dict[str, Any] = json.loads(text) if text else {}
    said = {name: _said(attributes, name) for name in _DAYS}
    days = {name: day for name, (_, day) in said.items()}
    if order_problem(days["from"], days["until"]):
        return {"attributes": text, "from": "", "until": ""}
    used = {key for key, day in said.values() if day}
    left = {key: value for key, value in attributes.items() if key not in used}
    kept = json.dumps(left, ensure_ascii=False) if used else text
    return {"attributes": kept, **days}


def _said(attributes: dict[str, Any], field: str) -> tuple[str, str]:
    """Return the attribute that holds a field's day, and the day; "" where none does."""
    for heading in catalogue().headings[field]:
        for key, value in attributes.items():
            if folded(key) == heading and (day := _day(value)):
                return key, day
    return "", ""


def _day(value: object) -> str:
    try:
        return read_day(str(value))
    except UsageError:
        return ""
