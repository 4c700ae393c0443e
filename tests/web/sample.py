"""A small register to serve: 60 stations around Kunming, five parks, six border posts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from stations.catalogue import catalogue
from stations.schema import SITE_COLUMNS, STATION_COLUMNS, UNSTATED, WGS84, LayerInfo
from stations.store import Changes, Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TOKEN = "sixteen-characters-and-more"
STAFF = {"Authorization": f"Bearer {TOKEN}"}
KUNMING = (102.7183, 25.0389)
NASTY = '</script><img src=x onerror="window.hurt=1">${window.hurt=2}`${window.hurt=3}`{{7*7}}'
NASTY_ID = "S-NASTY"
WHEN = datetime(2026, 11, 22, 8, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)  # a Tuesday, 10:00 in Beijing

PARKS = LayerInfo("parks", "产业园区", "Industrial parks", restricted=False)
POSTS = LayerInfo("border_posts", "边境哨所", "Border posts", restricted=True)
POST_PLACES = [
    (97.853214, 24.012345),
    (98.912377, 22.154329),
    (100.254871, 21.498632),
    (101.678923, 21.203457),
    (103.961284, 22.512349),
    (104.836571, 22.951238),
]


def framed(
    ids: list[str],
    shapes: list[Any],
    columns: Mapping[str, Any],
    schema: Mapping[str, str],
    *,
    synthetic: bool = False,
) -> gpd.GeoDataFrame:
    """Return a frame of the schema; columns not given are empty."""
    empty: dict[str, Any] = {"str": "", "Int64": None, "Float64": None, "bool": synthetic}
    filled = {name: columns.get(name, empty[kind]) for name, kind in schema.items()}
    filled |= {"datum_in": "wgs84", "datum_by": "file"}
    if "attributes" in schema:
        filled["attributes"] = columns.get("attributes", "{}")
    frame = pd.DataFrame(filled, index=pd.Index(ids, dtype="str", name="id")).astype(dict(schema))
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=WGS84).sort_index()


def stations(count: int = 60, *, synthetic: bool = False) -> gpd.GeoDataFrame:
    """Return stations scattered some 20 km around Kunming; the first is the nasty one."""
    rng = np.random.default_rng(7)
    codes = list(catalogue().amenities.terms)[:8]
    lon = KUNMING[0] + rng.uniform(-0.2, 0.2, count)
    lat = KUNMING[1] + rng.uniform(-0.2, 0.2, count)
    lon[0], lat[0] = KUNMING
    mine = rng.random((count, len(codes))) < 0.6
    mine[0] = True
    amenities = [";".join(np.array(codes)[row]) for row in mine]
    names = [f"测试驿站{i:03d}" for i in range(count)]
    columns = {
        "name": [NASTY, *names[1:]],
        "kind": [["standard", "smart", "mobile"][i % 3] for i in range(count)],
        "amenities": amenities,
        "opening_hours": ["24/7", *["Mo-Su 08:00-20:00" if i % 2 else "" for i in range(1, count)]],
        "access": "walk_in",
        "host": [NASTY if i == 0 else "某银行网点" for i in range(count)],
        "capacity": [None if i % 4 == 0 else 12 for i in range(count)],
        "area_code": "530102",
        "status": ["planned" if i % 20 == 19 else "active" for i in range(count)],
        "phone": ["0871-65123456" if i % 3 else "" for i in range(count)],
        **UNSTATED,
    }
    ids = [NASTY_ID, *[f"S{i:03d}" for i in range(1, count)]]
    return framed(
        ids, list(shapely.points(lon, lat)), columns, STATION_COLUMNS, synthetic=synthetic
    )


def doors() -> gpd.GeoDataFrame:
    """Return six stations east of Kunming whose doors differ: a bank, one always open, …."""
    rows: dict[str, dict[str, Any]] = {
        "PLANNED": {"metres": 100, "status": "planned", "opening_hours": "24/7"},
        "BANK": {
            "metres": 300,
            "opening_hours": "Mo-Fr 08:30-12:00,14:30-18:00",
            "ebike_parking": 4,
            "entrance_lon": KUNMING[0] + 0.0031,
            "entrance_lat": KUNMING[1] + 0.0001,
        },
        "REPAIR": {
            "metres": 400,
            "opening_hours": "24/7",
            "closures": '[{"from": "2026-11-20", "to": "2026-11-30", "reason": "装修"}]',
        },
        "NOWORD": {"metres": 500},
        "ALLDAY": {
            "metres": 900,
            "host_hours": "24/7",
            "access_hours": '{"qr_code": "20:00-08:00"}',
            "door_asks": "phone;real_name",
            "truck_bays": 2,
        },
    }
    usual = {"name": "测试驿站", "kind": "standard", "amenities": "toilet", "status": "active"}
    usual |= {"access": "walk_in", "host": "某银行网点", "area_code": "530102"}
    filled = [{**UNSTATED, "opening_hours": "", **usual, **row} for row in rows.values()]
    names = {name for row in filled for name in row if name in STATION_COLUMNS}
    columns = {name: [row.get(name, UNSTATED.get(name, "")) for row in filled] for name in names}
    columns["name"] = [f"测试驿站{id_}" for id_ in rows]
    east = [KUNMING[0] + row["metres"] / 100_900 for row in filled]
    points = list(shapely.points(east, KUNMING[1]))
    return framed(list(rows), points, columns, STATION_COLUMNS)


def parks() -> gpd.GeoDataFrame:
    """Return five parks: around stations, beside them, and far from all."""
    places = [KUNMING, (102.9, 25.1), (102.6, 24.9), (103.9, 26.1), (99.2, 25.1)]
    shapes = [shapely.box(x - 0.02, y - 0.02, x + 0.02, y + 0.02) for x, y in places]
    columns = {
        "name": [f"测试园区{i}" for i in range(5)],
        "workers": [5000, 3000, None, 1200, 800],
        "area_code": ["530102", "530111", "530112", "530302", "530500"],
    }
    return framed([f"P{i}" for i in range(5)], shapes, columns, SITE_COLUMNS)


def posts() -> gpd.GeoDataFrame:
    """Return the border posts: nobody without the token may see a digit of them."""
    columns = {
        "name": [f"机密哨所{i}" for i in range(6)],
        "workers": 6,
        "area_code": "533102",
        "attributes": '{"secret": "机密"}',
    }
    points = [shapely.Point(place) for place in POST_PLACES]
    return framed([f"SECRET-{i}" for i in range(6)], points, columns, SITE_COLUMNS)


def filled_store(folder: Path, frame: gpd.GeoDataFrame | None = None) -> Store:
    """Return a store with one revision in it: everything of this module."""
    store = Store.open(f"sqlite:///{folder / 'stations.db'}", create=True)
    changes = Changes(
        stations=stations() if frame is None else frame,
        layers=(PARKS, POSTS),
        sites={"parks": parks(), "border_posts": posts()},
    )
    store.commit(changes, who="test", why="sample", at=WHEN)
    return store


def secrets() -> list[set[str]]:
    """Return what would give posts away: sets of texts that must not stand together.

    Its name; its id; a coordinate to 5 decimals; both its coordinates to 3 (one alone may be
    the corner of a county by chance).
    """
    words = [{word} for word in (*posts()["name"], *posts().index)]
    exact = [{f"{degrees:.6f}"[:-1]} for place in POST_PLACES for degrees in place]
    pairs = [{f"{lon:.{n}f}", f"{lat:.{n}f}"} for lon, lat in POST_PLACES for n in (3, 4)]
    return [*words, *exact, *pairs]
