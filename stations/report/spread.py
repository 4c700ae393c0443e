"""Tables of who hangs on one station, how evenly coverage is spread, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stations.coverage import told
from stations.coverage.figures import area_name
from stations.coverage.method import words
from stations.cube.losses import DIGITS
from stations.report.tables import Column, unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from stations.coverage import Truth
    from stations.cube import Fairness

EVEN_COLUMNS = (
    Column("zh", "均衡程度", "how evenly"),
    Column("en", "英文", "in English"),
    Column("gini", "基尼系数", "Gini (0: even)", "ratio"),
    Column("worst", "最差十分之一", "worst tenth", "share"),
    Column("mean", "平均覆盖率", "mean share", "share"),
    Column("note", "说明", "note", "wrap"),
)
ACCESS_COLUMNS = (
    Column("zh", "人均可及座位（E2SFCA）", "places for each worker"),
    Column("en", "英文", "in English"),
    Column("value", "数值", "value", "ratio"),
)
_SINGLE = "只有一组，无从比较 one group only: nothing to compare"
_NOBODY = "无人覆盖，不计基尼系数 nobody covered: no Gini"


def share_columns(answer: Truth) -> list[Column]:
    """Return the columns of `alone` rows."""
    zh, en = unit(answer)
    return [
        Column("zh", "无备份的覆盖", "covered without a backup"),
        Column("en", "英文", "in English"),
        Column("value", zh, en, "count"),
        Column("share", "占实际覆盖", "of what is covered", "share"),
        Column("sites", "地点", "sites", "count"),
    ]


def alone(answer: Truth) -> list[dict[str, Any]]:
    """Return how much hangs on one station, and on one host."""
    found = told.backup(answer)
    rows: list[dict[str, Any]] = [
        {"zh": "实际覆盖", "en": "covered", "value": found["covered"], "share": None}
    ]
    for of, zh, en in (
        ("station", "只靠一个驿站", "by one station alone"),
        ("host", "只靠一个共建单位", "by one host alone"),
    ):
        rows.append(
            {
                "zh": zh,
                "en": en,
                "value": found[f"one_{of}"],
                "share": found[f"share_one_{of}"],
                "sites": found[f"sites_one_{of}"],
            }
        )
    return rows


def leaning_columns(answer: Truth, of: str) -> list[Column]:
    """Return the columns of `leaning` rows."""
    zh, en = unit(answer)
    title = ("被独靠的驿站", "station leaned on") if of == "station" else (
        "被独靠的共建单位", "host leaned on")  # fmt: skip
    return [
        Column("name", *title),
        Column("id", "编号", "id"),
        Column("worker_hours", f"独靠它的{zh}", f"{en} on it alone", "count"),
        Column("share", "占实际覆盖", "of what is covered", "share"),
        Column("sites", "地点", "sites", "count"),
    ]


def leaning(answer: Truth, of: str) -> list[dict[str, Any]]:
    """Return the stations, or hosts, somebody hangs on alone: most worker-hours first."""
    found = answer.backup()
    covered = float(found.sites["covered"].sum())
    rows = told.leaning_rows(answer, found, of)
    return [{**row, "share": row["worker_hours"] / covered} for row in rows]


def alone_site_columns(answer: Truth) -> list[Column]:
    """Return the columns of `alone_sites` rows."""
    zh, en = unit(answer)
    return [
        Column("name", "地点", "site"),
        Column("id", "编号", "id"),
        Column("covered", f"实际覆盖{zh}", f"{en} covered", "count"),
        Column("one_station", "只靠一个驿站", "by one station", "count"),
        Column("share", "占实际覆盖", "of what is covered", "share"),
        Column("one_host", "只靠一个共建单位", "by one host", "count"),
    ]


def alone_sites(answer: Truth) -> list[dict[str, Any]]:
    """Return the sites that hang on one host at some hour: most worker-hours first, by id."""
    frame = answer.backup().sites
    frame = frame[frame["one_host"] > 0].sort_values("one_host", ascending=False, kind="stable")
    names = answer.cube.sites["name"]
    rows = frame.assign(
        id=frame.index, name=names[frame.index], share=frame["one_station"] / frame["covered"]
    )
    return _plain(rows)


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def evenness(answer: Truth) -> list[dict[str, Any]]:
    """Return how even coverage is over counties and, where they are known, types of worker."""
    rows = [_even("县际", "over counties", answer.fairness())]
    types = answer.types()
    return rows if types is None else [*rows, _even("职工类型之间", "over types of worker", types)]


def _even(zh: str, en: str, found: Fairness) -> dict[str, Any]:
    note = _NOBODY if found.nobody else _SINGLE if found.single else ""
    gini = None if found.single else found.gini
    figures = {"gini": gini, "worst": found.worst_decile, "mean": found.mean}
    return {"zh": zh, "en": en, **figures, "note": note}


def type_columns(answer: Truth) -> list[Column]:
    """Return the columns of `types` rows."""
    zh, en = unit(answer)
    return [
        Column("name", "职工类型", "type of worker"),
        Column("blank", "", ""),
        Column("weight", zh, en, "count"),
        Column("share", "实际覆盖率", "real share", "share"),
    ]


def types(answer: Truth) -> list[dict[str, Any]]:
    """Return every type of worker and its share; nothing where all are of one."""
    found = answer.types()
    return [] if found is None else _named(found.groups)


def _named(groups: pd.DataFrame) -> list[dict[str, Any]]:
    rows = zip(groups.index, groups.to_dict("records"), strict=True)
    return [
        {
            "name": str(name),
            "weight": row["weight"],
            "share": row["share"] if row["weight"] else None,
        }
        for name, row in rows
    ]


def access(answer: Truth) -> list[dict[str, Any]]:
    """Return places for each worker; nothing where no workers are known."""
    found = told.fairness(answer)["access"]
    if found is None:
        return []
    zones = ", ".join(f"≤ {edge:g}: {w:g}" for edge, w in
                      zip(found["zones"], found["weights"], strict=True))  # fmt: skip
    return [
        {"zh": "十分之一地点不多于", "en": "a tenth of sites have at most", "value": found["p10"]},
        {"zh": "中位数", "en": "median", "value": found["median"]},
        {"zh": "十分之九地点不多于", "en": "nine tenths at most", "value": found["p90"]},
        {"zh": "一个座位也没有的地点", "en": "sites with none", "value": found["none"]},
        {"zh": f"权重（{found['unit']}）", "en": f"{zones}; {found['method']}"},
    ]


def county_columns(answer: Truth) -> list[Column]:
    """Return the columns of `counties` rows."""
    zh, en = unit(answer)
    return [
        Column("name", "地区", "area"),
        Column("code", "代码", "code"),
        Column("weight", zh, en, "count"),
        Column("share", "实际覆盖率", "real share", "share"),
        Column("places", "人均座位", "places a worker", "ratio"),
    ]


def counties(answer: Truth, by: str) -> list[dict[str, Any]]:
    """Return every area's share and places for each worker, least covered first, by code."""
    groups = answer.fairness(by).groups
    places = _places(answer, by)
    rows = [
        {**row, "code": str(code), "name": area_name(str(code)), "places": places.get(str(code))}
        for row, code in zip(_named(groups), groups.index, strict=True)
    ]
    return sorted(rows, key=lambda row: (row["share"] is None, row["share"] or 0, row["code"]))


def _places(answer: Truth, by: str) -> Mapping[str, float]:
    """Return the mean places for each worker of each area that has workers."""
    found = answer.access()
    if found is None:
        return {}
    sites = answer.cube.sites
    codes = sites["area_code"].str.slice(0, DIGITS[by]).to_numpy()
    workers = sites["workers"].fillna(0).astype(float)
    sums = (found * workers).groupby(codes).sum() / workers.groupby(codes).sum()
    return {str(code): value for code, value in sums.items() if np.isfinite(value)}


def change_columns(answer: Truth) -> list[Column]:
    """Return the columns of `changes` rows."""
    zh, en = unit(answer)
    return [
        Column("zh", "什么变了", "what changed"),
        Column("en", "英文", "in English"),
        Column("value", f"实际覆盖{zh}", f"{en} covered", "change"),
    ]


def changes(answer: Truth) -> list[dict[str, Any]]:
    """Return covered worker-hours then and now, and between them the change by kind."""
    found = told.since(answer)
    if found is None:
        return []
    total = found["total"]
    kinds = [
        {"zh": said["zh"], "en": said["en"], "value": total[kind]}
        for kind, said in words()["changes"].items()
    ]
    then = {"zh": f"版本 {found['revision']}", "en": f"revision {found['revision']}"}
    now = {"zh": f"版本 {answer.revision}", "en": f"revision {answer.revision}"}
    return [{**then, "value": total["before"]}, *kinds, {**now, "value": total["after"]}]


EDIT_COLUMNS = (
    Column("site", "地点编号", "site"),
    Column("kind", "什么变了", "what changed"),
    Column("change", "变化", "change", "change"),
    Column("stations", "相关驿站", "stations", "wrap"),
)


def edits(answer: Truth) -> list[dict[str, Any]]:
    """Return which stations changed which site how, most first."""
    trend = answer.trend()
    if trend is None:
        return []
    said = words()["changes"]
    frame = told.edits_of(trend)
    frame = frame.assign(
        kind=[said[kind]["zh"] for kind in frame["kind"]], stations=frame["stations"].map("、".join)
    )
    return _plain(frame)
