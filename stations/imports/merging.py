"""What a file does not say stays as the register has it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from stations.places import read_places

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

PLACE_COLUMNS = ("position_in", "datum_in", "datum_by", "area_code")
"""What follows from a position, or tells where it comes from."""


def completed(
    frame: gpd.GeoDataFrame, old: gpd.GeoDataFrame, said: Collection[str], *, datum_said: bool
) -> gpd.GeoDataFrame:
    """Fill what the file left unsaid of records the register knows; both are indexed by id.

    A column the file lacks (not in ``said``) keeps the register's values: an empty cell empties a
    field, a missing column does not. Where a position is the same to the last digit, what the
    register knows of its origin and its county stays too, unless ``datum_said``, so a sheet
    exported, edited and brought back does not forget which datum a pair came in. An outline that a
    format turned round, or began at another corner, stays as it was. Attributes of demand sites are
    merged, the file's going first.
    """
    both = frame.index.intersection(old.index)
    if both.empty:
        return frame
    unsaid = [name for name in old.columns if name not in {*said, *PLACE_COLUMNS, "geometry"}]
    keep = [name for name in unsaid if name != "attributes"]
    for name in keep:  # one by one and as arrays: a frame of whole numbers is not aligned well
        frame.loc[both, name] = old.loc[both, name].array
    if "attributes" in unsaid:
        pairs = zip(old.loc[both, "attributes"], frame.loc[both, "attributes"], strict=True)
        frame.loc[both, "attributes"] = [_merged(*pair) for pair in pairs]
    here, there = frame.geometry.loc[both].to_numpy(), old.geometry.loc[both].to_numpy()
    alike = shapely.equals_identical(shapely.normalize(here), shapely.normalize(there))
    still = both[alike]
    frame.loc[still, "geometry"] = gpd.GeoSeries(there[alike], index=still, crs=frame.crs)
    if not datum_said:
        place = [name for name in PLACE_COLUMNS if name not in said]
        frame.loc[still, place] = old.loc[still, place]
        if "places" in said:
            pairs = zip(old.loc[both, "places"], frame.loc[both, "places"], strict=True)
            frame.loc[both, "places"] = [_remembered(*pair) for pair in pairs]
    return frame


def _remembered(old: str, new: str) -> str:
    """Return the old places if they are the new ones, but know what they came as."""
    bare = [replace(place, position_in="") for place in read_places(old)]
    return old if bare == list(read_places(new)) else new


def changed_fields(
    frame: gpd.GeoDataFrame, old: gpd.GeoDataFrame, changed: Collection[str]
) -> Mapping[str, int]:
    """Count the changed records by field; ``geometry`` is one."""
    ids = list(changed)
    new, before = frame.loc[ids], old.loc[ids]
    counts = {
        name: int(
            (new[name].astype(object).fillna("") != before[name].astype(object).fillna("")).sum()
        )
        for name in new.columns.drop("geometry")
    }
    same = shapely.equals_identical(new.geometry.to_numpy(), before.geometry.to_numpy())
    counts["geometry"] = int((~same).sum())
    return {name: count for name, count in counts.items() if count}


def _merged(old: str, new: str) -> str:
    return json.dumps({**json.loads(old), **json.loads(new)}, ensure_ascii=False)
