"""Gaps a person can act on: where, when, who is near, and the one thing that would help most."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geodata.geodesy import PointIndex, nearest_to_areas
from stations.cube import bits, hours_text
from stations.cube.shares import shares
from stations.cube.supply import EVERY, Condition
from stations.hours.timetable import WEEK_HOURS

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.cube.bits import Words
    from stations.cube.ground import Ground
    from stations.cube.measure import Amounts, Cube

    type Columns = dict[str, list[str] | npt.NDArray[Any]]

CHEAPEST = (Condition.TRUST, Condition.HOURS, Condition.AMENITY)
"""Where removals win as much: a visit before longer hours before new equipment."""
FIXES = {Condition.TRUST: "confirm", Condition.HOURS: "extend_hours", Condition.AMENITY: "add"}
BLOCK = 1_024
"""Removals tried at once."""
FIRST = 8
"""Removals tried first at each site: those that might win most."""


class _Tries(NamedTuple):
    """Removals to try: at a site, for a station in its reach, one condition."""

    site: IntArray
    station: IntArray
    cost: FloatArray
    condition: IntArray
    words: Words
    """Hours that are lost and that the station would then be usable at."""

    def only(self, kept: IntArray) -> _Tries:
        """Choose by number."""
        site, station, cost = self.site[kept], self.station[kept], self.cost[kept]
        return _Tries(site, station, cost, self.condition[kept], self.words[kept])


class _Best(NamedTuple):
    """The removal that wins most at each site; station -1 where none wins anything."""

    station: IntArray
    cost: FloatArray
    condition: IntArray
    won: Amounts
    hours: BoolArray
    """(k, hours): where it wins somebody."""


def gaps(cube: Cube, limit: int | None = None) -> pd.DataFrame:
    """Return the sites where somebody is left out at some hour: most worker-hours first, by id.

    Columns: ``name``, ``area_code``, ``workers`` (<NA> unknown); ``lost`` worker-hours (site-hours
    without workers) out of ``present``; ``hours`` (bool array) with ``hours_zh``, ``hours_en``;
    ``nearest_id``, ``nearest_cost``: the nearest station in reach, in the ground's unit ("" and
    NaN: none); ``usable_id``, ``usable_m``: the nearest, in reach or not, that is usable at all of
    those hours, in straight metres; and the best single removal: ``fix`` (confirm, extend_hours,
    add; "" none wins), ``fix_id``, ``fix_cost``, ``fix_won`` worker-hours, ``fix_zh``, ``fix_en``
    the hours won. Of removals that win as much: `CHEAPEST`, then the nearest, then by id.
    """
    real = cube.covered(EVERY)
    left = cube.present - real
    lost = left.sum(axis=1)
    order = np.argsort(-lost, kind="stable")  # sites are sorted by id
    sites = order[lost[order] > 0][:limit]
    hours = left[sites] > 0
    said = [_said(cube, each) for each in hours]
    frame = cube.sites.iloc[sites][["name", "area_code", "workers"]].copy()
    frame = pd.DataFrame(frame).assign(
        lost=lost[sites],
        present=cube.present[sites].sum(axis=1),
        hours=list(hours),
        hours_zh=[each.zh for each in said],
        hours_en=[each.en for each in said],
    )
    ground = cube.ground.nearest().only(sites)
    columns = _nearest(cube, ground) | _usable(cube, sites, hours) | _fixes(cube, sites, ground)
    return frame.assign(**columns)


def _said(cube: Cube, hours: BoolArray) -> hours_text.Words:
    week = np.zeros(WEEK_HOURS, dtype=np.bool_)
    first = cube.question.first_hour
    week[first : first + cube.hours] = hours
    return hours_text.words(week)


def _ids(cube: Cube, rows: IntArray) -> list[str]:
    return [str(cube.supply.ids[row]) if row >= 0 else "" for row in rows.tolist()]


def _nearest(cube: Cube, ground: Ground) -> Columns:
    """Return the nearest of all stations in reach; the ground has one spot a site."""
    rows, cost = np.full(ground.sites, -1), np.full(ground.sites, np.nan)
    there = cube.supply.there.any(axis=1)[ground.station]
    spot, station, costs = (each[there] for each in (ground.spot, ground.station, ground.cost))
    order = np.lexsort((station, costs, spot))
    first = order[np.flatnonzero(np.diff(spot[order], prepend=-1))]
    rows[spot[first]], cost[spot[first]] = station[first], costs[first]
    return {"nearest_id": _ids(cube, rows), "nearest_cost": cost}


def _usable(cube: Cube, sites: IntArray, hours: BoolArray) -> Columns:
    """Return the nearest station usable at all lost hours; sites that lose the same are one."""
    rows, metres = np.full(sites.size, -1), np.full(sites.size, np.nan)
    usable = cube.supply.usable()
    shapes = cube.sites.geometry.to_numpy()[sites]
    asked, group = np.unique(bits.packed(hours), axis=0, return_inverse=True)
    for number, mask in enumerate(asked):
        open_ = np.flatnonzero(((usable & mask) == mask).all(axis=1))
        members = np.flatnonzero(group.ravel() == number)
        if open_.size:
            index = PointIndex(cube.supply.lon[open_], cube.supply.lat[open_])
            row, metres[members] = _closest(index, shapes[members])
            rows[members] = open_[row]
    return {"usable_id": _ids(cube, rows), "usable_m": metres}


def _closest(index: PointIndex, shapes: np.ndarray) -> tuple[IntArray, FloatArray]:
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    rows, metres = np.full(len(shapes), -1), np.full(len(shapes), np.nan)
    points = shapes[is_point]
    near = index.nearest(shapely.get_x(points), shapely.get_y(points), 1)
    rows[is_point], metres[is_point] = near.rows[:, 0], near.metres[:, 0]
    rows[~is_point], metres[~is_point] = nearest_to_areas(index, shapes[~is_point])
    return rows, metres


def _fixes(cube: Cube, sites: IntArray, ground: Ground) -> Columns:
    best = _tried(cube, sites, _tries(cube, sites, ground))
    said = [_said(cube, each) for each in best.hours]
    some = best.station >= 0
    return {
        "fix": [FIXES[Condition(each)] if each else "" for each in best.condition.tolist()],
        "fix_id": _ids(cube, best.station),
        "fix_cost": best.cost,
        "fix_won": best.won,
        "fix_zh": [each.zh if won else "" for each, won in zip(said, some, strict=True)],
        "fix_en": [each.en if won else "" for each, won in zip(said, some, strict=True)],
    }


def _tries(cube: Cube, sites: IntArray, ground: Ground) -> _Tries:
    """List the removals that can win an hour, by site, then as ties are broken."""
    lost = bits.packed(cube.present[sites] > cube.covered(EVERY)[sites])[ground.spot]
    have = cube.supply.usable()[ground.station]
    found = []
    for rank, condition in enumerate(CHEAPEST):
        gained = cube.supply.usable(EVERY & ~condition)[ground.station] & ~have & lost
        pair = np.flatnonzero(gained.any(axis=1))
        found.append((pair, np.full(pair.size, rank), gained[pair]))
    pair, ranks, words = (np.concatenate(each) for each in zip(*found, strict=True))
    order = np.lexsort((ground.station[pair], ground.cost[pair], ranks, ground.spot[pair]))
    at = pair[order]
    condition = np.array([int(each) for each in CHEAPEST])[ranks[order]]
    return _Tries(ground.spot[at], ground.station[at], ground.cost[at], condition, words[order])


def _tried(cube: Cube, sites: IntArray, tries: _Tries) -> _Best:
    """Return the first of those that win most; what cannot be among them is not tried.

    Nothing wins more than all who are left out at the hours it changes, and at a site that is one
    point it wins just these.
    """
    left = (cube.present - cube.covered(EVERY))[sites]
    most = _in_blocks(tries, partial(_most, cube, tries, left))
    exact = _one_point(cube.ground)[sites][tries.site]
    won: Amounts = np.where(exact, most, -1)
    order = np.lexsort((-most, tries.site))
    rank = np.arange(order.size) - np.searchsorted(tries.site, tries.site)
    first = np.zeros(won.size, dtype=np.bool_)
    first[order] = rank < FIRST
    for chosen in (first, ~first):
        best = np.zeros(sites.size, dtype=won.dtype)
        np.maximum.at(best, tries.site, won)
        todo = np.flatnonzero(chosen & (won < 0) & (most >= best[tries.site]))
        some = tries.only(todo)
        won[todo] = _in_blocks(some, partial(_gain, cube, sites, some))
    order = np.lexsort((np.arange(won.size), -won, tries.site))
    order = order[won[order] > 0]
    top = order[np.flatnonzero(np.diff(tries.site[order], prepend=-1))]
    return _best(cube, sites, tries.only(top), won[top])


def _best(cube: Cube, sites: IntArray, top: _Tries, won: Amounts) -> _Best:
    best = _nothing(sites.size, cube.hours)._replace(won=np.zeros(sites.size, dtype=won.dtype))
    best.station[top.site], best.cost[top.site] = top.station, top.cost
    best.condition[top.site], best.won[top.site] = top.condition, won
    if top.site.size:
        best.hours[top.site] = _wins(cube, sites, top, slice(None)) > 0
    return best


def _in_blocks(tries: _Tries, count: Callable[[slice], Amounts]) -> Amounts:
    starts = range(0, tries.site.size, BLOCK)
    found = [count(slice(start, start + BLOCK)) for start in starts]
    return np.concatenate([*found, np.zeros(0, dtype=np.int64)])


def _most(cube: Cube, tries: _Tries, left: Amounts, some: slice) -> Amounts:
    flags = bits.unpacked(tries.words[some], cube.hours)
    most: Amounts = (flags * left[tries.site[some]]).sum(axis=1)
    return most


def _gain(cube: Cube, sites: IntArray, tries: _Tries, some: slice) -> Amounts:
    gain: Amounts = _wins(cube, sites, tries, some).sum(axis=1)
    return gain


def _one_point(ground: Ground) -> BoolArray:
    """Tell which sites are a single point."""
    one: BoolArray = np.diff(ground.spots_of) == 1
    if ground.polygons is not None:
        areas = [area is not None for area in ground.polygons]
        one[ground.site_of[np.array(areas, dtype=np.bool_)]] = False
    return one


def _wins(cube: Cube, sites: IntArray, tries: _Tries, some: slice) -> Amounts:
    """Return (k, hours) how many more are covered, removal by removal."""
    site = sites[tries.site[some]]
    share = _share(cube, site, tries.station[some], tries.condition[some])
    more: Amounts = cube.counted(site, share) - cube.covered(EVERY)[site]
    return more


def _nothing(size: int, hours: int) -> _Best:
    none, zero = np.full(size, -1), np.zeros(size, dtype=np.int64)
    cost = np.full(size, np.nan)
    return _Best(none, cost, zero, zero.copy(), np.zeros((size, hours), dtype=np.bool_))


def _share(cube: Cube, site: IntArray, station: IntArray, condition: IntArray) -> FloatArray:
    """Return the share (k, hours) of each site if a station met a condition."""
    ground = cube.ground.only(site)
    of = ground.site_of[ground.spot]
    words = cube.supply.usable()[ground.station]
    for each in Condition:
        changed = (ground.station == station[of]) & (condition[of] == each)
        words[changed] = cube.supply.usable(EVERY & ~each)[ground.station[changed]]
    found: FloatArray = shares(ground, cube.supply, words[:, None], np.arange(len(words)))[0]
    return found
