"""Long questions as jobs: begun, looked after, given up."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import current_app, request, url_for

from geodata.errors import MissingError
from web.api import answers, replies
from web.api.base import JSON, endpoint
from web.api.demand import asked, gaps_of, measured
from web.api.needs import CoverageQuery, GapsQuery
from web.api.queries import NoQuery
from web.auth import caller
from web.jobs import PUBLIC
from web.words.marking import heard

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from web.api.measured import Asked, Progress
    from web.jobs import Job, Jobs, Report, Work
    from web.limits import Limits

    type Answer = Callable[[Progress], dict[str, Any]]

REACH, MEASURE = "reach", "measure"


@endpoint("/coverage/jobs", CoverageQuery, answers.Job, method="POST", status=202)
def begin_coverage(query: CoverageQuery) -> Response:
    """Ask what `GET /coverage` answers, as a job: for minutes over roads the first time.

    What is wrong with the question is told at once. `Location` and `links` say where to look after
    the job; its result is what `GET /coverage` answers from then on without delay.
    """
    source = asked(query, query.layer)
    return _begin("coverage", source, ("coverage", query.by), partial(measured, source, query))


@endpoint("/gaps/jobs", GapsQuery, answers.Job, method="POST", status=202)
def begin_gaps(query: GapsQuery) -> Response:
    """Ask what `GET /gaps` answers, as a job; see `POST /coverage/jobs`."""
    source = asked(query, query.layer)
    return _begin("gaps", source, ("gaps", query.limit), partial(gaps_of, source, query))


def _begin(kind: str, source: Asked, what: tuple[object, ...], answer: Answer) -> Response:
    """Begin a job for the caller; what comes of it is kept as ``what``."""
    return begin(kind, partial(_work, source, what, answer))


def begin(kind: str, work: Work) -> Response:
    """Begin a job for the caller, and say where to look after it."""
    limits: Limits = current_app.extensions["stations.limits"]
    asker = caller().key
    sender = limits.mark(request.remote_addr) if asker == PUBLIC else asker
    job = _jobs().start(kind, asker, work, sender)
    begun = replies.fresh(_told(job))
    begun.status_code = 202
    begun.headers["Location"] = _address("job", job)
    return begun


def _work(source: Asked, what: tuple[object, ...], answer: Answer, report: Report) -> bytes:
    """Do the work of a job; called outside any request."""
    report(REACH, 0, 0)

    def build() -> bytes:
        document = answer(partial(report, REACH))
        report(MEASURE, 0, 0)
        return replies.encode(document)

    return source.written(what, build)


@endpoint("/jobs/<job_id>", NoQuery, answers.Job)
def job(_: NoQuery, job_id: str) -> Response:
    """Tell how far a job is. Only who asked for it, with the rights it was asked with, is told."""
    return replies.fresh(_told(_jobs().get(job_id, caller().key)))


@endpoint("/jobs/<job_id>", NoQuery, answers.Job, method="DELETE")
def cancel(_: NoQuery, job_id: str) -> Response:
    """Give up a job: the work stops. One that has ended stays as it is."""
    return replies.fresh(_told(_jobs().cancel(job_id, caller().key)))


@endpoint("/jobs/<job_id>/result", NoQuery, answers.JobResult)
def result(_: NoQuery, job_id: str) -> Response:
    """Return what came of a job that is done; it is kept for an hour."""
    found = _jobs().result(job_id, caller().key)
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
        "detail": job.detail and heard(job.detail),
        "links": links,
    }


def _address(view: str, job: Job) -> str:
    return url_for(f"v1.{view}", job_id=job.id)


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
