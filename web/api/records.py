"""A station's record as callers get it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from orjson import Fragment

from stations.catalogue import catalogue
from stations.hours import next_change, state_at, told
from stations.hours.clock import wall
from stations.nearest.facts import SOURCE, facts
from stations.trust import OUTCOMES
from web.api import replies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from stations.nearest import Hit
    from stations.nearest.reasons import Said
    from stations.registry import Move, Registry

_ONCE = object()
"""Stands for what was told once; it is written apart from the second time on."""
_WRITTEN = 8_192
"""How many stations are kept written, some 4 kB each."""
TRUST_DIGITS = 3
"""Digits of a trust: more would change every minute and say nothing."""


def shown(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a registry's record, the texts that hold lists and objects read."""
    return {
        **record,
        "amenity_hours": _object(record["amenity_hours"]),
        "access_hours": _object(record["access_hours"]),
        "closures": _list(record["closures"]),
        "door_asks": record["door_asks"].split(";") if record["door_asks"] else [],
        "places": _list(record["places"]),
        "place": record.get("place"),
    }


@lru_cache(maxsize=4_096)
def _object(text: str) -> dict[str, str]:
    return dict(json.loads(text)) if text else {}


@lru_cache(maxsize=4_096)
def _list(text: str) -> list[dict[str, Any]]:
    return list(json.loads(text)) if text else []


class Part(NamedTuple):
    """What no question changes of a station, written."""

    record: Fragment
    """The record from its id's value on: as that value it opens the object of a hit."""
    links: Fragment
    synthetic: bool


class Written:
    """The parts of the stations asked about; shared by all threads."""

    def __init__(self, _registry: Registry) -> None:
        self._parts: dict[tuple[int, str], Part] = {}
        """By row of the stands, and mode."""

    def moved(self, registry: Registry, move: Move) -> Written:
        """Return what is written of the stations that the next snapshot has unchanged."""
        made, to = Written(registry), move.to.tolist()
        made._parts = {
            (to[row], mode): part
            for (row, mode), part in [*self._parts.items()]
            if row < len(to) and to[row] >= 0
        }
        return made

    def part(self, hit: Hit) -> Part:
        """Return what no question changes of a hit."""
        key = hit.row, hit.mode.code
        known = self._parts.get(key)
        if known is None:
            record, links = (replies.encode(each) for each in (shown(hit.station), hit.links))
            opening = record.removeprefix(b'{"id":').removesuffix(b"}")
            known = Part(Fragment(opening), Fragment(links), hit.station["synthetic"])
            if len(self._parts) >= _WRITTEN:
                self._parts = {}
            self._parts[key] = known
        return known


def near(registry: Registry, hits: Sequence[Hit]) -> dict[str, Any]:
    """Return the stations of a nearest answer, and whether any is made up."""
    written = registry.derived(Written)
    parts = [written.part(hit) for hit in hits]
    return {
        "synthetic": True in [part.synthetic for part in parts],
        "stations": [
            {"id": part.record, **hit.way, **_visit(hit), "links": part.links}
            for part, hit in zip(parts, hits, strict=True)
        ],
    }


class Told(NamedTuple):
    """What is said of a visit, written: an object's members but for the first one's name."""

    opening: bytes
    """Up to the first reason, the list of reasons left open."""
    closing: bytes
    whole: Fragment

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Told:
        """Write what `Arrival.said` holds."""
        others = {name: each for name, each in said.items() if name not in {"open", "fallback"}}
        encode = replies.encode
        opening = b",".join((encode(said["open"]), encode(others)[1:-1].removesuffix(b"]")))
        closing = b'],"fallback":' + encode(said["fallback"])
        return cls(opening, closing, Fragment(opening + closing))

    def and_closer(self, closer: Sequence[Said]) -> Fragment:
        """Return it with reasons why closer stations do not come first."""
        more = replies.encode(closer)[1:-1]
        return Fragment(b"".join((self.opening, b",", more, self.closing)))


def _visit(hit: Hit) -> dict[str, Any]:
    """Return what is expected of a visit, as one member where a second one is told the same."""
    arrival = hit.arrival
    if arrival.written is None:
        arrival.written = _ONCE
        return hit.said
    if arrival.written is _ONCE:
        arrival.written = Told.of(arrival.said)
    told: Told = arrival.written
    return {"open": told.and_closer(hit.closer) if hit.closer else told.whole}


def station_now(registry: Registry, row: int, now: datetime) -> dict[str, Any]:
    """Return a station as it is at ``now``: its record, its door, how sure we are, ways there."""
    stand = registry.stands.now(row, now)
    record, standing = shown(registry.stand(stand)), registry.standing(row, now)
    return {
        **record,
        **_door(registry, stand, now),
        "way_in": _way_in(registry, stand, now),
        "trust": round(standing.probability, TRUST_DIGITS),
        "trust_text": {"zh": standing.zh, "en": standing.en},
        "confirmed_at": standing.confirmed_at and standing.confirmed_at.isoformat(),
        "confirmed_by": standing.confirmed_by,
        "evidence": {"open_reports": standing.open_reports, **_counts(registry, row, now)},
        "links": [
            link._asdict()
            for link in registry.stands.destinations.links(stand, record["name"], SOURCE)
        ],
    }


def _way_in(registry: Registry, row: int, now: datetime) -> str:
    known, moment = facts(registry), wall(now)
    return known.codes[known.way_in(row, moment.date(), moment.hour * 60 + moment.minute)]


def _door(registry: Registry, row: int, now: datetime) -> dict[str, Any]:
    """Tell the door's state; a station not in use is closed, whatever hours it has."""
    status = catalogue().statuses.terms[registry.stand(row)["status"]]
    if status.code != "active":
        text = {"zh": status.zh, "en": status.en}
        return {"open": "closed", "open_text": text, "next_change": None}
    posted = registry.stands.timetable.posted(row)
    change = next_change(posted, now)
    return {
        "open": state_at(posted, now).name.lower(),
        "open_text": {"zh": told(change, now, "zh"), "en": told(change, now, "en")},
        "next_change": change.when and change.when.isoformat(),
    }


def _counts(registry: Registry, row: int, now: datetime) -> dict[str, Any]:
    """Count the pieces of evidence about a station by what they say; none is told itself."""
    about = registry.ledger.of(np.array([row]))
    heard = about.counting(now.timestamp())
    outcomes = np.bincount(about.outcome[heard], minlength=len(OUTCOMES))
    counts = zip(OUTCOMES, outcomes.tolist(), strict=True)
    return {"pieces": int(heard.sum()), "outcomes": {code: n for code, n in counts if n}}
