"""Whom a plan is to serve, hour by hour, and who is served today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from stations.cube import Cube, Ground, Supply, bits
from stations.cube.starts import amenity_starts
from stations.planning.spots import Places, places_of, spots_of

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.cube import Question
    from stations.cube.bits import Words
    from stations.planning.wish import Wish
    from stations.reach import ReachCache
    from stations.reach.pairs import Progress
    from stations.registry import Registry
    from stations.travel import Travel


@dataclass(frozen=True, eq=False)
class Demand:
    """A layer's sites, cut into spots, and the places each of them reaches.

    Places are numbered as in `spots`; candidates are in ``supply`` as places where nothing stands.
    """

    question: Question
    sites: gpd.GeoDataFrame
    places: Places
    ground: Ground
    supply: Supply
    asked: BoolArray
    """(hours,): which hours are asked about."""
    had: Words
    """(stands, words): when a station's amenities needed can be had, were they all there."""

    @classmethod
    def of(
        cls,
        registry: Registry,
        wish: Wish,
        candidates: gpd.GeoDataFrame,
        *,
        travel: Travel,
        cache: ReachCache | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Relate the wish's layer to stations and candidates."""
        sites, places = registry.layer(wish.layer).sites, places_of(registry, candidates)
        question = wish.terms.question(wish.needs)
        ways = wish.terms.travel(travel, wish.limit)
        ground = spots_of(sites, places, wish.limit, travel=ways, cache=cache, progress=progress)
        supply = Supply.of(registry, question)
        for each in wish.terms.changes:
            supply = each.applied(supply, each.rows(registry), question)
        chosen = wish.terms.hours.chosen
        narrowed = registry.stands.timetable_for(wish.needs)
        had = amenity_starts(narrowed, question.when, question.stay_min)
        return cls(
            question=question,
            sites=sites,
            places=places,
            ground=ground,
            supply=_with_candidates(supply, candidates),
            asked=np.ones(question.hours, dtype=np.bool_) if chosen is None else np.array(chosen),
            had=had,
        )

    @cached_property
    def today(self) -> Cube:
        """The cube as things stand; nobody is there at hours not asked about."""
        return self.over(self.supply)

    def over(self, supply: Supply) -> Cube:
        """Return the cube with other stations."""
        cube = Cube.of(self.sites, self.ground, supply, self.question)
        return replace(cube, there=cube.there & self.asked)

    @cached_property
    def value(self) -> FloatArray:
        """(spots, hours): the workers each spot stands for, or its part of a site; not rounded."""
        cube = self.today
        held = np.maximum(np.bincount(self.ground.site_of, minlength=self.ground.sites), 1)
        whole: FloatArray = (cube.present / held[:, None])[self.ground.site_of]
        return whole

    @cached_property
    def wanted(self) -> Words:
        """(spots, words): hours at which anybody is there."""
        return bits.packed(self.value > 0)

    def served(self, usable: Words) -> Words:
        """(spots, words): hours at which any of the places in reach is usable."""
        return bits.united(usable, self.ground.station, self.ground.begins)

    def worth(self, words: Words) -> float:
        """Return the worker-hours (site-hours) of some hours of each spot, (spots, words)."""
        return float((self.value * bits.unpacked(words, self.question.hours)).sum())

    def by_place(self, words: Words) -> Words:
        """(places, words): of hours of each spot, (spots, words), those some spot in reach has."""
        return bits.united(words, *self._by_place)

    def spots_about(self, *places: int) -> IntArray:
        """Return the spots in whose reach any of some places is, ascending."""
        spot, begins = self._by_place
        return np.unique(np.concatenate([spot[begins[p] : begins[p + 1]] for p in places]))

    def reached_from(self, spots: IntArray) -> tuple[IntArray, IntArray]:
        """Return the places in reach of some spots, one after the other, and where each begins."""
        begins = self.ground.begins
        counts = np.diff(begins)[spots]
        ends = np.cumsum(counts)
        pairs = np.repeat(begins[spots] - (ends - counts), counts)
        pairs += np.arange(pairs.size)
        return self.ground.station[pairs], np.concatenate(([0], ends))

    @cached_property
    def _by_place(self) -> tuple[IntArray, IntArray]:
        """The spots in reach of each place, one after the other, and where each begins."""
        order = np.argsort(self.ground.station, kind="stable")
        begins = np.searchsorted(self.ground.station[order], np.arange(len(self.supply) + 1))
        return self.ground.spot[order], begins

    @cached_property
    def in_reach(self) -> IntArray:
        """Places in reach of any spot, ascending."""
        return np.unique(self.ground.station)


def covered(cube: Cube, level: int) -> FloatArray:
    """(sites, hours): of those present, how many are covered, not rounded to whole people."""
    found: FloatArray = cube.present * cube.share[level]
    return found


def _with_candidates(supply: Supply, candidates: gpd.GeoDataFrame) -> Supply:
    size, words = len(candidates), bits.words(supply.hours)
    nothing = np.zeros((size, words), dtype=np.uint64)
    points = candidates.geometry
    return replace(
        supply,
        ids=np.concatenate((supply.ids, candidates.index.to_numpy(dtype=object))),
        hosts=np.concatenate((supply.hosts, candidates["host"].to_numpy(dtype=object))),
        lon=np.concatenate((supply.lon, points.x.to_numpy())),
        lat=np.concatenate((supply.lat, points.y.to_numpy())),
        there=np.concatenate((supply.there, nothing)),
        open=np.concatenate((supply.open, nothing)),
        unknown=np.concatenate((supply.unknown, nothing)),
        amenity=np.concatenate((supply.amenity, nothing)),
        trusted=np.concatenate((supply.trusted, np.ones(size, dtype=np.bool_))),
    )
