"""Sites and the stations they reach, whatever the hours: asked once for many questions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stations import reach
from stations.coverage.paper import answered
from stations.cube import ground_of
from stations.reach.by_road import RoadReach

if TYPE_CHECKING:
    from datetime import date

    from stations.coverage.answer import Coverage, Need
    from stations.cube import Ground
    from stations.reach import Reach, ReachCache
    from stations.reach.pairs import Progress
    from stations.registry import Registry
    from stations.travel import Travel


@dataclass(frozen=True, eq=False)
class Relation:
    """A layer's reach to every station in use."""

    paper: Coverage
    """Coverage by the register alone, whatever is needed: at all places stations ever have, or at
    those of some days (`on`)."""
    ground: Ground
    reach: Reach
    travel: Travel

    def on(self, registry: Registry, days: tuple[date, ...]) -> Relation:
        """Return the same, on paper at the places mobile stations have on some days; none: all."""
        stands = registry.stands
        if not stands.moves or days == self.paper.days:
            return self
        kept = stands.on_any(days)[self.reach.station_rows]
        related = self.reach if kept.all() else self.reach.only(np.flatnonzero(kept))
        return replace(self, paper=answered(registry, self.paper.need, related, self.travel, days))


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
    found = Relation(
        answered(registry, need, related, travel), ground_of(related, registry), related, travel
    )
    if isinstance(related, RoadReach):
        related.ways.pairs.hush()
    return found
