"""Between two dates or revisions: what changed coverage, and which stations did it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geodata.errors import UsageError
from stations.cube.shares import shares
from stations.cube.supply import EVERY, Supply

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray, IntArray
    from stations.cube.ground import Ground
    from stations.cube.measure import Amounts, Cube

KINDS = ("removed", "added", "moved", "hours", "amenity", "trust", "site")
"""Taken in this order: what is lost or won at each step is that kind's."""


class Trend(NamedTuple):
    """The change of real coverage."""

    sites: pd.DataFrame
    """By site of either: ``before``, ``after`` (covered worker-hours), and the change by `KINDS`,
    which adds up exactly. ``moved``: a station's position, or the ways to it; ``site``: the site's
    own workers, dates, shape or existence."""
    edits: pd.DataFrame
    """``site``, ``kind``, ``change`` and ``stations``: the ids of the stations changed that way
    within the site's reach; where the kind changed something."""


def compare(before: Cube, after: Cube) -> Trend:
    """Compare two cubes of a layer; `UsageError` if hours or limits are others."""
    limits = {(c.hours, c.ground.unit, c.ground.radius_m) for c in (before, after)}
    if len(limits) > 1:
        raise UsageError("only cubes of as many hours and of one limit can be compared")
    both = _both(before, after)
    steps = _steps(before, both)
    was, now = (pd.Series(_sums(cube), cube.sites.index) for cube in (before, after))
    index = was.index.union(now.index).rename("id")
    kind = np.result_type(was.to_numpy(), now.to_numpy())
    sites = pd.DataFrame(0, index=index, columns=["before", "after", *KINDS], dtype=kind)
    sites["before"] = was.reindex(index, fill_value=0)
    sites["after"] = now.reindex(index, fill_value=0)
    sites.loc[before.sites.index[both.old], list(KINDS[:-1])] = np.diff(steps, axis=0).T
    sites["site"] = sites["after"] - sites["before"] - sites[list(KINDS[:-1])].sum(axis=1)
    return Trend(sites, _edits(before, both, sites))


class _Both(NamedTuple):
    """The sites of both cubes that stand where they stood, over the stations of both."""

    old: IntArray
    """Site of the cube before."""
    ground: Ground
    """Reaches the stations before and, numbered on from these, those after."""
    supply: Supply
    """All of them: first as they were, then as they are."""
    kept: IntArray
    """(rows after,) the row before of a place a station stands at both times, else -1."""
    size: int
    """How many stations there were."""


def _both(before: Cube, after: Cube) -> _Both:
    old, new = _standing(before, after)
    first, second = before.ground.only(old), after.ground.only(new)
    size = len(before.supply)
    spot = np.concatenate((first.spot, second.spot))
    order = np.argsort(spot, kind="stable")
    station = np.concatenate((first.station, second.station + size))[order]
    ground = replace(
        first,
        begins=first.begins + second.begins,
        station=station,
        cost=np.concatenate((first.cost, second.cost))[order],
    )
    kept = _kept(before.supply, after.supply)
    return _Both(old, ground, _stacked(before.supply, after.supply), kept, size)


def _standing(before: Cube, after: Cube) -> tuple[IntArray, IntArray]:
    """Return the sites of both, in shape and in spots the same."""
    new = after.sites.index.get_indexer(before.sites.index)
    old = np.flatnonzero(new >= 0)
    new = new[old]
    same = before.sites.geometry.to_numpy()[old] == after.sites.geometry.to_numpy()[new]
    spots = (np.diff(cube.ground.spots_of) for cube in (before, after))
    same &= next(spots)[old] == next(spots)[new]
    return old[same], new[same]


def _kept(before: Supply, after: Supply) -> IntArray:
    """Match the rows by station; of one that moves the first place with the first, and so on."""
    (was, left), (now, right) = (_in_use(supply) for supply in (before, after))
    place = left.get_indexer(right)
    kept = np.full(len(after), -1)
    kept[now[place >= 0]] = was[place[place >= 0]]
    return kept


def _in_use(supply: Supply) -> tuple[IntArray, pd.MultiIndex]:
    """Return the rows there at some hour, and of each the station and its number among these."""
    rows = np.flatnonzero(supply.there.any(axis=1))
    ids = pd.Series(supply.ids[rows])
    return rows, pd.MultiIndex.from_arrays([ids, ids.groupby(ids).cumcount()])


def _stacked(before: Supply, after: Supply) -> Supply:
    columns = {
        name: np.concatenate((getattr(before, name), getattr(after, name)))
        for name in vars(before)
        if name != "hours"
    }
    return Supply(hours=before.hours, **columns)


def _steps(before: Cube, both: _Both) -> Amounts:
    """Return (`KINDS`, sites): real coverage before, and after each kind but the last."""
    found = []
    for supply in _supplies(both):
        share = shares(both.ground, supply, supply.usable()[:, None])[0]
        found.append(before.counted(both.old, share).sum(axis=1))
    return np.array(found).reshape(len(KINDS), len(both.old))


def _supplies(both: _Both) -> list[Supply]:
    """Return the stations before, and after each kind of change."""
    now, size = both.supply, both.size
    stays = np.flatnonzero(both.kept >= 0)
    old, new = both.kept[stays], size + stays
    gone = np.setdiff1d(np.arange(size), old)
    fresh = size + np.flatnonzero(both.kept < 0)
    rows = np.arange(len(now))
    was = now.without(rows[size:])
    left = was.without(gone)
    there = left.there.copy()
    there[fresh] = now.there[fresh]
    added = replace(left, there=there)
    there = there.copy()
    there[new], there[old] = now.there[new], 0
    moved = _taken(replace(added, there=there), ("open", "unknown", "amenity", "trusted"), new, old)
    hours = replace(moved, open=now.open, unknown=now.unknown)
    amenity = replace(hours, amenity=now.amenity)
    return [was, left, added, moved, hours, amenity, replace(amenity, trusted=now.trusted)]


def _taken(supply: Supply, names: tuple[str, ...], to: IntArray, source: IntArray) -> Supply:
    """Return the supply in which some rows are like others in some respects."""
    columns = {}
    for name in names:
        column = getattr(supply, name).copy()
        column[to] = column[source]
        columns[name] = column
    return replace(supply, **columns)


def _changed(both: _Both) -> dict[str, BoolArray]:
    """Tell for each kind which stations, before and after, changed that way."""
    supply, size = both.supply, both.size
    stays = np.flatnonzero(both.kept >= 0)
    old, new = both.kept[stays], size + stays
    blank = np.zeros(len(supply), dtype=np.bool_)
    there = supply.there.any(axis=1)
    removed, added = blank.copy(), blank.copy()
    removed[:size], added[size:] = there[:size], there[size:]
    removed[old], added[new] = False, False
    moved = (supply.lon[old] != supply.lon[new]) | (supply.lat[old] != supply.lat[new])
    moved |= (supply.there[old] != supply.there[new]).any(axis=1)
    differs = {
        "moved": moved,
        "hours": (supply.open[old] != supply.open[new]).any(axis=1),
        "amenity": (supply.amenity[old] != supply.amenity[new]).any(axis=1),
        "trust": supply.trusted[old] != supply.trusted[new],
    }
    found = {"removed": removed, "added": added}
    for kind, flags in differs.items():
        found[kind] = blank.copy()
        found[kind][old], found[kind][new] = flags, flags
    return found


def _edits(before: Cube, both: _Both, sites: pd.DataFrame) -> pd.DataFrame:
    near = both.ground.nearest()
    ids = before.sites.index.to_numpy(dtype=object)[both.old]
    parts = []
    for kind, flags in _changed(both).items():
        pairs = np.flatnonzero(flags[near.station])
        named = {"site": ids[near.spot[pairs]], "stations": both.supply.ids[near.station[pairs]]}
        found = pd.DataFrame(named).groupby("site")["stations"].agg(_distinct)
        change = sites[kind].reindex(found.index)
        parts.append(pd.DataFrame({"kind": kind, "change": change, "stations": found}))
    every = pd.concat(parts).rename_axis("site").reset_index()
    return every[every["change"] != 0].reset_index(drop=True)


def _distinct(ids: pd.Series[str]) -> tuple[str, ...]:
    return tuple(sorted(set(ids)))


def _sums(cube: Cube) -> Amounts:
    found: Amounts = cube.covered(EVERY).sum(axis=1)
    return found
