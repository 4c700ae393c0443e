"""The stations of an area, made small: hours as lines over the coming days, links as forms.

A phone that has them finds the nearest by itself and tells nobody where it is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata import boundaries, datum
from stations import navigation
from stations.catalogue import catalogue
from stations.hours import Timetable
from stations.hours.clock import wall
from stations.hours.posted import line_of
from stations.nearest.expected import PENALTY_MIN, UNKNOWN_SHARE
from stations.nearest.facts import SOURCE
from stations.travel import modes
from web.api.records import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from geodata.geodesy import FloatArray, IntArray
    from stations.hours import Posted
    from stations.registry import Registry
    from stations.travel import Travel

MOST = 1_200
"""Stands one package holds: some 50 kB when compressed."""
DAYS = 8
"""Days the hours are told for: a week from any minute of the first."""
STEP = 1e-5
"""Degrees: positions are told to a metre."""
TRUST_DIGITS = 2
HOUR = timedelta(hours=1)


class Lines:
    """The distinct lines of some doors, numbered as they are met."""

    def __init__(self, first: date) -> None:
        self._first = first
        self._numbers: dict[tuple[int, ...], int] = {}

    def number(self, posted: Posted) -> int:
        """Return the number of a door's line."""
        line = line_of(posted, self._first, DAYS)
        told = np.column_stack((line.starts, line.states)).ravel().tolist()
        return self._numbers.setdefault(tuple(told), len(self._numbers))

    def told(self) -> list[list[int]]:
        """Return the lines by number: start and state in turn."""
        return [list(line) for line in self._numbers]


def stands_of(registry: Registry, area: str, around: int | None) -> tuple[IntArray, int]:
    """Return the stands in use in an area, ascending, and how many are left out.

    More than `MOST` are those nearest to the station in row ``around``; None: the first by id.
    """
    stands = registry.stands
    of_area = registry.stations["area_code"].str.startswith(area).to_numpy(dtype=bool)
    rows = stands.active[of_area[stands.station[stands.active]]]
    over = max(len(rows) - MOST, 0)
    if over and around is not None:
        lon, lat = registry.lon[around], registry.lat[around]
        east = (stands.lon[rows] - lon) * np.cos(np.deg2rad(lat))
        away = np.hypot(east, stands.lat[rows] - lat)
        rows = rows[np.argsort(away, kind="stable")]
    return np.sort(rows[:MOST]), over


def package(
    registry: Registry, area: str, rows: IntArray, now: datetime, travel: Travel
) -> dict[str, Any]:
    """Return what a phone takes along, of these stands, weighed at ``now``, the end of an hour."""
    first = wall(now - HOUR).date()
    lines = Lines(first)
    lon, lat = registry.stands.lon[rows], registry.stands.lat[rows]
    origin = (float(lon.mean().round(5)), float(lat.mean().round(5))) if len(rows) else (0.0, 0.0)
    records = [shown(registry.stand(row)) for row in rows.tolist()]
    columns, told = _columns(registry, rows, records, now)
    columns["hours"] = [
        lines.number(registry.stands.timetable.posted(row)) for row in rows.tolist()
    ]
    columns |= {"east": _steps(lon - origin[0]), "north": _steps(lat - origin[1])}
    ends = registry.stands.destinations.wgs84[rows]
    columns |= _shifted(ends)
    few = _few(registry, rows, records, lines, ends - np.column_stack((lon, lat)))
    return {
        "area": area,
        "name": boundaries.name_of(area),
        "revision": registry.revision,
        "synthetic": any(columns["synthetic"]),
        "weighed_at": now.isoformat(),
        "first_day": first.isoformat(),
        "days": DAYS,
        "origin": origin,
        "minutes_per_m": {code: travel.mode(code).minutes_per_m for code in modes()},
        "give_up_min": PENALTY_MIN,
        "unknown_share": UNKNOWN_SHARE,
        "links": [form._asdict() for form in navigation.forms() if "{bd_" not in form.url],
        "source": SOURCE,
        "amenities": list(catalogue().amenities.terms),
        "lines": lines.told(),
        "told": [{"zh": zh, "en": en} for zh, en in told],
        "stations": columns,
        "few": few,
    }


def hour_of(now: datetime) -> datetime:
    """Return the hour's end: what is told is told of it, so that it is the same for an hour."""
    return now.replace(minute=0, second=0, microsecond=0) + HOUR


def _columns(
    registry: Registry, rows: IntArray, records: list[dict[str, Any]], now: datetime
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return what every stand has, and the words about trust that are referred to."""
    numbers = {code: number for number, code in enumerate(catalogue().amenities.terms)}
    station = registry.stands.station[rows].tolist()
    standings = [registry.standing(row, now) for row in station]
    words: dict[tuple[str, str], int] = {}
    columns: dict[str, Any] = {
        name: [record[name] for record in records] for name in ("id", "name", "kind", "access")
    }
    columns["amenities"] = [[numbers[code] for code in each["amenities"]] for each in records]
    columns["trust"] = [round(each.probability, TRUST_DIGITS) for each in standings]
    columns["told"] = [words.setdefault((each.zh, each.en), len(words)) for each in standings]
    columns["synthetic"] = [int(record["synthetic"]) for record in records]
    return columns, list(words)


def _few(
    registry: Registry,
    rows: IntArray,
    records: list[dict[str, Any]],
    lines: Lines,
    doors: FloatArray,
) -> dict[str, Any]:
    """Return what few stands have, each by its number among ``rows``."""
    stands = registry.stands
    few: dict[str, dict[str, Any]] = {name: {} for name in _FEW}
    for number, (row, record) in enumerate(zip(rows.tolist(), records, strict=True)):
        calendar = record["calendar"]
        told = {
            "door": _steps(doors[number]) if np.abs(doors[number]).max() >= STEP else None,
            "amenity_hours": {
                code: lines.number(stands.timetable_for([code]).posted(row))
                for code in record["amenity_hours"]
            },
            "ways": {
                code: lines.number(Timetable.of([hours], calendar).posted(0))
                for code, hours in record["access_hours"].items()
            },
            "asks": record["door_asks"],
            "there": lines.number(stands.there.posted(row)) if stands.place(row) else None,
            "ebike_parking": record["ebike_parking"],
            "truck_bays": record["truck_bays"],
        }
        for name, value in told.items():
            if value or value == 0:
                few[name][str(number)] = value
    return few


_FEW = ("door", "amenity_hours", "ways", "asks", "there", "ebike_parking", "truck_bays")


def _shifted(ends: FloatArray) -> Mapping[str, list[int]]:
    if not len(ends):
        return {"gcj_east": [], "gcj_north": []}
    lon, lat = datum.from_wgs84(ends[:, 0], ends[:, 1], "gcj02")
    return {"gcj_east": _steps(lon - ends[:, 0]), "gcj_north": _steps(lat - ends[:, 1])}


def _steps(degrees: FloatArray) -> list[int]:
    steps: list[int] = np.rint(degrees / STEP).astype(np.int64).tolist()
    return steps
