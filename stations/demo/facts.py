"""The facts the synthetic Yunnan is made from: ``stations/data/demo.toml``, read once.

The file says of every figure where it was published, or that it is assumed.
"""

from __future__ import annotations

import tomllib
from datetime import date  # noqa: TC003 - pydantic reads it
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict


class _Table(BaseModel):
    """One table of the file: every key known, none to spare."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StationFacts(_Table):
    """How many stations, and how they lie."""

    count: int
    least_per_county: int
    scattered: float
    spread_m: float
    core_spread_m: float
    scattered_spread_m: float
    spacing_m: float
    towns_per_county: int
    phone_known: float


class Weights(_Table):
    """How strongly each sort of county draws stations."""

    core: float
    city: float
    county: float


class Prefecture(_Table):
    """One prefecture: residents, telephone prefix, counties of its seat, the seat's centre."""

    residents: int
    dial: str
    seats: tuple[str, ...]
    centre: tuple[float, float]
    """Longitude and latitude, WGS 84."""


class Host(_Table):
    """One sort of host: its share within its group, its words, its hours and its pull."""

    group: str
    weight: float
    words: tuple[str, ...]
    hours: tuple[str, ...]
    smart: float
    mobile: float
    extended: float


class Hours(_Table):
    """Shares of the classes of hours."""

    all_day: float
    extended: float
    unknown: float


class AllDay(_Table):
    """Stations open round the clock."""

    expression: str
    smart: float


class Extended(_Table):
    """Stations with longer hours than their hosts'."""

    expressions: tuple[str, ...]
    smart: float


class Amenity(_Table):
    """Who has an amenity."""

    share: float
    likelier: frozenset[str]
    within: str | None = None


class Night(_Table):
    """Another way in at night."""

    share: float
    access: str
    expression: str


class OwnHours(_Table):
    """How many of an amenity's stations open it at hours of its own."""

    share: float
    expressions: tuple[str, ...]


class Closures(_Table):
    """Doors shut for some days."""

    share: float
    first: date
    days: int
    longest: int
    reasons: tuple[str, ...]


class Bays(_Table):
    """How many places for vehicles, fewest and most, by host."""

    known: float
    hosts: dict[str, tuple[int, int]]


class Moving(_Table):
    """Where mobile stations stand when."""

    share: float
    rounds: tuple[tuple[str, ...], ...]
    """Hours at each place of a round, the first of them the pin."""
    spread_m: float
    spacing_m: float
    dated: float
    first: date
    last: date
    names: tuple[str, ...]


class DoorFacts(_Table):
    """What is known of the doors besides their hours."""

    weekdays: float
    host_hours: float
    entrance: float
    entrance_m: tuple[float, float]
    night: Night
    asks: dict[str, dict[str, float]]
    amenity_hours: dict[str, OwnHours]
    closures: Closures
    ebike_parking: Bays
    truck_bays: Bays


class EvidenceFacts(_Table):
    """What people found at the stations."""

    days: int
    visits: float
    inspected: float
    inspections: tuple[int, int]
    works: tuple[float, float]
    named: float
    inspectors: tuple[str, ...]
    visitors: tuple[str, ...]
    failures: dict[str, float]


class Qidian(_Table):
    """The one park whose name and rough place follow the press."""

    name: str
    county: str
    centre: tuple[float, float]
    """Longitude and latitude, WGS 84."""
    km2: float
    workers: int


class ParkFacts(_Table):
    """How many parks, how large, how many workers."""

    count: int
    served: float
    kinds: tuple[str, ...]
    least_km2: float
    most_km2: float
    typical_km2: float
    two_parts: int
    three_parts: int
    holes: int
    least_workers: int
    most_workers: int
    workers_per_km2: float
    nearest_town_m: float
    farthest_town_m: float
    qidian: Qidian


class PostFacts(_Table):
    """How many border posts, and how far inside the line."""

    joint_defence: int
    police_room: int
    checkpoint: int
    aeds: int
    least_inside_m: float
    most_inside_m: float
    least_workers: int
    most_workers: int
    words: dict[str, str]


class Roads(_Table):
    """Names of roads that every town has."""

    names: tuple[str, ...]


class Facts(_Table):
    """The whole file; ``sources`` names the publications its comments refer to."""

    sources: dict[str, str]
    stations: StationFacts
    weights: Weights
    prefectures: dict[str, Prefecture]
    host_groups: dict[str, float]
    hosts: dict[str, Host]
    kinds: dict[str, float]
    kind_capacity: dict[str, tuple[int, int]]
    hours: Hours
    all_day: AllDay
    extended: Extended
    access: dict[str, dict[str, float]]
    statuses: dict[str, float]
    amenities: dict[str, Amenity]
    doors: DoorFacts
    moving: Moving
    evidence: EvidenceFacts
    parks: ParkFacts
    border_posts: PostFacts
    roads: Roads

    def host_weights(self) -> dict[str, float]:
        """Return each host's weight among all stations: its group's, divided within the group."""
        totals = dict.fromkeys(self.host_groups, 0.0)
        for host in self.hosts.values():
            totals[host.group] += host.weight
        return {
            name: self.host_groups[host.group] * host.weight / totals[host.group]
            for name, host in self.hosts.items()
        }


@cache
def facts() -> Facts:
    """Return the facts shipped with the program."""
    text = (files("stations") / "data" / "demo.toml").read_text("utf-8")
    return Facts.model_validate(tomllib.loads(text))
