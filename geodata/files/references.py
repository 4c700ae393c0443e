"""Coordinate reference systems as files state them, in the one form `geodata.datum` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyproj
import shapely
from pyproj.exceptions import CRSError, ProjError

from geodata.errors import FileFormatError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WGS84 = "EPSG:4326"

_UNSTATED = ("undefined", "unknown engineering")


def settle(
    geometry: NDArray[np.object_], stated: object, name: str
) -> tuple[NDArray[np.object_], str | None, tuple[str, ...]]:
    """Return the geometry, its ``EPSG:n`` (None: the file does not say) and notes for the user.

    ``stated`` is anything pyproj understands, or None. A system without an EPSG code cannot be
    named, so the geometry is transformed to WGS 84 and a note says so. Z and M are dropped.
    """
    flat = shapely.force_2d(geometry)
    if stated is None or str(stated).strip() == "":
        return flat, None, ()
    try:
        crs = pyproj.CRS.from_user_input(stated)
    except CRSError:
        raise FileFormatError(
            f"{name}: its coordinate reference system is not understood ({str(stated)[:80]!r}); "
            "save the file with an EPSG code, for example EPSG:4326 or EPSG:4490"
        ) from None
    if crs.name.lower().startswith(_UNSTATED):
        return flat, None, ()
    if crs.to_authority() == ("OGC", "CRS84"):
        return flat, WGS84, ()
    code = crs.to_epsg()
    if code is not None:
        return flat, f"EPSG:{code}", ()
    note = f"coordinates were transformed from {crs.name!r} (it has no EPSG code) to WGS 84"
    return _to_wgs84(flat, crs, name), WGS84, (note,)


def _to_wgs84(geometry: NDArray[np.object_], crs: pyproj.CRS, name: str) -> NDArray[np.object_]:
    try:
        transformer = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)
        moved: NDArray[np.object_] = shapely.transform(
            geometry, transformer.transform, interleaved=False
        )
    except (ProjError, CRSError):
        raise FileFormatError(
            f"{name}: coordinates in {crs.name!r} cannot be turned into WGS 84; "
            "save the file with an EPSG code, for example EPSG:4326 or EPSG:4490"
        ) from None
    return moved
