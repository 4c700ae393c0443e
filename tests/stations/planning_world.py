"""A small town to plan for: a store with sites, stations and a known gap."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
from shapely import Point

from stations import planning
from stations.planning import CostTable, Scheme, Wish
from stations.planning.candidates import framed
from stations.reach import Limit
from stations.registry import Registry
from stations.schema import LayerInfo
from stations.store import Changes, Store
from tests.stations.worlds import sites, stations

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

AT = datetime(2026, 11, 1, tzinfo=UTC)
SITES: dict[str, Any] = {
    f"w{n}": (Point(102.70 + n * 0.02, 25.0), {"name": f"工地{n}", "workers": 10 * (n + 1),
                                               "area_code": "530111" if n < 3 else "530112"})
    for n in range(6)
}  # fmt: skip
STATIONS: dict[str, Any] = {
    "a": (Point(102.70, 25.001), {"name": "甲站", "opening_hours": "08:00-20:00", "host": "农行",
                                  "amenities": "toilet;water", "area_code": "530111"}),
    "b": (Point(102.72, 25.001), {"name": "乙站", "opening_hours": "24/7", "amenities": "water",
                                  "area_code": "530111"}),
}  # fmt: skip


def store_in(folder: Path, *, restricted: bool = False) -> Store:
    """Make the town's register."""
    store = Store.open(f"sqlite:///{folder / 'register.db'}", create=True)
    layer = LayerInfo("work_sites", "工地", "Work sites", restricted)
    changes = Changes(stations(STATIONS), layers=(layer,), sites={"work_sites": sites(SITES)})
    store.commit(changes, who="测试", why="开始", at=AT)
    return store


def places(restricted: bool = False) -> gpd.GeoDataFrame:  # noqa: FBT001, FBT002 - a fixture
    """Return candidates at every other site."""
    rows = pd.DataFrame(
        {
            "name": [f"候选{n}" for n in range(6)],
            "host": ["=1+1", "", "加油站", "", "", ""],
            "area_code": ["530111"] * 3 + ["530112"] * 3,
            "opening_hours": "",
            "source": "file:x.csv",
            "restricted": restricted,
            "geometry": [Point(102.70 + n * 0.02, 25.0005) for n in range(6)],
        },
        index=[f"c{n}" for n in range(6)],
    )
    return framed(rows)


def wish(**more: Any) -> Wish:
    """Return a wish of the town, 500 m for a toilet, with 400,000 yuan if nothing else is said."""
    if not more.keys() & {"budgets", "sites", "cover_all"}:
        more["budgets"] = (400_000,)
    kinds = ("build_standard", "build_smart", "extend_hours", "add_amenities", "upgrade_24h")
    asked: dict[str, Any] = {"actions": kinds, "needs": ("toilet",), "gap": 0.0, **more}
    return Wish(layer="work_sites", limit=Limit(500), **asked)


def scheme_of(store: Store, asked: Wish | None = None, **more: Any) -> Scheme:
    """Plan for the town."""
    return planning.plan(
        Registry.load(store),
        asked or wish(),
        candidates=more.get("candidates", places()),
        costs=more.get("costs", CostTable.default()),
    )
