"""Why a station is worth a visit, what was found at it, and how a round was made, in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from stations.audit.findings import titles
from stations.audit.rounds.moments import clock
from stations.audit.rounds.terms import terms
from stations.hours.clock import ZONE
from stations.report.spoken import Said

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd

    from stations.audit.rounds.asking import Ask
    from stations.audit.rounds.priority import Candidates
    from stations.registry import Registry

SEVERE = {
    "critical": ("严重", "critical"),
    "major": ("较重", "major"),
    "minor": ("一般", "minor"),
    "note": ("提示", "note"),
}


def why(
    registry: Registry, ranked: Candidates, id_: str, named: Collection[str] | None
) -> dict[str, Any]:
    """Return a priority's factors with their sources; only ``named`` layers by name, None: all."""
    cells = ranked.cells(id_)
    return {
        "wrong": _wrong(cells),
        "people": _people(registry, ranked, cells, named),
        "days": _days(cells),
    }


def _wrong(cells: Mapping[str, Any]) -> dict[str, Any]:
    trust, severity = float(cells["trust"]), str(cells["finding"])
    zh, en = f"可信度 {trust:.0%}", f"trust {trust:.0%}"
    if severity:
        grave_zh, grave_en = SEVERE[severity]
        zh, en = f"{zh}，有{grave_zh}问题", f"{en}, a {grave_en} finding"
    value = round(float(cells["wrong"]), 4)
    return {"value": value, "trust": round(trust, 4), "finding": severity or None,
            "zh": zh, "en": en}  # fmt: skip


def _people(
    registry: Registry, ranked: Candidates, cells: Mapping[str, Any], named: Collection[str] | None
) -> dict[str, Any]:
    row, people = int(cells["row"]), ranked.people
    value = round(float(cells["people"]), 1)
    if people.everybody[row] >= people.seats[row]:
        source, zh, en = "workers", f"约 {value:,.0f} 名职工", f"about {value:,.0f} workers"
    elif people.seats_known[row]:
        source, zh, en = "capacity", f"容量 {value:,.0f} 人", f"room for {value:,.0f}"
    else:
        source, zh, en = "assumed", f"按 {value:,.0f} 人计", f"taken as {value:,.0f}"
    layers = []
    for name, workers in people.workers.items():
        if round(float(workers[row]), 1) > 0 and (named is None or name in named):
            info = registry.layers[name].info
            count = round(float(workers[row]), 1)
            layers.append({"layer": name, "zh": info.zh, "en": info.en, "workers": count})
    return {"value": value, "source": source, "layers": layers, "zh": zh, "en": en}


def _days(cells: Mapping[str, Any]) -> dict[str, Any]:
    last, value = float(cells["last"]), round(float(cells["days"]), 1)
    if last != last:  # noqa: PLR0124 - NaN: never
        told = {"last": None, "never": True, "zh": "从未巡检", "en": "never inspected"}
        return {"value": value, **told}
    day = datetime.fromtimestamp(last, ZONE).date().isoformat()
    zh, en = f"上次巡检 {day}", f"last inspected {day}"
    return {"value": value, "last": day, "never": False, "zh": zh, "en": en}


def findings_at(pending: pd.DataFrame, id_: str) -> tuple[dict[str, Any], ...]:
    """Return the pending findings of a station, the gravest first, then by number."""
    mine = pending[pending["station"] == id_]
    order = mine["severity"].map(list(SEVERE).index)
    mine = mine.loc[order.sort_values(kind="stable").index]
    rows = zip(mine.index.tolist(), mine.to_dict("records"), strict=True)
    return tuple(
        {
            "number": number,
            "rule": row["rule"],
            "title": _title(row["rule"]),
            **{name: row[name] for name in ("severity", "state")},
            "due": row["due"] or None,
            "overdue": bool(row["overdue"]),
        }
        for number, row in rows
    )


def _title(rule: str) -> dict[str, str]:
    known = titles().get(rule)
    return {"zh": known.zh, "en": known.en} if known else {"zh": rule, "en": rule}


def notes(ask: Ask, estimated: str, *, asked_forms: bool) -> tuple[dict[str, str], ...]:
    """Say how a round was made and what it takes for granted."""
    told = [_formula(), *_ways(estimated), _minutes(asked_forms=asked_forms), _HOURS]
    if ask.lunch_min:
        first, last = (clock(each) for each in terms().lunch)
        zh = f"午休 {ask.lunch_min} 分钟，{first} 至 {last} 之间开始。"
        told.append(Said(zh, f"A break of {ask.lunch_min} min, begun between {first} and {last}."))
    zh = f"线路由启发式搜索求得（{ask.iterations} 步，种子 {ask.seed}），未证明为最优。"
    en = f"Routes come from a heuristic search ({ask.iterations} steps, seed {ask.seed}); "
    told.append(Said(zh, en + "they are not proved to be the best."))
    return tuple(each._asdict() for each in told)


def _formula() -> Said:
    known = terms()
    zh = (
        "急需程度 = 有问题的可能性 × 影响人数 × 距上次巡检天数"
        f"（从未巡检按 {known.most_days:g} 天）；影响人数为 {known.within_m:g} 米内职工按驿站"
        "分摊，不足容量的按容量计。"
    )
    en = (
        "Priority = probability something is wrong × people affected × days since the last "
        f"inspection (never: {known.most_days:g}); people are the workers within "
        f"{known.within_m:g} m, shared among their stations, or the capacity if that is more."
    )
    return Said(zh, en)


def _minutes(*, asked_forms: bool) -> Said:
    known = terms()
    zh_form = "" if asked_forms else f"（按 {known.questions:g} 题计）"
    en_form = "" if asked_forms else f"{known.questions:g} "
    zh = (
        f"每站用时：{known.arriving_min:g} 分钟，加每题 {known.per_question_min:g} 分钟{zh_form}，"
        f"每个待查问题 {known.per_finding_min:g} 分钟，均为假定。"
    )
    en = (
        f"Minutes at a station: {known.arriving_min:g}, {known.per_question_min:g} for each of the "
        f"form's {en_form}questions, {known.per_finding_min:g} for each finding; assumed."
    )
    return Said(zh, en)


_HOURS = Said(
    "开放时间不明的驿站全天可排，并注明“时间不明”。",
    "Stations whose hours are unknown may be visited at any time, and are marked so.",
)
_GUESS = Said("时间由直线距离估计，未查道路。", "Minutes are estimated from the straight distance.")


def _ways(estimated: str) -> list[Said]:
    roads = Said("路上时间按道路计算。", "Minutes are by road.")
    some = Said(f"部分路段：{_GUESS.zh}", f"Some ways: {_GUESS.en}")
    return {"all": [_GUESS], "some": [roads, some], "none": [roads]}[estimated]
