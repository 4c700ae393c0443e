"""What a snapshot knows of each row by the row's own columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from geodata.geodesy import PointIndex
from stations import navigation
from stations.catalogue import catalogue
from stations.hours import Timetable, inherited
from stations.navigation import Destinations
from stations.places import read_places
from stations.registry._cells import columns_of, no_columns
from stations.registry._kept import Kept, Later
from stations.registry._move import Move, frozen
from stations.schema import STATION_COLUMNS, empty_frame
from stations.store import read_closures, read_hours
from stations.trust import Priors, priors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd
    import numpy.typing as npt

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.places import Place
    from stations.registry._cells import Column
    from stations.trust import TrustModel

    type Masks = npt.NDArray[np.uint64]
    type Offering = tuple[PointIndex, IntArray]

_ENTRANCE = ("entrance_lon", "entrance_lat")


@dataclass(frozen=True, eq=False)
class Rows:
    """The stations of a snapshot, row by row; made by `none` and `moved`."""

    frame: gpd.GeoDataFrame
    columns: Mapping[str, Column]
    """The cells of all records, by name."""
    lon: FloatArray
    lat: FloatArray
    masks: Masks
    in_use: BoolArray
    priors: Priors
    timetable: Timetable
    """When each door is open as posted."""
    amenity_hours: Mapping[int, Mapping[str, str]]
    """Row → the hours of its amenities that have their own."""
    places: Mapping[int, tuple[Place, ...]]
    """Row → where a station stands that moves."""
    destinations: Later[Destinations] = field(repr=False)
    narrowed: Kept[int, Timetable] = field(repr=False)
    """``timetable`` as `narrowed` has it."""

    @classmethod
    def none(cls) -> Self:
        """Return those of a register without stations."""
        frame, nothing = empty_frame(STATION_COLUMNS), np.zeros(0)
        return cls(
            frame=frame,
            columns=no_columns(),
            lon=nothing,
            lat=nothing,
            masks=np.zeros(0, dtype=np.uint64),
            in_use=np.zeros(0, dtype=np.bool_),
            priors=Priors(nothing, nothing),
            timetable=Timetable.of([]),
            amenity_hours={},
            places={},
            destinations=Later(partial(_destinations_of, frame, nothing, nothing)),
            narrowed=Kept(lambda _: Timetable.of([])),
        )

    def moved(self, move: Move, fresh: gpd.GeoDataFrame, model: TrustModel) -> Self:
        """Return the rows after a move, given a frame of the fresh ones, sorted by id."""
        part = partial(_moved, move)
        lon, lat = fresh.geometry.x.to_numpy(), fresh.geometry.y.to_numpy()
        all_lon, all_lat = move.array(self.lon, lon), move.array(self.lat, lat)
        columns = columns_of(move, self.columns, fresh)
        differing = [name for name in STATION_COLUMNS if columns[name] is not self.columns[name]]
        if all_lon is not self.lon or all_lat is not self.lat:
            differing.append("geometry")
        frame = move.frame(self.frame, fresh, differing)
        hours = read_cells(fresh["amenity_hours"], read_hours)
        posted = timetable_of(fresh, lon, lat)
        timetable = part(self.timetable, posted)
        amenity_hours = move.by_row(self.amenity_hours, hours)
        found = priors(fresh, model)
        ends = self.destinations.known
        return type(self)(
            frame=frame,
            columns=columns,
            lon=all_lon,
            lat=all_lat,
            masks=move.array(self.masks, masks_of(fresh["amenities"])),
            in_use=move.array(self.in_use, (fresh["status"] == "active").to_numpy(dtype=bool)),
            priors=Priors(
                move.array(self.priors.success, found.success),
                move.array(self.priors.failure, found.failure),
            ),
            timetable=timetable,
            amenity_hours=amenity_hours,
            places=move.by_row(self.places, read_cells(fresh["places"], read_places)),
            destinations=Later(
                partial(_destinations_of, frame, all_lon, all_lat),
                ends and _carried(move, ends, _destinations_of(fresh, lon, lat)),
            ),
            narrowed=Kept(
                partial(narrowed, timetable, amenity_hours),
                self.narrowed.carried(
                    lambda needs, known: part(known, narrowed(posted, hours, needs))
                    if move.before else None
                ),
            ),
        )  # fmt: skip


def _moved(move: Move, known: Timetable, fresh: Timetable) -> Timetable:
    return known.merged(fresh, move.array)


def _carried(move: Move, known: Destinations, fresh: Destinations) -> Destinations:
    return Destinations(
        move.array(known.wgs84, fresh.wgs84),
        move.array(known.gcj02, fresh.gcj02),
        move.array(known.bd09, fresh.bd09),
    )


def masks_of(amenities: pd.Series[str]) -> Masks:
    """Read each distinct set of amenities once."""
    codes, distinct = pd.factorize(amenities)
    known = catalogue().amenities
    masks = [known.mask(text.split(";") if text else ()) for text in distinct]
    return np.array(masks, dtype=np.uint64)[codes]


def offers(masks: Masks, needs: int) -> BoolArray:
    """Tell which masks have every bit of ``needs``."""
    return frozen((masks & np.uint64(needs)) == needs)


def offering(
    masks: Masks, active: IntArray, index: PointIndex, needs: int, known: PointIndex | None = None
) -> Offering:
    """Return an index over the active stations that offer ``needs``, and their rows.

    ``known`` is used if it is over the same positions.
    """
    chosen = offers(masks[active], needs)
    if chosen.all():
        return index, active
    return index_of(index.lon[chosen], index.lat[chosen], known), frozen(active[chosen])


def index_of(lon: FloatArray, lat: FloatArray, known: PointIndex | None) -> PointIndex:
    """Return an index over positions: ``known`` if it is that already."""
    if known is not None and np.array_equal(known.lon, lon) and np.array_equal(known.lat, lat):
        return known
    return PointIndex(lon, lat)


def offerings(
    masks: Masks, active: IntArray, index: PointIndex, before: Kept[int, Offering] | None
) -> Kept[int, Offering]:
    """Return `offering` for any needs; those asked of the snapshot before are made beforehand."""

    def carry(needs: int, known: Offering) -> Offering | None:
        if before is not None and before.was_asked(needs):
            return offering(masks, active, index, needs, known[0])
        return None

    known = {} if before is None else before.carried(carry)
    return Kept(partial(offering, masks, active, index), known)


def timetable_of(frame: gpd.GeoDataFrame, lon: FloatArray, lat: FloatArray) -> Timetable:
    """Return the hours of every station: its own, or its host's; with its closures."""
    posted = zip(frame["opening_hours"].tolist(), frame["host_hours"].tolist(), strict=True)
    shut = read_cells(frame["closures"], read_closures)
    return Timetable.of(
        [inherited(own, host) for own, host in posted],
        frame["calendar"].tolist(),
        closures=shut,
        lon=lon,
        lat=lat,
    )


def read_cells[T](column: pd.Series[str], read: Callable[[str], T]) -> dict[int, T]:
    """Return what the cells that are not empty say, by row; equal ones are read once."""
    rows = np.flatnonzero((column != "").to_numpy(dtype=bool))
    codes, texts = pd.factorize(column.iloc[rows])
    values = [read(text) for text in texts]
    return {int(row): values[code] for row, code in zip(rows, codes, strict=True)}


def narrowed(
    timetable: Timetable, amenity_hours: Mapping[int, Mapping[str, str]], needs: int
) -> Timetable:
    """Return the hours at which all of ``needs`` can be had, by the amenities' own hours."""
    codes: Sequence[str] = catalogue().amenities.codes(needs)
    within = {
        row: tuple(sorted({hours[code] for code in codes if code in hours}))
        for row, hours in amenity_hours.items()
    }
    return timetable.narrowed({row: texts for row, texts in within.items() if texts})


def _destinations_of(frame: gpd.GeoDataFrame, lon: FloatArray, lat: FloatArray) -> Destinations:
    """Return where navigation leads: to the entrance, or to the position where none is known."""
    entrances = (frame[name].to_numpy(dtype=float, na_value=np.nan) for name in _ENTRANCE)
    ends = (np.where(np.isnan(e), p, e) for e, p in zip(entrances, (lon, lat), strict=True))
    return navigation.destinations(*ends)
