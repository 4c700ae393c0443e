"""Layers out of an OpenStreetMap file, against GDAL's own reader."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING

import osmium
import pyogrio
import pytest
import shapely

from geodata import osm
from geodata.errors import FileFormatError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

SERVICES = "amenity=toilets|drinking_water|shelter, highway=rest_area|services"


@pytest.fixture(scope="module")
def country(shared_data: Path) -> Path:
    return shared_data / "osm" / "liechtenstein-latest.osm.pbf"


def by_gdal(path: Path, layer: str, tag: str) -> gpd.GeoDataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pyogrio.read_dataframe(path, layer=layer, where=tag)


@pytest.mark.shared_data
def test_industrial_land_is_what_gdal_finds(country: Path) -> None:
    parks = osm.extract(country, {"p": osm.parse_filter("landuse=industrial", "areas")})["p"]
    oracle = by_gdal(country, "multipolygons", "landuse = 'industrial'")
    ids = [
        f"way/{way}" if way else f"relation/{r}"
        for way, r in oracle[["osm_way_id", "osm_id"]].fillna("").to_numpy()
    ]
    assert len(parks) == 16
    assert sorted(parks.index) == sorted(ids)
    expected = oracle.set_index(oracle.index.map(dict(enumerate(ids)))).geometry
    for name, shape in parks.geometry.items():
        assert shape.equals(expected[name])


@pytest.mark.shared_data
def test_points_are_nodes_and_points_inside_areas(country: Path) -> None:
    filters = {"toilets": osm.parse_filter("amenity=toilets"), "all": osm.parse_filter(SERVICES)}
    found = osm.extract(country, filters)
    toilets = found["toilets"]
    nodes = by_gdal(country, "points", 'other_tags LIKE \'%"amenity"=>"toilets"%\'')
    areas = by_gdal(country, "multipolygons", "amenity = 'toilets'")
    assert (len(toilets), len(nodes), len(areas)) == (13, 10, 3)
    assert set(toilets.index) == {f"node/{i}" for i in nodes["osm_id"]} | {
        f"way/{i}" for i in areas["osm_way_id"]
    }
    for way, area in zip(areas["osm_way_id"], areas.geometry, strict=True):
        assert area.contains(toilets.geometry[f"way/{way}"])
    assert set(toilets.index) <= set(found["all"].index)
    assert set(found["all"].geom_type) == {"Point"}
    assert found["all"].crs == "EPSG:4326"
    assert all(json.loads(tags)["amenity"] == "toilets" for tags in toilets["tags"])


@pytest.mark.shared_data
def test_border_control_and_an_empty_layer(country: Path) -> None:
    filters = {
        "border": osm.parse_filter("barrier=border_control, amenity=customs"),
        "none": osm.parse_filter("amenity=no_such_thing", "areas"),
    }
    found = osm.extract(country, filters)
    assert list(found["border"]["name"]) == ["Feldkirch", "Feldkirch", "Schaanwald"]
    assert len(found["none"]) == 0
    assert list(found["none"].columns) == list(found["border"].columns)


def write_small(path: Path, how: str = "pbf") -> None:
    """Write a closed and an open way, a node, a relation with a hole, a way cut at the edge."""
    corners = [(0, 0), (0, 4), (4, 4), (4, 0), (1, 1), (1, 3), (3, 3), (3, 1)]
    square = {"landuse": "industrial"}
    with osmium.SimpleWriter(osmium.io.File(str(path), how)) as writer:
        for number, place in enumerate(corners, start=1):
            tags = {"amenity": "toilets", "name": "厕所"} if number == 1 else {}
            writer.add_node(osmium.osm.mutable.Node(id=number, location=place, tags=tags))
        ways = [
            (10, [1, 2, 3, 4, 1], square),
            (11, [1, 2, 3], {"barrier": "border_control"}),
            (12, [5, 6, 7, 8, 5], {}),
            (13, [1, 2, 99, 1], square),
            (14, [1, 2, 3, 4, 1], {}),
        ]
        for number, nodes, tags in ways:
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))
        writer.add_relation(
            osmium.osm.mutable.Relation(
                id=20,
                members=[("w", 14, "outer"), ("w", 12, "inner")],
                tags={"type": "multipolygon", **square, "fee": "no"},
            )
        )


def test_every_kind_of_object(tmp_path: Path) -> None:
    path = tmp_path / "small.osm.pbf"
    write_small(path)
    industrial = osm.parse_filter("landuse=industrial", "areas")
    anything = osm.parse_filter("amenity, barrier=*, landuse=industrial")
    joint = osm.parse_filter("landuse=industrial+fee=no", "areas")
    no_fee = osm.parse_filter("fee", "areas")
    found = osm.extract(path, {"a": industrial, "p": anything, "j": joint, "f": no_fee})
    assert list(found["a"].index) == ["relation/20", "way/10"]
    assert found["a"].geometry["relation/20"].area == pytest.approx(12)
    assert set(found["p"].index) == {"node/1", "way/10", "way/11", "relation/20"}
    assert found["p"].geometry["way/11"].equals(shapely.Point(0, 4))
    assert found["a"].geometry["relation/20"].contains(found["p"].geometry["relation/20"])
    assert found["p"].loc["node/1", "name"] == "厕所"
    assert list(found["j"].index) == ["relation/20"]
    assert len(found["f"]) == 0


@pytest.mark.parametrize("text", ["", "=x", "a=", "a=|b", "a=b,", "a=b+", "+"])
def test_a_filter_that_is_not_understood(text: str) -> None:
    with pytest.raises(UsageError, match="write key=value"):
        osm.parse_filter(text)


def test_files_that_are_not_pbf(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="cannot be opened"):
        osm.extract(tmp_path / "none.osm.pbf", {})
    other = tmp_path / "x.osm.pbf"
    other.write_text("<osm/>")
    with pytest.raises(FileFormatError, match="not OpenStreetMap"):
        osm.extract(other, {})
    write_small(tmp_path / "whole.osm.pbf")
    other.write_bytes((tmp_path / "whole.osm.pbf").read_bytes()[:-40])
    with pytest.raises(FileFormatError, match="cut short"):
        osm.extract(other, {"p": osm.parse_filter("amenity")})


def test_damage_that_ends_the_reader_is_told(tmp_path: Path) -> None:
    plain, other = tmp_path / "plain.osm.pbf", tmp_path / "x.osm.pbf"
    write_small(plain, "pbf,pbf_compression=none")
    places = {"p": osm.parse_filter("amenity, landuse"), "a": osm.parse_filter("landuse", "areas")}
    assert len(osm.extract(plain, places)["a"]) == 2
    for told, damage in ((b"amenity", b"a\0enity"), (b"toilets", b"toi\xffets")):
        other.write_bytes(plain.read_bytes().replace(told, damage))
        with pytest.raises(FileFormatError, match="download it again"):
            osm.extract(other, places)
