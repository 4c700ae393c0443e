"""Sites that are there from one day until another: building sites above all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd

    from geodata.geodesy import BoolArray


def there_on(sites: gpd.GeoDataFrame, day: date) -> BoolArray:
    """Tell which sites (frame) are there on a day: ``from`` the first ``until`` the last, both too.

    An empty one does not bound.
    """
    first, last = (_days(sites, column) for column in ("from", "until"))
    asked = np.datetime64(day)
    found: BoolArray = ~(first > asked) & ~(last < asked)
    return found


def _days(sites: gpd.GeoDataFrame, column: str) -> np.ndarray:
    texts = sites[column].to_numpy(dtype=object)
    return np.array([text or "NaT" for text in texts], dtype="datetime64[D]")
