"""What the answers refer to: areas, the catalogue's words, the state of the service."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata import boundaries
from stations.catalogue import catalogue
from web import roads
from web.api import answers, features, replies, sources
from web.api.base import GEOJSON, JSON, endpoint, register
from web.api.queries import AreasQuery, NoQuery

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response

    from stations.catalogue import Term
    from stations.registry import Move, Registry
    from web.api.queries import Level


@endpoint("/areas", AreasQuery, answers.Areas, content_type=GEOJSON)
def areas(query: AreasQuery) -> Response:
    """Show the outlines of counties, prefectures or provinces, for drawing."""
    return replies.tagged(
        "areas", lambda: _outlines(query.level, query.prefix), content_type=GEOJSON
    )


@endpoint("/register", NoQuery, answers.RegisterAnswer)
def about(_: NoQuery) -> Response:
    """Say what the register holds, and the words it uses."""
    registry, travel = register(), roads.current()
    network = roads.told(travel)
    version = f"{replies.version_of(registry)}-{network}"

    def build() -> bytes:
        return replies.encode(_about(registry, network, roads_named=roads.met(travel, registry)))

    return replies.tagged(version, build, content_type=JSON)


@lru_cache(maxsize=64)
def _outlines(level: Level, prefix: str) -> bytes:
    frame = boundaries.outlines(level, prefix)
    return replies.encode({"type": "FeatureCollection", "features": features.areas(frame)})


class Held:
    """What a snapshot holds, told once."""

    def __init__(self, registry: Registry, attribution: list[str] | None = None) -> None:
        lon, lat, size = registry.lon, registry.lat, len(registry.stations)
        box = [edge(each) for edge in (np.min, np.max) for each in (lon, lat)] if size else None
        self.told: dict[str, Any] = {
            "stations": size,
            "synthetic": True in registry.column("synthetic").used(),
            "bbox": box and [round(float(edge), 6) for edge in box],
            "provinces": sorted({code[:2] for code in registry.column("area_code").used()} - {""}),
        }
        named = attribution is not None
        self.attribution = attribution if named else sources.attribution(registry.stations.index)

    def moved(self, registry: Registry, move: Move) -> Held:
        """Return what the next snapshot holds; by their ids is known where stations are from."""
        return Held(registry, self.attribution if move.same_ids else None)


def _about(
    registry: Registry, network: dict[str, Any] | None, *, roads_named: bool
) -> dict[str, Any]:
    held, words = registry.derived(Held), catalogue()
    return {
        "revision": registry.revision,
        **held.told,
        "roads": network,
        "attribution": sources.attribution(roads=True) if roads_named else held.attribution,
        "amenities": _terms(words.amenities),
        "kinds": _terms(words.kinds),
        "access": _terms(words.access),
        "door_asks": _terms(words.door_asks),
        "statuses": _terms(words.statuses),
    }


def _terms(terms: Iterable[Term]) -> list[dict[str, str]]:
    return [{"code": term.code, "zh": term.zh, "en": term.en} for term in terms]
