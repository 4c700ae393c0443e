"""What the desk's grave findings are to trust: a report while they stand, taken back when over."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from stations.audit.findings.terms import family, terms
from stations.trust import DESK, Evidence, withdrawal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from stations.store import FindingStep

LEAVE = ("open", "return", "reopen")
"""Steps that leave a doubt; the last only if none stands."""
END = ("gone", "verify", "settle")
"""Steps that take back every doubt that stands."""


@dataclass(frozen=True)
class Doubts:
    """The doubts that stand, by finding: the station and the key of each piece of evidence."""

    standing: Mapping[int, tuple[tuple[str, str], ...]]

    @classmethod
    def of(cls, steps: pd.DataFrame) -> Doubts:
        """Read them from the steps frame of a store."""
        found: dict[int, tuple[tuple[str, str], ...]] = {}
        told = steps[steps["step"].isin((*LEAVE, *END))]
        told = told[told["details"].str.contains('"doubt"', regex=False) | told["step"].isin(END)]
        rows = zip(told["finding"].tolist(), told["step"], told["details"], strict=True)
        for finding, step, details in rows:
            if step in END:
                found.pop(finding, None)
            elif doubt := orjson.loads(details).get("doubt"):
                found[finding] = (*found.get(finding, ()), (doubt["station"], doubt["key"]))
        return cls(found)

    def with_step(
        self, step: FindingStep, about: Mapping[str, Any]
    ) -> tuple[FindingStep, list[Evidence]]:
        """Return a step with what it says of doubts, and the evidence to be recorded with it.

        ``about``: the finding's ``rule``, ``station`` and ``severity``.
        """
        mine = self.standing.get(step.finding, ())
        if step.step in END:
            note = f"问题 {step.finding} 已了结 finding {step.finding} is over"
            return step, [withdrawal(*each, step.at, step.who[:100], note) for each in mine]
        if step.step not in LEAVE or (step.step == "reopen" and mine):
            return step, []
        outcome = terms().doubts.get(family(about["rule"]))
        if outcome is None or about["severity"] not in terms().doubted:
            return step, []
        made = _doubt(step, about, outcome)
        told = {"station": made.station, "key": made.key}
        return replace(step, details={**step.details, "doubt": told}), [made]


def _doubt(step: FindingStep, about: Mapping[str, Any], outcome: str) -> Evidence:
    rule, station = str(about["rule"]), str(about["station"])
    mark = f"{rule} {station} {step.fact or step.finding} {step.at.isoformat()}"
    key = DESK + hashlib.sha256(mark.encode()).hexdigest()[:32]
    note = f"审计发现 {rule}"[:500]
    return Evidence(station, "report", outcome, step.at, step.who[:100], note, key)
