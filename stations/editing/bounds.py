"""What an editor may touch: the area a station is in, the one it would be in, and the ground."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata import boundaries
from geodata.errors import ForbiddenError
from stations.places import read_places
from stations.store import changed_rows

if TYPE_CHECKING:
    import geopandas as gpd

type Reaches = Callable[[str], bool]
"""Whether an area code is among those somebody is responsible for; "" is a place in no county."""
type Bounds = dict[str, tuple[str, str, str]]


def beyond(new: gpd.GeoDataFrame, old: gpd.GeoDataFrame, reaches: Reaches) -> Bounds:
    """Return id → field, value and problem of the rows of ``new`` that are not for somebody.

    Of each count the area code on record in ``old``, if it is there, the one it would have, and,
    where they are new, the counties that its position and the places of its timetable lie in: a
    code alone moves nothing, and a van is shown where it stands.
    """
    found: Bounds = {}
    known = new.index.intersection(old.index)
    for id_, code in old.loc[known, "area_code"].items():
        if not reaches(code):
            found[str(id_)] = ("id", str(id_), _outside(code))
    for id_, code in new["area_code"].items():
        if not reaches(code):
            found.setdefault(str(id_), ("area_code", code, _outside(code)))
    for id_, code in _counties_of_moved(new, old).items():
        if not reaches(code):
            problem = f"the position is {_outside(code)}"
            found.setdefault(id_, ("position", code, problem))
    for id_, place, code in _counties_of_places(new, old):
        if not reaches(code):
            problem = f"a place of its timetable is {_outside(code)}"
            found.setdefault(id_, ("places", place, problem))
    return found


def require_reached(new: gpd.GeoDataFrame, old: gpd.GeoDataFrame, reaches: Reaches) -> None:
    """Raise `ForbiddenError` unless all of `beyond` is somebody's to touch."""
    for id_, (_, _, problem) in beyond(new, old, reaches).items():
        raise ForbiddenError(f"station {id_[:80]!r} is not yours to change: {problem}")


def require_in_reach(id_: str, code: str, reaches: Reaches) -> None:
    """Raise `ForbiddenError` unless a station of an area code is somebody's to touch."""
    if not reaches(code):
        raise ForbiddenError(f"station {id_[:80]!r} is not yours to change: {_outside(code)}")


def _outside(code: str) -> str:
    problem = f"in {code}, outside your area" if code else "in no county, outside your area"
    return problem  # noqa: RET504 - what is called so is translated, see web/words/extract.py


def _counties_of_moved(new: gpd.GeoDataFrame, old: gpd.GeoDataFrame) -> dict[str, str]:
    """Return id → county its position lies in, of those that were not just there before."""
    if new.empty:
        return {}
    added, changed, _ = changed_rows(new, old)
    points = new.geometry
    still = shapely.equals_identical(
        points.loc[changed].to_numpy(), old.geometry.loc[changed].to_numpy()
    )
    moved = points.loc[[*added, *changed[~np.asarray(still, dtype=bool)]]]
    codes = boundaries.county_of(moved.x.to_numpy(), moved.y.to_numpy())
    return {str(id_): str(code or "") for id_, code in zip(moved.index, codes, strict=True)}


def _counties_of_places(
    new: gpd.GeoDataFrame, old: gpd.GeoDataFrame
) -> Iterator[tuple[str, str, str]]:
    """Yield id, place and its county of the places it did not stand at before."""
    before = old["places"].reindex(new.index).fillna("")
    said = new["places"][(new["places"] != "") & (new["places"] != before)]
    for id_, text in said.items():
        stood = {(place.lon, place.lat) for place in read_places(before.loc[id_])}
        places = [each for each in read_places(text) if (each.lon, each.lat) not in stood]
        lon, lat = ([getattr(each, axis) for each in places] for axis in ("lon", "lat"))
        for place, code in zip(places, boundaries.county_of(lon, lat).tolist(), strict=True):
            yield str(id_), place.told()[:80], str(code or "")
