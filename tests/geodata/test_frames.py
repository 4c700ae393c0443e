"""The check at the door."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import MultiPolygon, Point, Polygon, box

from geodata import frames
from geodata.errors import FaultyDataError

COLUMNS = {"name": "str", "workers": "Int64", "synthetic": "bool"}
BOWTIE = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


def good(*shapes: object, crs: object = 4326) -> gpd.GeoDataFrame:
    count = len(shapes)
    return gpd.GeoDataFrame(
        {
            "name": pd.array(["站"] * count, dtype="str"),
            "workers": pd.array([1] * count, dtype="Int64"),
            "synthetic": np.zeros(count, dtype=bool),
        },
        index=pd.Index([f"s{i}" for i in range(count)], name="id", dtype="str"),
        geometry=list(shapes),
        crs=crs,
    )


def faults(frame: gpd.GeoDataFrame, geometry: frozenset[str] = frames.POINTS) -> list[str]:
    with pytest.raises(FaultyDataError) as caught:
        frames.require(frame, columns=COLUMNS, geometry=geometry)
    return [
        f"{fault.row}|{fault.field}|{fault.value}|{fault.problem}" for fault in caught.value.faults
    ]


def test_a_fit_frame_is_returned_itself() -> None:
    frame = good(Point(180, 90), Point(-180, -90))
    assert frames.require(frame, columns=COLUMNS, geometry=frames.POINTS) is frame
    empty = good()
    assert frames.require(empty, columns=COLUMNS, geometry=frames.POINTS) is empty
    parks = good(box(0, 0, 1, 1), MultiPolygon([box(0, 0, 1, 1)]))
    assert frames.require(parks, columns=COLUMNS, geometry=frames.AREAS) is parks


def test_every_fault_is_reported_at_once() -> None:
    frame = good(Point(1, 2), Point(25, 102), None, box(0, 0, 1, 1), Point())
    frame.index = pd.Index(["a", "a", "", " ", "b"], name="id")
    frame = frame.drop(columns="workers").assign(name=[1, 2, 3, 4, 5])
    found = faults(frame)
    assert [text.split("|")[:2] for text in found] == [
        ["3", "id"],
        ["4", "id"],
        ["2", "id"],
        ["None", "name"],
        ["None", "workers"],
        ["2", "geometry"],
        ["3", "geometry"],
        ["4", "geometry"],
        ["5", "geometry"],
    ]
    assert "swapped" in found[5]
    assert "must be a Point" in found[7]


@pytest.mark.parametrize("shape", [Point(np.nan, 1), Point(180.001, 1), Point(500000, 2800000)])
def test_positions_not_on_earth(shape: Point) -> None:
    [fault] = faults(good(shape))
    assert "not on Earth" in fault


def test_a_self_crossing_polygon_says_where_and_how_to_mend_it() -> None:
    [fault] = faults(good(box(0, 0, 1, 1), BOWTIE), frames.AREAS)
    assert fault.startswith("2|geometry|Self-intersection[0.5 0.5]|")
    assert "make_valid" in fault


@pytest.mark.parametrize(
    ("crs", "advice"), [(None, "set_crs"), (4490, "to_crs(4326)"), (3857, "to_crs(4326)")]
)
def test_another_crs_is_never_transformed_silently(crs: int | None, advice: str) -> None:
    [fault] = faults(good(Point(1, 2), crs=crs))
    assert advice in fault


def test_a_frame_without_geometry() -> None:
    [fault] = faults(gpd.GeoDataFrame({"name": ["a"]}))
    assert "geometry column is needed" in fault
