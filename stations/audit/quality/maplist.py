"""A map platform's list (地图平台) beside the register: what is missing there, what lies elsewhere.

The list is a file the inspector brings; nothing is asked of a platform. Its rows are matched to
stations by telephone, by the core of the name, or by likeness nearby; a match is one to one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from geodata.errors import FaultyDataError
from geodata.geodesy import PointIndex, distance_m
from stations.audit.quality import names
from stations.audit.quality.pairs import told
from stations.imports.records import STATION, Options, read_records

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.files import Table
    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.audit.quality.names import Texts
    from stations.audit.ruling import Context

NEAR_M, FAR_M = 300.0, 5_000.0
"""Within the first a like name is a match, within the second an equal name or telephone is."""
LIKE = 0.75
USUAL = 40
"""What more records than this share finds no match."""


class Matches(NamedTuple):
    """Which row of the list each station is; arrays of one length, by station."""

    station: IntArray
    row: IntArray
    metres: FloatArray
    apart: BoolArray
    """True: they would match wherever the two lie, by telephone or a name nobody else has."""


def read(table: Table, *, datum: str | None = None) -> gpd.GeoDataFrame:
    """Read a list as a stations frame; ids are made where it has none.

    ``datum`` is what its positions are in (Amap's and Tencent's are gcj02, Baidu's bd09). Rows with
    faults raise `FaultyDataError`: a list half read would call stations missing that are on it.
    """
    found = read_records(table, STATION, Options(datum=datum, make_ids=True))
    if found.faults:
        what = f"{found.faults[0].field}: {found.faults[0].problem}"
        raise FaultyDataError(f"{len(found.faults)} faults in the list: {what}", found.faults)
    return found.frame.set_index("id").sort_index()


def matches(context: Context) -> Matches:
    """Match the register to the list, the surest pairs first; each row once."""
    if context.platform is None or context.platform.empty:
        none = np.empty(0, dtype=np.int64)
        return Matches(none, none, np.empty(0), np.empty(0, dtype=np.bool_))
    candidates = _candidates(context, context.platform)
    order = np.lexsort((candidates["metres"], -candidates["sure"]))
    surest = candidates.iloc[order]
    chosen = _one_to_one(surest["station"].to_numpy(), surest["row"].to_numpy())
    found = surest.iloc[chosen].sort_values("station")
    return Matches(*(found[name].to_numpy() for name in ("station", "row", "metres", "apart")))


def _one_to_one(station: IntArray, row: IntArray) -> IntArray:
    taken: set[int] = set()
    listed: set[int] = set()
    chosen = []
    for at, (mine, its) in enumerate(zip(station.tolist(), row.tolist(), strict=True)):
        if mine not in taken and its not in listed:
            taken.add(mine)
            listed.add(its)
            chosen.append(at)
    return np.array(chosen, dtype=np.int64)


def _candidates(context: Context, listed: gpd.GeoDataFrame) -> pd.DataFrame:
    mine = context.derived(told)
    core = names.cores(listed["name"], listed["area_code"])
    numbers = names.numbers_in(core)
    phone = names.phones(listed["phone"])
    lon, lat = listed.geometry.x.to_numpy(), listed.geometry.y.to_numpy()
    near = PointIndex(lon, lat).within(context.registry.lon, context.registry.lat, NEAR_M)
    ends = names.tails(mine.phone), names.tails(phone)
    drawn = [np.stack((near.query, near.row)), _equal(mine.core, core), _equal(*ends)]
    keys = np.concatenate(drawn, axis=1)
    keys = np.unique(keys[0] * len(listed) + keys[1])
    station, row = keys // len(listed), keys % len(listed)
    metres = distance_m(
        context.registry.lon[station], context.registry.lat[station], lon[row], lat[row]
    )
    alike = process.cpdist(mine.core[station].tolist(), core[row].tolist(), scorer=fuzz.ratio)
    like = np.where((mine.core[station] == "") | (core[row] == ""), 0.0, alike / 100)
    called = names.same_number(mine.phone[station], phone[row])
    apart = names.opposite(mine.sides[station], names.sides(core)[row])
    apart |= names.counted_apart(mine.numbers[station], numbers[row])
    sure = 2.0 * called + np.where(like == 1, 1.5, like) - np.log10(metres + 100) / 4
    fits = called | (like == 1) | ((like >= LIKE) & (metres <= NEAR_M))
    kept = fits & ~apart & (metres <= FAR_M)
    alone = (like == 1) & _unique(mine.core)[station] & _unique(core)[row]
    columns = {"station": station, "row": row, "metres": metres, "sure": sure}
    columns["apart"] = called | alone
    return pd.DataFrame({name: values[kept] for name, values in columns.items()})


def _unique(texts: Texts) -> BoolArray:
    code, _ = pd.factorize(texts)
    return np.asarray(np.bincount(code, minlength=1)[code] == 1, dtype=np.bool_)


def _equal(left: Texts, right: Texts) -> IntArray:
    """Return the pairs (2, k) with equal texts, of texts that few records share."""
    some, other = (pd.DataFrame({"text": each}).query("text != ''") for each in (left, right))
    few = other["text"].map(other["text"].value_counts()) * 1
    usual = some["text"].map(some["text"].value_counts())
    pairs = some[usual <= USUAL].reset_index().merge(other[few <= USUAL].reset_index(), on="text")
    return pairs[["index_x", "index_y"]].to_numpy(dtype=np.int64).T
