"""The cube: every site at every hour, on paper and in truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from stations.cube.dates import there_on
from stations.cube.profiles import profile_of
from stations.cube.shares import shares
from stations.cube.supply import POSSIBLE, Condition, Supply
from stations.hours.clock import wall

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    from geodata.geodesy import BoolArray, FloatArray, IntArray

    type Amounts = npt.NDArray[Any]
    """Whole numbers; of a cube ``in_pieces`` whole numbers of 1 / `PIECES`."""
    from stations.cube.ground import Ground
    from stations.cube.question import Question
    from stations.registry import Registry

STEPS: tuple[tuple[str, int], ...] = (
    ("paper", 0),
    ("possible", POSSIBLE),
    ("open", Condition.HOURS),
    ("equipped", Condition.HOURS | Condition.AMENITY),
    ("real", Condition.HOURS | Condition.AMENITY | Condition.TRUST),
)
"""Nested: what each step counts, the one before counts too."""
PIECES = 1024
"""Of a site without workers so many pieces are counted: a power of two, so that floats of them add
up exactly, in any order."""
CAUSES = ("no_station", "closed", "unknown", "amenity", "trust")
"""Why coverage is lost: the first step at which it is."""
PARTS = (*CAUSES, "covered")


@dataclass(frozen=True, eq=False)
class Cube:
    """The answer; sites are rows, in the layer's order."""

    question: Question
    sites: gpd.GeoDataFrame
    ground: Ground
    supply: Supply
    there: BoolArray
    """(sites, hours): whether the site is there, by its dates."""
    share: FloatArray
    """(levels, sites, hours): by every set of conditions (`Condition` as a number), then with
    unknown hours as open."""

    @classmethod
    def of(
        cls, sites: gpd.GeoDataFrame, ground: Ground, supply: Supply, question: Question
    ) -> Self:
        """Compute the cube of a sites frame; ``ground`` has its sites in the same order."""
        share = shares(ground, supply, supply.levels(np.arange(len(supply))))
        return cls(question, sites, ground, supply, _there(sites, question), share)

    @property
    def hours(self) -> int:
        """How many hours there are."""
        return self.supply.hours

    @cached_property
    def weighed(self) -> bool:
        """Whether people are counted; sites where the layer knows no workers at all."""
        return bool(self.sites["workers"].notna().any())

    @cached_property
    def present(self) -> IntArray:
        """(sites, hours): workers there, rounded to whole people; sites where none are known."""
        if not self.weighed:
            return self.there.astype(np.int64)
        workers = self.sites["workers"].fillna(0).to_numpy(dtype=float)
        first = self.question.first_hour
        profile = profile_of(self.question.profile).week[first : first + self.hours]
        return np.where(self.there, np.rint(workers[:, None] * profile), 0).astype(np.int64)

    @cached_property
    def in_pieces(self) -> bool:
        """Whether parts of sites are counted: sites are, and some of them are areas."""
        ground = self.ground
        areas = ground.polygons is not None and any(each is not None for each in ground.polygons)
        return not self.weighed and (areas or bool((np.diff(ground.spots_of) > 1).any()))

    def covered(self, level: int) -> Amounts:
        """(sites, hours): of those present, how many are covered, by a set of conditions.

        ``rint(present * share)``, as `stations.coverage` rounds; of a site whose workers nobody
        knows its share, in `PIECES`.
        """
        return self.counted(np.arange(len(self.sites)), self.share[level])

    def counted(self, sites: IntArray, share: FloatArray) -> Amounts:
        """Of those present at some sites, (k, hours), count a share of the same shape."""
        present = self.present[sites]
        if self.in_pieces:
            return present * np.rint(share * PIECES) / PIECES
        return np.rint(present * share).astype(np.int64)

    @cached_property
    def parts(self) -> Amounts:
        """(`PARTS`, sites, hours): those present, by why they are not covered, or covered.

        Every cell adds up to `present` exactly.
        """
        steps = np.stack([self.present, *(self.covered(level) for _, level in STEPS)])
        return np.concatenate((steps[:-1] - steps[1:], steps[-1:]))

    def over(self, supply: Supply, ground: Ground | None = None) -> Cube:
        """Return the cube with other stations, or other ways to them: what if."""
        return Cube.of(self.sites, ground or self.ground, supply, self.question)


def measure(
    registry: Registry, sites: gpd.GeoDataFrame, ground: Ground, question: Question
) -> Cube:
    """Return the cube of some sites of ``registry``."""
    return Cube.of(sites, ground, Supply.of(registry, question), question)


def _there(sites: gpd.GeoDataFrame, question: Question) -> BoolArray:
    """Tell at which hours each site is there: by the day in a real week, always in the ordinary."""
    when, size = question.when, len(sites)
    if when is None:
        return np.ones((size, question.hours), dtype=np.bool_)
    if isinstance(when, datetime):
        return there_on(sites, wall(when).date())[:, None]
    days = [there_on(sites, when + timedelta(days=day)) for day in range(7)]
    return np.repeat(np.stack(days, axis=1), 24, axis=1)
