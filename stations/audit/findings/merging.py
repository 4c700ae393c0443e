"""Two records of one station become one: what was said and found about either goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from stations.audit import quality, standards
from stations.audit.findings import reports
from stations.audit.findings.doubts import Doubts
from stations.audit.findings.hearing import counting
from stations.audit.findings.loop import PENDING, day_of, due, plain_rows, standing
from stations.audit.findings.terms import family
from stations.audit.quality.merging import merged
from stations.store import Beside, Changes, FindingStep
from stations.trust import evidence_frame, merger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from stations.audit.quality.merging import Proposal
    from stations.store import Revision, Store
    from stations.trust import Evidence

_OVER = ("verified",)


def merge(
    store: Store,
    proposal: Proposal,
    *,
    who: str,
    at: datetime,
    why: str = "",
    base: int | None = None,
) -> Revision:
    """Record a proposal as one revision: ``keep`` as merged, ``drop`` removed.

    Both histories remain (`Store.history`), and the revision names both ids. In the same
    transaction ``keep`` becomes the heir: from ``at`` on it counts what was said about ``drop``,
    and its findings go on under ``keep`` or end, each by a step. ``base`` and errors as in
    `Store.commit` and `Store.add_steps`.
    """
    number = store.revision() if base is None else base
    row = merged(store.stations(number), proposal)
    told = f"merge {proposal.drop} into {proposal.keep}" + (f": {why}" if why else "")
    changes = Changes(stations=row, removed_stations=(proposal.drop,))
    act = merger(proposal.keep, proposal.drop, at, who[:100], str(number + 1))
    beside = _beside(store, _Pair(proposal.keep, proposal.drop, who, at), act)
    return store.commit(changes, who=who, why=told, at=at, base=number, beside=beside)


class _Pair(NamedTuple):
    keep: str
    drop: str
    who: str
    at: datetime

    def step(
        self, step: str, finding: int, zh: str, en: str, fact: str | None = None
    ) -> FindingStep:
        why = f"{self.drop} 并入 {self.keep}：{zh} merged into {self.keep}: {en}"
        station = None if fact is None else self.keep
        return FindingStep(step, self.at, self.who, why, finding, station=station, fact=fact)


def _beside(store: Store, pair: _Pair, act: Evidence) -> Beside:
    both = [pair.keep, pair.drop]
    base, before = store.steps_number(), store.steps(stations=both)
    frame, doubts = standing(before, pair.at), Doubts.of(before)
    frame = frame[frame["station"].isin(both)]
    heard = store.evidence(stations=both)
    steps = [*_of_records(frame, pair), *_of_reports(store, frame, heard, act, pair)]
    about = dict(zip(frame.index, plain_rows(frame), strict=True))
    told = [doubts.with_step(step, about[step.finding]) for step in steps]
    pieces = [piece for _, seen in told for piece in seen]
    return Beside([step for step, _ in told], base, [*pieces, act])


def _of_records(frame: pd.DataFrame, pair: _Pair) -> Iterator[FindingStep]:
    """End what the register said of ``drop``, which it says no more; move what somebody saw."""
    mine = frame[(frame["station"] == pair.drop) & (frame["rule"].map(family) != reports.FAMILY)]
    other = frame[frame["station"] == pair.keep]
    there = set(zip(other["rule"], other["fact"], strict=True))
    registers = _read_off_the_register()
    for number, row in zip(mine.index.tolist(), plain_rows(mine), strict=True):
        pending = row["state"] in PENDING
        if row["rule"] in registers or (row["rule"], row["fact"]) in there:
            if pending:
                said = ("登记已并", "the record is no more")
                yield pair.step("gone", number, *said)
        elif row["state"] not in _OVER:
            yield pair.step("move", number, "问题随之", "the finding with it", row["fact"])


def _read_off_the_register() -> set[str]:
    """Return the rules that are judged by what a record says, not by who was there."""
    shipped = [rule for name in standards.SHIPPED for rule in standards.load(name).rules]
    told = [rule for rule in shipped if rule.check != "unseen"]
    return {rule.id for rule in (*told, *quality.rules())}


def _of_reports(
    store: Store, frame: pd.DataFrame, heard: pd.DataFrame, act: Evidence, pair: _Pair
) -> Iterator[FindingStep]:
    """Put what was reported about both together: one finding of each matter goes on."""
    apart = reports.reported(counting(store, heard), pair.at)
    together = counting(store, pd.concat([heard, evidence_frame([act])]), gone=pair.drop)
    now = reports.reported(together, pair.at)
    now = now[now["station"] == pair.keep]
    facts = dict(zip(now["rule"], now["fact"], strict=True))
    current = pd.MultiIndex.from_frame(apart[["rule", "station", "fact"]])
    for rule, mine in frame[frame["rule"].map(family) == reports.FAMILY].groupby("rule"):
        fact = facts.get(str(rule))
        keys = pd.MultiIndex.from_frame(mine[["rule", "station", "fact"]])
        exact = (mine["station"] == pair.keep) & (mine["fact"] == fact)
        stands = mine["state"].isin(PENDING) | exact
        stands |= ~mine["state"].isin(_OVER) & keys.isin(current)
        yield from _one_goes_on(mine[stands], fact, pair)


def _one_goes_on(mine: pd.DataFrame, fact: str | None, pair: _Pair) -> Iterator[FindingStep]:
    """Let the one finding go on that stands for what is reported now; end the others."""
    pending = mine["state"].isin(PENDING)
    chosen = None
    if fact is not None and len(mine):
        exact = (mine["station"] == pair.keep) & (mine["fact"] == fact)
        order = mine.assign(e=~exact, p=~pending, k=mine["station"] != pair.keep)
        chosen = order.sort_values(["e", "p", "k"], kind="stable").index.tolist()[0]
        if not exact[chosen]:
            yield pair.step("move", chosen, "问题随之", "the finding with it", fact)
        elif not pending[chosen] and pending.any():
            day = due(str(mine.loc[chosen, "severity"]), day_of(pair.at))
            again = pair.step("reopen", chosen, "另一登记有同样反映", "the other one has the same")
            yield replace(again, details={"due": day})
    said = ("巡检可用", "an inspection found it working") if chosen is None else (
        f"与问题 {chosen} 相同", f"the same as finding {chosen}")  # fmt: skip
    for number in mine.index[pending & (mine.index != chosen)].tolist():
        yield pair.step("gone", number, *said)
