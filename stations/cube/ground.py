"""Where the demand stands and which stations it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from geodata.geodesy import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Ground:
    """Spots of demand, and for each the stations in reach (as in a csr array: ``begins``).

    A spot is a point, a sample of an area, or a whole area whose share is measured exactly; the
    latter is the only spot of its site.
    """

    sites: int
    site_of: IntArray
    """(spots,) ascending; a site may have none."""
    begins: IntArray
    """(spots + 1,)."""
    station: IntArray
    """(pairs,) row of the registry's stands, ascending within a spot."""
    cost: FloatArray
    """(pairs,)."""
    unit: Literal["m", "min"] = "m"
    polygons: npt.NDArray[np.object_] | None = None
    """(spots,): the area where it is to be measured exactly, None elsewhere."""
    radius_m: float = 0.0
    """What is within reach of a polygon."""

    @classmethod
    def of_pairs(
        cls,
        site_of: IntArray,
        pairs: tuple[IntArray, IntArray, FloatArray],
        *,
        sites: int,
        unit: Literal["m", "min"] = "m",
        polygons: npt.NDArray[np.object_] | None = None,
        radius_m: float = 0.0,
    ) -> Self:
        """Build it from spots and pairs (spot, station, cost) in any order."""
        order = np.argsort(site_of, kind="stable")
        place = np.empty(order.size, dtype=np.int64)
        place[order] = np.arange(order.size)
        spot, station, cost = pairs
        by_spot = np.lexsort((station, place[spot]))
        return cls(
            sites=sites,
            site_of=np.asarray(site_of, dtype=np.int64)[order],
            begins=np.searchsorted(place[spot][by_spot], np.arange(order.size + 1)),
            station=np.asarray(station, dtype=np.int64)[by_spot],
            cost=np.asarray(cost, dtype=np.float64)[by_spot],
            unit=unit,
            polygons=None if polygons is None else polygons[order],
            radius_m=radius_m,
        )

    @property
    def spot(self) -> IntArray:
        """(pairs,) the spot of each pair."""
        return np.repeat(np.arange(self.site_of.size), np.diff(self.begins))

    @property
    def spots_of(self) -> IntArray:
        """(sites + 1,): where each site's spots begin."""
        return np.searchsorted(self.site_of, np.arange(self.sites + 1))

    def only(self, sites: IntArray) -> Ground:
        """Return the ground of some sites, in that order, each as often as it is named."""
        spots, site_of = _ranges(self.spots_of, sites)
        pairs, spot = _ranges(self.begins, spots)
        return Ground(
            sites=sites.size,
            site_of=site_of,
            begins=np.searchsorted(spot, np.arange(spots.size + 1)),
            station=self.station[pairs],
            cost=self.cost[pairs],
            unit=self.unit,
            polygons=None if self.polygons is None else self.polygons[spots],
            radius_m=self.radius_m,
        )

    def nearest(self) -> Ground:
        """Return one spot a site: the stations in reach of any part of it, at their least cost."""
        site = self.site_of[self.spot]
        order = np.lexsort((self.cost, self.station, site))
        site, station = site[order], self.station[order]
        new = np.ones(order.size, dtype=np.bool_)
        new[1:] = (site[1:] != site[:-1]) | (station[1:] != station[:-1])
        site = site[new]
        return Ground(
            sites=self.sites,
            site_of=np.arange(self.sites),
            begins=np.searchsorted(site, np.arange(self.sites + 1)),
            station=station[new],
            cost=self.cost[order[new]],
            unit=self.unit,
        )


def _ranges(begins: IntArray, groups: IntArray) -> tuple[IntArray, IntArray]:
    """List the members of some groups, and for each the number of its group in ``groups``."""
    counts = np.diff(begins)[groups]
    number = np.repeat(np.arange(groups.size), counts)
    first = np.cumsum(counts) - counts
    return np.arange(number.size) + (begins[groups] - first)[number], number
