"""Circles on the ellipsoid, as polygons to draw."""

from __future__ import annotations

import numpy as np
import shapely

from geodata.errors import UsageError
from geodata.geodesy.ellipsoid import WGS84
from geodata.geodesy.lonlat import checked_one

CORNERS = 128
WIDEST_M = 1_000_000.0


def circle(lon: float, lat: float, radius_m: float) -> shapely.Polygon:
    """Return the geodesic circle around a position, as a polygon of `CORNERS` corners.

    The corners lie on the circle, so between them the edge runs at most 0.03 % of the radius
    inside it. Beyond 180° longitudes go on rising, beyond -180° falling: no polygon is cut. A
    radius of 0 gives an empty polygon. `UsageError` for one that is negative, NaN or above
    `WIDEST_M`, `PositionError` for what is no position.
    """
    if not 0 <= radius_m <= WIDEST_M:
        raise UsageError(f"a circle's radius is 0 to {WIDEST_M:,.0f} m, not {radius_m}")
    lon, lat = checked_one((lon, lat))
    if radius_m == 0:
        return shapely.Polygon()
    bearing = np.linspace(0, 360, CORNERS, endpoint=False)
    same = np.ones(CORNERS)
    east, north, _ = WGS84.fwd(same * lon, same * lat, bearing, same * radius_m)
    near = lon + (east - lon + 180) % 360 - 180
    return shapely.Polygon(np.column_stack([near, north]))
