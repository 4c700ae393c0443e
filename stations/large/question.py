"""What is asked about every point, in a form that travels: arrays, from which indexes are built.

Both kinds give `PointSums`, whole numbers by county, so that the parts of a layer may be counted
anywhere and added up in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from geodata.geodesy import PointIndex
from stations import coverage, cube
from stations.cube import PointSums, PointSupply
from stations.travel import STRAIGHT, Travel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from geodata.geodesy import FloatArray, IntArray
    from stations.cube import Question
    from stations.cube.bits import Words
    from stations.reach import Limit
    from stations.registry import Registry

    type Places = tuple[FloatArray, FloatArray]


class Asked(Protocol):
    """A question; it can be pickled, and is small."""

    @property
    def hours(self) -> int:
        """How many hours an answer has; 1 where hours are not considered."""

    def partial(self, lon: FloatArray, lat: FloatArray, workers: IntArray | None) -> PointSums:
        """Count some points."""

    def described(self) -> dict[str, Any]:
        """Return how the figures are made, JSON-ready."""


@dataclass(frozen=True)
class Reach:
    """How far is within reach."""

    limit: Limit
    within_m: float
    """The limit in straight geodesic metres, inclusive."""

    @classmethod
    def of(cls, limit: Limit, travel: Travel | None = None) -> Self:
        """Take a limit; minutes are turned into metres by the estimate, no road is asked."""
        if limit.unit == "m":
            return cls(limit, limit.value)
        mode = (travel or Travel()).mode(limit.mode)
        return cls(limit, limit.value / mode.minutes_per_m)

    def described(self) -> dict[str, Any]:
        """Return how it was measured, with the keys of `stations.coverage.Coverage.method`."""
        by_time = self.limit.unit == "min"
        return {
            "within": self.limit.text,
            "unit": self.limit.unit,
            "mode": self.limit.mode if by_time else STRAIGHT,
            "within_m": None if by_time else self.limit.value,
            "estimated": "all" if by_time else "none",
            "roads": None,
            "distance": "minutes estimated from the straight line"
            if by_time
            else "geodesic, straight line",
        }


@dataclass(frozen=True, eq=False)
class OnPaper:
    """Whether any station with what is needed is in reach, whatever its hours."""

    index: PointIndex
    reach: Reach
    needs: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        registry: Registry,
        reach: Reach,
        needs: tuple[str, ...] = (),
        *,
        on: date | None = None,
    ) -> Self:
        """Take a register's stations in use that offer all of ``needs``.

        Those that move at the places they have on a day (``on``), or ever have.
        """
        index, rows = registry.stands.offering(needs)
        if on is not None and not (kept := registry.stands.on(on)[rows]).all():
            index = PointIndex(index.lon[kept], index.lat[kept])
        return cls(index, reach, needs)

    def __reduce__(self) -> tuple[Callable[..., OnPaper], tuple[Any, ...]]:
        return _on_paper, ((self.index.lon, self.index.lat), self.reach, self.needs)

    @property
    def hours(self) -> int:
        """One: the answer is the same at all hours."""
        return 1

    def partial(self, lon: FloatArray, lat: FloatArray, workers: IntArray | None) -> PointSums:
        """Count some points: one plane, one hour."""
        table = coverage.points_by_county([(lon, lat, workers)], self.index, self.reach.within_m)
        cells = {name: table[name].to_numpy() for name in table.columns}
        covered, workers_covered = cells["covered"], cells["workers_covered"]
        return PointSums(
            table.index.to_numpy(dtype=np.int64),
            cells["sites"],
            cells["workers"],
            covered[:, None, None],
            workers_covered[:, None, None],
        )

    def described(self) -> dict[str, Any]:
        """Return how the figures are made."""
        about = self.reach.described()
        return about | {"needs": list(self.needs), "hours": "not considered"}


@dataclass(frozen=True, eq=False)
class ByHour:
    """Whether a station in reach is truly usable, hour by hour, for one or more questions."""

    supply: PointSupply
    reach: Reach
    questions: tuple[Question, ...]
    """One a plane."""

    @classmethod
    def of(cls, registry: Registry, reach: Reach, questions: Sequence[Question]) -> Self:
        """Take a register's stations; all questions are of as many hours."""
        return cls(PointSupply.of(registry, questions), reach, tuple(questions))

    def __reduce__(self) -> tuple[Callable[..., ByHour], tuple[Any, ...]]:
        supply = self.supply
        rest = (supply.code, supply.patterns, supply.planes, supply.hours)
        places = (supply.index.lon, supply.index.lat)
        return _by_hour, (places, rest, self.reach, self.questions)

    @property
    def hours(self) -> int:
        """168, or 1 for an instant."""
        return self.supply.hours

    def partial(self, lon: FloatArray, lat: FloatArray, workers: IntArray | None) -> PointSums:
        """Count some points."""
        return cube.partial((lon, lat, workers), self.supply, self.reach.within_m)

    def described(self) -> dict[str, Any]:
        """Return how the figures are made; ``planes`` has the question of each."""
        planes = [question.described() for question in self.questions]
        return self.reach.described() | {"planes": planes}


def _on_paper(places: Places, reach: Reach, needs: tuple[str, ...]) -> OnPaper:
    return OnPaper(PointIndex(*places), reach, needs)


def _by_hour(
    places: Places,
    rest: tuple[IntArray, Words, int, int],
    reach: Reach,
    questions: tuple[Question, ...],
) -> ByHour:
    return ByHour(PointSupply(PointIndex(*places), *rest), reach, questions)
