"""A map platform's list: read in its datum, matched one to one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from shapely import Point

from geodata import datum
from geodata.errors import FaultyDataError
from geodata.geodesy import distance_m
from stations import imports
from stations.audit.quality import maplist
from stations.audit.ruling import Context
from stations.registry import Registry
from tests.stations import worlds

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 22, tzinfo=UTC)


def _file(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_list_is_read_in_the_datum_it_is_in(tmp_path: Path) -> None:
    x, y = datum.from_wgs84(102.8, 24.9, "gcj02")
    path = _file(tmp_path, f"名称,经度,纬度,电话\n南门街驿站,{x},{y},0871-63112345\n")
    listed = maplist.read(imports.read(path, "stations"), datum="gcj02")
    point = listed.geometry.iloc[0]
    assert float(distance_m([102.8], [24.9], [point.x], [point.y])[0]) < 0.01
    assert listed["phone"].tolist() == ["0871-63112345"]
    assert listed["area_code"].tolist() == ["530114"]


def test_a_list_half_read_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, "名称,经度,纬度\n南门街驿站,102.8,24.9\n北门街驿站,东边,24.9\n")
    with pytest.raises(FaultyDataError, match="faults in the list"):
        maplist.read(imports.read(path, "stations"))


def test_each_row_of_a_list_is_one_station() -> None:
    here = {"area_code": "530114"}
    mine = {
        "a": (Point(102.8, 24.89), {"name": "南门街驿站", "phone": "0871-63112345", **here}),
        "b": (Point(102.8001, 24.89), {"name": "南门街爱心驿站", **here}),
        "c": (Point(102.81, 24.89), {"name": "北门街2号驿站", **here}),
    }
    listed = {
        "m": (Point(102.803, 24.89), {"name": "南门街", "phone": "63112345", **here}),
        "n": (Point(102.8102, 24.89), {"name": "北门街1号", **here}),
    }
    registry = Registry.from_frames(worlds.stations(mine))
    context = Context(registry, at=AT, platform=worlds.stations(listed))
    found = maplist.matches(context)
    assert found.station.tolist() == [0]  # by telephone, although b is nearer and called the same
    assert found.row.tolist() == [0]
    assert 300 < found.metres[0] < 306
    assert found.apart.tolist() == [True]
