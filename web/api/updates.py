"""An audit that is recorded: what is new opens, what is mended closes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from flask import current_app
from pydantic import Field

from stations import audit
from stations.audit import findings as loop
from stations.audit.quality import uploads
from stations.errors import StoreConflictError
from web import roads
from web.api import answers, replies
from web.api.audited import live
from web.api.base import endpoint
from web.api.findings import Standard  # noqa: TC001 - pydantic reads it
from web.api.jobs import begin
from web.api.queries import Query
from web.api.steps import signed
from web.auth import Role, require

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Response

    from stations.registry import LiveRegistry, Registry
    from stations.travel import Travel
    from web.jobs import Report

JUDGE, RECORD = "judge", "record"
"""The stages of an update."""
TRIES = 3
PLATFORM = "platform."
"""Rules that need a list the inspector brings: an update without one leaves them alone."""


class UpdateQuery(Query):
    """Asks for an audit that is recorded."""

    standard: Standard = "national"
    rule: str = Field("", max_length=80, description="Only a rule or a family of them.")
    who: str = Field("", max_length=100, description="For the staff token.")


@endpoint("/findings/update", UpdateQuery, answers.Job, method="POST", status=202)
def update(query: UpdateQuery) -> Response:
    """Audit the register, hear what riders reported, and record both as findings: a job.

    What is new opens, what is mended is verified, what came back is reopened. The result tells how
    many: `{"audit": {"opened", "returned", "gone", "backed", "kept"}, "reports": {…}}`. Rules about
    a map platform's list are left alone. Of stations outside the caller's area nothing is recorded.
    """
    caller = require(Role.INSPECTOR)
    only = [query.rule] if query.rule else []
    rules = [rule for rule in audit.rules_for(query.standard, only) if _without_list(rule)]
    clock: Callable[[], datetime] = current_app.extensions["stations.clock"]
    who = signed(caller, query.who)
    task = _Update(live(), tuple(rules), who, caller.area, clock, roads.current())
    return begin("findings", task.work)


@dataclass(frozen=True)
class _Update:
    """An audit to be recorded; worked on outside any request."""

    live: LiveRegistry
    rules: tuple[audit.Rule, ...]
    who: str
    area: str
    """Leading digits of the area codes that are looked at."""
    clock: Callable[[], datetime]
    travel: Travel

    def work(self, report: Report) -> bytes:
        """Judge, record, hear."""
        store, registry = self.live.store, self.live.current()
        report(JUDGE, 0, 0)
        batches = uploads(store, registry.revision)
        context = audit.Context(registry, self.clock(), self.travel, batches)
        rules = [rule for rule in self.rules if rule.in_force(context.day)]
        rulings, mine = audit.judge_all(rules, context), self._mine(registry)
        if mine is not None:
            rulings = rulings[rulings["station"].isin(mine)]
        report(RECORD, 0, 0)
        run = loop.Run([rule.id for rule in rules], stations=mine)
        record = partial(loop.record_run, store, rulings, run)
        hear = partial(loop.hear, store, stations=mine)
        made = {"audit": self._tried(record), "reports": self._tried(hear)}
        self.live.refresh()
        return replies.encode({name: counts._asdict() for name, counts in made.items()})

    def _mine(self, registry: Registry) -> frozenset[str] | None:
        """Return the stations of the area; None: of everywhere."""
        if not self.area:
            return None
        inside = registry.stations["area_code"].str.startswith(self.area)
        return frozenset(map(str, registry.stations.index[inside]))

    def _tried(self, record: Callable[..., loop.Recorded]) -> loop.Recorded:
        """Record; once more if somebody took a step at that moment."""
        for _ in range(TRIES - 1):
            try:
                return record(who=self.who, at=self.clock())
            except StoreConflictError:
                continue
        return record(who=self.who, at=self.clock())


def _without_list(rule: audit.Rule) -> bool:
    return not rule.id.startswith(PLATFORM)
