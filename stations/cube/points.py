"""The cube of layers too large to keep: millions of points, counted by county as they pass.

A *plane* is one question about a station, such as "open, with a toilet, confirmed", over the hours.
All planes of all hours of a station are one row of bits; few such rows are distinct. A point is
covered in a bit when any station in reach has it: the rows of its stations are joined 64 bits at a
time, and the bits are counted in their places (`stations.cube.counting`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from geodata import boundaries
from geodata.errors import UsageError
from geodata.geodesy import PointIndex
from stations.cube import bits
from stations.cube.counting import counted, weighed
from stations.cube.supply import Supply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from geodata.geodesy import FloatArray, IntArray
    from stations.cube.bits import Words
    from stations.cube.question import Question
    from stations.registry import Registry

    type Chunk = tuple[FloatArray, FloatArray, IntArray | None]
    type CountyOf = Callable[[FloatArray, FloatArray], IntArray]

BLOCK = 16_384
"""Stations whose hours are unpacked at once."""
MOST_WORKERS = 2**53
"""Up to here sums of whole numbers are exact in the counting."""


class PointSums(NamedTuple):
    """Counts by county; adding them up in any order gives the same."""

    codes: IntArray
    """(counties,) ascending, 0: outside every county."""
    sites: IntArray
    """(counties,) points."""
    workers: IntArray
    """(counties,), 0 without workers."""
    covered: IntArray
    """(counties, planes, hours) points covered."""
    workers_covered: IntArray
    """(counties, planes, hours), 0 without workers."""


@dataclass(frozen=True, eq=False)
class PointSupply:
    """The stations that count in some plane at some hour, and at which."""

    index: PointIndex
    code: IntArray
    """Row of ``index`` → row of ``patterns``."""
    patterns: Words
    """Distinct rows of bits: hour ``h`` of plane ``p`` is bit ``p * hours + h``."""
    planes: int
    hours: int

    @classmethod
    def of(cls, registry: Registry, questions: Sequence[Question]) -> Self:
        """Take each question's truly usable stations as a plane; all of as many hours."""
        if len({question.hours for question in questions}) != 1:
            raise UsageError("a cube has one or more planes, all of the same hours")
        hours = questions[0].hours
        planes = [Supply.of(registry, question).usable() for question in questions]
        stands = registry.stands
        return cls.from_planes(stands.lon, stands.lat, np.stack(planes, axis=1), hours)

    @classmethod
    def from_planes(cls, lon: FloatArray, lat: FloatArray, planes: Words, hours: int) -> Self:
        """Take stations at positions, each with its hours in words (n, planes, words)."""
        rows = np.concatenate(
            [_end_to_end(planes[start : start + BLOCK], hours) for start in _starts(len(planes))]
        )
        some = np.flatnonzero(rows.any(axis=1))
        patterns, code = _distinct(rows[some])
        return cls(PointIndex(lon[some], lat[some]), code, patterns, planes.shape[1], hours)


def cube_of_points(
    chunks: Iterable[Chunk],
    supply: PointSupply,
    within_m: float,
    *,
    county_of: CountyOf = boundaries.county_of,
) -> PointSums:
    """Count the points covered, by county, plane and hour: one pass over ``chunks``.

    A chunk is (lon, lat, workers or None) in WGS 84; workers are whole numbers. Memory does not
    grow with the number of chunks, and the chunking does not change the result: it is `combine`
    of `partial`.
    """
    parts = (partial(chunk, supply, within_m, county_of=county_of) for chunk in chunks)
    return reduce(combine, parts, _nothing(supply))


def partial(
    chunk: Chunk,
    supply: PointSupply,
    within_m: float,
    *,
    county_of: CountyOf = boundaries.county_of,
) -> PointSums:
    """Count one chunk."""
    lon, lat, workers = chunk
    _check(workers, len(lon))
    codes, county = _counties(county_of(lon, lat))
    tally = _Tally(len(codes), county, workers, supply)
    if supply.index.pairs_about(lon, lat, within_m) > len(lon) * len(supply.patterns):
        _by_pattern(supply, lon, lat, within_m, tally)
    else:
        supply.index.each_within(lon, lat, within_m, tally.add_pairs)
    shape = (len(codes), supply.planes, supply.hours)
    size = supply.planes * supply.hours
    everybody = tally.weights if workers is not None else np.zeros(len(lon))
    return PointSums(
        codes,
        np.bincount(county, minlength=len(codes)),
        np.bincount(county, everybody, len(codes)).astype(np.int64),
        tally.points[:, :size].reshape(shape),
        tally.workers[:, :size].reshape(shape),
    )


def combine(one: PointSums, other: PointSums) -> PointSums:
    """Add up two counts of the same supply."""
    codes = np.union1d(one.codes, other.codes)

    def added(name: str) -> IntArray:
        first = getattr(one, name)
        out = np.zeros((len(codes), *first.shape[1:]), dtype=np.int64)
        for part in (one, other):
            out[np.searchsorted(codes, part.codes)] += getattr(part, name)
        return out

    return PointSums(codes, *(added(name) for name in PointSums._fields[1:]))


def _starts(size: int) -> range:
    return range(0, max(size, 1), BLOCK)


def _end_to_end(planes: Words, hours: int) -> Words:
    """Put the hours of all planes into one row of bits."""
    flags = bits.unpacked(planes, hours)
    return bits.packed(flags.reshape(len(flags), flags.shape[1] * hours).astype(np.bool_))


def _distinct(rows: Words) -> tuple[Words, IntArray]:
    """Return distinct rows, and each row's number among them: word by word, all whole numbers."""
    code: IntArray = np.zeros(len(rows), dtype=np.int64)
    for column in rows.T:
        distinct, number = np.unique(column, return_inverse=True)
        _, code = np.unique(code * len(distinct) + number, return_inverse=True)
    _, first = np.unique(code, return_index=True)
    return rows[first], code


class _Tally:
    """Counts by county and bit, added to from several threads."""

    def __init__(
        self, counties: int, county: IntArray, workers: IntArray | None, supply: PointSupply
    ) -> None:
        width = supply.patterns.shape[1] * bits.WORD_BITS
        self.points: IntArray = np.zeros((counties, width), dtype=np.int64)
        self.workers: IntArray = np.zeros((counties, width), dtype=np.int64)
        self.weights = None if workers is None else np.asarray(workers, dtype=np.float64)
        self._county, self._supply, self._lock = county, supply, Lock()

    def add_pairs(self, part: IntArray, query: IntArray, row: IntArray) -> None:
        """Count the points ``part`` by their pairs; ``query`` ascends."""
        starts = np.flatnonzero(np.diff(query, prepend=-1))
        member, begins = self._supply.code[row], np.append(starts, query.size)
        words = bits.united(self._supply.patterns, member, begins)
        self.add(part[query[starts]], words)

    def add(self, points: IntArray, words: Words) -> None:
        """Count points with these bits."""
        if not points.size:
            return
        codes, group = _counties(self._county[points])
        found = counted(words, group, len(codes))
        with self._lock:
            self.points[codes] += found
        if self.weights is not None:
            found = weighed(words, group, len(codes), self.weights[points])
            with self._lock:
                self.workers[codes] += found


def _by_pattern(
    supply: PointSupply, lon: FloatArray, lat: FloatArray, within_m: float, tally: _Tally
) -> None:
    """Ask for the nearest station of each pattern: where reach is wide, these are fewer."""
    found = np.zeros((len(lon), supply.patterns.shape[1]), dtype=np.uint64)
    for number, pattern in enumerate(supply.patterns):
        rows = np.flatnonzero(supply.code == number)
        index = PointIndex(supply.index.lon[rows], supply.index.lat[rows])
        found[index.any_within(lon, lat, within_m)] |= pattern
    tally.add(np.arange(len(lon)), found)


def _counties(code: IntArray) -> tuple[IntArray, IntArray]:
    """Return the codes there are, ascending, and for each point its number among them."""
    if not code.size:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    there = np.flatnonzero(np.bincount(code))
    number = np.zeros(there[-1] + 1, dtype=np.int64)
    number[there] = np.arange(there.size)
    return there, number[code]


def _check(workers: Any, size: int) -> None:  # noqa: ANN401
    """Refuse workers that are no whole numbers, or so many that sums are no longer exact."""
    if workers is None:
        return
    found = np.asarray(workers)
    if found.shape != (size,) or not np.issubdtype(found.dtype, np.integer):
        raise UsageError(f"workers are one whole number for each of {size} points")
    if size and (found.min() < 0 or float(found.max()) * size > MOST_WORKERS):
        raise UsageError("workers are 0 or more, and in all fewer than 2**53 a chunk")


def _nothing(supply: PointSupply) -> PointSums:
    none, shape = np.zeros(0, dtype=np.int64), (0, supply.planes, supply.hours)
    cells = np.zeros(shape, dtype=np.int64)
    return PointSums(none, none, none, cells, cells)
