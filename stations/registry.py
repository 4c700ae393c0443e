"""The immutable snapshot of the register that every answer is computed from.

Nobody modifies the frames and arrays handed out here: they are shared by all threads.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
import shapely

from geodata.errors import ProjectError, UsageError
from geodata.geodesy import PointIndex
from stations.catalogue import catalogue
from stations.errors import LayerMissingError, StationMissingError
from stations.schema import SITE_COLUMNS, STATION_COLUMNS, LayerInfo
from stations.store import check_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import geopandas as gpd
    import numpy.typing as npt

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.store import Store

    type Masks = npt.NDArray[np.uint64]
    type Offering = tuple[PointIndex, IntArray]

_RECORDS = 16_384  # records a snapshot keeps ready: the stations people ask for
_REMEMBERED = 32  # sets of needs whose answer a snapshot keeps


@dataclass(frozen=True, eq=False)
class Layer:
    """A demand layer and its sites."""

    info: LayerInfo
    sites: gpd.GeoDataFrame
    """A sites frame, sorted by id."""

    @property
    def is_point(self) -> bool:
        """True: no site of it has an area."""
        kinds = shapely.get_type_id(self.sites.geometry.to_numpy())
        return bool((kinds == shapely.GeometryType.POINT).all())


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
    _record: Callable[[int], dict[str, Any]] = field(repr=False)
    _offers: Callable[[int], BoolArray] = field(repr=False)
    _offering: Callable[[int], Offering] = field(repr=False)

    @classmethod
    def from_frames(
        cls, stations: gpd.GeoDataFrame, layers: Iterable[Layer] = (), revision: int = 0
    ) -> Self:
        """Check the frames once, copy them, and derive what answers need.

        Frames that break `stations.schema` raise `FaultyDataError` with every fault.
        """
        check_frame(stations, STATION_COLUMNS)
        frame = stations.sort_index()
        lon, lat = _frozen(frame.geometry.x.to_numpy()), _frozen(frame.geometry.y.to_numpy())
        masks = _frozen(_masks(frame["amenities"]))
        active = _frozen(np.flatnonzero((frame["status"] == "active").to_numpy(dtype=bool)))
        index = PointIndex(lon[active], lat[active])
        frame.index.get_indexer(frame.index[:1])  # builds the lookup now, not in a request
        return cls(
            revision=revision,
            stations=frame,
            layers=MappingProxyType(_by_name(layers)),
            lon=lon,
            lat=lat,
            amenity_masks=masks,
            active=active,
            index=index,
            _record=lru_cache(_RECORDS)(partial(_record, _record_cells(frame, lon, lat))),
            _offers=lru_cache(_REMEMBERED)(partial(_offers, masks[active])),
            _offering=lru_cache(_REMEMBERED)(partial(_offering, masks, active, index)),
        )

    @classmethod
    def load(cls, store: Store, as_of: int | None = None) -> Self:
        """Read one revision of the store, the newest for None."""
        number = store.revision() if as_of is None else as_of
        layers = [Layer(info, store.sites(info.name, number)) for info in store.layers(number)]
        return cls.from_frames(store.stations(number), layers, number)

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


def _by_name(layers: Iterable[Layer]) -> dict[str, Layer]:
    found: dict[str, Layer] = {}
    for layer in sorted(layers, key=lambda layer: layer.info.name):
        if layer.info.name in found:
            raise UsageError(f"two layers are called {layer.info.name!r}")
        check_frame(layer.sites, SITE_COLUMNS)
        found[layer.info.name] = Layer(layer.info, layer.sites.sort_index())
    return found


def _frozen[Array: npt.NDArray[Any]](values: Array) -> Array:
    values.flags.writeable = False
    return values


def _masks(amenities: pd.Series[str]) -> Masks:
    """Read each distinct set of amenities once."""
    codes, distinct = pd.factorize(amenities)
    known = catalogue().amenities
    masks = [known.mask(text.split(";") if text else ()) for text in distinct]
    return np.array(masks, dtype=np.uint64)[codes]


def _record_cells(
    frame: gpd.GeoDataFrame, lon: FloatArray, lat: FloatArray
) -> dict[str, tuple[Any, ...]]:
    """Return every column of a record as plain Python values: reading one costs next to nothing.

    Values that repeat are one object, so a large register stays small.
    """
    cells = {"id": tuple(frame.index.tolist())}
    for name in STATION_COLUMNS:
        codes, distinct = pd.factorize(frame[name], use_na_sentinel=True)
        values = [*distinct.tolist(), None]
        if name == "amenities":
            values = [tuple(text.split(";")) if text else () for text in values[:-1]]
        cells[name] = tuple(map(values.__getitem__, codes.tolist()))
    return cells | {"lon": tuple(lon.tolist()), "lat": tuple(lat.tolist())}


def _record(cells: Mapping[str, tuple[Any, ...]], row: int) -> dict[str, Any]:
    record = {name: column[row] for name, column in cells.items()}
    record["amenities"] = list(record["amenities"])
    return record


def _offers(masks: Masks, needs: int) -> BoolArray:
    return _frozen((masks & np.uint64(needs)) == needs)


def _offering(masks: Masks, active: IntArray, index: PointIndex, needs: int) -> Offering:
    chosen = _offers(masks[active], needs)
    if chosen.all():
        return index, active
    return PointIndex(index.lon[chosen], index.lat[chosen]), _frozen(active[chosen])


class LiveRegistry:
    """The newest snapshot of a store that others write to; shared by all threads."""

    def __init__(self, store: Store, poll_s: float, clock: Callable[[], float]) -> None:
        """Load the first snapshot; a store that cannot be read raises its error here.

        ``clock`` counts seconds and never goes back (`time.monotonic`); the store is asked for
        its revision at most every ``poll_s`` seconds.
        """
        if not poll_s >= 0:
            raise UsageError(f"expected poll_s >= 0, got {poll_s}")
        self._store, self._poll_s, self._clock = store, poll_s, clock
        self._loading = threading.Lock()
        self._error: ProjectError | None = None
        self._snapshot = Registry.load(store)
        self._next_look = clock() + poll_s

    @property
    def error(self) -> ProjectError | None:
        """Why the last look at the store failed; None if it did not. The old snapshot serves on."""
        return self._error

    def current(self) -> Registry:
        """Return the newest snapshot; while one thread loads it, the others get the one before."""
        if self._clock() >= self._next_look and self._loading.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._next_look = self._clock() + self._poll_s
                self._loading.release()
        return self._snapshot

    def _look(self) -> None:
        try:
            number = self._store.revision()
            if number != self._snapshot.revision:
                self._snapshot = Registry.load(self._store, number)
            self._error = None
        except ProjectError as error:
            self._error = error
