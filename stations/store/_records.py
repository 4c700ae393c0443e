"""What goes into the store and comes out of it, besides frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stations.schema import STATION_COLUMNS, LayerInfo, empty_frame
from stations.store._frames import plain_columns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import geopandas as gpd


@dataclass(frozen=True)
class Revision:
    """One recorded change of the register."""

    number: int
    """1 for the first; no number is left out."""
    at: datetime
    """Aware, in UTC."""
    who: str
    why: str
    summary: Mapping[str, int]
    """How many: ``stations_added``, ``…_changed``, ``…_removed``, the same three of ``sites``,
    and ``layers``."""


def _no_stations() -> gpd.GeoDataFrame:
    return empty_frame(STATION_COLUMNS)


@dataclass(frozen=True, eq=False)
class Changes:
    """What one revision changes; rows are recorded as given, so leave out what stays as it is."""

    stations: gpd.GeoDataFrame = field(default_factory=_no_stations)
    """Stations to add, or to replace by id: whole rows of a stations frame."""
    removed_stations: tuple[str, ...] = ()
    layers: tuple[LayerInfo, ...] = ()
    """Layers to add or to describe anew."""
    sites: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    """Layer name → sites to add, or to replace by id: whole rows of a sites frame."""
    removed_sites: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """True: there is nothing to record."""
        return not self.count

    @property
    def count(self) -> int:
        """How many rows of history the changes make."""
        parts = (self.stations, self.removed_stations, self.layers)
        by_layer = (*self.sites.values(), *self.removed_sites.values())
        return sum(len(part) for part in (*parts, *by_layer))


def station_records(stations: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return the rows of a stations frame as JSON-ready dicts, in its order.

    Keys: ``id``, every column of `STATION_COLUMNS`, ``lon`` and ``lat``; amenities are a list of
    codes, an unknown capacity is None.
    """
    values = {"id": stations.index.tolist()} | plain_columns(stations, STATION_COLUMNS)
    values["amenities"] = [text.split(";") if text else [] for text in values["amenities"]]
    values["lon"] = stations.geometry.x.tolist()
    values["lat"] = stations.geometry.y.tolist()
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
