"""A register of any size for benchmarks, synthetic and seeded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from stations.catalogue import catalogue
from stations.schema import STATION_COLUMNS, UNSTATED, WGS84

if TYPE_CHECKING:
    from geodata.geodesy import IntArray

SHARES = {"toilet": 0.6, "water": 0.9, "charging": 0.8, "rest": 0.95, "shower": 0.05, "aed": 0.1}
YUNNAN = (97.6, 21.2, 106.2, 29.2)


def _amenities(rng: np.random.Generator, size: int) -> list[str]:
    known = catalogue().amenities
    bits: IntArray = np.zeros(size, dtype=np.int64)
    for code, share in SHARES.items():
        bits |= (rng.random(size) < share) * known.mask([code])
    text = {int(mask): ";".join(known.codes(int(mask))) for mask in np.unique(bits)}
    return [text[mask] for mask in bits.tolist()]


def large_register(size: int) -> gpd.GeoDataFrame:
    """Make ``size`` stations over Yunnan with amenities in plausible shares."""
    rng = np.random.default_rng(11)
    west, south, east, north = YUNNAN
    towns = rng.uniform((west, south), (east, north), (3_000, 2))
    places = towns[rng.integers(0, len(towns), size)] + rng.normal(0, 0.04, (size, 2))
    values = {
        "name": [f"工会驿站{number}（合成）" for number in range(size)],
        "kind": "standard",
        "amenities": _amenities(rng, size),
        "opening_hours": rng.choice(["24/7", "Mo-Fr 08:30-17:30", "08:00-22:00"], size),
        "access": "walk_in",
        "host": "合成共建单位",
        "capacity": 20,
        "area_code": "530102",
        "status": "active",
        "phone": "",
        **UNSTATED,
        "position_in": "",
        "datum_in": "wgs84",
        "datum_by": "file",
        "synthetic": True,
    }
    index = pd.Index([f"B{number:07}" for number in range(size)], dtype="str", name="id")
    frame = pd.DataFrame(values, index=index).astype(dict(STATION_COLUMNS))
    return gpd.GeoDataFrame(frame, geometry=shapely.points(places), crs=WGS84)
