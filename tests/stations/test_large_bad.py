"""Large layers with something wrong in one part: named, and nothing is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
import shapely

from geodata.errors import FileFormatError
from stations import large
from stations.large import reading
from tests.stations.large_samples import geo, on_paper, points, table, write

if TYPE_CHECKING:
    from pathlib import Path

LON, LAT, _ = points(9)
CELLS = list(shapely.to_wkb(shapely.points(LON, LAT)))


def seventh(values: Any, wrong: object) -> Any:
    """Return the values with another one in row 7."""
    return [wrong if row == 6 else value for row, value in enumerate(values)]


def placed(lon: float, lat: float) -> pa.Table:
    return table("wkb", np.array(seventh(LON, lon)), np.array(seventh(LAT, lat)))


def shaped(cell: bytes | None) -> pa.Table:
    return pa.table({"geometry": seventh(CELLS, cell)}).replace_schema_metadata(geo("WKB"))


def told(meta: dict[bytes, bytes]) -> pa.Table:
    return table("wkb", LON, LAT).replace_schema_metadata(meta)


def manned(wrong: float) -> pa.Table:
    return table("wkb", LON, LAT, np.array(seventh([1.0] * 9, wrong)))


SPOILT = {
    "no geometry": pa.table({"id": ["a"], "name": ["b"]}),
    "NaN": placed(np.nan, 25.0),
    "infinite": placed(102.0, np.inf),
    "swapped": placed(25.0, 102.0),
    "null": shaped(None),
    "polygon": shaped(shapely.box(0, 0, 1, 1).wkb),
    "not WKB": shaped(b"abc"),
    "polygons": told(geo("polygon")),
    "no CRS": told(geo("WKB", crs=None)),
    "odd CRS": told(geo("WKB", crs="LOCAL_CS")),
    "garbled": told({b"geo": b"{"}),
    "nested": told({b"geo": b"[" * 100_000}),
    "absent": pa.table({"a": [1]}).replace_schema_metadata(geo("WKB")),
    "metres": table("wkb", LON * 1e5, LAT * 1e5),
    "words": pa.table({"lon": ["east"] * 9, "lat": ["north"] * 9}),
    "workers": manned(2.5),
    "fewer": manned(-2),
    "crowd": manned(1e12),
}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("no geometry", "has no geometry: give it a geometry column .* it has id, name"),
        ("NaN", "row 7: it has no position"),
        ("null", "row 7: it has no position"),
        ("infinite", "row 7: it has no position"),
        ("swapped", "row 7: no position on Earth: .*did you swap"),
        ("metres", "row 1: no position on Earth: longitude must be"),
        ("polygon", "row 7: a Polygon; .*points only"),
        ("not WKB", "row 7: the geometry cannot be read"),
        ("polygons", "holds geometry as 'polygon'; points are wanted"),
        ("no CRS", "reference system is unknown"),
        ("odd CRS", "reference system is not understood"),
        ("words", "cannot be read"),
        ("workers", "row 7: workers are a whole number"),
        ("crowd", "row 7: workers are a whole number from 0 to 10,000,000"),
        ("fewer", "row 7: workers are a whole number"),
        ("garbled", "geo metadata cannot be understood"),
        ("nested", "geo metadata cannot be understood"),
        ("absent", "its column 'geometry' is not there"),
    ],
)
def test_a_bad_part_is_named_and_nothing_is_answered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, said: str
) -> None:
    monkeypatch.setattr(reading.points_of, "__defaults__", (2,))
    monkeypatch.setattr(large.LargeLayer.blocks, "__defaults__", (4,))
    write(tmp_path / "a.parquet", table("wkb", LON, LAT))
    write(tmp_path / "city" / "b.parquet", SPOILT[kind], 4)
    with pytest.raises(FileFormatError, match=f"city/b.parquet.*{said}") as caught:
        large.count(large.LargeLayer.open(tmp_path), on_paper())
    assert not any(f"{value:.3f}" in str(caught.value) for value in LON)


def test_files_cut_short_changed_or_missing_are_named(tmp_path: Path) -> None:
    lon, lat, _ = points(9_000)
    path = write(tmp_path / "a.parquet", table("wkb", lon, lat), 1_000)
    layer, whole = large.LargeLayer.open(path), path.read_bytes()
    path.write_bytes(whole[:-9_000])
    with pytest.raises(FileFormatError, match=r"a\.parquet cannot be read .*cut short"):
        large.LargeLayer.open(path)
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes(20_000) + whole[middle + 20_000 :])
    with pytest.raises(FileFormatError, match=r"a\.parquet cannot be read"):
        large.count(large.LargeLayer.open(path), on_paper())
    write(path, table("wkb", lon[:10], lat[:10]))
    with pytest.raises(FileFormatError, match=r"a\.parquet changed while it was counted"):
        large.count(layer, on_paper())
    path.write_text("id,lon,lat\n")
    with pytest.raises(FileFormatError, match="holds plain text"):
        large.LargeLayer.open(path)
    with pytest.raises(FileFormatError, match=r"there is no file no\.parquet"):
        large.LargeLayer.open(tmp_path / "no.parquet")
    path.rename(tmp_path / "_a.parquet")
    with pytest.raises(FileFormatError, match="has no part"):
        large.LargeLayer.open(tmp_path)
