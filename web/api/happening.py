"""What callers are told of activities, and the calendar people subscribe to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Response, current_app, request
from pydantic import Field

from stations import activities as domain
from stations.activities.listing import area_name
from stations.hours.clock import ZONE
from web.api.audited import live
from web.api.base import now, register
from web.api.queries import Query
from web.auth import Role

if TYPE_CHECKING:
    from datetime import datetime

    from stations.activities import Activity
    from stations.registry import Registry
    from web.auth import Caller
    from web.happening import Happening

HOLDERS = (Role.EDITOR, Role.INSPECTOR)
"""Who plans activities, in their areas."""
AHEAD = timedelta(days=30)
"""How far ahead a station's own answer looks."""
BACK = timedelta(days=90)
"""How far back the feed goes: what is over is still in the calendars of those who had it."""
MOST = 1_000
"""Events a feed holds; the last ones."""


class FeedQuery(Query):
    """Asks for a calendar."""

    area: str = Field("", pattern=r"^[0-9]{0,6}$", description="Leading digits of area codes.")
    station: str = Field("", max_length=200)


def upcoming(station: str) -> list[dict[str, Any]]:
    """Return what is planned at a station in the next days, as the public is told."""
    instant = now()
    wanted = domain.Wanted(stations={station}, since=instant, until=instant + AHEAD)
    found = domain.listed(happening(), {station: ""}, wanted)
    return [_short(each) for each in found if each.state == "planned"]


def feed(area: str, station: str) -> Response:
    """Answer the calendar of an area or a station, with an entity tag."""
    registry = register()
    ids = None
    if station:
        registry.position_of(station)
        ids = {station}
    wanted = domain.Wanted(area=area, stations=ids, since=now() - BACK)
    found = domain.listed(happening(), codes(registry), wanted)[-MOST:]
    body = domain.calendar_of(
        found,
        {each.station: _where(registry, each.station) for each in found},
        title=_feed_title(registry, area, station),
        host=domain.HOST,
    )
    answer = Response(body, content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers.set("Content-Disposition", "inline", filename="activities.ics")
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _feed_title(registry: Registry, area: str, station: str) -> str:
    if station:
        return f"{registry.station(station)['name']} 活动"
    return f"{area_name(area) if area else '工会驿站'} 活动"


def _where(registry: Registry, station: str) -> tuple[str, float, float]:
    row = registry.position_of(station)
    name = str(registry.stations["name"].iloc[row])
    return name, float(registry.lon[row]), float(registry.lat[row])


def codes(registry: Registry) -> dict[str, str]:
    """Return the area code of every station."""
    known: dict[str, str] = registry.derived(_code_of)
    return known


def _code_of(registry: Registry) -> dict[str, str]:
    known: dict[str, str] = registry.stations["area_code"].to_dict()
    return known


def happening() -> tuple[Activity, ...]:
    """Return every activity there is."""
    return following().now(live().store)[1]


def following() -> Happening:
    """Return what follows the activities of the store."""
    found: Happening = current_app.extensions["stations.happening"]
    return found


def told(each: Activity, registry: Registry, asking: Caller) -> dict[str, Any]:
    """Return an activity as `answers.ActivityTold`."""
    code = codes(registry)[each.station]
    reached = asking.reaches(code)
    return {
        **_short(each),
        "station": each.station,
        "station_name": str(registry.stations["name"].iloc[registry.position_of(each.station)]),
        "step": each.step,
        "came": each.came,
        "who": each.who if reached else "",
        "why": each.why if reached else "",
        "mine": reached and (asking.role is Role.ADMIN or asking.role in HOLDERS),
    }


def _short(each: Activity) -> dict[str, Any]:
    kind = domain.kinds().terms[each.kind]
    return {
        **{name: getattr(each, name) for name in _NAMES},
        "kind_title": {"zh": kind.zh, "en": kind.en},
        "starts": _written(each.starts),
        "ends": _written(each.ends),
    }


_NAMES = ("number", "kind", "title", "place", "holder", "state")


def _written(moment: datetime) -> str:
    return moment.astimezone(ZONE).isoformat(timespec="minutes")


def title(code: str, by: str) -> dict[str, str]:
    """Return what a row of sums is about."""
    if by == "kind":
        kind = domain.kinds().terms[code]
        return {"zh": kind.zh, "en": kind.en}
    name = area_name(code) if by == "county" else code
    return {"zh": name, "en": name}
