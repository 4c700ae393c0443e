"""Coverage on paper, of a reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stations import reach
from stations.coverage.answer import Coverage

if TYPE_CHECKING:
    import geopandas as gpd

    from stations.coverage.answer import Need
    from stations.reach import Reach, ReachCache
    from stations.reach.pairs import Progress
    from stations.registry import Registry
    from stations.travel import Travel


def measure(
    registry: Registry,
    need: Need,
    travel: Travel = reach.ESTIMATES,
    cache: ReachCache | None = None,
    *,
    progress: Progress | None = None,
) -> Coverage:
    """Answer ``need`` from ``registry``.

    Minutes are those of ``travel``; ``cache`` keeps what its roads were asked, ``progress`` is
    told pairs done and to do. An unknown layer raises `LayerMissingError`, an unknown amenity
    `UnknownAmenityError`.
    """
    sites = registry.layer(need.layer).sites
    related = reach.relate(
        registry, sites, need.limit, need.needs, travel=travel, cache=cache, progress=progress
    )
    return answered(registry, need, related, travel)


def answered(registry: Registry, need: Need, related: Reach, travel: Travel) -> Coverage:
    """Return the answer a reach gives to ``need``."""
    layer, limit = registry.layer(need.layer), need.limit
    sites = _measured(registry, layer.sites, related)
    synthetic = bool(layer.sites["synthetic"].any()) or bool(
        registry.stations["synthetic"].iloc[related.station_rows].any()
    )
    roads = travel.network(limit.mode) if limit.unit == "min" else None
    return Coverage(
        need,
        layer.info,
        registry.revision,
        sites,
        synthetic,
        roads.info if roads else None,
        reach.described() if related.sampled else None,
    )


def _measured(registry: Registry, layer: gpd.GeoDataFrame, related: Reach) -> gpd.GeoDataFrame:
    """Return the columns of `Coverage.sites`."""
    sites = layer[["name", "workers", "area_code", "synthetic", "geometry"]].copy()
    found = related.nearest
    sites["covered"] = related.covered
    some = len(related.station_rows) > 0
    nearest = registry.stations.iloc[related.station_rows[found.column]] if some else None
    sites["nearest_id"] = "" if nearest is None else nearest.index.to_numpy()
    sites["nearest_name"] = "" if nearest is None else nearest["name"].to_numpy()
    sites["nearest_m"] = np.where(np.isfinite(found.metres), found.metres, np.nan)
    sites["nearest_min"] = np.where(np.isfinite(found.minutes), found.minutes, np.nan)
    sites["estimated"] = found.estimated
    sites["unreachable"] = related.unreachable
    sites["share"] = related.share
    workers = sites["workers"].fillna(0).to_numpy(dtype=float)
    sites["workers_covered"] = np.rint(workers * related.share).astype(int)
    return sites
