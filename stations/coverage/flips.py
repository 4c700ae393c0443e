"""Two answers side by side: which sites one limit covers and the other does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.errors import UsageError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geodata.geodesy import IntArray
    from stations.coverage.answer import Coverage

CHANGE = 0.1
"""Shares that differ by less are alike: sampled ones are not truer than that."""
_OWN = ("name", "area_code", "workers", "change", "flips")
_MEASURED = (
    "covered",
    "share",
    "nearest_id",
    "nearest_name",
    "nearest_m",
    "nearest_min",
    "estimated",
    "unreachable",
)


def flips(answer: Coverage, beside: Coverage) -> gpd.GeoDataFrame:
    """Set a layer's sites under one limit beside the same sites under another.

    Indexed by id: the layer's columns, and those of `Coverage.sites` that depend on the limit, once
    as they are for ``answer`` and once ending in ``_beside``. ``flips``: wholly, partly or not in
    reach under one, and another of these under the other. ``change``: ``less`` or ``more`` of the
    site is in reach for ``answer`` than beside, "" for sites that do not flip and whose share
    differs by less than `CHANGE`. `UsageError` if the answers are not of the same sites.
    """
    if (answer.layer, answer.revision) != (beside.layer, beside.revision):
        raise UsageError("only answers about one layer at one revision can be compared")
    paired = answer.sites.drop(columns="workers_covered").copy()
    for name in _MEASURED:
        paired[f"{name}_beside"] = beside.sites[name]
    here, there = (_state(frame) for frame in (answer.sites, beside.sites))
    paired["flips"] = here != there
    more = paired["share"] - paired["share_beside"]
    counts = paired["flips"] | (more.abs() >= CHANGE)
    paired["change"] = np.select([counts & (more < 0), counts & (more > 0)], ["less", "more"], "")
    return paired


def _state(sites: gpd.GeoDataFrame) -> IntArray:
    """Return 0, 1, 2 for a site not, partly, wholly in reach."""
    state: IntArray = sites["covered"].to_numpy() + (sites["share"] >= 1).to_numpy(dtype=int)
    return state


def changed(paired: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the sites with a change: those that flip first, most workers left out first, by id."""
    some = paired[paired["change"] != ""]
    less = (some["share_beside"] - some["share"]).to_numpy()
    workers = some["workers"].fillna(0).to_numpy(dtype=float) * less
    order = np.lexsort((some.index.to_numpy(), -less, -workers, ~some["flips"].to_numpy()))
    return some.iloc[order]


def flip_rows(paired: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return sites set side by side as plain values: each figure under ``here`` and ``beside``."""
    columns = {name: _plain(paired[name]) for name in _OWN}
    for side, suffix in (("here", ""), ("beside", "_beside")):
        figures = {name: _plain(paired[name + suffix]) for name in _MEASURED}
        columns[side] = [
            dict(zip(figures, row, strict=True)) for row in zip(*figures.values(), strict=True)
        ]
    rows = zip(paired.index.tolist(), *columns.values(), strict=True)
    return [dict(zip(("id", *columns), row, strict=True)) for row in rows]


def _plain(column: pd.Series[Any]) -> list[Any]:
    """Return plain values, None for what is missing; figures to three digits."""
    if column.dtype.kind == "f":
        column = column.round(3)
    return column.astype(object).where(column.notna(), None).tolist()


def flip_counts(paired: gpd.GeoDataFrame) -> dict[str, int]:
    """Count sites: with ``less`` or ``more`` in reach, the rest by whether they are covered.

    ``flips`` counts those of the first two that flip.
    """
    change, covered = paired["change"], paired["covered"]
    same = change == ""
    return {
        "less": int((change == "less").sum()),
        "more": int((change == "more").sum()),
        "same_covered": int((same & covered).sum()),
        "same_uncovered": int((same & ~covered).sum()),
        "flips": int(paired["flips"].sum()),
    }
