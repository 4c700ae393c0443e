"""What stands in the tables of a report: columns with Chinese headings, and their rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from stations.coverage import figures
from stations.coverage.figures import STEPS
from stations.coverage.method import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stations.coverage import Truth


class Column(NamedTuple):
    """A column: which value, its headings, how it is written, how wide."""

    key: str
    zh: str
    en: str
    kind: str = "text"
    """``text``, ``wrap``, ``count``, ``share``, ``figure`` or ``degree``."""
    width: float = 12


FIGURE_COLUMNS = (
    Column("zh", "指标", "Figure"),
    Column("en", "英文", "in English"),
    Column("value", "数值", "value", "figure"),
    Column("share", "占比", "share", "share"),
)
HOUR_COLUMNS = (
    Column("zh", "时段", "hour"),
    Column("en", "英文", "in English"),
    Column("present", "在岗人数", "present", "count"),
    *(Column(step, words()["steps"][step]["zh"], words()["steps"][step]["en"], "share")
      for step in STEPS),
)  # fmt: skip
STATE_COLUMNS = (
    Column("zh", "数据状况", "State of the data", "wrap"),
    Column("en", "英文", "in English", "wrap"),
    Column("value", "数值", "value", "wrap"),
)
WORD_COLUMNS = (
    Column("zh", "用语", "Word", "wrap"),
    Column("en", "英文", "in English", "wrap"),
    Column("why", "含义", "meaning", "wrap"),
)
_CAUSES_OF = {
    "paper": ("no_station",),
    "hours": ("closed", "unknown"),
    "amenities": ("amenity",),
    "trust": ("trust",),
}
_STATES = {
    "stations_in_use": ("在用驿站", "stations in use"),
    "stations_in_reach": ("其中任一地点可及", "of these within reach of any site"),
    "hours_unknown": ("可及驿站中开放时间不明", "of those in reach, hours unknown"),
    "amenities_unrecorded": ("可及驿站中未登记设施", "of those in reach, no amenity recorded"),
    "capacity_unknown": ("可及驿站中容量不明", "of those in reach, capacity unknown"),
    "never_confirmed": ("可及驿站中从无核实记录", "of those in reach, nobody ever reported"),
    "below_trust_floor": ("可及驿站中可信度不足", "of those in reach, below the trust floor"),
    "synthetic": ("可及驿站中合成数据", "of those in reach, synthetic"),
    "sites_without_workers": ("人数不明的地点", "sites whose workers nobody knows"),
    "sites_outside_counties": ("县域以外的地点", "sites outside every county"),
}


def unit(answer: Truth) -> tuple[str, str]:
    """Return what is counted: worker-hours, or site-hours where no workers are known."""
    return ("人时", "worker-hours") if answer.weighed else ("点时", "site-hours")


def step_columns(answer: Truth) -> list[Column]:
    """Return the columns of `steps` rows."""
    zh, en = unit(answer)
    return [
        Column("zh", "步骤", "step"),
        Column("en", "英文", "in English"),
        Column("value", zh, en, "count"),
        Column("share", "占比", "share", "share"),
        Column("lost", "本步损失", "lost here", "count"),
        Column("cause_zh", "损失原因", "why", "wrap"),
        Column("cause_en", "英文", "in English", "wrap"),
    ]


def steps(answer: Truth) -> list[dict[str, Any]]:
    """Return the waterfall, step by step, with what is lost at each and why."""
    sums = answer.waterfall().iloc[0]
    present = figures.whole(sums["present"])
    rows: list[dict[str, Any]] = [
        {"zh": "在岗", "en": "present", "value": present, "share": 1.0 if present else None}
    ]
    before = present
    for step in STEPS:
        value, said = figures.whole(sums[step]), words()["steps"][step]
        causes = {each: figures.whole(sums[f"lost_{each}"]) for each in _CAUSES_OF[step]}
        rows.append(
            {
                "zh": said["zh"],
                "en": said["en"],
                "value": value,
                "share": value / present if present else None,
                "lost": before - value,
                "cause_zh": _causes(causes, "zh"),
                "cause_en": _causes(causes, "en"),
            }
        )
        before = value
    if not answer.terms.trust_floor > 0:
        rows[-1] |= {"cause_zh": "未设可信度下限", "cause_en": "no trust floor asked for"}
    return rows


def _causes(lost: Mapping[str, float], language: str) -> str:
    names = {each: words()["causes"][each][language] for each in lost}
    if len(lost) == 1:
        return "".join(names.values())
    return ", ".join(f"{names[each]} {count:,}" for each, count in lost.items())


def summary(answer: Truth) -> list[dict[str, Any]]:
    """Return the sums that are not worker-hours, and how evenly coverage is spread."""
    total, fair = answer.total(), answer.fairness()
    sites, workers = total["sites"], total["workers"]
    if total["workers_unknown"] == sites:
        workers, total = None, {**total, "workers_covered": None}
    counts = [
        ("地点", "sites", sites, None),
        ("全时段有驿站可用", "with a usable station at every hour", total["covered"], sites),
        ("部分时段有驿站可用", "at some hour", total["covered_sometimes"], sites),
        ("按起止日期当时不在的地点", "left out: not there then", total["not_there"], None),
        ("从业人员", "workers", workers, None),
        ("平均有驿站可用的人员", "of them covered, on average", total["workers_covered"], workers),
    ]
    rows = [
        {
            "zh": zh,
            "en": en,
            "value": value,
            "share": value / of if of and value is not None else None,
        }
        for zh, en, value, of in counts
    ]
    gini: dict[str, Any] = {"zh": "县际基尼系数（0 为均等）", "en": "Gini over counties (0: even)"}
    if fair.single:
        gini = {"zh": "只有一个地区，不计基尼系数", "en": "one area only: no Gini"}
    if fair.nobody:
        gini = {"zh": "无人覆盖，不计基尼系数", "en": "nobody covered: no Gini"}
    return [
        *rows,
        {**gini, "value": None if fair.single else fair.gini},
        {
            "zh": "最差十分之一人时的覆盖率",
            "en": "share in the worst tenth",
            "share": fair.worst_decile,
        },
    ]


def area_columns(answer: Truth) -> list[Column]:
    """Return the columns of `flat` rows."""
    zh, en = unit(answer)
    return [
        Column("code", "代码", "code", width=9),
        Column("name", "地区", "area", width=24),
        Column("sites", "地点", "sites", "count", 8),
        Column("covered", "全时段可用", "at every hour", "count", 11),
        Column("not_there", "当时不在", "not there then", "count", 10),
        Column("workers", "人数", "workers", "count", 11),
        Column("workers_covered", "平均可用人数", "covered on average", "count", 13),
        Column("share", "实际覆盖率", "real share", "share", 12),
        Column("share_paper", "账面覆盖率", "paper share", "share", 12),
        Column("worker_hours", zh, en, "count", 14),
        *(
            Column(f"lost_{cause}", f"损失：{said['zh']}", f"lost: {said['en']}", "count", 16)
            for cause, said in words()["causes"].items()
        ),
    ]


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of `Truth.rows` without nesting; no workers where no site knows any."""
    whole = row["worker_hours"]
    unknown = row["workers_unknown"] == row["sites"]
    return {
        **row,
        **({"workers": None, "workers_covered": None} if unknown else {}),
        "share_paper": row["steps"]["paper"] / whole if whole else None,
        **{f"lost_{cause}": lost for cause, lost in row["lost"].items()},
    }


def gap_columns(answer: Truth) -> list[Column]:
    """Return the columns of `gap` rows."""
    zh, en = unit(answer)
    timed = answer.paper.by_time
    near, usable = (
        [
            Column(f"{of}_min", "分钟", "min", "figure", 9),
            Column(f"{of}_by", "分钟由来", "minutes by"),
        ]
        if timed
        else []
        for of in ("nearest", "usable")
    )
    return [
        Column("rank", "序号", "rank", "count", 6),
        Column("id", "编号", "id", width=14),
        Column("name", "地点", "site", width=30),
        Column("area_code", "区划代码", "area code", width=10),
        Column("workers", "人数", "workers", "count", 10),
        Column("lost", f"未覆盖{zh}", f"{en} left out", "count", 13),
        Column("part", "占比", "share", "share", 8),
        Column("hours_zh", "何时", "when", "wrap", 30),
        Column("cause_zh", "主要原因", "main cause", "wrap", 18),
        Column("nearest_name", "最近驿站（任意）", "nearest of all", width=34),
        Column("nearest_m", "直线米", "straight m", "count", 10),
        *near,
        Column("usable_name", "最近可用驿站", "nearest usable then", width=34),
        Column("usable_m", "直线米", "straight m", "count", 10),
        *usable,
        Column("advice_zh", "最有效的一项措施", "best single step", "wrap", 46),
        Column("advice_en", "英文", "in English", "wrap", 46),
        Column("lon", "经度", "lon", "degree", 12),
        Column("lat", "纬度", "lat", "degree", 12),
    ]


def gap(rank: int, row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a gap of `Truth.gaps`, ready to be written."""
    return {
        **row,
        "rank": rank,
        "workers": _count(row["workers"]),
        "part": row["lost"] / row["present"],
        "nearest_by": _by(row["nearest_min"], estimated=row["estimated"]),
        "usable_by": _by(row["usable_min"], estimated=row["usable_estimated"]),
    }


def _by(minutes: float, *, estimated: bool) -> str | None:
    """Return what minutes are made of; None where there are none."""
    if math.isnan(minutes):
        return None
    return "估计 estimated" if estimated else "按道路 by road"


def _count(value: Any) -> int | None:  # noqa: ANN401 - a number, or pandas' NA
    return int(value) if pd.notna(value) else None


def hours(answer: Truth) -> list[dict[str, Any]]:
    """Return the share of every hour, step by step."""
    frame = answer.hours()
    rows = []
    for hour, row in zip(frame.index, frame.to_dict("records"), strict=True):
        present = row["present"]
        parts = {step: row[step] / present if present else None for step in STEPS}
        rows.append({**figures.clock(int(hour)), "present": int(present), **parts})
    return rows


def state(answer: Truth) -> list[dict[str, Any]]:
    """Return the state of the data in words."""
    told = {key: each for key, each in answer.method()["data"].items() if each is not None}
    return [
        {"zh": zh, "en": en, "value": _value(told[key])}
        for key, (zh, en) in _STATES.items()
        if key in told
    ]


def _value(value: Any) -> str:  # noqa: ANN401 - whole numbers, or shares
    return f"{value:.1%}" if isinstance(value, float) else f"{value:,}"


def glossary(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the steps mean."""
    return list(told["steps"].values())
