"""What a snapshot derives from the columns of its stations."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geodata.geodesy import PointIndex
from stations import navigation
from stations.catalogue import catalogue
from stations.hours import Timetable, inherited
from stations.schema import STATION_COLUMNS
from stations.store import read_closures, read_hours

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd
    import numpy.typing as npt

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.navigation import Destinations

    type Masks = npt.NDArray[np.uint64]
    type Offering = tuple[PointIndex, IntArray]

REMEMBERED = 32
"""Answers to different questions that are kept."""
_ENTRANCE = ("entrance_lon", "entrance_lat")


def frozen[Array: npt.NDArray[Any]](values: Array) -> Array:
    """Return the array itself, from now on read-only."""
    values.flags.writeable = False
    return values


def once[*Asked, T](build: Callable[[*Asked], T]) -> Callable[[*Asked], T]:
    """Remember answers that are dear: a thread that asks while one is computed waits for it."""
    known, computing = lru_cache(REMEMBERED)(build), threading.Lock()

    def ask(*asked: *Asked) -> T:
        with computing:
            return known(*asked)

    return ask


def masks_of(amenities: pd.Series[str]) -> Masks:
    """Read each distinct set of amenities once."""
    codes, distinct = pd.factorize(amenities)
    known = catalogue().amenities
    masks = [known.mask(text.split(";") if text else ()) for text in distinct]
    return np.array(masks, dtype=np.uint64)[codes]


def record_cells(
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


def record_of(cells: Mapping[str, tuple[Any, ...]], row: int) -> dict[str, Any]:
    """Return one record."""
    record = {name: column[row] for name, column in cells.items()}
    record["amenities"] = list(record["amenities"])
    return record


def offers(masks: Masks, needs: int) -> BoolArray:
    """Tell which masks have every bit of ``needs``."""
    return frozen((masks & np.uint64(needs)) == needs)


def offering(masks: Masks, active: IntArray, index: PointIndex, needs: int) -> Offering:
    """Return an index over the active stations that offer ``needs``, and their rows."""
    chosen = offers(masks[active], needs)
    if chosen.all():
        return index, active
    return PointIndex(index.lon[chosen], index.lat[chosen]), frozen(active[chosen])


def timetable_of(frame: gpd.GeoDataFrame, lon: FloatArray, lat: FloatArray) -> Timetable:
    """Return the hours of every station: its own, or its host's; with its closures."""
    posted = zip(frame["opening_hours"], frame["host_hours"], strict=True)
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
    timetable: Timetable, amenity_hours: Mapping[int, Mapping[str, str]], needs: Sequence[str]
) -> Timetable:
    """Return the hours at which all of ``needs`` can be had, by the amenities' own hours."""
    within = {
        row: tuple(sorted({hours[code] for code in needs if code in hours}))
        for row, hours in amenity_hours.items()
    }
    return timetable.narrowed({row: texts for row, texts in within.items() if texts})


def amenity_hours_of(frame: gpd.GeoDataFrame) -> dict[int, Mapping[str, str]]:
    """Return the hours of amenities that have their own, by row."""
    return read_cells(frame["amenity_hours"], read_hours)


def destinations_of(frame: gpd.GeoDataFrame, lon: FloatArray, lat: FloatArray) -> Destinations:
    """Return where navigation leads: to the entrance, or to the position where none is known."""
    entrances = (frame[name].to_numpy(dtype=float, na_value=np.nan) for name in _ENTRANCE)
    ends = (np.where(np.isnan(e), p, e) for e, p in zip(entrances, (lon, lat), strict=True))
    return navigation.destinations(*ends)
