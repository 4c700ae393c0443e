"""Sites and the stations they reach, whatever the hours: asked once for many questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stations import reach
from stations.coverage.paper import answered
from stations.cube import ground_of

if TYPE_CHECKING:
    from stations.coverage.answer import Coverage, Need
    from stations.cube import Ground
    from stations.reach import ReachCache
    from stations.reach.pairs import Progress
    from stations.registry import Registry
    from stations.travel import Travel


@dataclass(frozen=True, eq=False)
class Relation:
    """A layer's reach to every station in use."""

    paper: Coverage
    """Coverage by the register alone, whatever is needed."""
    ground: Ground


def relate(
    registry: Registry,
    need: Need,
    travel: Travel,
    cache: ReachCache | None = None,
    progress: Progress | None = None,
) -> Relation:
    """Relate a layer to all stations in use; ``need``'s amenities do not matter here."""
    sites = registry.layer(need.layer).sites
    related = reach.relate(
        registry, sites, need.limit, travel=travel, cache=cache, progress=progress
    )
    return Relation(answered(registry, need, related, travel), ground_of(related, registry))
