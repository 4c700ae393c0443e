"""The doors: calendars, hours of hosts and amenities, ways in, closures, bays, entrances."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from stations.catalogue import catalogue
from stations.demo.chance import dealt, drawn, picked
from stations.demo.places import Points, moved

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stations.demo.facts import Bays, Closures, DoorFacts, Facts, Host

    type Columns = Mapping[str, Sequence[Any]]

_SELF_BUILT = "self_built"


def build(
    rng: np.random.Generator,
    facts: Facts,
    places: Points,
    hosts: Sequence[str],
    columns: Columns,
) -> dict[str, list[object]]:
    """Draw the doors' columns; ``hosts`` are keys of the facts, ``columns`` what is drawn so far.

    A station is open long if its hours are round the clock or of the extended ones.
    """
    table, count = facts.doors, len(hosts)
    long_hours = {facts.all_day.expression, *facts.extended.expressions}
    late = [hours in long_hours for hours in columns["opening_hours"]]
    lon, lat = _entrances(rng, table, places)
    shares = {"weekdays": table.weekdays, "workdays": 1 - table.weekdays}
    return {
        "calendar": list(dealt(rng, count, shares)),
        "host_hours": _host_hours(rng, table, facts.hosts, hosts, columns["opening_hours"]),
        "amenity_hours": _amenity_hours(rng, table, columns["amenities"]),
        "closures": _closures(rng, table.closures, count),
        "access_hours": _access_hours(rng, table, columns["access"], late),
        "door_asks": _door_asks(rng, table, columns["access"]),
        "ebike_parking": _bays(rng, table.ebike_parking, hosts),
        "truck_bays": _bays(rng, table.truck_bays, hosts),
        "entrance_lon": lon,
        "entrance_lat": lat,
    }


def _some(rng: np.random.Generator, rows: Sequence[int], share: float) -> list[int]:
    """Return a share of the rows, exactly, ascending."""
    chosen = drawn(rng, np.ones(len(rows)), round(share * len(rows)))
    return [rows[position] for position in np.sort(chosen).tolist()]


def _host_hours(
    rng: np.random.Generator,
    table: DoorFacts,
    sorts: Mapping[str, Host],
    hosts: Sequence[str],
    own: Sequence[str],
) -> list[object]:
    hours: list[object] = [""] * len(hosts)
    silent = [row for row, host in enumerate(hosts) if host != _SELF_BUILT and not own[row]]
    for row in _some(rng, silent, table.host_hours):
        hours[row] = picked(rng, 1, sorts[hosts[row]].hours)[0]
    return hours


def _amenity_hours(
    rng: np.random.Generator, table: DoorFacts, amenities: Sequence[str]
) -> list[object]:
    found: list[dict[str, str]] = [{} for _ in amenities]
    for code in filter(table.amenity_hours.get, catalogue().amenities.terms):
        own = table.amenity_hours[code]
        having = [row for row, codes in enumerate(amenities) if code in codes.split(";")]
        rows = _some(rng, having, own.share)
        for row, expression in zip(rows, picked(rng, len(rows), own.expressions), strict=True):
            found[row][code] = expression
    return [_json(hours) for hours in found]


def _closures(rng: np.random.Generator, table: Closures, count: int) -> list[object]:
    closures: list[object] = [""] * count
    rows = _some(rng, range(count), table.share)
    for row, reason in zip(rows, picked(rng, len(rows), table.reasons), strict=True):
        first = table.first + timedelta(days=int(rng.integers(table.days + 1)))
        last = first + timedelta(days=int(rng.integers(table.longest)))
        closures[row] = _json([{"from": str(first), "to": str(last), "reason": reason}])
    return closures


def _access_hours(
    rng: np.random.Generator, table: DoorFacts, access: Sequence[str], late: Sequence[bool]
) -> list[object]:
    hours: list[object] = [""] * len(access)
    night = table.night
    others = [row for row, mode in enumerate(access) if late[row] and mode != night.access]
    for row in _some(rng, others, night.share):
        hours[row] = _json({night.access: night.expression})
    return hours


def _door_asks(rng: np.random.Generator, table: DoorFacts, access: Sequence[str]) -> list[object]:
    asks = np.full(len(access), "", dtype=object)
    modes = np.array(access, dtype=object)
    for mode, shares in table.asks.items():
        rows = modes == mode
        asks[rows] = dealt(rng, int(rows.sum()), shares)
    asks[asks == "none"] = ""
    return list(asks)


def _bays(rng: np.random.Generator, table: Bays, hosts: Sequence[str]) -> list[object]:
    fewest, most = np.array([table.hosts.get(host, (0, 0)) for host in hosts]).T
    number = rng.integers(fewest, most + 1).tolist()
    known = set(_some(rng, range(len(hosts)), table.known))
    return [each if row in known else None for row, each in enumerate(number)]


def _entrances(
    rng: np.random.Generator, table: DoorFacts, places: Points
) -> tuple[list[object], list[object]]:
    """Return longitudes and latitudes to 6 decimals, None where none is recorded."""
    count = len(places.lon)
    door = moved(places, rng.uniform(0, 360, count), rng.uniform(*table.entrance_m, count))
    recorded = set(_some(rng, range(count), table.entrance))
    lon, lat = (
        [value if row in recorded else None for row, value in enumerate(axis.tolist())]
        for axis in (door.lon, door.lat)
    )
    return lon, lat


def _json(value: dict[str, str] | list[dict[str, str]]) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""
