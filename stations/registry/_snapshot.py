"""One revision of the register in memory, and the evidence about it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from geodata.errors import UsageError
from geodata.geodesy import PointIndex
from stations.catalogue import catalogue
from stations.errors import LayerMissingError, StationMissingError
from stations.registry import _columns
from stations.registry._columns import frozen
from stations.registry._derived import Derived
from stations.registry._stands import Stands, moving
from stations.registry._sureness import Moment, Sureness
from stations.schema import SITE_COLUMNS, STATION_COLUMNS, LayerInfo
from stations.store import check_frame
from stations.trust import Ledger, evidence_frame, priors, trust_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    import geopandas as gpd
    import pandas as pd

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.hours import Timetable
    from stations.navigation import Destinations
    from stations.registry._columns import Masks, Offering
    from stations.store import Store
    from stations.trust import Priors, Standing, TrustModel

_RECORDS = 16_384  # records a snapshot keeps ready: the stations people ask for


@dataclass(frozen=True, eq=False)
class Layer:
    """A demand layer and its sites."""

    info: LayerInfo
    sites: gpd.GeoDataFrame
    """A sites frame, sorted by id."""


@dataclass(frozen=True, eq=False)
class Registry:
    """The register at one revision; made by `from_frames` or `load`."""

    revision: int
    stations: gpd.GeoDataFrame
    """Every station, whatever its status, sorted by id: "row" below is its position in here."""
    layers: Mapping[str, Layer]
    """By name, in that order; restricted ones too."""
    lon: FloatArray
    lat: FloatArray
    amenity_masks: Masks
    """Each station's amenities as a bit set of the catalogue."""
    active: IntArray
    """Rows of the stations in use, ascending; takes a row of ``index`` to a row of ``stations``."""
    index: PointIndex
    """Over the stations in use only."""
    timetable: Timetable
    """Each row's posted hours: the station's own, or its host's, with its closures."""
    stands: Stands
    """Where they stand and when; what is near, open or in reach is asked of these."""
    _sureness: Sureness = field(repr=False)
    _record: Callable[[int], dict[str, Any]] = field(repr=False)
    _offers: Callable[[int], BoolArray] = field(repr=False)
    _offering: Callable[[int], Offering] = field(repr=False)
    _narrowed: Callable[[int], Timetable] = field(repr=False)
    _destinations: Callable[[], Destinations] = field(repr=False)
    _derived: Derived = field(default_factory=Derived, repr=False)

    @classmethod
    def from_frames(
        cls,
        stations: gpd.GeoDataFrame,
        layers: Iterable[Layer] = (),
        revision: int = 0,
        *,
        model: TrustModel | None = None,
    ) -> Self:
        """Check the frames once, copy them, and derive what answers need.

        There is no evidence yet: see `with_ledger`. ``model`` is `trust.trust_model()` if None.
        Frames that break `stations.schema` raise `FaultyDataError` with every fault.
        """
        check_frame(stations, STATION_COLUMNS)
        frame = stations.sort_index()
        lon, lat = frozen(frame.geometry.x.to_numpy()), frozen(frame.geometry.y.to_numpy())
        masks = frozen(_columns.masks_of(frame["amenities"]))
        active = frozen(np.flatnonzero((frame["status"] == "active").to_numpy(dtype=bool)))
        index = PointIndex(lon[active], lat[active])
        timetable = _columns.timetable_of(frame, lon, lat)
        cells = _columns.record_cells(frame, lon, lat)
        frame.index.get_indexer(frame.index[:1])  # builds the lookup now, not in a request
        offering = lru_cache(_columns.REMEMBERED)(partial(_columns.offering, masks, active, index))
        narrowed = _columns.once(partial(_narrowed, frame, timetable))
        destinations = _columns.once(partial(_columns.destinations_of, frame, lon, lat))
        pins = Stands.pins(
            active,
            index,
            timetable,
            lon=lon,
            lat=lat,
            offering=offering,
            narrowed=narrowed,
            destinations=destinations,
        )
        return cls(
            revision=revision,
            stations=frame,
            layers=MappingProxyType(_by_name(layers)),
            lon=lon,
            lat=lat,
            amenity_masks=masks,
            active=active,
            index=index,
            timetable=timetable,
            stands=moving(pins, frame, masks),
            _sureness=_unheard(frame, model or trust_model()),
            _record=lru_cache(_RECORDS)(partial(_columns.record_of, cells)),
            _offers=lru_cache(_columns.REMEMBERED)(partial(_columns.offers, masks[active])),
            _offering=offering,
            _narrowed=narrowed,
            _destinations=destinations,
        )

    @classmethod
    def load(
        cls,
        store: Store,
        as_of: int | None = None,
        *,
        model: TrustModel | None = None,
        evidence: pd.DataFrame | None = None,
    ) -> Self:
        """Read one revision of the store, the newest for None, and all evidence there is.

        ``evidence`` is what was read of the store already, ``model`` as in `from_frames`.
        """
        number = store.revision() if as_of is None else as_of
        layers = [Layer(info, store.sites(info.name, number)) for info in store.layers(number)]
        registry = cls.from_frames(store.stations(number), layers, number, model=model)
        return registry.with_evidence(store.evidence() if evidence is None else evidence)

    def with_evidence(self, evidence: pd.DataFrame) -> Self:
        """Return the snapshot with this evidence (frame) and no other."""
        return self.with_ledger(Ledger.from_frame(evidence, self.stations.index))

    def with_ledger(self, ledger: Ledger) -> Self:
        """Return the snapshot with this evidence and no other; all the rest is shared.

        The ledger is made with this snapshot's ids: `UsageError` for another number of stations.
        """
        if ledger.stations != len(self.stations):
            raise UsageError(
                f"expected evidence about {len(self.stations)} stations, got {ledger.stations}"
            )
        sureness = Sureness.of(self._sureness.model, self.priors, ledger)
        return replace(self, _sureness=sureness)

    def with_layers(self, layers: Iterable[Layer]) -> Self:
        """Return the snapshot with these layers and no others; what is derived is derived anew."""
        by_name = {layer.info.name: layer for layer in layers}
        return replace(self, layers=MappingProxyType(by_name), _derived=Derived())

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
        try:
            return int(self.stations.index.get_loc(station_id))
        except KeyError:
            raise StationMissingError(f"no station {station_id[:80]!r}") from None

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
        return self._narrowed(catalogue().amenities.mask(needs))

    def stand(self, row: int) -> dict[str, Any]:
        """Return the record of the station at a stand, as it is there.

        At a place the position is the place's, and ``place`` tells of it: ``from``, ``until``,
        ``hours``, ``name``, "" where nothing is said. Else it is `record`'s, shared.
        """
        place = self.stands.place(row)
        record = self.record(int(self.stands.station[row]))
        if place is None:
            return record
        told = {"from": place.since, "until": place.until, "hours": place.hours, "name": place.name}
        here = {"lon": place.lon, "lat": place.lat, "entrance_lon": None, "entrance_lat": None}
        return {**record, **here, "place": told}

    @property
    def destinations(self) -> Destinations:
        """Where navigation leads, row by row: to the entrance where known; computed once."""
        return self._destinations()

    def derived[T](self, build: Callable[[Registry], T]) -> T:
        """Return ``build(self)``, computed once and shared by all that differ in evidence only.

        So it must not depend on the evidence, nor keep the registry it is given.
        """
        return self._derived.get(build, self)


def _by_name(layers: Iterable[Layer]) -> dict[str, Layer]:
    found: dict[str, Layer] = {}
    for layer in sorted(layers, key=lambda layer: layer.info.name):
        if layer.info.name in found:
            raise UsageError(f"two layers are called {layer.info.name!r}")
        check_frame(layer.sites, SITE_COLUMNS)
        found[layer.info.name] = Layer(layer.info, layer.sites.sort_index())
    return found


def _unheard(frame: gpd.GeoDataFrame, model: TrustModel) -> Sureness:
    """Return what is believed of stations nobody has said anything about."""
    ledger = Ledger.from_frame(evidence_frame([]), frame.index)
    return Sureness.of(model, priors(frame, model), ledger)


def _narrowed(frame: gpd.GeoDataFrame, timetable: Timetable, needs: int) -> Timetable:
    return _columns.narrowed(
        timetable, _columns.amenity_hours_of(frame), catalogue().amenities.codes(needs)
    )
