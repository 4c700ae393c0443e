"""What riders and inspectors found, as rulings: enough reports of one kind are a finding."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stations.audit.findings.terms import terms
from stations.audit.ruling import Rule, Words, breaches, rulings_frame
from stations.hours.clock import ZONE
from stations.trust import DESK, inherited, trust_model

if TYPE_CHECKING:
    from datetime import datetime

FAMILY = "told"
_FIX = Words(
    "到现场查看；巡检可用即销号。", "Go and see; an inspection that finds it working ends it."
)
_OFTEN = Words(
    "同一人一天内反复反映只算一次；一小时内的匿名反映只算一人，全为匿名的须多一条。",
    "One voice counts once a day; anonymous reports within an hour are one voice, and one more is "
    "wanted where all are anonymous.",
)
_BEFORE = Words(
    "巡检可用之前的反映已有答复，不算。",
    "A report from before an inspection that found it working has its answer.",
)


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules ``told.cannot_enter`` and so on, one an outcome that can be reported."""
    return tuple(_rule(outcome) for outcome in terms().reports)


def _rule(outcome: str) -> Rule:
    named, term = trust_model().outcomes[outcome], terms().reports[outcome]
    asked = Words(
        f"自上次巡检确认可用以来，“{named.zh}”的反映少于 {term.threshold} 条，巡检亦未发现。",
        f"Fewer than {term.threshold} reports of “{named.en}” since an inspection last found it "
        "working, and none by an inspection.",
    )
    return Rule(
        id=f"{FAMILY}.{outcome}",
        zh=f"反映：{named.zh}",
        en=f"Reported: {named.en}",
        requirement=asked,
        source="stations/audit/findings/loop.toml",
        level="must",
        severity=term.severity,
        check=FAMILY,
        fix=_FIX,
        trap=_OFTEN if term.threshold > 1 else _BEFORE,
    )


def reported(evidence: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Return the rulings (`RULING_COLUMNS`) that the evidence known at ``at``, aware, amounts to.

    ``evidence`` is the store's frame, or what `trust.inherited` makes of it. A breach of
    ``told.x``: as many reports of x as `Reported.threshold` says, or an inspection that found x,
    since the last inspection that found the station working; one that found something else says
    nothing of x. Named reports count one a voice and day, anonymous ones as `_apart` says; where
    all are anonymous `Terms.unnamed_more` are wanted besides. The fact
    is the outcome and the time of that inspection: more reports are the same.
    """
    if "since" not in evidence:
        evidence = inherited(evidence)
    desk = (evidence["kind"] == "report") & evidence["key"].str.startswith(DESK)  # no rider's
    second = at.timestamp()
    known = (evidence["since"] <= second) & (second < evidence["until"])
    seen = evidence[known & ~desk]
    visits = seen[seen["kind"] == "inspection"]
    worked = visits[visits["outcome"] == "worked"].groupby("station")["at"].max()
    found = pd.concat([_visited(visits, worked), _counted(seen, worked)], ignore_index=True)
    found = found.drop_duplicates(["station", "outcome"])  # what an inspector saw goes first
    since = _of(found, worked)
    pairs = zip(since, since.notna(), strict=True)
    found["since"] = [each.isoformat() if known else None for each, known in pairs]
    there = set(found["outcome"])
    parts = [_ruled(rule, found) for rule in rules() if _outcome(rule) in there]
    return rulings_frame(pd.concat(parts) if parts else [])


def _outcome(rule: Rule) -> str:
    return rule.id.removeprefix(f"{FAMILY}.")


def latest(evidence: pd.DataFrame, at: datetime) -> dict[tuple[str, str], datetime]:
    """Return when each matter was last reported, or found by an inspection, by rule and station."""
    told = evidence[(evidence["at"] <= at) & evidence["kind"].isin(["report", "inspection"])]
    last = told.sort_values("at", kind="stable").drop_duplicates(
        ["outcome", "station"], keep="last"
    )
    rules = [f"{FAMILY}.{outcome}" for outcome in last["outcome"]]
    return dict(zip(zip(rules, last["station"], strict=True), last["at"], strict=True))


def _visited(visits: pd.DataFrame, worked: pd.Series[pd.Timestamp]) -> pd.DataFrame:
    """Return what inspections found since the last that found the station working, or with it."""
    ended = _of(visits, worked)
    left = visits[(visits["outcome"] != "worked") & (ended.isna() | (visits["at"] >= ended))]
    pairs = left[["station", "outcome"]].drop_duplicates()
    return pairs.assign(reports=0, inspected=True)


def _counted(seen: pd.DataFrame, worked: pd.Series[pd.Timestamp]) -> pd.DataFrame:
    ended = _of(seen, worked)
    told = seen[(seen["kind"] == "report") & (ended.isna() | (seen["at"] > ended))]
    named = told[told["who"] != ""]
    named = named.assign(day=named["at"].dt.tz_convert(ZONE).dt.date)
    named = named.drop_duplicates(["station", "outcome", "who", "day"])
    each = pd.concat([named, _apart(told[told["who"] == ""])])
    each = each.assign(named=each["who"] != "")
    counts = each.groupby(["station", "outcome"], as_index=False).agg(
        reports=("named", "size"), named=("named", "any")
    )
    least = list(map(_least, counts["outcome"], counts.pop("named")))
    enough = counts["reports"].to_numpy(dtype="int64") >= np.array(least, dtype="int64")
    return counts[enough].assign(inspected=False)


def _least(outcome: str, named: bool) -> int:  # noqa: FBT001 - a column's value
    """Return how many voices make a finding; ``named``: one of them gave a name."""
    threshold = terms().reports[outcome].threshold
    return threshold if named or threshold == 1 else threshold + terms().unnamed_more


def _apart(told: pd.DataFrame) -> pd.DataFrame:
    """Return of each matter the anonymous reports that came in `Terms.apart` after the one before.

    The first counts, then the next that is far enough from it, and so on.
    """
    came = told["received"] if "received" in told else told["at"]
    told = told.assign(came=came).sort_values(["station", "outcome", "came"], kind="stable")
    chosen, last = [], None
    for matter in zip(told["station"], told["outcome"], told["came"], strict=True):
        new = last is None or matter[:2] != last[:2] or matter[2] - last[2] >= terms().apart
        chosen.append(new)
        last = matter if new else last
    return told[np.array(chosen, dtype=bool)]


def _of(frame: pd.DataFrame, times: pd.Series[pd.Timestamp]) -> pd.Series[pd.Timestamp]:
    """Return each row's station's time; `Series.map` cannot do it without any."""
    return times.reindex(frame["station"]).set_axis(frame.index)


def _ruled(rule: Rule, found: pd.DataFrame) -> pd.DataFrame:
    mine = found[found["outcome"] == _outcome(rule)]
    facts = {"outcome": mine["outcome"], "since": mine["since"]}
    beside = {"reports": mine["reports"], "inspected": mine["inspected"]}
    frame = breaches(rule, mine["station"].tolist(), facts, beside=beside)
    return frame.assign(severity=rule.severity)
