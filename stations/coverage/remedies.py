"""Gaps as a planner acts on them: names, ways, and the one thing that would help most, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from stations import cube as cubes
from stations.coverage import figures
from stations.coverage.method import words
from stations.coverage.usable import usable
from stations.cube import CAUSES
from stations.hours.worded import worded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stations.coverage.real import Truth
    from stations.hours import Posted
    from stations.registry import Registry

NEAREST = ("nearest_id", "nearest_name", "nearest_m", "nearest_min", "estimated", "unreachable")
SAID = ("hours_zh", "hours_en", "cause", "cause_zh", "cause_en")
FIXED = ("fix", "fix_id", "fix_name", "fix_cost", "fix_won", "fix_zh", "fix_en")


def gaps(answer: Truth, limit: int | None = None, *, ways: bool = True) -> gpd.GeoDataFrame:
    """Return the sites where somebody is left out at some hour asked about, worst first.

    Most worker-hours ``lost`` first, then by id; with them ``present``, ``hours_zh`` and
    ``hours_en`` (when), ``cause`` (the largest of `CAUSES`, the first of equals), in words as
    ``cause_zh`` and ``cause_en``, and each of them as ``lost_…``.
    ``nearest_…``: the nearest station in use whatever its hours, within the limit or not, as in
    `Coverage.sites`. ``usable_id``, ``usable_name``, ``usable_m``, ``usable_min``: the nearest
    usable at all of those hours, in reach or not, straight metres, and minutes, whether
    ``usable_estimated`` or by road (`usable`); without ``ways`` the straight nearest, no minutes.
    ``fix``: the single removal that wins most, at ``fix_id``, ``fix_name``, ``fix_cost`` away (the
    limit's unit), worth ``fix_won`` worker-hours at ``fix_zh``, ``fix_en``; ``find_hours``: nobody
    knows its hours; ``none``: no single one wins any. ``advice_zh``, ``advice_en``: the same in a
    sentence.
    """
    cube, registry = answer.asked, answer.registry
    found = cubes.gaps(cube, limit)
    lost = cubes.table(cube, "site").loc[found.index, list(CAUSES)]
    cause = lost.idxmax(axis=1) if len(lost) else pd.Series(dtype="str")
    frame = found.drop(columns=["hours", "nearest_id", "nearest_cost"]).join(
        lost.add_prefix("lost_")
    )
    frame["cause"] = cause
    out = 1 - answer.paper.sites["share"].reindex(frame.index)
    why = [_cause(*each) for each in zip(frame["cause"], out, strict=True)]
    frame["cause_zh"] = [each["zh"] for each in why]
    frame["cause_en"] = [each["en"] for each in why]
    frame = frame.join(answer.paper.sites[list(NEAREST)])
    if ways:
        frame = frame.assign(**usable(answer, found))
    frame["usable_name"] = _names(registry, frame["usable_id"])
    frame["fix_name"] = _names(registry, frame["fix_id"])
    frame["fix"] = [
        _fix(registry, *each) for each in zip(frame["fix"], found["fix_id"], strict=True)
    ]
    for column, said in _advice(answer, frame).items():
        frame[column] = said
    shapes = cube.sites.geometry.loc[frame.index]
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=cube.sites.crs)


def site_frame(answer: Truth, sums: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return one row a site: its figures, shares step by step, gap and remedy ("" none).

    Also its ``worker_type``, ``places_per_worker`` (E2SFCA, NaN unknown), and of its covered
    worker-hours those on ``one_station`` and ``one_host`` alone.
    """
    said = ["name", "workers", "from", "until", "area_code"]
    own = answer.paper.sites[[*said, *NEAREST, "synthetic", "geometry"]]
    counts = sums.drop(columns=["sites", "workers", "workers_unknown", "unreachable", "estimated"])
    frame = own.join(counts).join(answer.backup().sites[["one_station", "one_host"]])
    frame["worker_type"] = cubes.worker_types(answer.cube.sites)
    access = answer.access()
    frame["places_per_worker"] = np.nan if access is None else access
    for step in figures.STEPS:
        frame[f"share_{step}"] = figures.share_of(frame[step], frame["present"])
    told = gaps(answer, ways=False)[[*SAID, *FIXED, "advice_zh", "advice_en"]]
    frame = frame.join(told)
    texts = told.columns.difference(["fix_cost", "fix_won"])
    frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), "").astype("str")
    frame["fix_won"] = frame["fix_won"].fillna(0).astype(int)
    return frame


def _cause(code: str, out: float) -> dict[str, str]:
    """Return a main cause in words; of an area of which some is ``out`` of reach, how much is."""
    if code != "no_station" or not 0 < out < 1:
        return {language: str(words()["causes"][code][language]) for language in ("zh", "en")}
    part = min(max(round(100 * out), 1), 99)
    return {
        "zh": f"约 {part}% 的面积范围内无驿站",
        "en": f"no station within reach of some {part} % of the area",
    }


def _fix(registry: Registry, fix: str, station: str) -> str:
    """Return the remedy; where nobody knows a door's hours they are to be found out first."""
    unknown = fix == "extend_hours" and not _posted(registry, station).known
    return "find_hours" if unknown else fix or "none"


def _posted(registry: Registry, station: str) -> Posted:
    return registry.timetable.posted(registry.position_of(station))


def _names(registry: Registry, ids: Iterable[str]) -> list[str]:
    names = registry.stations["name"]
    return [str(names[id_]) if id_ else "" for id_ in ids]


def _advice(answer: Truth, frame: pd.DataFrame) -> dict[str, list[str]]:
    said = [_sentence(answer, row) for row in frame.to_dict("records")]
    return {f"advice_{language}": [each[language] for each in said] for language in ("zh", "en")}


def _sentence(answer: Truth, row: dict[Any, Any]) -> dict[str, str]:
    fix = words()["fixes"][row["fix"]]
    if row["fix"] == "none":
        return {language: fix[language] for language in ("zh", "en")}
    away = _away(row["fix_cost"], answer.need.limit.unit)
    unit = ("人时", "worker-hours") if answer.weighed else ("点时", "site-hours")
    zh = f"{row['fix_name']}（{away['zh']}）{fix['zh']}"
    en = f"{row['fix_name']} ({away['en']}): {fix['en']}"
    if row["fix"] == "extend_hours":
        now = _posted(answer.registry, row["fix_id"]).expression
        zh += f"：现为 {worded(now)}，增开 {row['fix_zh']}"
        en += f", now {now}, to {row['fix_en']}"
    elif row["fix"] == "find_hours":
        zh += f"：现不明，须为 {row['fix_zh']}"
        en += f", unknown now, to be {row['fix_en']}"
    won = f"{row['fix_won']:,}"
    return {"zh": f"{zh}，可多覆盖 {won} {unit[0]}", "en": f"{en}; wins {won} {unit[1]}"}


def _away(cost: float, unit: str) -> dict[str, str]:
    if not cost:
        return {"zh": "就在此处", "en": "on site"}
    if unit == "m":
        return {"zh": f"{cost:,.0f} 米", "en": f"{cost:,.0f} m"}
    return {"zh": f"{cost:,.1f} 分钟", "en": f"{cost:,.1f} min"}


def gap_rows(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return gaps as plain values, without geometry; None for what is missing."""
    plain = pd.DataFrame(frame.drop(columns="geometry")).rename_axis("id").reset_index()
    columns = {}
    for name, column in plain.items():
        rounded = column.round(3) if column.dtype.kind == "f" else column
        columns[str(name)] = rounded.astype(object).where(column.notna(), None).tolist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
