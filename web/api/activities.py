"""Activities at stations: shown to everybody, planned by those responsible for the area."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from apiflask import FileSchema
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from geodata import files
from geodata.errors import MissingError, UsageError
from stations import activities as domain
from stations.errors import StationMissingError, StoreConflictError
from stations.hours.clock import aware
from web.api import reading, replies
from web.api.answers.activities import Activities, ActivitySums, ActivityTold
from web.api.audited import live
from web.api.base import endpoint, now, register
from web.api.bodies import posted
from web.api.bodies import sent as read
from web.api.exports import TYPES
from web.api.happening import HOLDERS, codes, following, happening, title, told
from web.api.queries import Count, Query
from web.api.steps import signed
from web.auth import Role, caller, require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Response

    from stations.activities import Activity
    from stations.registry import Registry
    from stations.store import ActivityStep
    from web.auth import Caller

LARGEST = 16 * 1024
MOST = 1_000
MOST_STATIONS = 50
TRIES = 3
EXAMPLE = (
    '{"station": "YN530102-0001", "kind": "health_check", "title": "冬季义诊", '
    '"starts": "2026-11-25T14:00+08:00", "ends": "2026-11-25T16:00+08:00", "key": "…"}'
)
EXAMPLE_STEP = '{"step": "held", "came": 35, "key": "…"}'
_LEADING = r"^[0-9]{0,6}$"


def _instant(text: object) -> object:
    return reading.instant(text) if isinstance(text, str) else text


Instant = Annotated[datetime | None, BeforeValidator(_instant)]


class _Which(Query):
    area: str = Field("", pattern=_LEADING, description="Leading digits of area codes.")
    since: Instant = Field(None, description="Not those over by then; without a zone, Beijing.")
    until: Instant = Field(None, description="Not those that begin then or later.")


class ActivitiesQuery(_Which):
    """Asks for activities."""

    station: str = Field("", max_length=200, description="Only at this one.")
    stations: str = Field(
        "", max_length=2_000, description=f"Or at these: ids, one a line, {MOST_STATIONS} at most."
    )
    limit: Count = Field(100, ge=1, le=MOST, description="How many at most.")
    state: Literal["", "planned", "called_off", "held"] = ""


class SumsQuery(_Which):
    """Asks how many came."""

    by: Literal["month", "county", "kind"] = "month"


class SheetQuery(_Which):
    """Asks for a sheet of activities."""

    format: Literal["xlsx"] = "xlsx"


class ActivitySaid(BaseModel):
    """What an activity is, and when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(max_length=80, description="A code, or its word.")
    title: str = Field(max_length=200)
    starts: datetime = Field(description="Without a zone: Beijing time.")
    ends: datetime
    place: str = Field("", max_length=400)
    holder: str = Field("", max_length=400)


class ActivitySent(ActivitySaid):
    """An activity to be planned."""

    station: str = Field(max_length=200)
    key: str = Field(min_length=1, max_length=100, description="Sent again, it counts once.")
    why: str = Field("", max_length=500)
    who: str = Field("", max_length=100, description="For the staff token.")


class ActivityStepSent(BaseModel):
    """What became of an activity."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: Literal["call_off", "held", "change"]
    key: str = Field(min_length=1, max_length=100, description="Sent again, it counts once.")
    came: int | None = Field(None, description="held: how many people.")
    said: ActivitySaid | None = Field(None, description="change: all of it, anew.")
    why: str = Field("", max_length=500, description="Required, but the first time for held.")
    who: str = Field("", max_length=100, description="For the staff token.")
    after: int | None = Field(None, description="The newest step known; 409 if there is a newer.")


@endpoint("/activities", ActivitiesQuery, Activities)
def activities(query: ActivitiesQuery) -> Response:
    """List activities at stations by their start: health checks, haircuts, legal advice.

    For everybody; who recorded them, and why, is told to those responsible for the area.
    """
    registry, asking = register(), caller()
    found = [
        each for each in _listed(registry, query, _ids(query)) if query.state in {"", each.state}
    ]
    kinds = [{"code": each.code, "zh": each.zh, "en": each.en} for each in domain.kinds()]
    shown = [told(each, registry, asking) for each in found[: query.limit]]
    answer = replies.by_content({"total": len(found), "activities": shown, "kinds": kinds})
    if asking.role is not Role.PUBLIC:
        answer.headers["Cache-Control"] = "private, no-store"
    return answer


@endpoint("/activities/sums", SumsQuery, ActivitySums)
def activity_sums(query: SumsQuery) -> Response:
    """Count activities and how many came, by month, county or kind."""
    registry = register()
    rows = domain.sums(_listed(registry, query, None), codes(registry), query.by)
    titled = [row | {"title": title(row["code"], query.by)} for row in rows]
    totals = {name: sum(row[name] for row in rows) for name in ("held", "came")}
    return replies.by_content({"rows": titled, **totals})


@endpoint(
    "/activities/file", SheetQuery, FileSchema(type="string", format="binary"),
    content_type=TYPES["xlsx"],
)  # fmt: skip
def activity_sheet(query: SheetQuery) -> Response:
    """Send activities as a sheet, with how many came each month. For staff, in their area."""
    asking = require(Role.INSPECTOR, Role.PLANNER, Role.EDITOR)
    registry = register()
    narrowed = query.model_copy(update={"area": asking.narrowed(query.area)})
    found = _listed(registry, narrowed, None)
    names = registry.stations["name"]
    frame = domain.sheet(found, codes(registry), names)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "activities.xlsx"
        files.write(frame, path)
        answer = replies.secret_bytes(path.read_bytes(), content_type=TYPES["xlsx"])
    answer.headers.set("Content-Disposition", "attachment", filename="activities.xlsx")
    return answer


@posted("/activities", ActivitySent, ActivityTold, 201)
def plan_activity() -> Response:
    """Plan an activity at a station. For editors and inspectors, in their area."""
    asking = require(*HOLDERS)
    sent = read(ActivitySent, LARGEST, EXAMPLE)
    registry = register()
    _require_mine(registry, sent.station)
    said = _planned(sent)
    step = domain.planned(
        said, sent.station, who=signed(asking, sent.who), at=now(), key=sent.key, why=sent.why
    )
    made = _recorded(sent.key, lambda _: step)
    return _answered(_activity(made, registry, happening()), registry, asking)


@posted("/activities/<int:number>/steps", ActivityStepSent, ActivityTold, 201)
def activity_step(number: int) -> Response:
    """Call an activity off, say how many came, or change it. For those of its area."""
    asking = require(*HOLDERS)
    sent = read(ActivityStepSent, LARGEST, EXAMPLE_STEP)
    registry = register()
    _require_mine(registry, _activity(number, registry, happening()).station)
    who = signed(asking, sent.who)

    def decide(known: Iterable[Activity]) -> ActivityStep:
        activity = _activity(number, registry, known)
        if sent.after is not None and sent.after != activity.step:
            raise StoreConflictError(
                f"activity {number} has a newer step, by {activity.who}; look at it again"
            )
        return _decided(activity, sent, who)

    _recorded(sent.key, decide)
    return _answered(_activity(number, registry, happening()), registry, asking)


def _ids(query: ActivitiesQuery) -> set[str] | None:
    lines = {*query.stations.splitlines(), query.station} - {""}
    if len(lines) > MOST_STATIONS:
        raise UsageError(f"stations: {MOST_STATIONS} ids at most")
    return lines or None


def _listed(registry: Registry, query: _Which, ids: set[str] | None) -> list[Activity]:
    wanted = domain.Wanted(query.area, ids, query.since, query.until)
    return domain.listed(happening(), codes(registry), wanted)


def _activity(number: int, registry: Registry, known: Iterable[Activity]) -> Activity:
    for each in known:
        if each.number == number and each.station in codes(registry):
            return each
    raise MissingError(f"no activity {number}")


def _require_mine(registry: Registry, station: str) -> None:
    known = codes(registry)
    if station not in known:
        raise StationMissingError(f"no station {station[:80]!r}")
    require(*HOLDERS, area_code=known[station])


def _planned(said: ActivitySaid) -> domain.Planned:
    return domain.Planned(
        said.kind, said.title, _aware(said.starts), _aware(said.ends), said.place, said.holder
    )


def _aware(moment: datetime) -> datetime:
    return aware(moment) if moment.tzinfo is None else moment


def _decided(activity: Activity, sent: ActivityStepSent, who: str) -> ActivityStep:
    at = now()
    match sent.step:
        case "call_off":
            return domain.called_off(activity, who=who, at=at, key=sent.key, why=sent.why)
        case "held":
            if sent.came is None:
                raise UsageError(f"came: how many people, as in {EXAMPLE_STEP}")
            return domain.held(activity, sent.came, who=who, at=at, key=sent.key, why=sent.why)
        case "change":
            if sent.said is None:
                raise UsageError("said: the activity as it is to be, all of it")
            said = _planned(sent.said)
            return domain.changed(activity, said, who=who, at=at, key=sent.key, why=sent.why)


def _recorded(key: str, decide: Callable[[Iterable[Activity]], ActivityStep]) -> int:
    """Record the step decided on by all activities as they are; return its number.

    If anybody took another step meanwhile it is decided anew. What a key stands for already is
    decided by what was so before it: sent again it comes to the same, and counts once.
    """
    store = live().store
    for left in reversed(range(TRIES)):
        base, known = following().now(store)
        if (before := store.activity_steps_before(key)) is not None:
            known = tuple(domain.activities_of(before))
        try:
            return store.add_activity_step(decide(known), base=base)
        except StoreConflictError:
            if not left or store.activities_number() == base:
                raise
    raise AssertionError


def _answered(activity: Activity, registry: Registry, asking: Caller) -> Response:
    answer = replies.secret(told(activity, registry, asking))
    answer.status_code = 201
    return answer
