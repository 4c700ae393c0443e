"""Building a road network, keeping it, and refusing what is damaged."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import osmium
import pytest
import shapely

from geodata import roads
from geodata.errors import FileFormatError, UsageError
from geodata.roads import extract
from geodata.roads.folder import CURRENT, LOCK, current

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geodata.roads import RoadNetwork

pytestmark = pytest.mark.shared_data
OLD = "liechtenstein-latest.osm.pbf"


@pytest.fixture
def pbf(shared_data: Path) -> Path:
    return shared_data / "osm" / OLD


@pytest.fixture
def copied(liechtenstein_folder: Path, tmp_path: Path) -> Path:
    """Give a copy of the network that may be damaged."""
    return shutil.copytree(liechtenstein_folder, tmp_path / "roads")


def grid(path: Path, ways: Mapping[str, str], *, side: int = 12) -> Path:
    """Write two towns of streets on a grid, 2 km apart, and one way with tags between them."""
    mutable = osmium.osm.mutable
    with osmium.SimpleWriter(str(path)) as out:
        for town in (0, 1):
            for x in range(side):
                for y in range(side):
                    place = (10 + x * 0.001 + town * 0.04, 47 + y * 0.001)
                    number = 1 + town * 1000 + x * side + y
                    out.add_node(mutable.Node(id=number, location=place, version=1))
        lines = [
            [1 + town * 1000 + (i * side + j if along else j * side + i) for j in range(side)]
            for town in (0, 1)
            for i in range(side)
            for along in (True, False)
        ]
        streets = {"highway": "residential"}
        for number, nodes in enumerate(lines, 1):
            out.add_way(mutable.Way(id=number, nodes=nodes, tags=streets, version=1))
        between = [1 + (side - 1) * side + 3, 1001 + 3]
        out.add_way(mutable.Way(id=900, nodes=between, tags=ways, version=1))
    return path


def test_what_was_built_is_told(liechtenstein_folder: Path) -> None:
    info = roads.status(liechtenstein_folder)
    assert info.source == OLD
    assert info.osm_at is not None
    assert info.osm_at.isoformat() == "2015-07-27T21:14:01+00:00"
    assert info.built_at is not None
    assert info.nodes > 5000
    assert info.edges > 2 * info.nodes
    kept = [each for each in current(liechtenstein_folder).iterdir() if each.suffix != ".json"]
    assert info.bytes == sum(each.stat().st_size for each in kept)
    assert {each.name for each in liechtenstein_folder.iterdir()} == {
        CURRENT,
        LOCK,
        current(liechtenstein_folder).name,
    }


def test_area_holds_the_country_and_not_its_neighbours(liechtenstein_folder: Path) -> None:
    area = roads.status(liechtenstein_folder).area
    inside = {"Vaduz": (9.5209, 47.1410), "Malbun": (9.6080, 47.1020), "ridge": (9.58, 47.15)}
    outside = {"Buchs": (9.4500, 47.1670), "Feldkirch": (9.66, 47.29), "Chur": (9.53, 46.85)}
    assert all(shapely.contains_xy(area, *place) for place in inside.values())
    assert not any(shapely.contains_xy(area, *place) for place in outside.values())
    assert shapely.get_num_interior_rings(area) == 0


def test_the_same_map_has_the_same_id(
    pbf: Path, liechtenstein_folder: Path, tmp_path: Path
) -> None:
    stages: list[tuple[str, int, int]] = []
    info = roads.build(pbf, tmp_path, progress=lambda *stage: stages.append(stage))
    assert info.id == roads.status(liechtenstein_folder).id
    assert [stage for stage, _, _ in stages] == [*roads.STAGES, "done"]
    assert [done for _, done, _ in stages] == list(range(len(roads.STAGES) + 1))


def test_a_new_build_takes_the_place_of_the_old_one(pbf: Path, copied: Path) -> None:
    old, network = current(copied), roads.RoadNetwork.open(copied)
    roads.build(pbf, copied)
    assert current(copied) != old
    assert not old.exists()
    assert minutes(network) == minutes(roads.RoadNetwork.open(copied))  # by open descriptor


def test_the_same_map_keeps_its_calibration_another_has_none(tmp_path: Path) -> None:
    folder = tmp_path / "roads"
    maps = [
        grid(tmp_path / f"{kind}.osm.pbf", {"highway": kind}) for kind in ("primary", "service")
    ]
    assert roads.calibrated(folder) == []
    roads.build(maps[0], folder)
    network = roads.RoadNetwork.open(folder)
    made = roads.calibrate(network, "walk", pairs=20)
    network.save(made)
    roads.build(maps[0], folder)
    assert roads.calibrated(folder) == ["walk"]
    assert roads.RoadNetwork.open(folder).calibrations == {"walk": made}
    roads.build(maps[1], folder)
    assert roads.calibrated(folder) == []
    network = roads.RoadNetwork.open(folder)
    network.save(roads.calibrate(network, "walk", pairs=20))
    (current(folder) / "calibration.json").write_text("{}}")
    roads.build(maps[1], folder)
    assert roads.RoadNetwork.open(folder).calibrations == {}


def minutes(network: RoadNetwork) -> float:
    points = network.snap([9.5209, 9.5067], [47.1410, 47.1650], "walk")
    return float(network.matrix(points, points, "walk").minutes[0, 1])


def test_an_exception_from_progress_leaves_the_old_one(pbf: Path, copied: Path) -> None:
    before = sorted(copied.iterdir())

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "tiles":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        roads.build(pbf, copied, progress=stop)
    assert sorted(copied.iterdir()) == before
    assert minutes(roads.RoadNetwork.open(copied)) > 0


@pytest.mark.parametrize("stage", ["edges", "packing"])
def test_kill_9_leaves_the_old_one(pbf: Path, copied: Path, stage: str) -> None:
    before = roads.status(copied)
    code = f"""
import os, signal
from geodata import roads
def stop(stage, done, total):
    if stage == {stage!r}:
        os.kill(os.getpid(), signal.SIGKILL)
roads.build({str(pbf)!r}, {str(copied)!r}, progress=stop)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL
    assert roads.status(copied) == before
    assert minutes(roads.RoadNetwork.open(copied)) > 0
    roads.build(pbf, copied)
    assert len(list(copied.glob("network-*"))) == 1


def test_two_builds_at_once_are_one_too_many(pbf: Path, tmp_path: Path) -> None:
    def again(stage: str, done: int, total: int) -> None:
        if stage == "nodes":
            with pytest.raises(roads.RoadsBusyError, match="another build"):
                roads.build(pbf, tmp_path)

    roads.build(pbf, tmp_path, progress=again)


def test_files_that_are_no_map_are_refused(pbf: Path, copied: Path, tmp_path: Path) -> None:
    before = roads.status(copied)
    cut, text = tmp_path / "cut.osm.pbf", tmp_path / "text.osm.pbf"
    cut.write_bytes(pbf.read_bytes()[:900_000])
    text.write_text("highway")
    barren = tmp_path / "barren.osm.pbf"
    with osmium.SimpleWriter(str(barren)) as out:
        out.add_node(osmium.osm.mutable.Node(id=1, location=(10, 47), version=1))
    for file, problem in {
        cut: "cut short",
        text: "not OpenStreetMap data",
        barren: "no roads",
        tmp_path / "none.osm.pbf": "cannot be opened",
    }.items():
        with pytest.raises(FileFormatError, match=problem):
            roads.build(file, copied)
    assert roads.status(copied) == before


def test_damage_that_ends_the_reader_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.osm.pbf"
    mutable = osmium.osm.mutable
    with osmium.SimpleWriter(osmium.io.File(str(path), "pbf,pbf_compression=none")) as out:
        for number in (1, 2):
            out.add_node(mutable.Node(id=number, location=(number, 47), version=1))
        out.add_way(mutable.Way(id=1, nodes=[1, 2], tags={"highway": "path"}))
    sound = path.read_bytes()
    for told, damage in ((b"highway", b"h\0ghway"), (b"path", b"p\xffth")):
        path.write_bytes(sound.replace(told, damage))
        with pytest.raises(FileFormatError, match="download it again"):
            extract.read(path)


def test_nothing_there_names_the_command(tmp_path: Path) -> None:
    for look in (roads.status, roads.RoadNetwork.open):
        with pytest.raises(roads.RoadsMissingError, match="stations roads build"):
            look(tmp_path / "none")


def _truncate(build: Path) -> None:
    os.truncate(build / "tiles.tar", 700_000)


def _flip(build: Path) -> None:
    with (build / "tiles.tar").open("r+b") as file:
        file.seek(300_000)
        byte = file.read(1)
        file.seek(300_000)
        file.write(bytes([byte[0] ^ 1]))


def _half(build: Path) -> None:
    (build / "manifest.json").unlink()


def _garble(build: Path) -> None:
    (build / "manifest.json").write_text("{")


def _newer(build: Path) -> None:
    held = json.loads((build / "manifest.json").read_text())
    (build / "manifest.json").write_text(json.dumps(held | {"format": 99}))


def _lose(build: Path) -> None:
    shutil.rmtree(build)


@pytest.mark.parametrize("damage", [_truncate, _flip, _half, _garble, _newer, _lose])
def test_damage_is_said_before_the_engine_sees_it(copied: Path, damage: object) -> None:
    assert callable(damage)
    damage(current(copied))
    with pytest.raises(roads.RoadsBrokenError, match="build it again"):
        roads.RoadNetwork.open(copied)


def test_a_pointer_out_of_the_folder_is_refused(copied: Path) -> None:
    (copied / CURRENT).write_text("../elsewhere")
    with pytest.raises(roads.RoadsBrokenError, match="names no build"):
        roads.status(copied)


@pytest.mark.parametrize("kind", ["ferry", "shuttle_train"])
def test_no_mode_takes_a_ferry(tmp_path: Path, kind: str) -> None:
    everybody = dict.fromkeys(("foot", "bicycle", "motor_vehicle", "hgv"), "yes")
    sailing = {"route": kind, "duration": "00:02", **everybody}
    roads.build(grid(tmp_path / "f.osm.pbf", sailing), tmp_path / "ferry")
    roads.build(grid(tmp_path / "b.osm.pbf", {"highway": "primary"}), tmp_path / "bridge")
    ferry, bridge = (roads.RoadNetwork.open(tmp_path / each) for each in ("ferry", "bridge"))
    for mode in roads.MODES:
        for network, there in ((ferry, False), (bridge, True)):
            points = network.snap([10.002, 10.047, 10.009], [47.003] * 3, mode)
            assert points.found.all()
            found = network.matrix(points, points, mode).minutes < float("inf")
            assert found[0, 2]
            assert found[0, 1] == there


def test_modes_and_sizes_are_checked() -> None:
    with pytest.raises(UsageError, match="walk, ebike, car, truck"):
        roads.costing_of("boat")
    sizes = vars(roads.usual_truck())
    with pytest.raises(UsageError, match="height_m"):
        roads.TruckSize(**sizes | {"height_m": float("nan")})
    tall = roads.TruckSize(**sizes | {"height_m": 4.2})
    assert roads.costing_of("truck", tall).options["height"] == 4.2
    assert "height" not in roads.costing_of("car", tall).options


def test_open_says_what_status_says(
    liechtenstein_folder: Path, liechtenstein_roads: RoadNetwork
) -> None:
    assert liechtenstein_roads.info == roads.status(liechtenstein_folder)
