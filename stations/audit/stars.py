"""What a station shows: its grade by the rules, held down by what is found and not mended.

A finding holds a grade down while it is pending: open, assigned, reopened, or fixed and waiting for
its verification. Verified, settled and waived ones do not: a waiver is somebody's decision to leave
it so, with a last day, after which it is reopened. A finding about a rule of a grade takes that
grade; any other has the ceiling of its severity; those of another standard's rules say nothing.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd

from stations.audit import standards
from stations.audit.findings.listing import titles
from stations.audit.findings.loop import PENDING, plain_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from geodata.geodesy import IntArray
    from stations.audit.standards import Standard

_NONE = ("未达级", "no grade")
_STATES: Mapping[str, str] = {
    "open": "待整改",
    "assigned": "已指派",
    "reopened": "已退回",
    "fixed": "待复查",
}


def shown(
    standard: Standard, day: date, ids: pd.Index[str], grade: IntArray, findings: pd.DataFrame
) -> tuple[IntArray, list[str]]:
    """Return the grade each of some stations shows, and what holds it down, as JSON.

    ``findings``: as `findings.standing` gives them for the instant. The JSON is a list of
    ``{"finding", "rule", "title", "severity", "state", "overdue", "at_most"}``, the lowest first.
    """
    held: dict[str, list[dict[str, Any]]] = {}
    pending = findings[findings["state"].isin(PENDING) & findings["station"].isin(ids)]
    for number, row in zip(pending.index.tolist(), plain_rows(pending), strict=True):
        at_most = _at_most(standard, day, row)
        if at_most is not None:
            held.setdefault(row["station"], []).append(_told(number, row, at_most))
    lowered, because = grade.copy(), ["[]"] * len(ids)
    rows = ids.get_indexer(pd.Index([*held], dtype="str"))
    for at, name in zip(rows.tolist(), held, strict=True):
        mine = [each for each in held[name] if each["at_most"] < grade[at]]
        mine.sort(key=lambda each: (each["at_most"], each["finding"]))
        if mine:
            lowered[at], because[at] = mine[0]["at_most"], orjson.dumps(mine).decode()
    return lowered, because


def _at_most(standard: Standard, day: date, row: Mapping[str, Any]) -> int | None:
    mine = [grade.number for grade in standard.grades if row["rule"] in grade.rules]
    if mine:
        return min(mine) - 1
    own = {rule.id for rule in standard.rules}
    if row["rule"] in _of_standards() - own:
        return None
    found = [
        ceiling.overdue if row["overdue"] else ceiling.grade
        for ceiling in standard.ceilings
        if ceiling.severity == row["severity"] and ceiling.in_force(day)
    ]
    return min(found, default=None)


@cache
def _of_standards() -> frozenset[str]:
    every = (standards.load(name) for name in standards.SHIPPED)
    return frozenset(rule.id for standard in every for rule in standard.rules)


def _told(number: int, row: Mapping[str, Any], at_most: int) -> dict[str, Any]:
    rule = titles().get(row["rule"])
    title = {"zh": rule.zh, "en": rule.en} if rule else dict.fromkeys(("zh", "en"), row["rule"])
    told = {name: row[name] for name in ("rule", "severity", "state", "overdue")}
    return {"finding": number, "title": title, **told, "at_most": at_most}


def words(standard: Standard, grade: int, seen: int, held: str) -> dict[str, str]:
    """Say a grade in both languages: 按条目三星，现示一星：反映：进不来（问题 12 待整改）."""
    zh, en = _name(standard, grade)
    if seen == grade:
        return {"zh": zh, "en": en}
    reasons = orjson.loads(held)
    late = {True: ("，已逾期", ", overdue"), False: ("", "")}
    why_zh = "；".join(
        f"{each['title']['zh']}（问题 {each['finding']} {_STATES[each['state']]}"
        f"{late[each['overdue']][0]}）"
        for each in reasons
    )
    why_en = "; ".join(
        f"{each['title']['en']}, finding {each['finding']} {each['state']}"
        f"{late[each['overdue']][1]}"
        for each in reasons
    )
    now_zh, now_en = _name(standard, seen)
    return {
        "zh": f"按条目{zh}，现示{now_zh}：{why_zh}",
        "en": f"{en} by the rules, {now_en} shown: {why_en}",
    }


def _name(standard: Standard, grade: int) -> tuple[str, str]:
    if not grade:
        return _NONE
    found = standard.grades[grade - 1]
    return found.zh, found.en
