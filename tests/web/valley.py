"""A register on the Liechtenstein bank of the Rhine, to be served with the country's roads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from stations.schema import SITE_COLUMNS, STATION_COLUMNS, UNSTATED
from stations.store import Changes, Store
from tests.web.sample import PARKS, POSTS, WHEN, framed

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

VADUZ = (9.5209, 47.1397)
ABROAD = (9.80, 47.40)
"""Far outside the roads: only an estimate is to be had."""
ALP = (9.5454, 47.1538)
"""In the country, on a mountainside: no road is near."""
PLACES = {"VADUZ": VADUZ, "SCHAAN": (9.5095, 47.1650), "ALP": ALP, "ABROAD": ABROAD}
PARK_PLACES = {"SPOERRY": (9.5170, 47.1330), "BENDERN": (9.5070, 47.2130), "ACROSS": (9.80, 47.41)}
POST_PLACES = {"SECRET-0": (9.523461, 47.138287), "SECRET-1": (9.511873, 47.163419)}
SIDE = 0.003


def stations() -> gpd.GeoDataFrame:
    """Return four stations: two in towns, one on a mountain, one outside the roads."""
    columns = {
        "name": [f"测试驿站{id_}" for id_ in PLACES],
        "kind": "standard",
        "amenities": "toilet",
        "opening_hours": ["Mo-Su 08:00-20:00", "24/7", "24/7", "24/7"],
        "access": "walk_in",
        "host": "某银行网点",
        "area_code": "",
        "status": "active",
        **UNSTATED,
    }
    return framed(
        list(PLACES), list(shapely.points(list(PLACES.values()))), columns, STATION_COLUMNS
    )


def parks() -> gpd.GeoDataFrame:
    """Return three parks: near a station, far down the valley, and outside the roads."""
    shapes = [shapely.box(x - SIDE, y - SIDE, x + SIDE, y + SIDE) for x, y in PARK_PLACES.values()]
    columns = {"name": [f"测试园区{id_}" for id_ in PARK_PLACES], "workers": [500, 300, 100]}
    return framed(list(PARK_PLACES), shapes, columns, SITE_COLUMNS)


def posts() -> gpd.GeoDataFrame:
    """Return border posts, which nobody without the token may see."""
    columns = {"name": [f"机密哨所{id_}" for id_ in POST_PLACES], "workers": 6}
    points = [shapely.Point(place) for place in POST_PLACES.values()]
    return framed(list(POST_PLACES), points, columns, SITE_COLUMNS)


def filled_store(folder: Path) -> Store:
    """Return a store with one revision in it: everything of this module."""
    store = Store.open(f"sqlite:///{folder / 'stations.db'}", create=True)
    sites = {"parks": parks(), "border_posts": posts()}
    changes = Changes(stations=stations(), layers=(PARKS, POSTS), sites=sites)
    store.commit(changes, who="test", why="valley", at=WHEN)
    return store
