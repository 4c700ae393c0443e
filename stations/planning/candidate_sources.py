"""Where candidates come from: host places, stations not in use, sites with a gap, a grid."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import boundaries, datum
from geodata.errors import UsageError
from geodata.geodesy import PointIndex
from stations.imports import headings, opening
from stations.imports.cells import Doubt
from stations.reach.samples import SPHERE_M
from stations.schema import WGS84

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geodata.geodesy import FloatArray, IntArray
    from stations.planning.gap_spots import Spots
    from stations.reach import Limit
    from stations.registry import Layer, Registry
    from stations.travel import Travel

HOST_LAYERS = (
    "banks",
    "fuel_stations",
    "malls",
    "supermarkets",
    "shops",
    "post_offices",
    "service_areas",
    "gates",
)
"""Layers taken for host places if the register has them."""
MOST_GRID, TOO_MANY = 2_000, 20_000
"""Points of a grid as fine as we choose, and of one the caller asks for."""
FINEST_M, WIDEST_M = 100.0, 100_000.0
WIDER = 1.25
"""How much wider a grid with too many points is made at once."""
ROADS_STRAIGHTER = 1.5
"""A way over roads may lead farther than the estimate says; so much farther at most."""
NOT_IN_USE = ("suspended", "planned")
"""Statuses of stations whose places may house one again, or at last."""
_DECIMALS = 6
"""Of degrees, about 0.1 m."""
_HALF = 32
"""Bits of a cell's column; its row is in those above."""
_PULLED = 1.2
"""How much farther the grid is laid than the limit: the cylinder pulls shapes a little."""
_CORNERS = 16
"""Of so many times too many cells in the squares around the spots, too many are in the circles."""
_AT_ONCE = 20_000_000
"""Cells looked at in one go."""
_RANK = {"host": 0, "station": 1, "entrance": 2, "site": 3, "grid": 4}
"""Of places too near each other the first kind stays."""


def reach_m(limit: Limit, travel: Travel) -> float:
    """Return how far from a spot, straight, a station could be that serves it."""
    if limit.unit == "m":
        return limit.value
    estimate = limit.value / travel.mode(limit.mode).minutes_per_m
    return estimate if travel.network(limit.mode) is None else estimate * ROADS_STRAIGHTER


def known_hosts(registry: Registry, layer: str) -> list[str]:
    """Name the host layers the register has, without the one to be served."""
    return [name for name in HOST_LAYERS if name in registry.layers and name != layer]


def nothing() -> gpd.GeoDataFrame:
    """Return no rows."""
    return _rows([]).assign(area_code="")


def gathered(
    registry: Registry,
    layer: str,
    spots: Spots,
    *,
    host_layers: Sequence[str],
    within_m: float,
    grid_m: float | None,
) -> gpd.GeoDataFrame:
    """Return every place near a spot: candidate rows with ``kind``, ``rank`` and ``id``.

    Sorted by rank and id: the order in which places too near each other stay.
    """
    index = PointIndex(spots.lon, spots.lat)
    gaps = registry.layer(layer)
    found = [_hosts(registry.layer(name)) for name in host_layers]
    found += [_not_in_use(registry), _entrances(gaps, spots), _middles(gaps, spots)]
    rows = pd.concat(found, ignore_index=True)
    near = index.any_within(rows.geometry.x, rows.geometry.y, within_m)
    grid = _grid(index, gaps, within_m, grid_m)
    rows = pd.concat([rows[near], grid], ignore_index=True)
    rows["rank"] = rows["kind"].map(_RANK)
    return gpd.GeoDataFrame(rows, crs=WGS84).sort_values(["rank", "id"], ignore_index=True)


def _rows(records: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    names = ("kind", "id", "name", "host", "opening_hours", "source", "restricted", "geometry")
    frame = pd.DataFrame(records, columns=list(names))
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=WGS84)


def _hosts(layer: Layer) -> gpd.GeoDataFrame:
    name, sites = layer.info.name, layer.sites
    told = [_told(text, ("host", "opening_hours")) for text in sites["attributes"]]
    spots = shapely.point_on_surface(sites.geometry.to_numpy())
    return _rows([
        {
            "kind": "host",
            "id": f"{name}:{id_}",
            "name": called,
            "host": said.get("host") or called,
            "opening_hours": _hours(said.get("opening_hours", "")),
            "source": f"host:{name}/{id_}",
            "restricted": layer.info.restricted,
            "geometry": spot,
        }
        for id_, called, said, spot in zip(sites.index, sites["name"], told, spots, strict=True)
    ])  # fmt: skip


def _hours(text: str) -> str:
    """Return hours as the register would keep them; "" for what cannot be understood."""
    try:
        read = opening.hours_value(text)
    except ValueError:
        return ""
    return "" if isinstance(read, Doubt) else read


def _told(attributes: str, names: Sequence[str]) -> dict[str, str]:
    """Return what a site's own columns say of some fields, by their headings."""
    cells = {key: str(value) for key, value in json.loads(attributes or "{}").items()}
    columns = headings.recognise(list(cells), names, {})
    return {field: cells[column].strip() for field, column in columns.items()}


def _not_in_use(registry: Registry) -> gpd.GeoDataFrame:
    frame = registry.stations[registry.stations["status"].isin(NOT_IN_USE)]
    return _rows([
        {
            "kind": "station",
            "id": f"station:{id_}",
            "name": name,
            "host": host,
            "opening_hours": own or hosts,
            "source": f"station:{id_}",
            "restricted": False,
            "geometry": shape,
        }
        for id_, name, host, own, hosts, shape in zip(
            frame.index, frame["name"], frame["host"], frame["opening_hours"],
            frame["host_hours"], frame.geometry, strict=True,
        )
    ])  # fmt: skip


def _middles(layer: Layer, spots: Spots) -> gpd.GeoDataFrame:
    """Return one place a site with a gap: a point where it is, inside an area."""
    sites = layer.sites.iloc[np.unique(spots.site)]
    middles = shapely.point_on_surface(sites.geometry.to_numpy())
    area = shapely.get_type_id(sites.geometry.to_numpy()) != shapely.GeometryType.POINT
    return _rows([
        _of_site(layer, "site", id_, f"{name}（中部）" if wide else name, middle)
        for id_, name, middle, wide in zip(sites.index, sites["name"], middles, area, strict=True)
    ])  # fmt: skip


def _entrances(layer: Layer, spots: Spots) -> gpd.GeoDataFrame:
    """Return the entrance of each site with a gap whose record tells it, as columns of its own."""
    sites = layer.sites.iloc[np.unique(spots.site)]
    return _rows(list(_doors(layer, sites)))


def _doors(layer: Layer, sites: gpd.GeoDataFrame) -> Iterator[dict[str, Any]]:
    columns = zip(sites.index, sites["name"], sites["attributes"], sites["datum_in"], strict=True)
    for id_, name, attributes, reference in columns:
        said = _told(attributes, ("entrance_lon", "entrance_lat"))
        try:
            east, north = float(said["entrance_lon"]), float(said["entrance_lat"])
        except (KeyError, ValueError):
            continue
        lon, lat = datum.to_wgs84(east, north, reference)
        if abs(lon) <= 180 and abs(lat) <= 90:  # noqa: PLR2004 - NaN is neither
            yield _of_site(layer, "entrance", id_, f"{name}（入口）", shapely.Point(lon, lat))


def _of_site(
    layer: Layer, kind: str, id_: str, name: str, place: shapely.Geometry
) -> dict[str, Any]:
    source = f"{kind}:{layer.info.name}/{id_}"
    return {
        "kind": kind,
        "id": f"{layer.info.name}:{id_}:{kind}",
        "name": name,
        "host": "",
        "opening_hours": "",
        "source": source,
        "restricted": layer.info.restricted,
        "geometry": place,
    }


def _grid(
    index: PointIndex, layer: Layer, within_m: float, grid_m: float | None
) -> gpd.GeoDataFrame:
    step = max(within_m / 2, FINEST_M) if grid_m is None else grid_m
    most = MOST_GRID if grid_m is None else TOO_MANY
    while (lattice := _lattice(index, step, within_m, most)) is None:
        if grid_m is not None:
            raise UsageError(
                f"a grid of {grid_m:g} m has more than {TOO_MANY:,} points near the gaps: make it "
                "wider"
            )
        step *= WIDER
    lon, lat = lattice.lon.round(_DECIMALS), lattice.lat.round(_DECIMALS)
    counties = boundaries.county_of(lon, lat).tolist()
    numbers = zip(lattice.column.tolist(), lattice.row.tolist(), counties, strict=True)
    return _rows([
        {
            "kind": "grid",
            "id": f"grid{step:.0f}:{east}:{north}",
            "name": f"{_county(code)}网格点 {east}-{north}",
            "host": "",
            "opening_hours": "",
            "source": "grid",
            "restricted": layer.info.restricted,
            "geometry": place,
        }
        for (east, north, code), place in zip(numbers, shapely.points(lon, lat), strict=True)
    ])  # fmt: skip


def _county(code: int) -> str:
    return boundaries.name_of(str(code)) if code else ""


class _Lattice(NamedTuple):
    """Points of a grid."""

    column: IntArray
    row: IntArray
    lon: FloatArray
    lat: FloatArray


def _lattice(index: PointIndex, step: float, within_m: float, most: int) -> _Lattice | None:
    """Return the grid's points at most so far from a point of ``index``; None: too many.

    The grid is square on the cylinder of equal area that is true at the points' middle latitude;
    its origin is fixed. Ordered by row, then column.
    """
    if np.pi * (within_m / step) ** 2 > most:
        return None
    middle = np.deg2rad((index.lat.min() + index.lat.max()) / 2)
    stretch = max(float(np.cos(middle)), 1e-3)
    across, up = SPHERE_M * stretch / step, SPHERE_M / stretch / step
    x, y = np.deg2rad(index.lon) * across, np.sin(np.deg2rad(index.lat)) * up
    cells = np.unique((np.rint(y).astype(np.int64) << _HALF) + np.rint(x).astype(np.int64))
    wide = int(np.ceil(within_m / step * _PULLED)) + 1
    beside = np.arange(-wide, wide + 1)
    for steps in (beside << _HALF, beside):
        if cells.size * steps.size > _AT_ONCE:
            return None
        cells = np.unique(cells[:, None] + steps)
        if cells.size > most * _CORNERS:
            return None
    row = (cells + (1 << _HALF - 1)) >> _HALF
    column = cells - (row << _HALF)
    lat = np.rad2deg(np.arcsin(np.clip(row / up, -1, 1)))
    lon = np.rad2deg(column / across)
    near = index.any_within(lon, lat, within_m)
    if near.sum() > most:
        return None
    return _Lattice(column[near], row[near], lon[near], lat[near])
