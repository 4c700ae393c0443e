"""The nearest station usable at all lost hours, by the way asked: by road for the first gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stations.cube import bits
from stations.reach.by_road import RoadReach

if TYPE_CHECKING:
    import pandas as pd

    from stations.coverage.real import Truth

BY_ROAD, SAMPLES = 100, 1_000
"""Of so many gaps, the worst, the ways are asked of the roads; of the others they are estimated.
Of fewer where they are areas: with no more samples than that together, but for the worst."""


def usable(answer: Truth, found: pd.DataFrame) -> dict[str, Any]:
    """Return ``usable_id``, ``usable_m``, ``usable_min`` and ``usable_estimated`` of some gaps.

    ``found`` are the first rows of `cube.gaps`. Minutes are NaN where metres were asked, and where
    no way leads to any station usable then: id and metres are the straight nearest's there.
    """
    per_m = np.nan if answer.mode is None else answer.mode.minutes_per_m
    metres = found["usable_m"].to_numpy(dtype=float, copy=True)
    columns: dict[str, Any] = {
        "usable_id": found["usable_id"].to_numpy(dtype=object, copy=True),
        "usable_m": metres,
        "usable_min": metres * per_m,
        "usable_estimated": np.full(len(found), answer.mode is not None),
    }
    if isinstance(answer.reach, RoadReach) and answer.reach.asks_roads:
        _ask(answer, answer.reach, found.head(_asked_of(answer, answer.reach, found)), columns)
    return columns


def _asked_of(answer: Truth, reach: RoadReach, found: pd.DataFrame) -> int:
    """Return of how many gaps the roads are asked."""
    sites = answer.asked.sites.index.get_indexer(found.index[:BY_ROAD])
    held = np.bincount(reach.ways.samples.site, minlength=len(answer.asked.sites))[sites]
    return max(int((held.cumsum() <= SAMPLES).sum()), 1)


def _ask(answer: Truth, reach: RoadReach, found: pd.DataFrame, columns: dict[str, Any]) -> None:
    """Put what the roads say in place of the estimates; sites that lose the same hours are one."""
    if found.empty:
        return
    supply = answer.asked.supply
    ever = supply.usable()
    sites = answer.asked.sites.index.get_indexer(found.index)
    masks = bits.packed(np.stack(found["hours"].to_list()))
    distinct, group = np.unique(masks, axis=0, return_inverse=True)
    for number, mask in enumerate(distinct):
        then = ((ever & mask) == mask).all(axis=1)
        among = np.flatnonzero(then[reach.station_rows])
        rows = np.flatnonzero(group.ravel() == number)
        near = reach.nearest_of(sites[rows], among)
        some = near.column >= 0
        stands = reach.station_rows[near.column[some]]
        columns["usable_id"][rows[some]] = [str(supply.ids[stand]) for stand in stands]
        columns["usable_m"][rows[some]] = near.metres[some]
        columns["usable_min"][rows] = np.where(near.minutes < np.inf, near.minutes, np.nan)
        columns["usable_estimated"][rows] = near.estimated
