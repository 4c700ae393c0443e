"""From rulings to findings: what is new opens, what is mended closes, what comes back returns."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import orjson
import pandas as pd

from geodata.errors import UsageError
from stations.audit.findings import reports
from stations.audit.findings.loop import LIVE, PENDING, STEPS, day_of, due, plain_rows, standing
from stations.audit.findings.terms import family, terms
from stations.audit.verdicts import is_unknown
from stations.store import FindingStep
from stations.trust import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from stations.store import Store

_KEY = ["rule", "station", "fact"]


class Recorded(NamedTuple):
    """How many findings took which step."""

    opened: int
    returned: int
    gone: int
    """Not seen any more: verified."""
    backed: int
    """Reports that another finding took up."""
    kept: int
    """Seen again, and left as they are: pending, waived, or settled."""


class _Known(NamedTuple):
    """The findings there are, for looking up."""

    numbers: dict[tuple[str, str, str], int]
    """By rule, station and fact."""
    states: dict[int, str]
    live: dict[tuple[str, str], int]
    """The oldest live finding of each station and family of rules."""
    backed: set[tuple[int, str]]
    """Findings that took reports up, and the reports' fact."""


def record(
    store: Store, rulings: pd.DataFrame, *, who: str, at: datetime, rules: Iterable[str]
) -> Recorded:
    """Record what an audit found as findings, keyed by rule, station and fact.

    ``rulings`` is the audit's frame over the whole register, ``rules`` the ids of all rules it ran.
    What a rule that ran does not see any more is verified, unless it says "unknown" of the station
    now. What was verified or fixed and is seen again is reopened; what is waived or settled stays
    so. A grave new finding is evidence too (`Terms.doubts`). `StoreConflictError` if somebody
    else took a step meanwhile, `UsageError` for a ruling of a rule that did not run.
    """
    judged = set(rules)
    vague = is_unknown(rulings)
    unknown, rulings = rulings[vague], rulings[~vague].drop_duplicates(_KEY)
    if strange := set(rulings["rule"]) - judged:
        raise UsageError(f"a ruling of {min(strange)!r}, which is not among the rules that ran")
    base, before = store.steps_number(), store.steps()
    frame = standing(before, at)
    known = _known(frame, before)
    blank = FindingStep("", at, who, "")
    pending = frame[frame["state"].isin(PENDING) & frame["rule"].isin(judged)]
    pending = pending[~_keys(pending, 2).isin(_keys(unknown, 2))]
    steps = [*_seen(rulings, known, blank), *_gone(rulings, pending, blank)]
    if steps:
        doubts = [doubt for step in steps for doubt in _doubts(step, frame)]
        store.add_steps(steps, base=base, seen=doubts, received=at)
    taken = Counter(step.step for step in steps)
    opened, returned, backed = (taken[name] for name in ("open", "return", "back"))
    return Recorded(
        opened=opened,
        returned=returned,
        gone=taken["gone"],
        backed=backed,
        kept=len(rulings) - opened - returned - backed,
    )


def hear(store: Store, *, who: str, at: datetime) -> Recorded:
    """Record what riders' reports and inspections amount to: see `reports.reported`."""
    heard = reports.reported(store.evidence(), at)
    return record(store, heard, who=who, at=at, rules=[rule.id for rule in reports.rules()])


def _known(frame: pd.DataFrame, steps: pd.DataFrame) -> _Known:
    keys = zip(*(frame[name] for name in _KEY), strict=True)
    live = frame[frame["state"].isin(LIVE)].iloc[::-1]
    about = zip(live["station"], live["rule"].map(family), strict=True)
    backs = steps[steps["step"] == "back"]
    facts = [orjson.loads(text)["fact"] for text in backs["details"]]
    return _Known(
        dict(zip(keys, frame.index.tolist(), strict=True)),
        dict(zip(frame.index.tolist(), frame["state"].tolist(), strict=True)),
        dict(zip(about, live.index.tolist(), strict=True)),
        set(zip(backs["finding"].tolist(), facts, strict=True)),
    )


def _seen(rulings: pd.DataFrame, known: _Known, blank: FindingStep) -> Iterator[FindingStep]:
    for ruling in plain_rows(rulings):
        number = known.numbers.get((ruling["rule"], ruling["station"], ruling["fact"]))
        if number is not None:
            if known.states[number] in STEPS["return"].allowed:
                yield _again(number, ruling, blank)
        elif (other := _merges_with(ruling, known)) is None:
            yield _new(ruling, blank)
        elif (other, ruling["fact"]) not in known.backed:
            told = {name: ruling[name] for name in ("rule", "fact", "evidence")}
            why = "多人反映同一问题 riders report the same"
            yield replace(blank, step="back", why=why, finding=other, details=told)


def _merges_with(ruling: Mapping[str, str], known: _Known) -> int | None:
    kind, _, outcome = ruling["rule"].partition(".")
    if kind != reports.FAMILY:
        return None
    about = ((ruling["station"], each) for each in terms().reports[outcome].merges)
    return next((known.live[each] for each in about if each in known.live), None)


def _new(ruling: Mapping[str, str], blank: FindingStep) -> FindingStep:
    told = {name: ruling[name] for name in ("severity", "evidence", "proposal")}
    day = due(ruling["severity"], day_of(blank.at))
    return replace(
        blank,
        step="open",
        why="审计发现 found by the audit",
        details={**told, "due": day},
        rule=ruling["rule"],
        station=ruling["station"],
        fact=ruling["fact"],
    )


def _again(number: int, ruling: Mapping[str, str], blank: FindingStep) -> FindingStep:
    day = due(ruling["severity"], day_of(blank.at))
    told = {"evidence": ruling["evidence"], "due": day}
    why = "审计又看到 the audit sees it again"
    return replace(blank, step="return", why=why, finding=number, details=told)


def _gone(
    rulings: pd.DataFrame, pending: pd.DataFrame, blank: FindingStep
) -> Iterator[FindingStep]:
    why = "审计已看不到 the audit does not see it any more"
    for number in pending.index[~_keys(pending, 3).isin(_keys(rulings, 3))].tolist():
        yield replace(blank, step="gone", why=why, finding=number)


def _keys(frame: pd.DataFrame, parts: int) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[_KEY[:parts]])


def _doubts(step: FindingStep, frame: pd.DataFrame) -> Iterator[Evidence]:
    """Yield the evidence that a grave finding of the desk is, when it opens or returns."""
    if step.step not in {"open", "return"}:
        return
    opened = step.step == "open"
    told = {**vars(step), **step.details} if opened else frame.loc[step.finding]
    rule, station, severity = (str(told[name]) for name in ("rule", "station", "severity"))
    outcome = terms().doubts.get(family(rule))
    if outcome is not None and severity in terms().doubted:
        mark = f"{rule} {station} {step.fact or step.finding} {step.at.isoformat()}"
        key = reports.DESK + hashlib.sha256(mark.encode()).hexdigest()[:32]
        note = f"审计发现 {rule}"[:500]
        yield Evidence(station, "report", outcome, step.at, step.who[:100], note, key)
