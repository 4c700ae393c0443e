"""A small town to plan for, served: sites in a row, two stations, what the public may not see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shapely import Point, box

from stations.schema import LayerInfo
from stations.store import Changes, Store
from tests.stations.worlds import sites, stations
from tests.web.sample import NASTY

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 1, tzinfo=UTC)
LAYER = "work_sites"
_NAMES = ["工地0", NASTY, "`${document.title='bad'}`", "工地3", "园区4", "工地5"]
SITES: dict[str, Any] = {
    f"w{n}": (
        box(102.775, 24.998, 102.785, 25.002) if n == 4 else Point(102.70 + n * 0.02, 25.0),
        {
            "name": _NAMES[n],
            "workers": None if n == 3 else 10 * (n + 1),
            "area_code": "530111" if n < 3 else "530112",
        },
    )
    for n in range(6)
}
_STATION = {"area_code": "530111", "host": NASTY}
STATIONS: dict[str, Any] = {
    "a": (
        Point(102.70, 25.001),
        {**_STATION, "name": "甲站", "opening_hours": "08:00-20:00", "amenities": "toilet;water"},
    ),
    "b": (
        Point(102.72, 25.001),
        {**_STATION, "name": NASTY, "opening_hours": "24/7", "amenities": "water"},
    ),
}
POSTS: dict[str, Any] = {
    f"SECRET-{n}": (
        Point(102.741237 + n * 0.03, 25.021371),
        {"name": f"机密哨所{n}", "workers": 6, "area_code": "530111"},
    )
    for n in range(2)
}
BANKS: dict[str, Any] = {
    "HIDDEN-1": (Point(102.760137, 25.000271), {"name": "机密网点", "area_code": "530112"}),
    "HIDDEN-2": (Point(102.780173, 25.000391), {"name": "机密支行", "area_code": "530112"}),
}
"""Host places of a restricted layer, beside sites of an open one."""
HIDDEN = ("SECRET-", "机密", "HIDDEN", "102.74123", "102.77123", "102.76013", "102.78017")
"""What the public must never be told."""


def filled(folder: Path) -> Store:
    """Make the town's register."""
    store = Store.open(f"sqlite:///{folder / 'register.db'}", create=True)
    made = {LAYER: SITES, "border_posts": POSTS, "banks": BANKS}
    layers = (
        LayerInfo(LAYER, "工地", "Work sites", restricted=False),
        LayerInfo("border_posts", "边境哨所", "Border posts", restricted=True),
        LayerInfo("banks", "银行网点", "Banks", restricted=True),
    )
    changes = Changes(
        stations(STATIONS), layers=layers, sites={name: sites(rows) for name, rows in made.items()}
    )
    store.commit(changes, who="测试", why="开始", at=AT)
    return store
