"""``stations nearest`` by road and by estimate, as its caller meets it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.roads import liechtenstein_folder
from tests.shell import Shell

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["liechtenstein_folder"]

pytestmark = pytest.mark.shared_data

HERE = "9.5300,47.1450"
STATIONS = "id,name,lon,lat\nvaduz,瓦杜兹,9.5209,47.1397\nabroad,境外,9.8,47.4\n"


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.delenv("STATIONS_ROADS", raising=False)
    shell = Shell(tmp_path, capsys)
    path = tmp_path / "stations.csv"
    path.write_text(STATIONS, "utf-8")
    shell.json("import", str(path), "--as", "stations")
    return shell


def test_minutes_are_by_road_where_there_are_roads(
    shell: Shell, liechtenstein_folder: Path
) -> None:
    ask = ("nearest", HERE, "--mode", "ebike", "--roads")
    vaduz, abroad = shell.json(*ask, str(liechtenstein_folder))["stations"]
    assert (vaduz["id"], vaduz["estimated"], abroad["estimated"]) == ("vaduz", False, True)
    assert vaduz["road_m"] > vaduz["distance_m"]
    assert abroad["road_m"] is None
    code, table, _ = shell(*ask, str(liechtenstein_folder))
    assert code == 0
    assert "按道路 by road" in table
    assert "估计 estimated" in table


def test_without_a_network_everything_is_an_estimate(shell: Shell) -> None:
    ask = ("nearest", HERE, "--mode", "ebike", "--open", "arrival", "--roads", "none")
    found = shell.json(*ask)["stations"]
    assert [hit["id"] for hit in found] == ["vaduz", "abroad"]
    assert [(hit["estimated"], hit["road_m"]) for hit in found] == [(True, None)] * 2
    assert "by road" not in shell(*ask)[1].partition("\n")[2]


def test_a_folder_without_a_network_is_refused(shell: Shell, tmp_path: Path) -> None:
    code, out, err = shell("nearest", HERE, "--roads", str(tmp_path / "nothing"))
    assert (code, out) == (2, "")
    assert "nothing" in err
    assert err.count("\n") == 1
