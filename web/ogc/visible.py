"""What there is to see: the stations, and each demand layer, as far as the caller may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from stations.errors import LayerMissingError
from web.api.seen import seen
from web.auth import caller
from web.auth.callers import READERS
from web.ogc.base import snapshot
from web.ogc.columns import Column
from web.ogc.fields import ID, Field, site_fields, station_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    import numpy.typing as npt

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.registry import Layer, Registry

STATIONS = "stations"


class Collection:
    """Features of one kind, by id; shared by all threads."""

    def __init__(
        self,
        name: str,
        titles: tuple[str, str],
        frame: gpd.GeoDataFrame,
        fields: Iterable[Field],
        *,
        restricted: bool = False,
    ) -> None:
        self.name, (self.zh, self.en), self.restricted = name, titles, restricted
        self.fields: Mapping[str, Field] = {field.name: field for field in fields}
        self.frame = frame
        self.shapes: npt.NDArray[np.object_] = frame.geometry.to_numpy()
        self._columns: dict[str, Column] = {}
        self.written: dict[int, bytes] = {}
        """Row → the feature as JSON, as `web.ogc.writing` keeps it."""

    def __len__(self) -> int:
        return len(self.frame)

    def column(self, name: str) -> Column:
        """Return a property of all features, or their ids."""
        if name not in self._columns:
            cells = self.frame.index if name == ID.name else self.frame[name]
            self._columns[name] = Column.of(self.queryables[name], cells)
        return self._columns[name]

    @cached_property
    def queryables(self) -> Mapping[str, Field]:
        """What can be asked of a feature besides its geometry."""
        return {ID.name: ID, **self.fields}

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Over the shapes, by row."""
        return shapely.STRtree(self.shapes)

    @cached_property
    def are_points(self) -> bool:
        """Whether every feature is a point."""
        return bool((shapely.get_type_id(self.shapes) == shapely.GeometryType.POINT).all())

    @cached_property
    def places(self) -> FloatArray:
        """Where each feature is, lon and lat: points themselves, of areas a point inside."""
        points = self.shapes if self.are_points else shapely.point_on_surface(self.shapes)
        places: FloatArray = shapely.get_coordinates(points).reshape(-1, 2)
        return places

    @cached_property
    def bounds(self) -> list[float] | None:
        """West, south, east, north of what the caller sees; None: nothing."""
        if not len(self):
            return None
        bounds: list[float] = shapely.total_bounds(self.shapes).tolist()
        return bounds

    @cached_property
    def span(self) -> tuple[str | None, str | None] | None:
        """The first and last day any feature is there; None: days are not known of any."""
        if "from" not in self.fields:
            return None
        first, last = (self.column(name) for name in ("from", "until"))
        if not (first.values or last.values):
            return None
        since = None if first.nulls.any() or not first.values else min(filter(None, first.values))
        until = None if last.nulls.any() or not last.values else max(filter(None, last.values))
        return since, until

    def inside(self, box: tuple[float, float, float, float]) -> IntArray:
        """Return the rows that touch west, south, east, north, ascending; west > east crosses."""
        west, south, east, north = box
        boxes = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        predicate = None if self.are_points else "intersects"
        found = [
            self.tree.query(shapely.box(left, south, right, north), predicate=predicate)
            for left, right in boxes
        ]
        rows: IntArray = np.unique(np.concatenate(found)) if len(found) > 1 else np.sort(found[0])
        return rows

    def there(self, first: float, last: float) -> BoolArray:
        """Tell which features are there on any of some days (ordinals, inclusive).

        A feature without days is there always.
        """
        if "from" not in self.fields:
            return np.ones(len(self), dtype=np.bool_)
        return (self.days("from") <= last) & (self.days("until") >= first)

    def days(self, name: str) -> FloatArray:
        """Return a column of days as ordinals; where it is null, it has no bound."""
        column = self.column(name)
        unbound = -np.inf if name == "from" else np.inf
        known = [float(date.fromisoformat(day).toordinal()) if day else 0 for day in column.values]
        return np.array([*known, unbound])[column.codes]


@dataclass(frozen=True)
class _Open:
    """The collections everybody sees, by name."""

    by_name: Mapping[str, Collection]


def visible() -> dict[str, Collection]:
    """Return the collections of this request's caller, the stations first.

    A restricted one is there for those only who have the role for it and, if they are responsible
    for some area, a site in it; it holds the sites they may see and nothing else.
    """
    registry = snapshot()
    found = dict(registry.derived(_open_to_all).by_name)
    asking = caller()
    if asking.role in READERS:
        mine = seen(registry).derived(_restricted).by_name
        found |= {name: each for name, each in mine.items() if len(each) or not asking.area}
    return found


def visible_one(name: str) -> Collection:
    """Return one of them; a hidden one raises exactly what an unknown one does."""
    found = visible()
    if name not in found:
        raise LayerMissingError(
            f"no collection of that name is open to you (open: {', '.join(found)}); staff send"
            " Authorization: Bearer and a token"
        )
    return found[name]


def _open_to_all(registry: Registry) -> _Open:
    titles = ("工会驿站", "Worker stations")
    stations = Collection(STATIONS, titles, registry.stations, station_fields())
    layers = [_layer(each) for each in registry.layers.values() if not each.info.restricted]
    return _Open({each.name: each for each in (stations, *layers)})


def _restricted(registry: Registry) -> _Open:
    layers = [_layer(each) for each in registry.layers.values() if each.info.restricted]
    return _Open({each.name: each for each in layers})


def _layer(layer: Layer) -> Collection:
    info = layer.info
    return Collection(
        info.name, (info.zh, info.en), layer.sites, site_fields(), restricted=info.restricted
    )
