"""Points too many to keep, counted by county."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geodata import boundaries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geodata.geodesy import FloatArray, IntArray, PointIndex

_SUMS = ("sites", "covered", "workers", "workers_covered")


def points_by_county(
    chunks: Iterable[tuple[FloatArray, FloatArray, IntArray | None]],
    index: PointIndex,
    within_m: float,
) -> pd.DataFrame:
    """Count points by county, for layers too large to keep: one pass over ``chunks``.

    A chunk is (lon, lat, workers or None) in WGS 84. ``index`` holds the stations; ``within_m`` is
    inclusive, straight geodesic metres. The result is
    indexed by county code (int, 0: outside every county) with the columns ``sites``, ``covered``,
    ``workers`` and ``workers_covered``; without workers those two are 0. Memory does not grow with
    the number of chunks, and the chunking does not change the result.
    """
    sums: dict[str, IntArray] = {name: np.zeros(0, dtype=np.int64) for name in _SUMS}
    for lon, lat, workers in chunks:
        codes = boundaries.county_of(lon, lat)
        covered = index.any_within(lon, lat, within_m)
        part: dict[str, Any] = {"sites": None, "covered": covered}
        if workers is not None:
            part |= {"workers": workers, "workers_covered": workers * covered}
        for name, weights in part.items():
            sums[name] = _added(sums[name], _count(codes, weights))
    length = len(sums["sites"])
    table = pd.DataFrame({name: _added(np.zeros(length, np.int64), sums[name]) for name in _SUMS})
    return table[table["sites"] > 0].rename_axis("code")


def _count(codes: IntArray, weights: Any) -> IntArray:  # noqa: ANN401
    """Sum whole-number weights by code, exactly (float64 holds whole numbers up to 2**53)."""
    return np.bincount(codes, weights=weights).astype(np.int64)


def _added(a: IntArray, b: IntArray) -> IntArray:
    total = np.zeros(max(len(a), len(b)), dtype=np.int64)
    total[: len(a)] += a
    total[: len(b)] += b
    return total
