"""The figures of a cube before and after a plan, by the words of coverage in truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from stations.coverage import figures
from stations.cube.supply import EVERY
from stations.planning.demand import covered

if TYPE_CHECKING:
    import pandas as pd

    from stations.cube import Cube

UNASKED = ("unreachable", "estimated")
"""Figures of the reach, told by coverage."""


def total(cube: Cube) -> dict[str, Any]:
    """Return `coverage.Truth.total`'s figures, and ``exact``: worker-hours covered, not rounded.

    ``exact`` is what plans count; ``steps["trust"]`` the same with whole people in every site and
    hour. Site-hours where the layer knows no workers.
    """
    told = _told(figures.record(_by_site(cube).sum()))
    return told | {"exact": float(covered(cube, EVERY).sum())}


def by_area(cube: Cube, by: str) -> list[dict[str, Any]]:
    """Return the same by county, prefecture or province, in code order."""
    rows = figures.area_rows(cube.sites["area_code"], _by_site(cube), by)
    return [_told(row) for row in rows]


def site_frame(before: Cube, after: Cube) -> gpd.GeoDataFrame:
    """Return one row a site: share and worker-hours covered before and after, and gained."""
    frame = before.sites[["name", "area_code", "workers", "geometry"]].copy()
    present = before.present.sum(axis=1)
    for name, cube in (("before", before), ("after", after)):
        hours = covered(cube, EVERY).sum(axis=1)
        frame[f"worker_hours_{name}"] = hours
        frame[f"share_{name}"] = figures.share_of(hours, present)
    frame["worker_hours"] = present
    frame["gained"] = frame["worker_hours_after"] - frame["worker_hours_before"]
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=before.sites.crs)


def _by_site(cube: Cube) -> pd.DataFrame:
    nothing = np.zeros(len(cube.sites), dtype=np.bool_)
    reach = gpd.GeoDataFrame(dict.fromkeys(UNASKED, nothing), index=cube.sites.index)
    return figures.by_site(cube, cube.share[EVERY], reach)


def _told(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in UNASKED}
