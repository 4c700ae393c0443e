"""OGC API Features on 200,000 stations, under load on one worker: boxes that hold 100 of them.

Beside it, from the same run: pygeoapi over PostGIS with the same rows, on a worker of the same
server. First both are asked for the same boxes and their answers compared, feature by feature. It
wants the ``bench`` extra, ``wrk`` and PostgreSQL with PostGIS. ``--seconds``, ``--rounds`` and
``--stations`` change the sizes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import tempfile
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stations.store import Changes, Store
from tests.benchmarks import _postgres, _pygeoapi
from tests.benchmarks._register import large_register
from tests.benchmarks.http import load, served

if TYPE_CHECKING:
    import geopandas as gpd

ROWS = 100
BOXES = 200
GOAL = 50
OURS, PEER = "/ogc/collections/stations/items", "/collections/stations/items"


def boxes(stations: gpd.GeoDataFrame) -> list[str]:
    """Make queries for squares, in degrees, around some stations that hold 100 of them, seeded."""
    places = np.column_stack((stations.geometry.x, stations.geometry.y))
    made = []
    for middle in places[np.random.default_rng(3).integers(0, len(places), BOXES)]:
        apart = np.sort(np.abs(places - middle).max(axis=1))
        half = (apart[ROWS - 1] + apart[ROWS]) / 2
        (west, south), (east, north) = middle - half, middle + half
        made.append(f"?bbox={west:.9f},{south:.9f},{east:.9f},{north:.9f}&limit={ROWS}&f=json")
    return made


def features(address: str) -> dict[str, Any]:
    """Return the features of an answer by their ids, and how many match.

    pygeoapi has the id among the properties once more.
    """
    told = json.loads(urllib.request.urlopen(address).read())
    found = {}
    for each in told["features"]:
        each["properties"].pop("id", None)
        found[each["id"]] = each["properties"], each["geometry"]
    return {"matched": told["numberMatched"], "features": found}


def compare(ours: str, peer: str, asked: list[str]) -> None:
    """Ask both for the same; anything that differs raises `ValueError`."""
    for query in asked:
        mine, its = features(f"{ours}{OURS}{query}"), features(f"{peer}{PEER}{query}")
        if mine != its or len(mine["features"]) != ROWS:
            raise ValueError(f"different answers to {query}")
    print(f"  {len(asked)} boxes, {ROWS * len(asked):,} features: the same answers")


def main() -> None:
    """Print the requests a second of both, and the ratio of each round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stations", type=int, default=200_000)
    sizes = parser.parse_args()
    stations = large_register(sizes.stations)
    asked = boxes(stations)
    with tempfile.TemporaryDirectory() as folder, _postgres.server() as dsn:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        with Store.open(url, create=True) as store:
            store.commit(Changes(stations=stations), who="bench", why="bench", at=datetime.now(UTC))
        _pygeoapi.load(dsn, stations)
        peers = _pygeoapi.environment(dsn, Path(folder))
        with (
            served("web.wsgi:app", {"STATIONS_DB": url, "STATIONS_ROADS": "none"}, "/ogc") as ours,
            served(_pygeoapi.TARGET, peers, PEER + asked[0]) as peer,
        ):
            compare(ours, peer, asked[:40])
            for _ in range(sizes.rounds):
                _round(ours, peer, dsn, asked, sizes.seconds)


def _round(ours: str, peer: str, dsn: str, asked: list[str], seconds: int) -> None:
    database = dsn.split(maxsplit=1)[0].removeprefix("host=")
    its = _loaded(peer, [PEER + query for query in asked], seconds, database)
    mine = _loaded(ours, [OURS + query for query in asked], seconds)
    print(
        f"  a box of {ROWS}: {mine.rate:,.0f}/s (p99 {mine.p99}), pygeoapi {its.rate:,.1f}/s"
        f" (p99 {its.p99}): {mine.rate / its.rate:,.0f} times (wanted {GOAL});"
        f" processor {mine.cpu_ms:.2f} ms and {its.cpu_ms:.1f} ms a request:"
        f" {its.cpu_ms / mine.cpu_ms:,.0f} times"
    )
    one = _loaded(ours, [f"{OURS}/B{row:07}" for row in range(0, 2_000, 7)], seconds)
    print(f"  one station {one.rate:,.0f}/s")


class Loaded(NamedTuple):
    """What a server did under load."""

    rate: float
    """Requests a second."""
    p99: str
    cpu_ms: float
    """Of the server and its database, a request: steadier than the rate on a busy machine."""


def _loaded(address: str, paths: list[str], seconds: int, *others: str) -> Loaded:
    marks = (address.rsplit(":", 1)[1], *others)
    before = _cpu_s(marks)
    rate, p99 = load(address, paths, seconds)
    return Loaded(rate, p99, (_cpu_s(marks) - before) * 1_000 / (rate * seconds))


def _cpu_s(marks: tuple[str, ...]) -> float:
    """Return the processor time of processes whose command names a mark, and their children."""
    known: dict[int, tuple[int, str, float]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
            cells = (folder / "stat").read_text().rpartition(")")[2].split()
            ticks = sum(int(each) for each in cells[11:15])
            known[int(folder.name)] = int(cells[1]), command, ticks / os.sysconf("SC_CLK_TCK")
    mine = {pid for pid, (_, command, _) in known.items() if any(m in command for m in marks)}
    children = {pid for pid, (parent, _, _) in known.items() if parent in mine}
    return sum(known[pid][2] for pid in mine | children)


if __name__ == "__main__":
    main()
