"""A road is closed: sections nobody travels, and where who stands on one gets out of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from geodata.errors import UsageError
from geodata.geodesy import distance_m
from geodata.roads.engine import understood
from geodata.roads.snapping import place_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from geodata.roads.costing import Costing
    from geodata.roads.engine import Engine
    from geodata.roads.snapping import Snapped

NEAR_M = 50.0
"""A place farther than this from any road closes none."""
MOST = 50
"""So many places can be closed at once: servers take no more."""
END_M = 5
"""So far, in metres, the engine looks for a section's end, which it does not tell exactly."""
ROUNDED_M = 0.5
"""So near to a section's end a point is at it: the engine rounds to a millionth of a degree."""

type Place = tuple[float, float]


class Section(NamedTuple):
    """A road from one junction to the next."""

    edges: tuple[int, ...]
    """The engine's numbers for it, one for each direction."""
    shape: tuple[Place, ...]
    cuts: tuple[float, float]
    """Where it is closed first and last, as shares of its length."""


@dataclass(frozen=True)
class Closures:
    """What is closed to one mode; made by `close`."""

    places: tuple[Place, ...]
    """On the road, degrees."""
    sections: tuple[Section, ...]

    def request(self) -> dict[str, Any]:
        """Give the part of a request that closes the sections."""
        return {"exclude_locations": [place_of(*place) for place in self.places]}

    def at_end(self, lon: FloatArray, lat: FloatArray) -> BoolArray:
        """Tell which points on the road, (n,), are at an end of a section, as `freed` ones are."""
        lons, lats = self._ends.T
        x, y = np.repeat(lon, lons.size), np.repeat(lat, lons.size)
        metres = distance_m(x, y, np.tile(lons, lon.size), np.tile(lats, lon.size))
        near: BoolArray = metres.reshape(lon.size, lons.size) <= ROUNDED_M
        return near.any(axis=1)

    @cached_property
    def _ends(self) -> FloatArray:
        """(ends, 2)."""
        ends = {end for each in self.sections for end in (each.shape[0], each.shape[-1])}
        return np.array(sorted(ends)).reshape(-1, 2)

    def freed(self, best: FloatArray, edge: IntArray) -> FloatArray:
        """Bring points snapped to closed sections to the ends of these, on foot.

        ``best`` are longitude, latitude and metres, shape (3, n), ``edge`` is (n,). Nobody gets
        past a closed place: each goes to the end on its side; between two places there is none,
        and the point is NaN.
        """
        freed = best.copy()
        for section in self.sections:
            rows = np.flatnonzero(np.isin(edge, section.edges))
            line, length_m = shapely.linestrings(_flat(section.shape)), _length_m(section.shape)
            points = shapely.points(_flat(best[:2, rows].T, section.shape[0][1]))
            along = shapely.line_locate_point(line, points, normalized=True)
            first, last = section.cuts
            for side, end, legs in (
                (along <= first, section.shape[0], along),
                ((along >= last) & (along > first), section.shape[-1], 1 - along),
            ):
                here = rows[side]
                freed[0, here], freed[1, here] = end
                freed[2, here] = best[2, here] + legs[side] * length_m
            freed[:, rows[(along > first) & (along < last)]] = np.nan
        return freed


def close(engine: Engine, costing: Costing, asked: Sequence[Place], found: Snapped) -> Costing:
    """Return a costing for which the road nearest to each place is closed.

    ``found`` are the places on the road. `UsageError` for none or more than `MOST`, and for one
    outside the network or more than `NEAR_M` from a road of the mode.
    """
    if not 1 <= len(asked) <= MOST:
        raise UsageError(f"close from 1 to {MOST} places, not {len(asked)}")
    for (lon, lat), metres, inside in zip(asked, found.metres, found.inside, strict=True):
        if not inside:
            raise UsageError(f"{lon:g},{lat:g} lies outside the road network: no road to close")
        if not metres <= NEAR_M:
            raise UsageError(
                f"no road for {costing.code} within {NEAR_M:g} m of {lon:g},{lat:g} to close"
            )
    places = tuple(zip(found.lon.tolist(), found.lat.tolist(), strict=True))
    sections: dict[tuple[Place, ...], Section] = {}
    for place in places:
        request = {"locations": [place_of(*place)], "verbose": True, **costing.request()}
        with understood():
            near = [_section(edge, place) for edge in engine.ask("locate", request)[0]["edges"]]
        for section in near:
            held = sections.get(section.shape, section)
            sections[section.shape] = _both(held, section)
    return replace(costing, closures=Closures(places, tuple(sections.values())))


def _section(edge: Mapping[str, Any], place: Place) -> Section:
    from valhalla.midgard.utils import decode_polyline  # noqa: PLC0415 - 40 MB, not before needed

    shape = tuple((lon, lat) for lon, lat in decode_polyline(edge["edge_info"]["shape"]))
    line = shapely.linestrings(_flat(shape))
    point = shapely.points(_flat([place], shape[0][1]))[0]
    cut = float(shapely.line_locate_point(line, point, normalized=True))
    return Section((int(edge["edge_id"]["value"]),), shape, (cut, cut))


def _both(a: Section, b: Section) -> Section:
    cuts = (*a.cuts, *b.cuts)
    return Section(tuple(sorted({*a.edges, *b.edges})), a.shape, (min(cuts), max(cuts)))


def _flat(places: Any, lat: float | None = None) -> FloatArray:  # noqa: ANN401 - array-like (n, 2)
    """Return places in a plane where shares of a length are true; scaled at ``lat``."""
    degrees = np.array(places, dtype=np.float64).reshape(-1, 2)
    scale = np.cos(np.deg2rad(degrees[0, 1] if lat is None else lat)) if degrees.size else 1.0
    flat: FloatArray = degrees * (scale, 1.0)
    return flat


def _length_m(shape: Sequence[Place]) -> float:
    lon, lat = np.array(shape).T
    return float(distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum())
