"""What one revision of the register in memory can be asked."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stations.catalogue import catalogue
from stations.errors import LayerMissingError, StationMissingError
from stations.registry._derived import Derived

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    import geopandas as gpd

    from geodata.geodesy import BoolArray, FloatArray, IntArray, PointIndex
    from stations.hours import Timetable
    from stations.navigation import Destinations
    from stations.registry._cells import Column
    from stations.registry._columns import Masks, Offering, Rows
    from stations.registry._kept import Kept
    from stations.registry._stands import Stands
    from stations.registry._sureness import Moment, Sureness
    from stations.schema import LayerInfo
    from stations.trust import Ledger, Priors, Standing, TrustModel


@dataclass(frozen=True, eq=False)
class Layer:
    """A demand layer and its sites."""

    info: LayerInfo
    sites: gpd.GeoDataFrame
    """A sites frame, sorted by id."""


@dataclass(frozen=True, eq=False)
class Parts:
    """The parts of a snapshot, and what is read from them."""

    revision: int
    layers: Mapping[str, Layer]
    """By name, in that order; restricted ones too."""
    active: IntArray
    """Rows of the stations in use, ascending; takes a row of ``index`` to a row of ``stations``."""
    index: PointIndex
    """Over the stations in use only."""
    stands: Stands
    """Where they stand and when; what is near, open or in reach is asked of these."""
    _rows: Rows = field(repr=False)
    _sureness: Sureness = field(repr=False)
    _record: Callable[[int], dict[str, Any]] = field(repr=False)
    _offers: Callable[[int], BoolArray] = field(repr=False)
    _offering: Kept[int, Offering] = field(repr=False)
    _derived: Derived = field(default_factory=Derived, repr=False)

    @property
    def stations(self) -> gpd.GeoDataFrame:
        """Every station, whatever its status, sorted by id: "row" is its position in here."""
        return self._rows.frame

    @property
    def lon(self) -> FloatArray:
        """By row."""
        return self._rows.lon

    @property
    def lat(self) -> FloatArray:
        """By row."""
        return self._rows.lat

    @property
    def amenity_masks(self) -> Masks:
        """Each row's amenities as a bit set of the catalogue."""
        return self._rows.masks

    @property
    def timetable(self) -> Timetable:
        """Each row's posted hours: the station's own, or its host's, with its closures."""
        return self._rows.timetable

    def column(self, name: str) -> Column:
        """Return the cells of a column of the records (``id`` and `STATION_COLUMNS`), by row."""
        return self._rows.columns[name]

    @property
    def model(self) -> TrustModel:
        """The numbers of the trust model."""
        return self._sureness.model

    @property
    def priors(self) -> Priors:
        """What is believed of each row without evidence."""
        return self._sureness.priors

    @property
    def ledger(self) -> Ledger:
        """All evidence about the stations of this snapshot."""
        return self._sureness.ledger

    def trust(self, now: datetime) -> FloatArray:
        """Return the probability (n,) that each row is usable as posted at ``now``, aware.

        Computed once a minute, for the minute's end.
        """
        return self._sureness.at(now).probability

    def standing(self, row: int, now: datetime) -> Standing:
        """Return how sure we are of one row, with its age in words; the number is `trust`'s."""
        return self._sureness.at(now).station(row)

    def moment(self, now: datetime) -> Moment:
        """Return `trust` and `standing` for the few rows of one answer: ask once an answer."""
        return self._sureness.moment(now)

    def layer(self, name: str) -> Layer:
        """Return a layer, restricted or not: who may see it is for the caller to decide."""
        if name not in self.layers:
            raise LayerMissingError(f"no layer {name[:80]!r}")
        return self.layers[name]

    def position_of(self, station_id: str) -> int:
        """Return a station's row; an unknown id raises `StationMissingError`."""
        row = self._row(station_id)
        if row is None:
            raise StationMissingError(f"no station {station_id[:80]!r}")
        return row

    def lacking(self, ids: Iterable[str]) -> set[str]:
        """Return which of some ids are no station's."""
        return {each for each in ids if self._row(each) is None}

    def _row(self, station_id: str) -> int | None:
        ids = self.column("id")
        row = bisect_left(ids, station_id)
        return row if row < len(ids) and ids[row] == station_id else None

    def record(self, row: int) -> dict[str, Any]:
        """Return the station in a row as in `stations.store.station_records`, JSON-ready.

        The dict is shared: copy it before changing it.
        """
        return self._record(row)

    def station(self, station_id: str) -> dict[str, Any]:
        """Return the record of a station; an unknown id raises `StationMissingError`."""
        return self.record(self.position_of(station_id))

    def offers(self, needs: Iterable[str]) -> BoolArray:
        """Tell which rows of ``index`` offer all of ``needs`` (amenity codes); no needs: all.

        A code the catalogue does not know raises `UnknownAmenityError`.
        """
        return self._offers(catalogue().amenities.mask(needs))

    def offering(self, needs: Iterable[str]) -> Offering:
        """Return an index over only the stations in use that offer all of ``needs``.

        With it the rows of ``stations`` its own rows stand for, ascending.
        """
        return self._offering(catalogue().amenities.mask(needs))

    def timetable_for(self, needs: Iterable[str]) -> Timetable:
        """Return the hours, row by row, at which all of ``needs`` can be had.

        `timetable` narrowed by the amenities' own hours; whether a station has the amenities is
        for `offers` to say. A code the catalogue does not know raises `UnknownAmenityError`.
        """
        return self._rows.narrowed(catalogue().amenities.mask(needs))

    def stand(self, row: int) -> dict[str, Any]:
        """Return the record of the station at a stand, as it is there.

        At a place the position is the place's, and ``place`` tells of it: ``from``, ``until``,
        ``hours``, ``name``, "" where nothing is said. Else it is `record`'s, shared.
        """
        place = self.stands.place(row)
        if place is None:  # a pin: its stand is its station's row
            return self.record(row)
        record = self.record(int(self.stands.station[row]))
        told = {"from": place.since, "until": place.until, "hours": place.hours, "name": place.name}
        here = {"lon": place.lon, "lat": place.lat, "entrance_lon": None, "entrance_lat": None}
        return {**record, **here, "place": told}

    @property
    def destinations(self) -> Destinations:
        """Where navigation leads, row by row: to the entrance where known; computed once."""
        return self._rows.destinations()
