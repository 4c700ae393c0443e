"""Visits: the forms inspectors take along, and what they bring back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from flask import current_app
from pydantic import Field, WithJsonSchema

from geodata.errors import UsageError
from stations import audit
from stations.audit import visits
from stations.audit.visits import VisitSent
from web.api import replies
from web.api.answers.visits import Form, Forms, VisitDone, Visits
from web.api.base import endpoint, now, register
from web.api.bodies import posted
from web.api.bodies import sent as read
from web.api.queries import At, Count, Query
from web.api.records import TRUST_DIGITS
from web.auth import Role, require
from web.guard import LARGEST_BODY

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response

    from stations.registry import LiveRegistry, Registry
    from web.auth import Caller
    from web.limits import Limits

MOST_FORMS, MOST_VISITS = 50, 1_000
EXAMPLE = (
    '{"station": "YN001", "key": "3f2b…", "at": "2026-11-24T10:00:00+08:00", '
    '"answers": {"enter.door": "open"}}'
)
READERS = (Role.INSPECTOR, Role.PLANNER, Role.EDITOR)
VISITORS = (Role.INSPECTOR, Role.EDITOR)

Standard = Annotated[str, WithJsonSchema({"type": "string", "enum": list(audit.SHIPPED)})]


class FormQuery(Query):
    """Asks what is asked at a station."""

    standard: Standard = Field(
        "national", pattern=f"^({'|'.join(audit.SHIPPED)})$", description="Whose rules ask."
    )


class FormsQuery(FormQuery):
    """Asks for the forms of some stations."""

    stations: str = Field(
        min_length=1,
        max_length=2_000,
        description=f"Ids, comma-separated, at most {MOST_FORMS}.",
        examples=["YN001,YN002"],
    )


class VisitsQuery(Query):
    """Asks for visits."""

    station: str = Field("", max_length=200)
    area: str = Field(
        "", pattern=r"^[0-9]{0,6}$", description="Leading digits of area codes, such as 5301."
    )
    since: At = Field("", validate_default=True)
    who: str = Field("", max_length=200, description="As they signed.")
    limit: Count = Field(200, ge=1, le=MOST_VISITS)


@endpoint("/stations/<path:station_id>/form", FormQuery, Form)
def form(query: FormQuery, station_id: str) -> Response:
    """Tell what is asked at a station: by the rules in force today, and its findings.

    For staff, in their jurisdiction.
    """
    require(*READERS)
    registry = register()
    require(*READERS, area_code=registry.station(station_id)["area_code"])
    return replies.secret(_form(registry, station_id, query.standard, now()))


@endpoint("/forms", FormsQuery, Forms)
def forms(query: FormsQuery) -> Response:
    """Tell the same of several stations, to be taken along where there is no network.

    Stations that are not on the register, or not in the caller's jurisdiction, are named.
    """
    caller = require(*READERS)
    registry, instant = register(), now()
    ids = list(dict.fromkeys(each.strip() for each in query.stations.split(",") if each.strip()))
    if len(ids) > MOST_FORMS:
        raise UsageError(f"stations: at most {MOST_FORMS} at once, not {len(ids)}")
    known = [
        each
        for each in ids
        if each in registry.stations.index and caller.reaches(registry.station(each)["area_code"])
    ]
    told = [_form(registry, each, query.standard, instant) for each in known]
    return replies.secret({"forms": told, "missing": [each for each in ids if each not in known]})


def _form(registry: Registry, station: str, standard: str, instant: datetime) -> dict[str, Any]:
    return visits.asked(registry, _live().store, station, standard, instant).to_dict()


@posted("/visits", VisitSent, VisitDone, 201)
def visit() -> Response:
    """Record a visit: it counts as evidence at once, and takes the steps of findings it leads to.

    Sent again under the same key it is answered with 200 instead of 201 and adds nothing. For
    inspectors and editors, in their jurisdiction.
    """
    caller = require(*VISITORS)
    spend(caller)
    sent = read(VisitSent, LARGEST_BODY, EXAMPLE)
    registry, live = register(), _live()
    require(*VISITORS, area_code=registry.station(sent.station)["area_code"])
    photos = visits.Photos.beside(live.store.files)
    made = visits.record(
        live.store,
        registry,
        sent,
        who=caller.signature("staff"),
        received=now(),
        photos=photos,
    )
    told = _told(live, sent, photos, new=made.new)
    answer = replies.secret(told)
    answer.status_code = 201 if made.new else 200
    return answer


def spend(caller: Caller) -> None:
    """Count something a caller sends about a visit: itself, or a photo of it."""
    limits: Limits = current_app.extensions["stations.visits"]
    limits.spend_by(caller.name)


def _told(
    live: LiveRegistry, sent: VisitSent, photos: visits.Photos, *, new: bool
) -> dict[str, Any]:
    registry = live.refresh()
    found = visits.listed(live.store, registry, visits.Wanted(station=sent.station))
    [told] = visits.records(live.store, registry, found[found["key"] == sent.key], photos)
    row = registry.position_of(sent.station)
    standing = registry.standing(row, now())
    return {
        **told,
        "new": new,
        "trust": round(standing.probability, TRUST_DIGITS),
        "trust_text": {"zh": standing.zh, "en": standing.en},
        "open_reports": standing.open_reports,
        "synthetic": registry.record(row)["synthetic"],
    }


@endpoint("/visits", VisitsQuery, Visits)
def visits_made(query: VisitsQuery) -> Response:
    """List visits, the newest first, with what each led to. For staff, in their jurisdiction."""
    caller = require(*READERS)
    registry, live = register(), _live()
    wanted = visits.Wanted(
        area=caller.narrowed(query.area),
        station=query.station,
        who=query.who,
        since=query.since,
    )
    numbers = visits.chosen(live.store, registry, wanted)
    found = visits.numbered(live.store, registry, numbers[: query.limit])
    photos = visits.Photos.beside(live.store.files)
    return replies.secret(
        {
            "visits": visits.records(live.store, registry, found, photos),
            "total": len(numbers),
            "synthetic": bool(registry.stations["synthetic"].any()),
        }
    )


def _live() -> LiveRegistry:
    live: LiveRegistry = current_app.extensions["stations.register"]
    return live
