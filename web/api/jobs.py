"""Long questions as jobs: begun, looked after, given up."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import current_app, g, url_for

from geodata.errors import MissingError
from web.api import answers, replies
from web.api.base import JSON, endpoint
from web.api.demand import asked, measured
from web.api.needs import CoverageQuery
from web.api.queries import NoQuery

if TYPE_CHECKING:
    from flask import Response

    from web.api.measured import Asked
    from web.jobs import Job, Jobs, Report

REACH, MEASURE = "reach", "measure"


@endpoint("/coverage/jobs", CoverageQuery, answers.Job, method="POST", status=202)
def begin_coverage(query: CoverageQuery) -> Response:
    """Ask what `GET /coverage` answers, as a job: for minutes over roads the first time.

    What is wrong with the question is told at once. `Location` and `links` say where to look after
    the job; its result is what `GET /coverage` answers from then on without delay.
    """
    source = asked(query, query.layer)
    job = _jobs().start("coverage", g.role, partial(_coverage, source, query))
    answer = replies.fresh(_told(job))
    answer.status_code = 202
    answer.headers["Location"] = _address("job", job)
    return answer


def _coverage(source: Asked, query: CoverageQuery, report: Report) -> bytes:
    """Do the work of a job; called outside any request."""
    report(REACH, 0, 0)

    def build() -> bytes:
        document = measured(source, query, partial(report, REACH))
        report(MEASURE, 0, 0)
        return replies.encode(document)

    return source.written(("coverage", query.by), build)


@endpoint("/jobs/<job_id>", NoQuery, answers.Job)
def job(_: NoQuery, job_id: str) -> Response:
    """Tell how far a job is. Only who asked for it, in the role it was asked in, is told."""
    return replies.fresh(_told(_jobs().get(job_id, g.role)))


@endpoint("/jobs/<job_id>", NoQuery, answers.Job, method="DELETE")
def cancel(_: NoQuery, job_id: str) -> Response:
    """Give up a job: the work stops. One that has ended stays as it is."""
    return replies.fresh(_told(_jobs().cancel(job_id, g.role)))


@endpoint("/jobs/<job_id>/result", NoQuery, answers.JobResult)
def result(_: NoQuery, job_id: str) -> Response:
    """Return what came of a job that is done; it is kept for an hour."""
    found = _jobs().result(job_id, g.role)
    if found is None:
        raise MissingError("this job has no result; its state says why")
    return replies.secret_bytes(found, content_type=JSON)


def _jobs() -> Jobs:
    jobs: Jobs = current_app.extensions["stations.jobs"]
    return jobs


def _told(job: Job) -> dict[str, Any]:
    links = [{"rel": "self", "href": _address("job", job), "type": JSON}]
    if job.state == "done":
        links.append({"rel": "result", "href": _address("result", job), "type": JSON})
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "progress": {"stage": job.stage, "done": job.done, "total": job.total},
        "created_at": _instant(job.created),
        "updated_at": _instant(job.updated),
        "status": job.status,
        "detail": job.detail,
        "links": links,
    }


def _address(view: str, job: Job) -> str:
    return url_for(f"v1.{view}", job_id=job.id)


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
