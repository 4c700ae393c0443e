"""From what a visit says to the steps of findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import orjson

from geodata.errors import ForbiddenError, UsageError
from stations.audit import findings
from stations.audit.findings import LIVE, By, titles
from stations.audit.findings.loop import day_of, due, plain_rows
from stations.audit.findings.recording import moved, moved_back
from stations.audit.visits.terms import terms
from stations.store import FindingStep
from stations.trust import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from stations.audit.visits.draft import Draft
    from stations.audit.visits.reading import Reading
    from stations.audit.visits.seeing import Wrong
    from stations.store import Store

_OVER = ("verified", "settled")


@dataclass(frozen=True, eq=False)
class There:
    """Who was there, and when."""

    station: str
    who: str
    at: datetime
    """When it was, aware."""
    received: datetime
    """When it is recorded, not before the newest step: steps are taken then."""

    @property
    def by(self) -> By:
        """Whoever takes the steps, and why."""
        why = terms().why
        return By(self.who, self.received, f"{why.zh} {why.en}")


class Effects:
    """Takes the steps, one after another, in a draft."""

    def __init__(self, draft: Draft, there: There, reading: Reading) -> None:
        self._draft, self._there, self._reading = draft, there, reading
        self._store = cast("Store", draft)  # it has what taking steps asks of one
        self._touched: set[int] = set()
        self._known: tuple[int, pd.DataFrame] | None = None
        self.left: dict[int, str] = {}
        """Finding → the code of why an answer about it led to no step."""

    def take(self) -> None:
        """Take every step the visit leads to, then hear it as evidence."""
        for number, answer in self._reading.findings.items():
            if answer != "unclear":
                self._answered(number, answer)
        for wrong in self._reading.wrong:
            self._seen_wrong(wrong)
        for fine in self._reading.fine:
            for number in self._about(fine.rule, fine.fact):
                self._mended(number, implied=True)
        there = self._there
        findings.hear(self._store, who=there.who, at=there.received, stations=[there.station])

    def _standing(self) -> pd.DataFrame:
        """Return where the station's findings stand after the steps taken so far."""
        number = self._draft.steps_number()
        if self._known is None or self._known[0] != number:
            standing = findings.standing(self._draft.steps(), self._there.received)
            mine = standing[standing["station"] == self._there.station]
            self._known = number, mine
        return self._known[1]

    def _row(self, number: int) -> Mapping[str, Any]:
        [row] = plain_rows(self._standing().loc[[number]])
        return row

    def _answered(self, number: int, answer: str) -> None:
        if number not in self._standing().index:
            self.left[number] = "missing"
        elif answer == "still":
            self._still(number)
        elif answer == "mended":
            self._mended(number)
        else:
            self._settled(number)

    def _about(self, rule: str, fact: str | None) -> list[int]:
        standing = self._standing()
        mine = standing[(standing["rule"] == rule) & ((standing["fact"] == fact) | (fact is None))]
        return [number for number in mine.index.tolist() if number not in self._touched]

    def _seen_wrong(self, wrong: Wrong) -> None:
        standing = self._standing()
        known = standing[(standing["rule"] == wrong.rule.id) & (standing["fact"] == wrong.fact)]
        if known.empty:
            self._seen_anew(wrong)
        elif known.index[0] not in self._touched:
            self._still(int(known.index[0]), again=True)

    def _seen_anew(self, wrong: Wrong) -> None:
        """Open it, or bring it back if it had moved to another record meanwhile."""
        there = self._there
        key = wrong.rule.id, there.station, wrong.fact
        number = moved(self._draft.steps()).get(key)
        if number is None:
            self._open(wrong)
        elif self._may(number):
            blank = FindingStep("", there.received, there.who, "")
            self._add(moved_back(blank, number, there.station, wrong.fact))
            self._still(number, again=True)

    def _open(self, wrong: Wrong) -> None:
        there = self._there
        day = due(wrong.rule.severity, day_of(there.received))
        told = {**wrong.facts, **wrong.beside}
        details = {
            "severity": wrong.rule.severity,
            "evidence": orjson.dumps(told).decode(),
            "proposal": orjson.dumps(wrong.proposal).decode() if wrong.proposal else "",
            "due": day,
        }
        step = FindingStep(
            "open",
            there.received,
            there.who,
            there.by.why,
            details=details,
            rule=wrong.rule.id,
            station=there.station,
            fact=wrong.fact,
        )
        self._add(step)

    def _still(self, number: int, *, again: bool = False) -> None:
        """Confirm what is to be mended, reopen what was to be over; ``again``: it is back."""
        row = self._row(number)
        if not self._may(number):
            return
        seen = self._outcome(row["rule"])
        if row["state"] in LIVE:
            self._try(number, lambda: findings.confirm(self._store, number, self._by, seen=seen))
        elif row["state"] == "waived":
            self._leave(number, "waived")
        elif row["state"] == "fixed" or again:
            self._try(number, lambda: findings.reopen(self._store, number, self._by, seen=seen))
        else:
            self._leave(number, "over")

    def _mended(self, number: int, *, implied: bool = False) -> None:
        """Verify a fix; end what is seen at the door; the register's own wait for the register."""
        row = self._row(number)
        if row["state"] == "fixed" and self._may(number):
            self._try(number, lambda: findings.verify(self._store, number, self._by, visited=False))
        elif row["state"] in LIVE and self._may(number):
            if _at_the_door(row["rule"]):
                by = self._by
                self._touched.add(number)
                self._add(FindingStep("gone", by.at, by.who, by.why, number))
            elif not implied:
                self._leave(number, "register")
        elif not implied:
            self._leave(number, "waived" if row["state"] == "waived" else "over")

    def _settled(self, number: int) -> None:
        row = self._row(number)
        if row["state"] in (*_OVER, "waived"):
            self._leave(number, "waived" if row["state"] == "waived" else "over")
        elif self._may(number):
            self._try(number, lambda: findings.settle(self._store, number, self._by, visited=False))

    @property
    def _by(self) -> By:
        return self._there.by

    def _may(self, number: int) -> bool:
        """Whether the visit knows more than the finding's last step; asked once a finding."""
        self._touched.add(number)
        if self._known_at(number) <= self._there.at:
            return True
        self._leave(number, "later")
        return False

    def _known_at(self, number: int) -> datetime:
        """Return when the finding's last step was true: of a visit's, when that visit was."""
        steps = self._draft.steps(number)
        steps = steps[~steps["step"].isin(("back", "move"))]
        last = steps.iloc[-1]
        told = orjson.loads(last["details"]).get("visited_at")
        return datetime.fromisoformat(told) if told else last["at"]

    def _outcome(self, rule: str) -> str:
        """Return what a finding that is still so is called."""
        kind, _, named = rule.partition(".")
        if kind == "told" and named in OUTCOMES:
            return named
        by_family = terms().finding_seen
        return by_family.get(kind) or self._failing or by_family["otherwise"]

    @property
    def _failing(self) -> str:
        outcome = self._reading.outcome
        return outcome if outcome in OUTCOMES[1:] else ""

    def _add(self, step: FindingStep) -> None:
        base = self._draft.steps_number()
        self._draft.add_steps([step], base=base, received=self._there.received)

    def _try(self, number: int, take: Callable[[], int]) -> None:
        self._touched.add(number)
        try:
            take()
        except (UsageError, ForbiddenError):
            self._leave(number, "refused")

    def _leave(self, number: int, why: str) -> None:
        self._touched.add(number)
        self.left[number] = why


def _at_the_door(rule: str) -> bool:
    """Whether somebody at the door sees that it is mended, and not only the register."""
    known = titles().get(rule)
    return known is not None and known.check in terms().on_the_spot
