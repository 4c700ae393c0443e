"""Which activities somebody asks for, and how many came, by month and by area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from geodata.boundaries import name_of
from geodata.errors import MissingError
from stations.activities.kinds import kinds
from stations.hours.clock import ZONE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from stations.activities.reading import Activity

    type By = Literal["month", "county", "kind"]

_STATES = {"planned": "计划中", "called_off": "已取消", "held": "已举办"}


@dataclass(frozen=True)
class Wanted:
    """Which activities are asked for; what is not said does not bound."""

    area: str = ""
    """Leading digits of the area code of the station."""
    stations: Collection[str] | None = None
    since: datetime | None = None
    """Aware: those that end after it."""
    until: datetime | None = None
    """Aware: those that start before it."""


def listed(
    activities: Iterable[Activity], area_codes: Mapping[str, str], wanted: Wanted
) -> list[Activity]:
    """Return the activities asked for by their start, then number.

    ``area_codes`` has the area code of every station on the register: what is at a station that
    is on it no more is in no list.
    """
    found = [
        each
        for each in activities
        if each.station in area_codes
        and area_codes[each.station].startswith(wanted.area)
        and (wanted.stations is None or each.station in wanted.stations)
        and (wanted.since is None or each.ends > wanted.since)
        and (wanted.until is None or each.starts < wanted.until)
    ]
    return sorted(found, key=lambda each: (each.starts, each.number))


def sums(
    activities: Iterable[Activity], area_codes: Mapping[str, str], by: By
) -> list[dict[str, Any]]:
    """Count activities and who came, by month of the start in Beijing, county or kind.

    Keys: ``code``, ``held``, ``came`` (of those where it is told), ``untold``, ``called_off``,
    ``planned``; sorted by code.
    """
    rows: dict[str, dict[str, Any]] = {}
    for each in activities:
        code = _code(each, area_codes, by)
        row = rows.setdefault(code, {"code": code, "held": 0, "came": 0, "untold": 0,
                                     "called_off": 0, "planned": 0})  # fmt: skip
        row[each.state] += 1
        row["came"] += each.came or 0
        row["untold"] += each.state == "held" and each.came is None
    return [rows[code] for code in sorted(rows)]


def _code(activity: Activity, area_codes: Mapping[str, str], by: By) -> str:
    if by == "month":
        return activity.starts.astimezone(ZONE).strftime("%Y-%m")
    return activity.kind if by == "kind" else area_codes[activity.station]


def sheet(
    activities: Iterable[Activity], area_codes: Mapping[str, str], names: Mapping[str, str]
) -> pd.DataFrame:
    """Return activities as a sheet with Chinese headings, and below them the sums by month.

    ``names`` are the stations'.
    """
    rows = list(activities)
    told = [_row(each, area_codes, names) for each in rows]
    told += [
        {
            "编号": f"合计 {total['code']}",
            "状态": f"已举办 {total['held']} 场",
            "到场人数": str(total["came"]),
        }
        for total in sums(rows, area_codes, "month")
    ]
    columns = ["编号", "驿站编号", "驿站", "县区", "类别", "名称", "开始", "结束", "地点", "举办方",
               "状态", "到场人数", "说明"]  # fmt: skip
    return pd.DataFrame(told, columns=columns).fillna("").astype("str")


def _row(each: Activity, area_codes: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return {
        "编号": str(each.number),
        "驿站编号": each.station,
        "驿站": names[each.station],
        "县区": area_name(area_codes[each.station]),
        "类别": kinds().terms[each.kind].zh,
        "名称": each.title,
        "开始": f"{each.starts.astimezone(ZONE):%Y-%m-%d %H:%M}",
        "结束": f"{each.ends.astimezone(ZONE):%Y-%m-%d %H:%M}",
        "地点": each.place,
        "举办方": each.holder,
        "状态": _STATES[each.state],
        "到场人数": "" if each.came is None else str(each.came),
        "说明": each.why,
    }


def area_name(code: str) -> str:
    """Return what an area is called; the code itself if it is none."""
    try:
        return name_of(code)
    except MissingError:
        return code
