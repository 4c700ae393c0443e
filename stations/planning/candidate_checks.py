"""What a generated candidate must be: in the province, dry, at a road, not beside another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata import boundaries
from geodata.geodesy import PointIndex
from stations.report.spoken import Said

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.geodesy import BoolArray
    from geodata.roads import RoadNetwork
    from stations.registry import Registry

MOVED_M = 200.0
"""How far a place is moved to a road at most, and a host may be from one."""
APART_M = 50.0
"""Places nearer to each other than this, or to a station in use, are one."""
WATER = "water"
"""The layer of areas nobody builds in."""
STAYS = ("host", "station")
"""Kinds that are where they are: they are not moved to the road."""
_PROVINCE_DIGITS = 2


def settled(
    rows: gpd.GeoDataFrame,
    registry: Registry,
    layer: str,
    network: RoadNetwork | None,
    mode: str,
) -> tuple[gpd.GeoDataFrame, tuple[Said, ...]]:
    """Keep the rows that will do, in their order, and tell what was checked and what was not.

    On a road of ``network`` (within `MOVED_M`, and moved to it, but for those of `STAYS`; outside
    the network left as they are); in no area of the layer `WATER`; in a province of the layer's
    sites; at least `APART_M` from every station in use and from those kept before. Rows come out
    indexed by id, with ``area_code``.
    """
    rows, roads = _on_roads(rows, network, mode)
    rows, water = _dry(rows, registry)
    rows, province = _inside(rows, registry, layer)
    stations = PointIndex(registry.lon[registry.active], registry.lat[registry.active])
    free = ~stations.any_within(rows.geometry.x, rows.geometry.y, APART_M)
    kept = rows[free]
    kept = kept[_apart(kept)]
    taken = int((~free).sum())
    counts = Said(
        f"候选站址 {len(kept):,} 处；离在用驿站不足 {APART_M:.0f} 米的 {taken:,} 处不列。",
        f"{len(kept):,} candidates; {taken:,} within {APART_M:.0f} m of a station in use left out.",
    )
    return kept.set_index("id"), (counts, roads, water, province)


def _on_roads(
    rows: gpd.GeoDataFrame, network: RoadNetwork | None, mode: str
) -> tuple[gpd.GeoDataFrame, Said]:
    if network is None:
        return rows, Said("没有路网，未核对是否临路。", "No road network: roads are not checked.")
    found = network.snap(rows.geometry.x, rows.geometry.y, mode)
    near = found.found & (found.metres <= MOVED_M)
    moves = near & ~rows["kind"].isin(STAYS).to_numpy()
    shapes = rows.geometry.to_numpy().copy()
    shapes[moves] = shapely.points(found.lon[moves], found.lat[moves])
    kept = near | ~found.inside
    said = Said(
        f"{int(moves.sum()):,} 处移到路边；{int((~kept).sum()):,} 处 {MOVED_M:.0f} 米内无路，不列；"
        f"{int((~found.inside).sum()):,} 处在路网之外，未核对。",
        f"{int(moves.sum()):,} moved to the road; {int((~kept).sum()):,} with no road within "
        f"{MOVED_M:.0f} m left out; {int((~found.inside).sum()):,} outside the network, not "
        "checked.",
    )
    return rows.set_geometry(shapes)[kept], said


def _dry(rows: gpd.GeoDataFrame, registry: Registry) -> tuple[gpd.GeoDataFrame, Said]:
    if WATER not in registry.layers:
        return rows, Said(
            f"没有水域图层（{WATER}），未核对是否在水中。",
            f"No layer `{WATER}`: whether a place is in water is not checked.",
        )
    tree = shapely.STRtree(registry.layer(WATER).sites.geometry.to_numpy())
    wet = np.zeros(len(rows), dtype=np.bool_)
    wet[tree.query(rows.geometry.to_numpy(), predicate="intersects")[0]] = True
    count = int(wet.sum())
    return rows[~wet], Said(f"水中 {count:,} 处不列。", f"{count:,} in water are left out.")


def _inside(
    rows: gpd.GeoDataFrame, registry: Registry, layer: str
) -> tuple[gpd.GeoDataFrame, Said]:
    codes = boundaries.county_of(rows.geometry.x, rows.geometry.y)
    texts = [str(code) if code else "" for code in codes.tolist()]
    rows = rows.assign(area_code=texts)
    at_home = set(registry.layer(layer).sites["area_code"].str[:_PROVINCE_DIGITS]) - {""}
    if not at_home:
        return rows, Said(
            "该图层不在任何省内，未核对省界。",
            "The layer lies in no province: the province is not checked.",
        )
    inside = np.array([text[:_PROVINCE_DIGITS] in at_home for text in texts], dtype=np.bool_)
    count = int((~inside).sum())
    names = "、".join(boundaries.name_of(code) for code in sorted(at_home))
    return rows[inside], Said(
        f"{names}以外 {count:,} 处不列。", f"{count:,} outside {names} are left out."
    )


def _apart(rows: gpd.GeoDataFrame) -> BoolArray:
    """Tell which rows stay if none may be too near one that stays before it."""
    lon, lat = rows.geometry.x.to_numpy(), rows.geometry.y.to_numpy()
    pairs = PointIndex(lon, lat).within(lon, lat, APART_M)
    later = pairs.query > pairs.row
    order = np.lexsort((pairs.row[later], pairs.query[later]))
    query, row = pairs.query[later][order], pairs.row[later][order]
    kept = np.ones(len(rows), dtype=np.bool_)
    begins = np.searchsorted(query, np.arange(len(rows) + 1))
    for place in np.unique(query).tolist():
        kept[place] = not kept[row[begins[place] : begins[place + 1]]].any()
    return kept
