"""Plans: what to build and change, asked as a job; see `stations.planning`."""

from __future__ import annotations

import base64
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app

from geodata import files
from stations import planning
from stations.planning import KINDS, CostTable
from stations.planning import candidates as places
from stations.planning.candidate_sources import known_hosts
from stations.planning.saving import SavedPlan
from stations.planning.sheets import workbook
from stations.planning.study import Study
from web import planmap, roads
from web.api import answers, replies
from web.api.base import endpoint, now, register
from web.api.bodies import posted, sent
from web.api.jobs import begin
from web.api.queries import NoQuery
from web.api.seen import seen
from web.api.wishes import EXAMPLE, LARGEST_WISH, PlanQuestion
from web.auth import Role, caller, visible_layer
from web.jobs import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from stations.planning import Scheme, Wish
    from stations.planning.candidates import Found
    from stations.reach import ReachCache
    from stations.registry import Registry
    from stations.siting import Step
    from stations.travel import Travel
    from web.api.measured import CoverageCache
    from web.jobs import Report

PLACES, SOLVE, STUDY = "candidates", "solve", "study"
MOST_S = dict.fromkeys(Role, 600.0) | {Role.PUBLIC: 20.0}
"""Longest time a plan is solved, by role."""
STUDY_S = dict.fromkeys(Role, 10.0) | {Role.PUBLIC: 1.0}
"""Longest time for each of the plans of a study."""


@endpoint("/site/prices", NoQuery, answers.Prices)
def prices(_: NoQuery) -> Response:
    """Say what each kind of action costs unless the question brings prices of its own."""
    kinds = [{"code": each.code, "zh": each.zh, "en": each.en} for each in KINDS]
    return replies.by_content({"prices": CostTable.default().as_records(), "kinds": kinds})


@posted("/site/jobs", PlanQuestion, answers.Job, 202)
def begin_plan() -> Response:
    """Ask for the best plan for a wish, as a job.

    What is wrong with the wish is told at once. The result holds the plan as `stations site --json`
    tells it, what the page draws (`page`), and the plan as files (`files`, base64: `xlsx`, `gpkg`,
    `geojson`, `html`, and `json`, which `stations site replay` and `accept` read). The public may
    plan for open layers, for a short while.
    """
    asked = sent(PlanQuestion, LARGEST_WISH, EXAMPLE)
    registry, role = seen(register()), caller().role
    visible_layer(registry, asked.layer, caller())
    cache: CoverageCache = current_app.extensions["stations.coverage"]
    store = current_app.extensions["stations.register"].store
    task = _Task(
        registry,
        asked.wish(at=now(), most_s=MOST_S[role]),
        CostTable.default() if asked.prices is None else CostTable.from_records(asked.prices),
        roads.current(),
        cache.on_disk,
        asked.grid,
        STUDY_S[role] if asked.frontier else None,
        store.evidence_number(),
    )
    return begin("site", task.work)


@dataclass(frozen=True)
class _Task:
    """One wish, and all it is answered from; worked on outside any request."""

    registry: Registry
    """What the asker sees of it: nothing else may be told."""
    wish: Wish
    costs: CostTable
    travel: Travel
    cache: ReachCache | None
    grid_m: float | None
    study_s: float | None
    """Seconds for each plan of a study; None: no study."""
    evidence: int

    def work(self, report: Report) -> bytes:
        """Find places, solve, study, and write it all down."""
        found = self._places(report)
        scheme = self._scheme(found, report)
        study = None
        if self.study_s is not None and scheme.blame is None:
            study = self._study(scheme, report, self.study_s)
        saved = SavedPlan.of(scheme, evidence=self.evidence, notes=found.notes)
        told = saved.summary() | ({} if study is None else study.as_dict())
        page = planmap.plan_data(scheme, study)
        return replies.encode({**told, "page": page, "files": _files(scheme, saved, study)})

    def _places(self, report: Report) -> Found:
        report(PLACES, 0, 0)
        by = self.travel if self.wish.limit.unit == "min" else planning.STRAIGHT
        with roads.one_at_a_time(by, self.wish.limit):
            return places.generate(
                self.registry,
                self.wish.need,
                terms=self.wish.terms,
                travel=by,
                cache=self.cache,
                host_layers=known_hosts(self.registry, self.wish.layer),
                grid_m=self.grid_m,
                progress=partial(report, PLACES),
            )

    def _scheme(self, found: Found, report: Report) -> Scheme:
        most = int(self.wish.time_limit_s or 0)
        told = _Told(report, lambda step: (SOLVE, min(int(step.seconds), most), most))
        report(SOLVE, 0, most)
        scheme = planning.plan(
            self.registry,
            self.wish,
            candidates=found.frame,
            costs=self.costs,
            travel=self.travel if self.wish.limit.unit == "min" else planning.STRAIGHT,
            cache=self.cache,
            progress=told,
        )
        told.end()
        return scheme

    @staticmethod
    def _study(scheme: Scheme, report: Report, each_s: float) -> Study:
        report(STUDY, 0, 0)
        told = _Told(report, lambda _: (STUDY, 0, 0))
        study = Study.of(scheme, each_s=each_s, progress=told)
        told.end()
        return study


class _Told:
    """Passes on how far the solver is, and ends it, not by an exception, once it is cancelled."""

    def __init__(self, report: Report, say: Callable[[Step], tuple[str, int, int]]) -> None:
        self._report, self._say, self._cancelled = report, say, False

    def __call__(self, step: Step) -> bool:
        try:
            self._report(*self._say(step))
        except Cancelled:
            self._cancelled = True
        return not self._cancelled

    def end(self) -> None:
        """Raise `Cancelled` if that is why the solver ended."""
        if self._cancelled:
            raise Cancelled


def _files(scheme: Scheme, saved: SavedPlan, study: Study | None) -> dict[str, str]:
    """Return the plan as files, each in base64."""
    written = {"json": saved.to_bytes(), "html": planmap.plan_page(scheme, study).encode()}
    written["xlsx"] = workbook(scheme, saved, study)
    if scheme.actions:
        with tempfile.TemporaryDirectory() as folder:
            for kind in ("gpkg", "geojson"):
                path = Path(folder) / f"plan.{kind}"
                files.write(scheme.frame(), path)
                written[kind] = path.read_bytes()
    return {name: base64.b64encode(content).decode("ascii") for name, content in written.items()}
