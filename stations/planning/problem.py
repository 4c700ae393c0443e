"""A wish as a program: rows of demand, columns of packages, and what they must keep to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy.sparse import csr_array

from stations.planning import limits
from stations.planning.cells import Cells, Columns
from stations.planning.demand import Demand
from stations.planning.naming import Named
from stations.planning.packages import Offer
from stations.planning.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geodata.geodesy import IntArray
    from stations.planning.costs import CostTable
    from stations.planning.wish import Wish
    from stations.reach import ReachCache
    from stations.reach.pairs import Progress
    from stations.registry import Registry
    from stations.siting import Rules
    from stations.travel import Travel


@dataclass(frozen=True, eq=False)
class Problem:
    """What the solver is given, and what its numbers stand for."""

    wish: Wish
    demand: Demand
    offer: Offer
    shelf: Shelf
    """The columns; those after its last are `limits.Limits.extra`, which serve nobody."""
    ending: IntArray
    """Rows of the stations that may end: the columns of ``base``."""
    cells: Cells
    """Its columns are the packages, then the stations that may end."""
    limits: limits.Limits

    @classmethod
    def of(
        cls,
        registry: Registry,
        wish: Wish,
        candidates: gpd.GeoDataFrame,
        costs: CostTable,
        *,
        travel: Travel,
        cache: ReachCache | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Make a program of a wish; `UsageError` for one that names what is not there."""
        offer = Offer(registry, candidates, costs, wish)
        named = Named.of(offer, limits.crowded(offer))
        demand = Demand.of(
            registry, wish, candidates, travel=travel, cache=cache, progress=progress
        )
        shelf = Shelf.of(demand, offer, named)
        ending = np.setdiff1d(shelf.ends, [-1])
        cells = _cells(demand, shelf, ending, every=wish.cover_all)
        return cls(wish, demand, offer, shelf, ending, cells, limits.Limits.of(offer, shelf, named))

    @property
    def reach(self) -> csr_array:
        """Rows × columns."""
        packages, extra = len(self.shelf), self.limits.extra
        found = self.cells.relation[:, :packages].tocoo()
        shape = (found.shape[0], packages + extra)
        return csr_array((found.data, found.coords), shape=shape)

    @property
    def base(self) -> csr_array:
        """Rows × stations that may end."""
        return self.cells.relation[:, len(self.shelf) :]

    @cached_property
    def columns(self) -> csr_array:
        """Columns of the cells × rows, as numbers."""
        turned = csr_array(self.cells.relation.T, dtype=np.float64)
        turned.sort_indices()
        return turned

    def rules(self, budgets: Sequence[float] | None) -> Rules:
        """Return what the columns must keep to, with so much money in each year."""
        return self.limits.rules(self.ending, self.shelf.ends, budgets)


def _cells(demand: Demand, shelf: Shelf, ending: IntArray, *, every: bool) -> Cells:
    """Cut into rows what is not served by stations that stay."""
    usable = demand.supply.usable()
    stays = usable.copy()
    stays[ending] = 0
    needed = demand.wanted & ~demand.served(stays)
    columns = Columns(
        np.concatenate((shelf.at, ending)), np.concatenate((shelf.usable, usable[ending]))
    )
    return Cells.of(demand, columns, needed, every=every)
