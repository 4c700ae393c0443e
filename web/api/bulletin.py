"""The bulletin of a period, for staff: checked, found, mended, covered, area by area."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Annotated, Literal
from weakref import WeakKeyDictionary

from flask import current_app
from pydantic import BeforeValidator, Field, WithJsonSchema

from stations.audit.bulletin import Asked, Bulletin, Period, Question
from stations.audit.bulletin import bulletin as issued
from stations.audit.bulletin.sheets import workbook
from stations.audit.bulletin.telling import document
from stations.coverage import Travel
from stations.hours.clock import wall
from web import paper, roads
from web.api import reading, replies
from web.api.answers.bulletin import BulletinAnswer
from web.api.base import endpoint, now, register
from web.api.exports import BYTES, TYPES
from web.api.queries import Degrees, Mode, Needs, Query, Within
from web.auth import Role, caller, require, visible_layer
from web.kept import Kept

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response

    from stations.reach import Limit
    from stations.registry import LiveRegistry
    from web.api.measured import CoverageCache

READERS = (Role.INSPECTOR, Role.PLANNER)
FOUND = 500
"""Findings in JSON; the sheet has all."""
KEPT = 6
_FORMATS = {"xlsx": TYPES["xlsx"], "pdf": "application/pdf", "html": "text/html; charset=utf-8"}
_kept: Kept[object, Bulletin] = Kept(KEPT)
"""The last few, while nothing new is recorded and the day is the same."""

_files: WeakKeyDictionary[Bulletin, dict[str, bytes]] = WeakKeyDictionary()
_writing = Lock()
"""A PDF of all counties takes seconds: one at a time, and once."""


class BulletinQuery(Query):
    """Asks for the bulletin of a period."""

    since: str = Field(max_length=40, description="The first day.", examples=["2026-11-01"])
    until: str = Field(max_length=40, description="The last day, inclusive; both are Beijing's.")
    area: str = Field(
        "", pattern=r"^[0-9]{0,6}$", description="Leading digits of area codes, such as 5301."
    )
    layer: Annotated[
        tuple[str, ...],
        BeforeValidator(reading.layers),
        WithJsonSchema({"type": "string", "examples": ["parks"]}),
        Field(description="Layers whose coverage is told, comma-separated."),
    ] = Field("parks", validate_default=True)
    within: Within = Field("1000m", validate_default=True)
    mode: Mode = Field("walk", description="How minutes are spent; straight: the beeline, walked.")
    needs: Needs = Field("", validate_default=True)
    trust_floor: Degrees = Field(
        0.5, ge=0, le=1, description="In truth, stations less sure than this do not count."
    )


class BulletinFileQuery(BulletinQuery):
    """Asks for it as a file."""

    format: Literal["xlsx", "pdf", "html"] = Field("xlsx", description="What kind of file.")


@endpoint("/bulletin", BulletinQuery, BulletinAnswer)
def bulletin(query: BulletinQuery) -> Response:
    """Tell what was checked, found and mended in a period, and what is covered, by area.

    For inspectors and planners, in the areas they are responsible for. With the same figures for
    as many days right before. Restricted layers are told to those who may see them.
    """
    return replies.secret(document(made(query), FOUND))


@endpoint("/bulletin/file", BulletinFileQuery, BYTES, content_type=", ".join(_FORMATS.values()))
def bulletin_file(query: BulletinFileQuery) -> Response:
    """Send the bulletin as a workbook, a PDF, or a page to print."""
    found = made(query)
    with _writing:
        files = _files.setdefault(found, {})
        if query.format not in files:
            files[query.format] = _written(found, query.format)
    body = files[query.format]
    answer = replies.secret_bytes(body, content_type=_FORMATS[query.format])
    name = f"bulletin-{query.since}-{query.until}.{query.format}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _written(found: Bulletin, kind: str) -> bytes:
    if kind == "xlsx":
        return workbook(found)
    html = paper.bulletin_sheet(document(found))
    return html.encode() if kind == "html" else paper.pdf(html)


def made(query: BulletinQuery) -> Bulletin:
    """Return the bulletin that the request's caller asks for, made or kept."""
    require(*READERS)
    area = caller().narrowed(query.area)
    registry, instant = register(), now()
    for name in query.layer:
        visible_layer(registry, name, caller())
    asked = Asked(
        Period.read(query.since, query.until),
        area,
        query.layer,
        Question(query.within, query.needs, query.trust_floor),
    )
    return _made(asked, query.within, instant)


def _made(asked: Asked, limit: Limit, instant: datetime) -> Bulletin:
    live: LiveRegistry = current_app.extensions["stations.register"]
    coverage: CoverageCache = current_app.extensions["stations.coverage"]
    store = live.store
    travel = roads.current() if limit.unit == "min" else Travel()
    state = (store.revision(), store.evidence_number(), store.steps_number())
    seen = (replies.contents_of(live.current()), store.visits_number(), store.head())
    key = (asked, state, seen, wall(instant).date(), roads.version_of(travel, limit))
    if known := _kept.get(key):
        return known
    with roads.one_at_a_time(travel, limit):
        found = issued(store, asked, now=instant, travel=travel, cache=coverage.on_disk)
    _kept.put(key, found)
    return found
