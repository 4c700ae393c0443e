"""A synthetic Yunnan: stations, industrial parks and border posts made from a seed.

The counties, their residents and the national proportions are real; every station, park and post
is made up, says so in its name, and carries ``synthetic``. ``stations/data/demo.toml`` holds every
figure with its source, or marks it as assumed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stations.catalogue import catalogue
from stations.demo import parks, places, posts, register
from stations.demo.chance import streams
from stations.demo.evidence import UNTIL, evidence
from stations.demo.facts import facts
from stations.schema import LayerInfo
from stations.store import Changes

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["UNTIL", "build", "evidence"]


def build(seed: int) -> Changes:
    """Return the demonstration register and its layers ``parks`` and ``border_posts``.

    The same seed gives the same rows, byte for byte. A negative seed raises `UsageError`.
    """
    table = facts()
    towns, park_shapes, positions, traits, post_places, doors, moves = streams(seed, 7)
    counties = places.counties(towns, table)
    drawn_parks = parks.build(park_shapes, table, counties)
    sites = {
        "parks": drawn_parks.frame,
        "border_posts": posts.build(post_places, table, counties),
    }
    return Changes(
        stations=register.build(
            register.Streams(positions, traits, doors, moves), table, counties, drawn_parks
        ),
        layers=_layers(sites),
        sites=sites,
    )


def _layers(sites: Mapping[str, object]) -> tuple[LayerInfo, ...]:
    known = [catalogue().layers[name] for name in sites]
    return tuple(LayerInfo(row.name, row.zh, row.en, row.restricted) for row in known)
