"""Errors on the wire: RFC 9457 problems under ``/api``, a small page for people elsewhere.

What goes wrong on our side (status 500 and above) is answered with a fixed sentence; what the
exception said stays inside.
"""

from __future__ import annotations

import errno
import json
import logging
import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, g, has_request_context, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from geodata import errors as geodata_errors
from geodata import roads
from geodata.errors import FaultyDataError, ProjectError
from stations import errors as station_errors
from stations.hours.errors import HoursError, NoSuchDayError
from stations.large import ClusterError
from web.guard import content_policy
from web.paper import PaperError
from web.words import TAGS
from web.words.marking import answers_in, heard

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

log = logging.getLogger("web")

STATUS: dict[type[ProjectError], HTTPStatus] = {
    geodata_errors.UsageError: HTTPStatus.BAD_REQUEST,
    geodata_errors.PositionError: HTTPStatus.BAD_REQUEST,
    geodata_errors.UnknownReferenceError: HTTPStatus.BAD_REQUEST,
    geodata_errors.FileFormatError: HTTPStatus.BAD_REQUEST,
    geodata_errors.FaultyDataError: HTTPStatus.UNPROCESSABLE_ENTITY,
    station_errors.UnknownAmenityError: HTTPStatus.BAD_REQUEST,
    HoursError: HTTPStatus.BAD_REQUEST,
    NoSuchDayError: HTTPStatus.BAD_REQUEST,
    geodata_errors.MissingError: HTTPStatus.NOT_FOUND,
    station_errors.StationMissingError: HTTPStatus.NOT_FOUND,
    station_errors.LayerMissingError: HTTPStatus.NOT_FOUND,
    station_errors.RevisionMissingError: HTTPStatus.NOT_FOUND,
    geodata_errors.ForbiddenError: HTTPStatus.FORBIDDEN,
    geodata_errors.StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    station_errors.StoreBusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    station_errors.StoreReadOnlyError: HTTPStatus.SERVICE_UNAVAILABLE,
    station_errors.StoreFullError: HTTPStatus.INSUFFICIENT_STORAGE,
    station_errors.StoreClockError: HTTPStatus.SERVICE_UNAVAILABLE,
    station_errors.StoreForeignError: HTTPStatus.SERVICE_UNAVAILABLE,
    station_errors.StoreVersionError: HTTPStatus.SERVICE_UNAVAILABLE,
    station_errors.StoreMissingError: HTTPStatus.SERVICE_UNAVAILABLE,
    station_errors.StoreConflictError: HTTPStatus.CONFLICT,
    ClusterError: HTTPStatus.SERVICE_UNAVAILABLE,
    PaperError: HTTPStatus.SERVICE_UNAVAILABLE,
    roads.RoadsMissingError: HTTPStatus.NOT_FOUND,
    roads.RoadsBrokenError: HTTPStatus.SERVICE_UNAVAILABLE,
    roads.RoadsBusyError: HTTPStatus.SERVICE_UNAVAILABLE,
    roads.RoadsServerError: HTTPStatus.SERVICE_UNAVAILABLE,
    roads.RoadsEngineError: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Every error of the tree and the status it is answered with."""

OF_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""What a disk says that is full or may not be written, wherever it is said."""
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked by programs, as the API is."""
OURS = "Something failed on our side. Please try again; if it stays, tell the operator the id."
STORE = "The register cannot be read now. Please try again in a moment."
STORE_UNSURE = (
    "The register cannot be reached now. Please look whether this was recorded before you send it "
    "again."
)
STORE_BUSY = (
    "Somebody else is writing to the register: nothing was recorded. Please try again in a moment."
)
STORE_READ_ONLY = "The server can only read now: nothing was recorded. Please tell the operator."
STORE_FULL = "There is no room left on the server: nothing was recorded. Please tell the operator."
STORE_CLOCK = (
    "The server's clock is behind what is recorded already: nothing was recorded. Please tell the "
    "operator."
)
NOT_RECORDED: dict[type[ProjectError], str] = {
    station_errors.StoreBusyError: STORE_BUSY,
    station_errors.StoreReadOnlyError: STORE_READ_ONLY,
    station_errors.StoreFullError: STORE_FULL,
    station_errors.StoreClockError: STORE_CLOCK,
}
"""What became of a change, where that is known."""
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ROADS = "The road network cannot be used now. Please try again in a moment, or ask in metres."
ROADS_ERRORS = (
    roads.RoadsBrokenError,
    roads.RoadsBusyError,
    roads.RoadsServerError,
    roads.RoadsEngineError,
)

PAGE_TEXT = {
    HTTPStatus.NOT_FOUND: "noSuchPage",
    HTTPStatus.METHOD_NOT_ALLOWED: "noSuchRequest",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "tooLarge",
    HTTPStatus.TOO_MANY_REQUESTS: "tooManyRequests",
}
PAGE_TEXT_OTHERWISE = "pageFailed"
"""What a page says, by the keys of its texts."""


def register(app: Flask) -> None:
    """Answer every error of ``app`` in the form its caller can read."""
    app.register_error_handler(ProjectError, project_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, surprise)


def status_of(error: ProjectError) -> HTTPStatus:
    """Return the status of the nearest class of ``error`` in the table; 500 if none has one."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def project_error(error: ProjectError) -> Response:
    """Answer an error raised on purpose."""
    status, sentence = explained(error, g.get("request_id", "-"))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        answer = _answer(status, sentence)
        answer.headers["Retry-After"] = "2"
        return answer
    faults = error.faults if isinstance(error, FaultyDataError) else ()
    listed = [{**vars(fault), "problem": heard(fault.problem)} for fault in faults]
    return _answer(status, sentence, **({"faults": listed} if listed else {}))


def explained(error: Exception, where: str) -> tuple[HTTPStatus, str]:
    """Return the status and the sentence an error is answered with; ours is logged by ``where``."""
    if isinstance(error, OSError) and error.errno in OF_DISK:
        error = station_errors.of_disk(error, "").with_traceback(error.__traceback__)
    if not isinstance(error, ProjectError):
        _log_failure(error, where)
        return HTTPStatus.INTERNAL_SERVER_ERROR, OURS
    status = status_of(error)
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return status, str(error)
    _log_failure(error, where)
    if isinstance(error, ROADS_ERRORS):
        return status, ROADS
    changing = has_request_context() and request.method in CHANGING
    otherwise = STORE_UNSURE if changing else STORE
    return status, NOT_RECORDED.get(type(error), otherwise)


def http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer what the framework refuses: unknown address, wrong method, too large, …."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if status < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    answer = _answer(status, OURS if ours else error.description or status.description)
    for name, value in error.get_headers():
        if name in {"Allow", "WWW-Authenticate", "Retry-After"}:
            answer.headers[name] = value
    return answer


def surprise(error: Exception) -> Response:
    """Answer what nobody foresaw, without a word of it."""
    return _answer(*explained(error, g.get("request_id", "-")))


def _log_failure(error: Exception, where: str) -> None:
    """Log where it failed, not what it said: messages may hold positions."""
    places = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed: %s\n%s", where, type(error).__name__, places)


def _answer(status: HTTPStatus, detail: str, **more: Any) -> Response:  # noqa: ANN401 - JSON
    if request.path.startswith(("/api/", "/ogc")) or request.path in PROBES:
        return _problem(status, detail, **more)
    key = PAGE_TEXT.get(status, PAGE_TEXT_OTHERWISE)
    answer = Response(render_template("error.html", key=key, status=int(status)), status)
    answer.headers["Content-Security-Policy"] = content_policy()
    return answer


def _problem(status: HTTPStatus, detail: str, **more: Any) -> Response:  # noqa: ANN401 - JSON
    body = {
        "type": "about:blank",
        "title": heard(HTTP_STATUS_CODES[status]),
        "status": int(status),
        "detail": heard(detail),
        "instance": request.path,
        "request_id": g.get("request_id", ""),
        **more,
    }
    text = json.dumps(body, ensure_ascii=False)
    answer = Response(text, status, mimetype="application/problem+json")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Language"] = TAGS[answers_in()]
    return answer
