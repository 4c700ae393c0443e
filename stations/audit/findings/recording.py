"""From rulings to findings: what is new opens, what is mended closes, what comes back returns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import orjson
import pandas as pd

from geodata.errors import UsageError
from stations.audit.findings.doubts import Doubts
from stations.audit.findings.loop import LIVE, PENDING, STEPS, day_of, due, plain_rows, standing
from stations.audit.findings.reports import FAMILY
from stations.audit.findings.terms import family, terms
from stations.audit.verdicts import is_unknown
from stations.store import FindingStep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from stations.store import Store
    from stations.trust import Evidence

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


@dataclass(frozen=True, eq=False)
class Run:
    """What an audit looked at, and what it could not: only what it could see can be gone."""

    rules: Collection[str]
    """Ids of all rules that ran."""
    aids: Collection[str] = ()
    """Of `Terms.aided`: what it had besides the register."""
    unjudged: pd.DataFrame | None = None
    """Columns ``rule`` and ``station``: what rules that ran could not judge this time."""
    stations: Collection[str] | None = None
    """It looked at these only; None: at the whole register."""
    latest: Mapping[tuple[str, str], datetime] | None = None
    """By rule and station, when what it rests on was last reported: what was fixed or verified
    since then returns only by something newer. None: by its being seen."""


class _Known(NamedTuple):
    """The findings there are, for looking up."""

    numbers: dict[tuple[str, str, str], int]
    """By rule, station and fact."""
    moved: dict[tuple[str, str, str], int]
    """Those that have moved, by what they were opened about."""
    states: dict[int, str]
    since: dict[int, datetime]
    live: dict[tuple[str, str], int]
    """The oldest live finding of each station and family of rules."""
    backed: set[tuple[int, str]]
    """Findings that took reports up, and the reports' fact."""


def record(
    store: Store, rulings: pd.DataFrame, *, who: str, at: datetime, rules: Iterable[str]
) -> Recorded:
    """Record what an audit found as findings, keyed by rule, station and fact: `record_run`.

    ``rulings`` is the audit's frame over the whole register, ``rules`` the ids of all rules it ran,
    without a platform's list and without roads.
    """
    return record_run(store, rulings, Run(frozenset(rules)), who=who, at=at)


def record_run(
    store: Store, rulings: pd.DataFrame, run: Run, *, who: str, at: datetime
) -> Recorded:
    """Record what a run of an audit found as findings, keyed by rule, station and fact.

    What a rule that ran does not see any more is verified, unless it says "unknown" of the station
    now, or could not judge it, or the finding was opened with an aid this run had not. What was
    verified or fixed and is seen again is reopened; what is waived or settled stays so. A grave
    finding is evidence too while it stands (`Doubts`). `StoreConflictError` if somebody else took
    a step meanwhile, `UsageError` for a ruling of a rule that did not run.
    """
    vague = is_unknown(rulings)
    unknown, rulings = rulings[vague], rulings[~vague].drop_duplicates(_KEY)
    if strange := set(rulings["rule"]) - set(run.rules):
        raise UsageError(f"a ruling of {min(strange)!r}, which is not among the rules that ran")
    base, before = store.steps_number(), store.steps(stations=run.stations)
    frame = standing(before, at)
    blank = FindingStep("", at, who, "", details={"aids": sorted(run.aids)} if run.aids else {})
    steps = list(_seen(rulings, _known(frame, before), blank, run))
    closable = _closable(frame, before, run, unknown)
    closable = closable[~closable.index.isin({step.finding for step in steps})]
    steps += _gone(rulings, closable, replace(blank, details={}))
    _write(store, steps, frame, Doubts.of(before), base)
    taken = Counter(step.step for step in steps)
    opened, returned, backed = (taken[name] for name in ("open", "return", "back"))
    return Recorded(
        opened=opened,
        returned=returned,
        gone=taken["gone"],
        backed=backed,
        kept=len(rulings) - opened - returned - backed,
    )


def _write(
    store: Store, steps: list[FindingStep], frame: pd.DataFrame, doubts: Doubts, base: int
) -> None:
    """Record steps and the evidence they are, if there are any."""
    if not steps:
        return
    about = dict(zip(frame.index, plain_rows(frame[["rule", "station", "severity"]]), strict=True))
    made: list[FindingStep] = []
    seen: list[Evidence] = []
    for step in steps:
        told = about.get(step.finding) or {**vars(step), **step.details}
        written, pieces = doubts.with_step(step, told)
        made.append(written)
        seen += pieces
    store.add_steps(made, base=base, seen=seen, received=steps[0].at)


def _closable(
    frame: pd.DataFrame, steps: pd.DataFrame, run: Run, unknown: pd.DataFrame
) -> pd.DataFrame:
    """Return the pending findings of which it means something that the run does not see them."""
    pending = frame[frame["state"].isin(PENDING) & frame["rule"].isin(set(run.rules))]
    if run.stations is not None:
        pending = pending[pending["station"].isin(set(run.stations))]
    for silent in (unknown, run.unjudged):
        if silent is not None:
            pending = pending[~_keys(pending, 2).isin(_keys(silent, 2))]
    return pending[~pending.index.isin(_beyond(pending, steps, run.aids))]


def _beyond(pending: pd.DataFrame, steps: pd.DataFrame, aids: Collection[str]) -> set[int]:
    """Return the findings that were seen with an aid of their rule that is not among ``aids``."""
    lacking = {aid: rules for aid, rules in terms().aided.items() if aid not in aids}
    mine = pending[pending["rule"].isin({rule for rules in lacking.values() for rule in rules})]
    told = steps[steps["step"].isin(("open", "return")) & steps["finding"].isin(mine.index)]
    last = told.drop_duplicates("finding", keep="last").set_index("finding")["details"]
    return {
        number
        for number, rule in zip(mine.index.tolist(), mine["rule"].tolist(), strict=True)
        for aid in orjson.loads(last[number]).get("aids", ())
        if rule in lacking.get(aid, ())
    }


def _known(frame: pd.DataFrame, steps: pd.DataFrame) -> _Known:
    keys = zip(*(frame[name] for name in _KEY), strict=True)
    live = frame[frame["state"].isin(LIVE)].iloc[::-1]
    about = zip(live["station"], live["rule"].map(family), strict=True)
    backs = steps[steps["step"] == "back"]
    facts = [orjson.loads(text)["fact"] for text in backs["details"]]
    return _Known(
        dict(zip(keys, frame.index.tolist(), strict=True)),
        moved(steps),
        dict(zip(frame.index.tolist(), frame["state"].tolist(), strict=True)),
        dict(zip(frame.index.tolist(), frame["since"].tolist(), strict=True)),
        dict(zip(about, live.index.tolist(), strict=True)),
        set(zip(backs["finding"].tolist(), facts, strict=True)),
    )


def moved(steps: pd.DataFrame) -> dict[tuple[str, str, str], int]:
    """Return the findings that have moved, by the rule, station and fact they were opened about."""
    went = set(steps.loc[steps["step"] == "move", "finding"])
    opened = steps[(steps["step"] == "open") & steps["finding"].isin(went)]
    keys = zip(*(opened[name] for name in _KEY), strict=True)
    return dict(zip(keys, opened["finding"].tolist(), strict=True))


def moved_back(blank: FindingStep, finding: int, station: str, fact: str) -> FindingStep:
    """Return the step that takes a finding back to what it was opened about."""
    why = "登记恢复，问题随之 the record is back, and its finding with it"
    return replace(
        blank, step="move", why=why, finding=finding, details={}, station=station, fact=fact
    )


def _seen(
    rulings: pd.DataFrame, known: _Known, blank: FindingStep, run: Run
) -> Iterator[FindingStep]:
    for ruling in plain_rows(rulings):
        number = known.numbers.get((ruling["rule"], ruling["station"], ruling["fact"]))
        if number is not None:
            about = ruling["rule"], ruling["station"]
            old = run.latest is not None and run.latest[about] <= known.since[number]
            if known.states[number] in STEPS["return"].allowed and not old:
                yield _again(number, ruling, blank)
        elif number := known.moved.get((ruling["rule"], ruling["station"], ruling["fact"])):
            yield moved_back(blank, number, ruling["station"], ruling["fact"])
        elif (other := _merges_with(ruling, known)) is None:
            yield _new(ruling, blank)
        elif (other, ruling["fact"]) not in known.backed:
            told = {name: ruling[name] for name in ("rule", "fact", "evidence")}
            why = "多人反映同一问题 riders report the same"
            yield replace(blank, step="back", why=why, finding=other, details=told)


def _merges_with(ruling: Mapping[str, str], known: _Known) -> int | None:
    kind, _, outcome = ruling["rule"].partition(".")
    if kind != FAMILY:
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
        details={**blank.details, **told, "due": day},
        rule=ruling["rule"],
        station=ruling["station"],
        fact=ruling["fact"],
    )


def _again(number: int, ruling: Mapping[str, str], blank: FindingStep) -> FindingStep:
    day = due(ruling["severity"], day_of(blank.at))
    told = {**blank.details, "evidence": ruling["evidence"], "due": day}
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
