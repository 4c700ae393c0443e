"""The stations themselves: where each lies, who hosts it, what it is, has and asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from stations.catalogue import catalogue
from stations.demo import doors, moving
from stations.demo.chance import dealt, drawn, picked, serials, shared_out
from stations.demo.frames import MARK, framed
from stations.demo.places import Points, scattered
from stations.schema import STATION_COLUMNS

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.demo.chance import ObjectArray
    from stations.demo.facts import Amenity, Facts
    from stations.demo.parks import Parks
    from stations.demo.places import Counties

_PARK = "park"
_LIKELIER = 4.0
_NO_NUMBER = "0000"  # no Chinese subscriber number begins with 0


@dataclass(frozen=True)
class Homes:
    """Where each station belongs; one row for each."""

    county: IntArray
    """Row of the county."""
    park: IntArray
    """Row of the park; -1 for a station that is not a park's."""


@dataclass(frozen=True)
class Traits:
    """What the other columns follow from; one row for each station."""

    host: ObjectArray
    kind: ObjectArray


class Streams(NamedTuple):
    """Where the chance for each part of the register comes from."""

    places: np.random.Generator
    traits: np.random.Generator
    doors: np.random.Generator
    moves: np.random.Generator


def build(
    streams: Streams,
    facts: Facts,
    counties: Counties,
    parks: Parks,
) -> gpd.GeoDataFrame:
    """Draw the register."""
    home = np.repeat(np.arange(len(counties.codes)), counties.quota)
    count = shared_out(facts.stations.count, list(facts.host_weights().values()))
    at_parks = dict(zip(facts.hosts, count.tolist(), strict=True))[_PARK]
    homes = Homes(home, _park_of(parks, home, at_parks))
    places = _placed(streams.places, facts, counties, parks, homes)
    traits = _traits(streams.traits, facts, homes.park >= 0)
    ids = [
        f"YN{counties.codes[row]}-{serial:04d}"
        for row, serial in zip(home.tolist(), serials(home), strict=True)
    ]
    columns = _columns(streams.traits, facts, counties, home, traits)
    columns |= doors.build(streams.doors, facts, places, traits.host.tolist(), columns)
    codes = counties.codes[home]
    columns["places"] = moving.build(streams.moves, facts.moving, places, codes, traits.kind)
    return framed(ids, shapely.points(places.lon, places.lat), columns, schema=STATION_COLUMNS)


def _park_of(parks: Parks, home: IntArray, count: int) -> IntArray:
    """Give ``count`` stations to the served parks in turn; -1 for all the others.

    A park's stations are the first ones of its county.
    """
    turn = np.arange(count)
    park = parks.served[turn % len(parks.served)]
    first = np.searchsorted(home, parks.home[park])
    owner = np.full(len(home), -1)
    owner[first + turn // len(parks.served)] = park
    return owner


def _placed(
    rng: np.random.Generator,
    facts: Facts,
    counties: Counties,
    parks: Parks,
    homes: Homes,
) -> Points:
    """Place every station round a town of its county, or at its park."""
    table, home = facts.stations, homes.county
    chances = 0.5 ** np.arange(1, table.towns_per_county + 1)
    town = rng.choice(table.towns_per_county, size=len(home), p=chances / chances.sum())
    anchors = Points(counties.town_lon[home, town], counties.town_lat[home, town])
    in_core = np.array(counties.core)[home] & (town == 0)
    spread_m = np.where(in_core, table.core_spread_m, table.spread_m)
    far = drawn(rng, np.ones(len(home)), round(table.scattered * len(home)))
    spread_m[far] = table.scattered_spread_m
    at_park = np.flatnonzero(homes.park >= 0)
    park = homes.park[at_park]
    anchors.put(at_park, parks.centre.at(park))
    spread_m[at_park] = parks.radius_m[park] / 2
    codes = counties.codes[home]
    return scattered(rng, anchors, spread_m, codes, spacing_m=table.spacing_m)


def _traits(rng: np.random.Generator, facts: Facts, at_park: BoolArray) -> Traits:
    """Deal hosts, then draw the smart and the mobile by their hosts' pull."""
    weights = facts.host_weights()
    counts = shared_out(len(at_park), list(weights.values())).astype(np.float64).tolist()
    left = dict(zip(weights, counts, strict=True))
    left[_PARK] = 0.0
    host = np.full(len(at_park), _PARK, dtype=object)
    host[~at_park] = dealt(rng, int((~at_park).sum()), left)
    shares = [*facts.kinds.values(), 1 - sum(facts.kinds.values())]
    kind = np.full(len(host), "standard", dtype=object)
    for name, number in zip(facts.kinds, shared_out(len(host), shares).tolist(), strict=False):
        pull = _each(host, {code: getattr(row, name) for code, row in facts.hosts.items()})
        pull[kind != "standard"] = 0
        kind[drawn(rng, pull, number)] = name
    return Traits(host, kind)


def _each(words: ObjectArray, values: dict[str, float]) -> FloatArray:
    return np.array([values[word] for word in words])


def _columns(
    rng: np.random.Generator,
    facts: Facts,
    counties: Counties,
    home: IntArray,
    traits: Traits,
) -> dict[str, list[object]]:
    labels = [counties.labels[row] for row in home]
    hosts = _hosts(rng, facts, labels, traits)
    return {
        "name": [
            f"{label}工会驿站·{host}{MARK}" for label, host in zip(labels, hosts, strict=True)
        ],
        "kind": traits.kind.tolist(),
        "amenities": _amenities(rng, facts, traits),
        "opening_hours": _hours(rng, facts, traits),
        "access": _access(rng, facts, traits.kind),
        "host": hosts,
        "capacity": _capacity(rng, facts, traits.kind),
        "area_code": [str(code) for code in counties.codes[home]],
        "status": _statuses(rng, facts, len(home)),
        "phone": _phones(rng, facts, counties.codes[home]),
    }


def _hosts(
    rng: np.random.Generator, facts: Facts, labels: list[str], traits: Traits
) -> list[object]:
    roads = picked(rng, len(labels), facts.roads.names)
    number = rng.random(len(labels))
    words = [facts.hosts[host].words for host in traits.host]
    return [
        choice[int(n * len(choice))].format(road=road, place=label)
        for choice, n, road, label in zip(words, number, roads, labels, strict=True)
    ]


def _hours(rng: np.random.Generator, facts: Facts, traits: Traits) -> list[object]:
    """Deal the classes of hours, exactly; who is in none keeps the host's hours."""
    count = len(traits.host)
    shares = facts.hours
    rest = 1 - shares.all_day - shares.extended - shares.unknown
    all_day, extended, unknown, _ = shared_out(
        count, [shares.all_day, shares.extended, shares.unknown, rest]
    ).tolist()
    number = rng.random(count)
    choices = [facts.hosts[host].hours for host in traits.host]
    hours = np.array([c[int(n * len(c))] for c, n in zip(choices, number, strict=True)], object)
    free = np.ones(count)
    for rows in _all_day(rng, facts, traits, all_day):
        hours[rows] = facts.all_day.expression
        free[rows] = 0
    pull = _each(traits.host, {code: host.extended for code, host in facts.hosts.items()})
    pull *= np.where(traits.kind == "smart", facts.extended.smart, 1.0) * free
    rows = drawn(rng, pull, extended)
    hours[rows] = picked(rng, extended, facts.extended.expressions)
    free[rows] = 0
    hours[drawn(rng, free, unknown)] = ""
    return list(hours)


def _all_day(
    rng: np.random.Generator, facts: Facts, traits: Traits, count: int
) -> tuple[IntArray, IntArray]:
    """Draw who is open round the clock: smart stations and petrol stations."""
    smart = traits.kind == "smart"
    at_smart, at_petrol = shared_out(count, [facts.all_day.smart, 1 - facts.all_day.smart])
    petrol = (traits.host == "petrol") & (traits.kind == "standard")
    return (
        drawn(rng, smart.astype(np.float64), int(at_smart)),
        drawn(rng, petrol.astype(np.float64), int(at_petrol)),
    )


def _amenities(rng: np.random.Generator, facts: Facts, traits: Traits) -> list[object]:
    has: dict[str, BoolArray] = {}
    for code, amenity in facts.amenities.items():
        weights = _likelihood(amenity, traits)
        if amenity.within is not None:
            weights *= has[amenity.within]
        has[code] = np.zeros(len(weights), dtype=np.bool_)
        has[code][drawn(rng, weights, round(amenity.share * len(weights)))] = True
    known = [code for code in catalogue().amenities.terms if code in has]
    offered = np.column_stack([has[code] for code in known])
    codes = np.array(known, dtype=object)
    return [";".join(codes[row]) for row in offered]


def _likelihood(amenity: Amenity, traits: Traits) -> FloatArray:
    words = list(amenity.likelier)
    likelier = np.isin(traits.kind, words) | np.isin(traits.host, words)
    return np.where(likelier, _LIKELIER, 1.0)


def _access(rng: np.random.Generator, facts: Facts, kind: ObjectArray) -> list[object]:
    access = np.full(len(kind), "", dtype=object)
    for name, shares in facts.access.items():
        rows = kind == name
        access[rows] = dealt(rng, int(rows.sum()), shares)
    access[access == "unknown"] = ""
    return list(access)


def _capacity(rng: np.random.Generator, facts: Facts, kind: ObjectArray) -> list[object]:
    fewest, most = np.array([facts.kind_capacity[name] for name in kind]).T
    return list(rng.integers(fewest, most + 1))


def _statuses(rng: np.random.Generator, facts: Facts, count: int) -> list[object]:
    shares = {**facts.statuses, "active": 1 - sum(facts.statuses.values())}
    return list(dealt(rng, count, shares))


def _phones(rng: np.random.Generator, facts: Facts, codes: IntArray) -> list[object]:
    """Make up numbers nobody can have; the rest are unknown."""
    dial = {int(code): prefecture.dial for code, prefecture in facts.prefectures.items()}
    number = rng.integers(10_000, size=len(codes))
    known = np.zeros(len(codes), dtype=np.bool_)
    share = facts.stations.phone_known
    known[drawn(rng, np.ones(len(codes)), round(share * len(codes)))] = True
    return [
        f"{dial[code // 100]}-{_NO_NUMBER}{n:04d}" if is_known else ""
        for code, n, is_known in zip(codes.tolist(), number.tolist(), known, strict=True)
    ]
