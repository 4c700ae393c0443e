"""Who to send a rider to: stations in use that have what is needed, and where to go on from each.

README.md beside this file has the model. Distances are geodesic metres on WGS 84, straight lines;
minutes are estimated from them (`stations.travel`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stations.catalogue import catalogue
from stations.nearest.around import Doors
from stations.nearest.expected import PENALTY_MIN, UNKNOWN_SHARE
from stations.nearest.facts import facts
from stations.nearest.hits import UNKNOWN, Hit, Visit, way_there
from stations.nearest.nothing import Hits, Nothing, why_none
from stations.nearest.question import BY, OPEN, By, Open, Question, by_time, checked
from stations.nearest.search import Search
from stations.nearest.telling import Teller
from stations.travel import Travel, modes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from geodata.geodesy import LonLat
    from stations.nearest.fitting import Standing
    from stations.registry import Registry

__all__ = [
    "BY",
    "OPEN",
    "PENALTY_MIN",
    "UNKNOWN_SHARE",
    "By",
    "Hit",
    "Hits",
    "Nothing",
    "Open",
    "Visit",
    "find",
    "prepare",
]


ESTIMATES = Travel()
"""No roads: all minutes are estimates."""


def prepare(registry: Registry, travel: Travel = ESTIMATES) -> None:
    """Compute what is the same for every question to a snapshot (0.4 s at 200,000 stations).

    With a network also where stations meet its roads, and the ways to their neighbours, in every
    mode; see `stations.nearest.roads.WARMED`.
    """
    known = facts(registry)
    for mode in map(travel.mode, modes()):
        if network := travel.network(mode.code):
            known.steps(network, mode).warm(registry.stands.offering(())[1])


def find(
    registry: Registry,
    origin: LonLat,
    *,
    limit: int,
    needs: Sequence[str] = (),
    at: datetime | None = None,
    open_: Open = "any",
    mode: str = "walk",
    stay: float = 0.0,
    by: By | None = None,
    within_m: float = np.inf,
    access: Sequence[str] = (),
    ebike: bool = False,
    truck: bool = False,
    travel: Travel = ESTIMATES,
) -> Hits:
    """Return at most ``limit`` stations in use that offer all of ``needs``, the best first.

    Where there is none the answer says why (`Hits.why_none`).

    ``by`` distance: straight metres; by time: the expected minutes of a rider who sets out at
    ``at`` (aware). None: by time if doors have to be open, or ways are by road. Ties go to the
    lower id.

    ``open_`` "arrival": only doors not known to be shut at some minute of the ``stay`` (minutes)
    that begins on arrival; "now": that begins at ``at``. Doors whose hours are unknown come after
    all that are open; ways of more than a day are left out. "any": nothing is left out.

    ``access``: only stations whose way in on arrival is one of these codes; ``ebike``, ``truck``:
    only with a place to park one, known. Stations farther than ``within_m`` (inclusive) are left
    out, but may still be where to go on to. Without ``at`` no hit has a `Visit`, and only "any"
    by distance can be asked.

    A station that moves is found where it stands on arrival, and not at all where it stands nowhere
    then; without ``at`` at the nearest of all its places.

    ``limit`` below 1, a negative or NaN ``within_m``, a ``stay`` beyond a day, an unknown word or a
    naive ``at`` raise `UsageError`; an unknown amenity `UnknownAmenityError`.
    """
    network = travel.network(mode)
    asked = checked(
        Question(
            origin=origin,
            limit=limit,
            at=at,
            needs=catalogue().amenities.mask(needs),
            open_=open_,
            mode=travel.mode(mode),
            stay=stay,
            by_time=by_time(by, open_, timed=network is not None and at is not None),
            within_m=within_m,
            access=tuple(dict.fromkeys(access)),
            ebike=ebike,
            truck=truck,
            network=network,
        )
    )
    return _measured(registry, asked) if at is None else _visited(registry, asked, at)


def _measured(registry: Registry, asked: Question) -> Hits:
    """Answer by distance alone, but for stations no way leads to."""
    known = facts(registry)
    fitting = known.fitting(asked)
    ways, size = known.ways(asked, fitting), asked.limit
    while True:
        found, away = fitting.pins.nearest_to(asked.origin, size, within_m=asked.within_m)
        minutes = ways.here(found, away)
        kept = [each for each in zip(found, away, minutes, strict=True) if each[2] < np.inf]
        kept = _one_each(kept, fitting.standing)
        if len(kept) >= asked.limit or len(found) < size or ways.spent(None):
            hits = [
                Hit(
                    registry,
                    fitting.rows.item(one),
                    asked.mode,
                    way_there(asked.mode, straight_m, way, ways.road_m(None, one)),
                    UNKNOWN,
                    (),
                )
                for one, straight_m, way in kept[: asked.limit]
            ]
            return Hits(hits, None if hits else why_none(asked, fitting, ways))
        size *= 4


def _one_each(
    found: list[tuple[int, float, float]], standing: Standing
) -> list[tuple[int, float, float]]:
    """Leave of a station that moves the nearest of its places only."""
    if standing.moving.isdisjoint(each[0] for each in found):
        return found
    first: dict[int, tuple[int, float, float]] = {}
    for each in found:
        first.setdefault(standing.stations.item(each[0]), each)
    return list(first.values())


def _visited(registry: Registry, asked: Question, at: datetime) -> Hits:
    doors = Doors(registry, asked, at)
    search = Search(doors, asked)
    winners = search.run()
    if not winners:
        return Hits([], why_none(asked, doors.fitting, doors.ways))
    return Hits(Teller(registry, asked, doors, search).hits(winners))
