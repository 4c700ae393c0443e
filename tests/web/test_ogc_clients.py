"""What others' programs read of us: GDAL's driver, and QGIS's provider where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyogrio
import pytest
import shapely

from tests.web import sample
from tests.web.browsing import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apiflask import APIFlask

CLIENTS = Path(__file__).parent / "clients"
SIGNED = {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": sample.TOKEN}
QGIS_PYTHON = "/usr/bin/python3"

pytestmark = pytest.mark.skipif(
    "OAPIF" not in pyogrio.list_drivers(), reason="this GDAL has no OAPIF driver"
)


@pytest.fixture(scope="module")
def address(app: APIFlask) -> Iterator[str]:
    with served(app) as place:
        yield f"{place}/ogc"


def gdal(address: str, layer: str, environment: dict[str, str] | None = None, **how: Any) -> Any:
    """Read a layer in another process: GDAL keeps Python's lock while it waits for us."""
    done = subprocess.run(
        [sys.executable, str(CLIENTS / "gdal_read.py"), f"OAPIF:{address}", layer, json.dumps(how)],
        env={**os.environ, **(environment or {})},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_gdal_reads_all_with_the_same_values(address: str) -> None:
    told, frame = gdal(address, "stations"), sample.stations()
    assert told["layers"] == ["stations", "parks"]
    assert told["ids"] == [*frame.index]
    assert told["crs"] == "OGC:CRS84"
    for row, place in zip(told["places"], shapely.get_coordinates(frame.geometry), strict=True):
        assert row == pytest.approx(place.tolist(), abs=1e-12)
    assert told["columns"]["kind"] == frame["kind"].tolist()
    assert told["columns"]["amenities"] == [text.split(";") for text in frame["amenities"]]


def test_gdal_s_filters_leave_what_ours_do(address: str) -> None:
    frame = sample.stations()
    smart = frame.index[(frame["kind"] == "smart") & (frame["capacity"] == 12)]
    box = (102.6, 24.9, 102.8, 25.1)
    inside = frame.index[frame.geometry.intersects(shapely.box(*box))]
    told = gdal(address, "stations", where="kind = 'smart' AND capacity = 12")
    assert told["ids"] == [*smart]
    told = gdal(address, "stations", where="kind = 'smart' AND capacity = 12", bbox=box)
    assert told["ids"] == [*smart.intersection(inside)]
    assert 0 < len(told["ids"]) < len(smart)


def test_gdal_sees_what_its_token_may_see(address: str) -> None:
    told = gdal(address, "border_posts", SIGNED)
    assert told["layers"] == ["stations", "parks", "border_posts"]
    assert told["ids"] == [*sample.posts().index]


@pytest.mark.slow
def test_qgis_reads_all_and_filters(address: str) -> None:
    """Debian's `python3-qgis`, 193 MB to download: not for every run."""
    python = os.environ.get("QGIS_PYTHON", QGIS_PYTHON)
    looked = [python, "-c", "import qgis.core"]
    if (
        not shutil.which(python)
        or subprocess.run(looked, capture_output=True, check=False).returncode
    ):
        pytest.skip("no QGIS: apt-get install --no-install-recommends python3-qgis qgis-providers")
    frame = sample.stations()
    done = subprocess.run(
        [python, str(CLIENTS / "qgis_read.py"), address, "stations", "102.6,24.9,102.8,25.1",
         "\"kind\" = 'smart' AND \"capacity\" > 5"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["valid"]
    assert told["everything"] == [*frame.index]
    inside = frame.geometry.intersects(shapely.box(102.6, 24.9, 102.8, 25.1))
    assert told["within"] == [*frame.index[inside]]
    assert told["chosen"] == [*frame.index[(frame["kind"] == "smart") & (frame["capacity"] > 5)]]
