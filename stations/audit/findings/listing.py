"""Findings as lists: by jurisdiction, rule, severity, state, assignee; overdue ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd

from geodata.errors import UsageError
from stations.audit import quality, seen, standards
from stations.audit.findings import reports
from stations.audit.findings.loop import STATES, plain_rows
from stations.audit.ruling import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from stations.audit.ruling import Rule

_DATES = ("due", "until")
_TIMES = ("opened", "since")


@dataclass(frozen=True)
class Wanted:
    """Which findings; what is empty does not narrow."""

    area: str = ""
    """Leading digits of an area code."""
    rules: tuple[str, ...] = ()
    """Ids of rules, or beginnings up to a dot: ``place``."""
    severities: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    """Of `STATES`."""
    assignee: str = ""
    station: str = ""
    overdue: bool = False

    def __post_init__(self) -> None:
        """Refuse words nobody knows."""
        for what, asked, known in (
            ("severity", self.severities, SEVERITIES),
            ("state", self.states, STATES),
        ):
            if strange := set(asked) - set(known):
                raise UsageError(f"{what} {min(strange)[:40]!r} is not one of {', '.join(known)}")
        if self.area and not (self.area.isascii() and self.area.isdecimal()):
            raise UsageError(f"expected leading digits of an area code, not {self.area[:40]!r}")


def listed(standing: pd.DataFrame, stations: gpd.GeoDataFrame, wanted: Wanted) -> pd.DataFrame:
    """Return the findings that are wanted, gravest and longest due first, then by number.

    ``standing`` is `loop.standing`'s; each row gets its station's ``name`` and ``area_code`` in
    ``stations``, "" for one that is no longer on the register.
    """
    about = stations[["name", "area_code"]].reindex(standing["station"]).fillna("")
    frame = standing.assign(**{name: about[name].to_numpy() for name in about})
    kept = frame["area_code"].str.startswith(wanted.area) & frame["rule"].map(
        lambda rule: not wanted.rules or bool({rule, rule.partition(".")[0]} & set(wanted.rules))
    ).astype(bool)
    for name, asked in (("severity", wanted.severities), ("state", wanted.states)):
        if asked:
            kept &= frame[name].isin(asked)
    for name in ("assignee", "station"):
        if asked_one := getattr(wanted, name):
            kept &= frame[name] == asked_one
    if wanted.overdue:
        kept &= frame["overdue"]
    found = frame[kept]
    order = found["severity"].map(SEVERITIES.index)
    return (
        found.assign(grave=order).sort_values(["grave", "due"], kind="stable").drop(columns="grave")
    )


def records(found: pd.DataFrame) -> list[dict[str, Any]]:
    """Return listed findings as JSON has them, with their rule's title in both languages."""
    known = titles()
    rows = []
    for number, row in zip(found.index.tolist(), plain_rows(found), strict=True):
        rule = known.get(row["rule"])
        title = {"zh": rule.zh, "en": rule.en} if rule else {"zh": row["rule"], "en": row["rule"]}
        told = {name: row[name].isoformat() for name in _TIMES}
        days = {name: row[name] or None for name in _DATES}
        proposal = orjson.loads(row["proposal"]) if row["proposal"] else None
        seen = {"evidence": orjson.loads(row["evidence"]), "proposal": proposal}
        rows.append({"id": number, "title": title, **row, **told, **days, **seen})
    return rows


def steps_told(steps: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one finding's steps as JSON has them, the oldest first."""
    names = ["step", "who", "why"]
    rows = zip(steps.index.tolist(), steps["at"], plain_rows(steps[names]), strict=True)
    return [{"number": number, "at": at.isoformat(), **row} for number, at, row in rows]


def sheet(found: pd.DataFrame) -> pd.DataFrame:
    """Return listed findings as a sheet, with headings people read."""
    known = titles()
    rules = found["rule"].tolist()
    named = [f"{known[rule].zh} {known[rule].en}" if rule in known else rule for rule in rules]
    columns: dict[str, Iterable[Any]] = {
        "问题编号 finding": found.index,
        "严重程度 severity": found["severity"],
        "状态 state": found["state"],
        "逾期 overdue": ["是 yes" if late else "" for late in found["overdue"]],
        "整改期限 due": found["due"],
        "责任人 assignee": found["assignee"],
        "驿站编号 station": found["station"],
        "名称 name": found["name"],
        "行政区划代码 area": found["area_code"],
        "条目 rule": found["rule"],
        "问题 title": named,
        "豁免至 waived until": found["until"],
        "发现时间 opened": found["opened"].dt.strftime("%Y-%m-%dT%H:%MZ"),
        "末次办理 since": found["since"].dt.strftime("%Y-%m-%dT%H:%MZ"),
        "办理人 by": found["by"],
        "说明 why": found["why"],
        "依据 evidence": found["evidence"],
    }
    return pd.DataFrame({name: list(values) for name, values in columns.items()})


@cache
def titles() -> dict[str, Rule]:
    """Return the rules that come with the program, by id, called as findings about them are.

    A standard's rule is called what is to be so (能如厕); a finding is that it is not.
    """
    shipped = [
        replace(rule, zh=f"未达标：{rule.zh}", en=f"Not met: {rule.en}")
        for name in standards.SHIPPED
        for rule in standards.load(name).rules
    ]
    return {rule.id: rule for rule in (*shipped, *quality.rules(), *reports.rules(), *seen.rules())}
