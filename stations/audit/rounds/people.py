"""How many people a station matters to: workers nearby, shared among the stations they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stations import reach
from stations.audit.rounds.terms import terms
from stations.cube import there_on
from stations.cube.catchment import SLOW
from stations.reach import Limit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from geodata.geodesy import BoolArray, FloatArray
    from stations.registry import Layer, Registry


@dataclass(frozen=True, eq=False)
class People:
    """Whom each station matters to; arrays go by row of the registry."""

    workers: Mapping[str, FloatArray]
    """Layer → workers of its sites, by the share each station has in them. Restricted ones too:
    whoever tells of them leaves out those a reader may not see."""
    seats: FloatArray
    """The capacity, or an assumed one."""
    seats_known: BoolArray

    @property
    def everybody(self) -> FloatArray:
        """Workers of all layers."""
        none = np.zeros(self.seats.size)
        return sum(self.workers.values(), start=none)

    @property
    def affected(self) -> FloatArray:
        """The workers of all layers, or the seats if these are more: no layer knows everybody."""
        return np.maximum(self.everybody, self.seats)


def people_of(registry: Registry, day: date) -> People:
    """Count the people each station matters to on a day.

    A site's workers are shared among the stations within `Terms.within_m` straight metres of any
    part of it, in the proportion of the weights of the enhanced two-step floating catchment
    (`stations.cube.catchment.SLOW`: 1, 0.68 and 0.22 for the near, middle and far third). Sites
    that are not there that day, or whose workers nobody knows, count for none.
    """
    capacity = registry.stations["capacity"].to_numpy(dtype=float, na_value=np.nan)
    known = capacity > 0
    workers = {name: _shared(registry, layer, day) for name, layer in registry.layers.items()}
    return People(workers, np.where(known, capacity, terms().seats), known)


def _shared(registry: Registry, layer: Layer, day: date) -> FloatArray:
    sites = layer.sites[there_on(layer.sites, day)]
    people = sites["workers"].to_numpy(dtype=float, na_value=0.0)
    sites, people = sites[people > 0], people[people > 0]
    size = len(registry.stations)
    if not people.size:
        return np.zeros(size)
    limit = Limit(terms().within_m)
    related = reach.relate(registry, sites, limit, on=day)
    pairs = related.costs.tocoo()
    site, column = pairs.coords
    zones = np.arange(1, len(SLOW)) * limit.value / len(SLOW)
    weight = np.array(SLOW)[np.searchsorted(zones, pairs.data)]
    total = np.bincount(site, weight, people.size)
    share = people[site] * weight / total[site]
    station = registry.stands.station[related.station_rows[column]]
    return np.bincount(station, share, size)
