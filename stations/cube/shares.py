"""The share of each site that is covered, hour by hour."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geodata.geodesy import share_within_own
from stations.cube import bits

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from geodata.geodesy import FloatArray, IntArray
    from stations.cube.bits import Bytes, Words
    from stations.cube.ground import Ground
    from stations.cube.supply import Supply

BLOCK_BYTES = 1 << 26
"""Hours unpacked at once."""
BLOCK_PAIRS = 1_000_000
"""Stations of sets measured at once."""


def shares(
    ground: Ground, supply: Supply, words: Words, member: IntArray | None = None
) -> FloatArray:
    """Return the share of every site covered, (levels, sites, hours), from 0 to 1.

    ``words`` (rows, levels, words) are hours at which stations count; ``member`` (pairs,) is the
    row of each of the ground's pairs, its station's by default. A point
    counts wholly when any station does; an area by the share of its samples, or exactly, once for
    each distinct set of stations that count together. A site without spots is not covered.
    """
    member = ground.station if member is None else member
    levels = words.shape[1]
    out = np.zeros((levels, ground.sites, supply.hours))
    for first, last in _blocks(ground, levels * supply.hours):
        some = slice(ground.spots_of[first], ground.spots_of[last])
        begins = ground.begins[some.start : some.stop + 1]
        joined = bits.united(words, member, begins)
        counted = _summed(bits.unpacked(joined, supply.hours), ground.site_of[some] - first)
        out[:, first:last] = np.moveaxis(counted[: last - first], 0, 1)
    if ground.polygons is not None:
        _measure(ground.polygons, ground, supply, _Hours(words, member), out)
    return out


def _blocks(ground: Ground, cells: int) -> Iterator[tuple[int, int]]:
    """Cut the sites where so many bytes are full; a site is never cut."""
    block = ground.spots_of[:-1] * cells // BLOCK_BYTES
    cuts = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), ground.sites]
    return pairwise(cuts)


def _summed(flags: Bytes, site: IntArray) -> FloatArray:
    """Return the share of the spots of each site that are 1; whole numbers, divided once."""
    size = int(site[-1]) + 1 if site.size else 0
    out = np.zeros((size, *flags.shape[1:]))
    starts = np.flatnonzero(np.diff(site, prepend=-1))
    if site.size == starts.size:
        out[site] = flags
    elif site.size:
        counts = np.diff(np.append(starts, site.size))
        total = np.add.reduceat(flags, starts, axis=0, dtype=np.int64)
        out[site[starts]] = total / counts[:, None, None]
    return out


class _Hours(NamedTuple):
    """Hours by row, and the row of each pair."""

    words: Words
    member: IntArray


class _Sets(NamedTuple):
    """The distinct sets of stations that count together at some site."""

    spot: int
    pairs: list[IntArray]
    """Numbers of pairs, one array a set."""
    which: IntArray
    """(levels, hours) number of the set."""


def _measure(
    polygons: npt.NDArray[np.object_],
    ground: Ground,
    supply: Supply,
    hours: _Hours,
    out: FloatArray,
) -> None:
    """Measure the areas anew, exactly."""
    found = [
        _sets(spot, ground, hours, supply.hours)
        for spot, area in enumerate(polygons)
        if area is not None and ground.begins[spot] < ground.begins[spot + 1]
    ]
    sizes = np.cumsum([sum(pairs.size for pairs in each.pairs) for each in found])
    for some in np.split(np.arange(len(found)), np.flatnonzero(np.diff(sizes // BLOCK_PAIRS)) + 1):
        _measure_block([found[number] for number in some], polygons, ground, supply, out)


def _measure_block(
    found: list[_Sets],
    polygons: npt.NDArray[np.object_],
    ground: Ground,
    supply: Supply,
    out: FloatArray,
) -> None:
    every = [pairs for each in found for pairs in each.pairs]
    if not every:
        return
    spots = np.repeat([each.spot for each in found], [len(each.pairs) for each in found])
    share = share_within_own(
        polygons[spots],
        np.repeat(np.arange(len(every)), [pairs.size for pairs in every]),
        ground.station[np.concatenate(every)],
        supply.lon,
        supply.lat,
        radius_m=ground.radius_m,
    )
    begin = 0
    for each in found:
        out[:, ground.site_of[each.spot]] = share[begin + each.which]
        begin += len(each.pairs)


def _sets(spot: int, ground: Ground, told: _Hours, hours: int) -> _Sets:
    first, last = ground.begins[spot], ground.begins[spot + 1]
    flags = bits.unpacked(told.words[told.member[first:last]], hours)
    keys = np.ascontiguousarray(np.packbits(flags.reshape(last - first, -1), axis=0).T)
    new = np.concatenate(([True], (keys[1:] != keys[:-1]).any(axis=1)))
    distinct, number = np.unique(keys[new], axis=0, return_inverse=True)
    which = number.ravel()[np.cumsum(new) - 1].reshape(flags.shape[1:])
    members = np.unpackbits(distinct, axis=1, count=int(last - first))
    return _Sets(spot, [first + np.flatnonzero(each) for each in members], which)
