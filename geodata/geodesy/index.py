"""The index of points: nearest and within, exactly as the ellipsoid has it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from geodata.errors import UsageError
from geodata.geodesy.lonlat import canonical, checked, checked_one
from geodata.geodesy.positions import Positions
from geodata.geodesy.results import Neighbours, Pairs
from geodata.geodesy.search import BLOCK_PAIRS, Batch
from geodata.geodesy.single import OneSearch
from geodata.geodesy.visiting import visit

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from geodata.geodesy.lonlat import BoolArray, IntArray

PROBES = 512
"""Queries looked at to guess how many pairs there are."""


class PointIndex:
    """Search over ``n`` points, ``n`` may be 0; build once, share freely between threads.

    Every search answers as if it had measured every point by ``distance_m`` (query first) and
    sorted by metres, then by row: callers sort their points by id first. Positions are one when
    they are the same place: 180 and -180 are one meridian, a pole has one longitude. Metres are
    true to 0.5 mm, and the order is pyproj's.
    PositionError for what is no position, UsageError for ``k`` or ``limit`` below 1 and for a
    limit in metres that is NaN or negative.
    """

    def __init__(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> None:
        self.lon, self.lat = checked(lon, lat)
        self.places = Positions(self.lon, self.lat)

    def __len__(self) -> int:
        return self.lon.size

    def nearest(
        self, lon: npt.ArrayLike, lat: npt.ArrayLike, k: int, *, within_m: float = math.inf
    ) -> Neighbours:
        """Find the ``k`` nearest rows of each of ``m`` queries, none farther than ``within_m``."""
        east, north = canonical(*checked(lon, lat))
        _check(k, within_m)
        rows = np.full((east.size, k), -1, dtype=np.int64)
        metres = np.full((east.size, k), np.inf)

        def answer(part: IntArray) -> None:
            found = Batch(self.places, east[part], north[part]).nearest(k, within_m)
            rows[part], metres[part] = found

        if len(self):
            visit(east, north, answer)
        return Neighbours(rows, metres)

    def nearest_to(
        self,
        origin: tuple[float, float],
        limit: int,
        *,
        within_m: float = math.inf,
        where: BoolArray | None = None,
    ) -> tuple[list[int], list[float]]:
        """Find at most ``limit`` rows nearest to one ``LonLat``: rows and metres, nearest first.

        ``where`` has one truth value per row; only rows where it is true are found.
        """
        lon, lat = checked_one(origin)
        _check(limit, within_m)
        if where is not None and where.shape != self.lon.shape:
            raise UsageError(f"`where` must have {len(self)} values, got shape {where.shape}")
        search = OneSearch(self.places, (lon, lat), limit=limit, within_m=within_m, where=where)
        return search.run()

    def within(self, lon: npt.ArrayLike, lat: npt.ArrayLike, radius_m: float) -> Pairs:
        """Find every pair of a query and a row at most ``radius_m`` apart, inclusive."""
        east, north = canonical(*checked(lon, lat))
        _check(1, radius_m)

        parts: list[tuple[IntArray, Pairs]] = []

        def answer(part: IntArray) -> None:
            parts.append((part, Batch(self.places, east[part], north[part]).within(radius_m)))

        if len(self):
            visit(east, north, answer)
        return _joined(parts, east.size)

    def each_within(
        self,
        lon: npt.ArrayLike,
        lat: npt.ArrayLike,
        radius_m: float,
        use: Callable[[IntArray, IntArray, IntArray], None],
    ) -> None:
        """Hand every pair of `within` to ``use``, part by part, so that few are held at a time.

        ``use(part, query, row)`` is called with the numbers of some queries and their pairs:
        ``query`` is a position in ``part``, ascending, its rows in no order. Every query is in one
        part. Several threads call at once.
        """
        east, north = canonical(*checked(lon, lat))
        _check(1, radius_m)

        def answer(part: IntArray) -> None:
            about = self.pairs_about(east[part], north[part], radius_m)
            pieces = min(math.ceil(about / BLOCK_PAIRS), part.size)
            for some in np.array_split(part, max(pieces, 1)):
                pairs = Batch(self.places, east[some], north[some]).touching(radius_m)
                use(some, *pairs)

        if len(self) and east.size:
            visit(east, north, answer)

    def pairs_about(self, lon: npt.ArrayLike, lat: npt.ArrayLike, radius_m: float) -> float:
        """Guess how many pairs `within` would find, from a look at some of the queries."""
        east, north = canonical(*checked(lon, lat))
        _check(1, radius_m)
        if not len(self) or not east.size:
            return 0.0
        every = math.ceil(east.size / PROBES)
        some = Batch(self.places, east[::every], north[::every])
        return some.pairs_about(radius_m) * every

    def any_within(self, lon: npt.ArrayLike, lat: npt.ArrayLike, radius_m: float) -> BoolArray:
        """Tell for each of ``m`` queries whether any point is at most ``radius_m`` away."""
        east, north = canonical(*checked(lon, lat))
        _check(1, radius_m)
        hit = np.zeros(east.size, dtype=np.bool_)

        def answer(part: IntArray) -> None:
            hit[part] = Batch(self.places, east[part], north[part]).any_within(radius_m)

        if len(self):
            visit(east, north, answer)
        return hit


def _check(limit: int, metres: float) -> None:
    if limit < 1 or not metres >= 0:
        raise UsageError(f"need at least 1 row and 0 metres, got {limit} and {metres}")


def _joined(parts: list[tuple[IntArray, Pairs]], queries: int) -> Pairs:
    """Put the pairs of each part, numbered within it, into the order of all queries."""
    counts = np.zeros(queries, dtype=np.int64)
    for part, found in parts:
        counts[part] = np.bincount(found.query, minlength=part.size)
    starts, total = np.cumsum(counts) - counts, counts.sum()
    row, metres = np.empty(total, dtype=np.int64), np.empty(total)
    for part, found in parts:
        local = np.cumsum(counts[part]) - counts[part]
        target = np.repeat(starts[part] - local, counts[part]) + np.arange(found.row.size)
        row[target], metres[target] = found.row, found.metres
    return Pairs(np.repeat(np.arange(queries), counts), row, metres)
