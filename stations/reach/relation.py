"""What reach is, however it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.reach.limits import Limit


class Nearest(NamedTuple):
    """The nearest station of each site, within the limit or not; ties go to the lower id."""

    column: IntArray
    """-1 without any station."""
    metres: FloatArray
    """Straight metres to it, to the edge of an area, 0 inside it; infinite without any station."""
    minutes: FloatArray
    """NaN where only metres were asked; infinite where no way leads to any station."""
    estimated: BoolArray
    """Whether the minutes are an estimate from the straight distance."""


class Reach(Protocol):
    """Who gets where, for some sites and one limit.

    Sites are rows, in the layer's order; stations in use that offer what is needed are columns.
    What is asked of it is computed when it is first asked for.
    """

    @property
    def station_rows(self) -> IntArray:
        """Column → row of ``registry.stands``."""
        ...

    @property
    def limit(self) -> Limit:
        """The limit, inclusive."""
        ...

    def only(self, columns: IntArray) -> Reach:
        """Return the same to some columns alone (ascending)."""
        ...

    @property
    def nearest(self) -> Nearest:
        """Each site's nearest column, within the limit or not: by the limit's unit."""
        ...

    @property
    def covered(self) -> BoolArray:
        """Whether any part of a site is in reach."""
        ...

    @property
    def share(self) -> FloatArray:
        """Share of each site in reach: of its area, or 0 or 1 for a point."""
        ...

    @property
    def unreachable(self) -> BoolArray:
        """Sites no road leads from to any station; they are not covered."""
        ...

    @property
    def asks_roads(self) -> bool:
        """Whether roads tell a minute, or that none leads there; else all is estimated."""
        ...

    @property
    def sampled(self) -> bool:
        """Whether any area was measured by sample points."""
        ...

    @property
    def costs(self) -> csr_array:
        """Sites x stations: metres or minutes of every pair in reach, a stored 0 being 0 away.

        As large as there are pairs: for siting, where limits are small against the province.
        """
        ...
