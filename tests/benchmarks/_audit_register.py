"""A register of any size to audit: names, telephones, hours and codes that hang together."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import boundaries
from stations.schema import STATION_COLUMNS, UNSTATED, WGS84
from tests.benchmarks._common import cloud
from tests.benchmarks._register import _amenities

HOSTS = (
    "商业银行{}支行", "农村信用社{}分社", "{}加油站", "{}便利店", "{}连锁药房", "{}政务服务中心",
    "{}街道办事处", "{}社区服务中心", "{}购物中心", "{}农贸市场", "{}环卫所", "{}货运场站",
)  # fmt: skip
SIGNS = "人民建设文化团结振兴滨河迎宾新和平学府光明东风解放翠屏龙泉金桥青年兴隆花园云岭茶马"
HOURS = ("24/7", "Mo-Fr 08:30-12:00,14:00-17:30", "08:00-22:00", "09:00-18:00", "", "07:00-21:00")


def audit_register(size: int, seed: int = 21) -> gpd.GeoDataFrame:
    """Make ``size`` stations in Yunnan's counties, each name its own road and host."""
    draw = np.random.default_rng(seed)
    lon, lat = (axis.round(6) for axis in cloud(3 * size, seed))
    county = boundaries.county_of(lon, lat)
    inside = np.flatnonzero(county // 10_000 == 53)[:size]
    code = county[inside].astype(str)
    labels = {each: boundaries.name_of(each).removeprefix("云南省") for each in set(code)}
    signs = np.array(list(SIGNS))[draw.integers(0, len(SIGNS), (len(inside), 2))]
    numbers = draw.integers(1, 400, len(inside))
    hosts = [
        HOSTS[kind].format(f"{a}{b}路{number}号")
        for kind, (a, b), number in zip(
            draw.integers(0, len(HOSTS), len(inside)), signs, numbers, strict=True
        )
    ]
    digits = draw.integers(60_000_000, 69_999_999, len(inside))
    values = {
        "name": [f"{labels[c]}工会驿站·{host}" for c, host in zip(code, hosts, strict=True)],
        "kind": "standard",
        "amenities": _amenities(draw, len(inside)),
        "opening_hours": draw.choice(HOURS, len(inside)),
        "access": "walk_in",
        "host": hosts,
        "capacity": 20,
        "area_code": code,
        "status": "active",
        "phone": [
            f"0871-{n}" if known else ""
            for n, known in zip(digits, draw.random(len(inside)) < 0.75, strict=True)
        ],
        **UNSTATED,
        "position_in": [f"{x:.6f},{y:.6f}" for x, y in zip(lon[inside], lat[inside], strict=True)],
        "datum_in": "wgs84",
        "datum_by": "file",
        "synthetic": True,
    }
    index = pd.Index([f"A{number:07}" for number in range(len(inside))], dtype="str", name="id")
    frame = pd.DataFrame(values, index=index).astype(dict(STATION_COLUMNS))
    return gpd.GeoDataFrame(frame, geometry=shapely.points(lon[inside], lat[inside]), crs=WGS84)
