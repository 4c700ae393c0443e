"""Rounds: whom to visit on a day, in which order; asked as a job, for inspectors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date  # noqa: TC003 - pydantic reads it
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from apiflask import FileSchema
from flask import current_app
from pydantic import BaseModel, ConfigDict, Field

from geodata import LonLat
from geodata.errors import MissingError
from stations.audit import findings as loop
from stations.audit import rounds
from stations.audit.rounds import Ask, Inspector, minutes_of
from web import roads
from web.api import answers, jobs, replies
from web.api.answers.rounds import RoundResult
from web.api.base import endpoint, now, register
from web.api.bodies import posted, sent
from web.api.queries import NoQuery, Query
from web.api.seen import seen
from web.auth import Role, caller, require, visible_layers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response

    from stations.registry import LiveRegistry, Registry
    from stations.travel import Travel
    from web.jobs import Jobs, Report

KIND = "rounds"
LARGEST = 32 * 1024
EXAMPLE = (
    '{"date": "2026-11-24", "inspectors": '
    '[{"name": "王芳", "start": {"lon": 102.7183, "lat": 25.0389}}]}'
)
RANK = "rank"
"""The first stage of the job; then `stations.audit.rounds.planning`'s."""
_LEADING = r"^[0-9]{0,6}$"
Digits = Annotated[str, Field(pattern=_LEADING, description="Leading digits of area codes.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Start(_Body):
    """Where an inspector sets out and comes back to; WGS 84."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class Goer(_Body):
    """One inspector's day."""

    name: str = Field(min_length=1, max_length=100)
    start: Start
    since: str = Field("08:30", alias="from", max_length=5, description="HH:MM, Beijing.")
    until: str = Field("17:30", max_length=5)
    area: Digits = ""


class RoundQuestion(_Body):
    """Asks for a day's round."""

    date: date
    inspectors: Annotated[tuple[Goer, ...], Field(min_length=1, max_length=20)]
    area: Digits = ""
    mode: Literal["walk", "ebike", "car", "truck"] = "car"
    candidates: int = Field(200, ge=1, le=400, description="How many of the most urgent compete.")
    visits: int | None = Field(None, ge=1, le=400, description="Of one inspector, at most.")
    lunch: int = Field(0, ge=0, le=180, description="Minutes of a break; 0: none.")

    def ask(self, area: str) -> Ask:
        """Return what is asked, of an area within the caller's; `UsageError` for no sense."""
        goers = tuple(
            Inspector(
                each.name,
                LonLat(each.start.lon, each.start.lat),
                minutes_of(each.since),
                minutes_of(each.until),
                each.area,
            )
            for each in self.inspectors
        )
        return Ask(
            self.date, goers, area, self.mode, self.candidates, self.visits, lunch_min=self.lunch
        )


class SheetQuery(Query):
    """Asks for a round as a file."""

    format: Literal["pdf", "html", "xlsx", "gpx"] = "pdf"


@posted("/rounds/jobs", RoundQuestion, answers.Job, 202)
def begin_round() -> Response:
    """Plan a day's round, as a job: for inspectors, in the areas they are responsible for.

    The most urgent stations (probability that something is wrong x people affected x days since the
    last inspection), in the order and at the times they can be visited. What is wrong with the
    question is told at once. `area` narrows the caller's own.
    """
    _inspectors()
    asked = sent(RoundQuestion, LARGEST, EXAMPLE)
    area = caller().narrowed(asked.area)
    live: LiveRegistry = current_app.extensions["stations.register"]
    registry = seen(register())
    named = frozenset(visible_layers(registry, caller()))
    task = _Task(live, registry, asked.ask(area), roads.current(), named)
    return jobs.begin(KIND, replace(task, at=task.ask.weighed_at(now())).work)


@dataclass(frozen=True)
class _Task:
    """One question, and all it is answered from; worked on outside any request."""

    live: LiveRegistry
    registry: Registry
    ask: Ask
    travel: Travel
    named: frozenset[str]
    """Layers that may be named."""
    at: Any = None

    def work(self, report: Report) -> bytes:
        """Rank the stations and plan the routes."""
        report(RANK, 0, 0)
        standing = loop.standing(self.live.store.steps(), self.at)
        ranked = rounds.candidates(self.registry, standing, self.at, area=self.ask.area)
        made = rounds.plan(
            self.registry,
            ranked,
            self.ask,
            travel=self.travel,
            questions=rounds.questions_of(self.registry, standing, self.at),
            named=self.named,
            progress=report,
        )
        return replies.encode(made.to_dict())


@endpoint("/rounds/jobs/<job_id>", NoQuery, answers.Job)
def round_job(_: NoQuery, job_id: str) -> Response:
    """Tell how far a round is; as `GET /jobs/{job_id}`."""
    return jobs.job(job_id=job_id)


@endpoint("/rounds/jobs/<job_id>", NoQuery, answers.Job, method="DELETE")
def cancel_round(_: NoQuery, job_id: str) -> Response:
    """Give up a round; as `DELETE /jobs/{job_id}`."""
    return jobs.cancel(job_id=job_id)


@endpoint("/rounds/jobs/<job_id>/result", NoQuery, RoundResult)
def round_result(_: NoQuery, job_id: str) -> Response:
    """Return a round that is done: routes with their stops, and who is left out, and why."""
    return jobs.result(job_id=job_id)


@endpoint(
    "/rounds/jobs/<job_id>/sheet",
    SheetQuery,
    FileSchema(type="string", format="binary"),
    content_type="application/pdf",
)
def round_sheet(query: SheetQuery, job_id: str) -> Response:
    """Return a round that is done on paper (`pdf`, `html`), as a sheet or for a GPS device."""
    content_type, write = _WRITERS[query.format]
    document = _document(job_id)
    answer = replies.secret_bytes(write(document), content_type=content_type)
    name = f"round-{document['date']}.{query.format}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _inspectors() -> None:
    require(Role.INSPECTOR)


def _document(job_id: str) -> dict[str, Any]:
    every: Jobs = current_app.extensions["stations.jobs"]
    key = caller().key
    found = every.result(job_id, key)
    if found is None or every.get(job_id, key).kind != KIND:
        raise MissingError("this job has no round; its state says why")
    document: dict[str, Any] = orjson.loads(found)
    return document


def _page(document: Mapping[str, Any]) -> bytes:
    from web import paper  # noqa: PLC0415 - its fonts, only for paper

    return paper.round_sheet(document).encode()


def _pdf(document: Mapping[str, Any]) -> bytes:
    from web import paper  # noqa: PLC0415

    return paper.pdf(paper.round_sheet(document))


_WRITERS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], bytes]]] = {
    "pdf": ("application/pdf", _pdf),
    "html": ("text/html; charset=utf-8", _page),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        rounds.workbook,
    ),
    "gpx": ("application/gpx+xml", rounds.gpx),
}
