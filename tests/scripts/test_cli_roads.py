"""``stations roads`` as its caller meets it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from scripts import cli
from scripts.cli import output
from tests.geodata.test_roads import grid

if TYPE_CHECKING:
    from pathlib import Path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    sys.argv = ["stations", "roads", *map(str, words)]
    with pytest.raises(SystemExit) as ended:
        cli.main()
    printed = capsys.readouterr()
    assert (ended.value.code or 0, printed.err) == (0, "")
    return printed.out


def test_a_build_says_whether_the_calibration_is_still_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [])
    one, other = (
        grid(tmp_path / f"{kind}.osm.pbf", {"highway": kind}) for kind in ("primary", "service")
    )
    to = ("--to", tmp_path / "roads")
    assert "not calibrated" in run(capsys, "build", one, *to)
    modes = ("--mode", "walk", "--mode", "ebike")
    run(capsys, "calibrate", *modes, "--pairs", 20, "--roads", tmp_path / "roads")
    again = run(capsys, "build", one, *to)
    assert "calibrated: walk, ebike" in again
    assert "another map" not in again
    another = run(capsys, "build", other, *to)
    assert "not calibrated" in another
    assert "another map than before: its calibration (walk, ebike) is gone; measure" in another
    told = json.loads(run(capsys, "build", other, *to, "--json"))
    assert told["calibrations_dropped"] == []


def test_what_was_built_in_the_data_folder_is_what_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.delenv("STATIONS_ROADS")
    monkeypatch.setenv("STATIONS_DATA", str(tmp_path / "data"))
    built = run(capsys, "build", grid(tmp_path / "a.osm.pbf", {"highway": "primary"}))
    assert str(tmp_path / "data") in built
    assert run(capsys, "status") == built
    assert output.travel("").network("walk") is not None
