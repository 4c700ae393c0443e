"""Activities as an iCalendar feed (RFC 5545): subscribe once, and changes arrive by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from icalendar import Calendar, Event, Timezone, TimezoneStandard

from stations.activities.kinds import kinds
from stations.hours.clock import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stations.activities.reading import Activity

PRODUCT = "-//worker-stations//activities//ZH"
ZONE_NAME = "Asia/Shanghai"
HOST = "stations.invalid"
"""What usually ends the events' names: the same wherever a register is served."""


def calendar_of(
    activities: Iterable[Activity],
    stations: Mapping[str, tuple[str, float, float]],
    *,
    title: str,
    host: str,
) -> bytes:
    """Return a calendar of activities, in their order; the same ones give the same bytes.

    ``stations`` has the name, longitude and latitude (WGS 84) of each station; ``host`` ends the
    events' names, which are for good. What was called off stays in, marked so: a calendar that
    left it out would leave it standing at whoever has it already.
    """
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("calscale", "GREGORIAN")
    made.add("x-wr-calname", title)
    made.add("x-wr-timezone", ZONE_NAME)
    made.add_component(_zone())
    for each in activities:
        made.add_component(_event(each, stations[each.station], host))
    return bytes(made.to_ical())


@cache
def _zone() -> Timezone:
    """Return the zone's only rule in force, since 1991."""
    rule = TimezoneStandard()
    rule.add("dtstart", datetime(1991, 9, 15, 2))  # noqa: DTZ001 - local time is what it wants
    rule.add("tzoffsetfrom", timedelta(hours=8))
    rule.add("tzoffsetto", timedelta(hours=8))
    rule.add("tzname", "CST")
    zone = Timezone()
    zone.add("tzid", ZONE_NAME)
    zone.add_component(rule)
    return zone


def _event(activity: Activity, at: tuple[str, float, float], host: str) -> Event:
    name, lon, lat = at
    made = Event()
    made.add("uid", f"activity-{activity.number}@{host}")
    made.add("sequence", activity.changes)
    made.add("dtstamp", activity.changed_at.astimezone(UTC))
    made.add("created", activity.planned_at.astimezone(UTC))
    made.add("last-modified", activity.changed_at.astimezone(UTC))
    made.add("dtstart", activity.starts.astimezone(ZONE))
    made.add("dtend", activity.ends.astimezone(ZONE))
    made.add("summary", activity.title)
    made.add("location", f"{name} {activity.place}".strip())
    made.add("geo", (lat, lon))
    kind = kinds().terms[activity.kind]
    made.add("categories", [kind.zh, kind.en])
    made.add("description", "\n".join(filter(None, (kind.zh, activity.holder))))
    made.add("status", "CANCELLED" if activity.state == "called_off" else "CONFIRMED")
    return made
