"""Counties and prefectures that have stations, by their names."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from geodata import boundaries
from geodata.errors import MissingError

if TYPE_CHECKING:
    from stations.registry import Registry


def areas_named(registry: Registry, wanted: str, most: int) -> list[dict[str, Any]]:
    """Return areas whose full names hold a text: those that end with it first, then by code."""
    sought = _plain(wanted)
    if not sought:
        return []
    found = [area for area in registry.derived(_areas) if sought in _plain(area["name"])]
    found.sort(key=lambda area: not _plain(area["name"]).rstrip("市县区").endswith(sought))
    return found[:most]


def _areas(registry: Registry) -> list[dict[str, Any]]:
    """Return every county and prefecture with stations in use, by code."""
    frame = registry.stations.iloc[registry.active]
    lon, lat = registry.lon[registry.active], registry.lat[registry.active]
    found = []
    for digits in (4, 6):
        codes = frame["area_code"].str.slice(0, digits)
        table = codes.to_frame("code").assign(lon=lon, lat=lat)
        middles = table[codes.str.len() == digits].groupby("code").agg(["mean", "size"])
        for code, middle in middles.iterrows():
            try:
                name = boundaries.name_of(str(code))
            except MissingError:
                continue
            place = {"code": str(code), "name": name, "stations": int(middle["lon", "size"])}
            degrees = {axis: round(float(middle[axis, "mean"]), 5) for axis in ("lon", "lat")}
            found.append({**place, **degrees})
    return sorted(found, key=lambda place: str(place["code"]))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
