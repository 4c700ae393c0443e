"""Coverage on paper, of a reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stations import reach
from stations.coverage.answer import Coverage

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd

    from geodata.geodesy import IntArray
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
    on: date | None = None,
) -> Coverage:
    """Answer ``need`` from ``registry``.

    A station that moves counts at all places it has on a day (``on``), or ever has.

    Minutes are those of ``travel``; ``cache`` keeps what its roads were asked, ``progress`` is
    told pairs done and to do. An unknown layer raises `LayerMissingError`, an unknown amenity
    `UnknownAmenityError`.
    """
    sites = registry.layer(need.layer).sites
    related = reach.relate(
        registry,
        sites,
        need.limit,
        need.needs,
        travel=travel,
        cache=cache,
        progress=progress,
        on=on,
    )
    return answered(registry, need, related, travel, () if on is None else (on,))


def answered(
    registry: Registry, need: Need, related: Reach, travel: Travel, days: tuple[date, ...] = ()
) -> Coverage:
    """Return the answer a reach gives to ``need``; ``days`` are those its stations stand on."""
    layer, limit = registry.layer(need.layer), need.limit
    sites = _measured(registry, layer.sites, related)
    synthetic = bool(layer.sites["synthetic"].any()) or bool(
        registry.stations["synthetic"].iloc[_stations(registry, related.station_rows)].any()
    )
    roads = travel.network(limit.mode) if related.asks_roads else None
    return Coverage(
        need,
        layer.info,
        registry.revision,
        sites,
        synthetic,
        roads.info if roads else None,
        reach.described() if related.sampled else None,
        days if registry.stands.moves else (),
    )


def _stations(registry: Registry, stands: IntArray) -> IntArray:
    return registry.stands.station[stands]


def _measured(registry: Registry, layer: gpd.GeoDataFrame, related: Reach) -> gpd.GeoDataFrame:
    """Return the columns of `Coverage.sites`."""
    sites = layer[["name", "workers", "from", "until", "area_code", "synthetic", "geometry"]].copy()
    found = related.nearest
    sites["covered"] = related.covered
    some = len(related.station_rows) > 0
    rows = _stations(registry, related.station_rows[found.column]) if some else None
    nearest = None if rows is None else registry.stations.iloc[rows]
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
