"""The nearest by road: how many ways are asked of the engine, and the server's p99."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from geodata import roads
from geodata.geodesy import LonLat
from stations import nearest
from stations.hours.clock import ZONE
from stations.registry import Registry
from stations.schema import WGS84
from stations.store import Changes, Store
from stations.travel import Travel
from tests.benchmarks import http
from tests.benchmarks._register import large_register

if TYPE_CHECKING:
    from geodata.geodesy import FloatArray
    from geodata.roads import Snapped, Ways

SIZES = (40, 100, 400)
"""Stations on the 160 km² of Liechtenstein."""
QUESTIONS, LIMIT, SECONDS, MODE = 300, 5, 4, "ebike"
BOX = ((9.48, 47.06), (9.60, 47.24))
VADUZ = [9.5209], [47.1397]
AT = datetime(2026, 11, 24, 10, 5, tzinfo=ZONE)


class Counting(roads.RoadNetwork):
    """A network that counts the pairs it is asked."""

    pairs_asked = 0

    def matrix(self, origins: Snapped, targets: Snapped, mode: str) -> Ways:
        """Answer as ever."""
        self.pairs_asked += origins.lon.size * targets.lon.size
        return super().matrix(origins, targets, mode)


def report(folder: Path, size: int) -> None:
    """Print what questions to so many stations ask of the engine, and how long they take."""
    network = Counting.open(folder)
    stations = large_register(size)
    points = gpd.points_from_xy(*_near_roads(network, size, 2), crs=WGS84)
    stations = stations.set_geometry(points)
    lon, lat = _near_roads(network, QUESTIONS, 9)
    origins = list(zip(lon.tolist(), lat.tolist(), strict=True))
    print(f"\n{size} stations, {LIMIT} nearest by {MODE}, open on arrival, {QUESTIONS} questions")
    _count(network, Registry.from_frames(stations), origins)
    _serve(folder, stations, origins)


def _near_roads(network: roads.RoadNetwork, size: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Scatter points from which one gets to the capital and back: the map ends at the border."""
    lon, lat = np.random.default_rng(seed).uniform(*BOX, (4 * size, 2)).T
    capital, points = network.snap(*VADUZ, MODE), network.snap(lon, lat, MODE)
    there, back = network.matrix(points, capital, MODE), network.matrix(capital, points, MODE)
    joined = np.isfinite(there.minutes[:, 0] + back.minutes[0])
    kept = np.flatnonzero(joined)[:size]
    return lon[kept], lat[kept]


def _count(network: Counting, registry: Registry, origins: list[tuple[float, float]]) -> None:
    how = Travel(network)
    for what in ("first time", "again"):  # ways between stations are kept from the first time on
        asked, cpu = [], []
        for place in origins:
            before, started = network.pairs_asked, time.process_time()
            nearest.find(
                registry,
                LonLat(*place),
                limit=LIMIT,
                at=AT,
                open_="arrival",
                stay=20,
                mode=MODE,
                travel=how,
            )
            cpu.append((time.process_time() - started) * 1e3)
            asked.append(network.pairs_asked - before)
        print(
            f"  {what:10} pairs asked: median {np.median(asked):.0f} (wanted below 40),"
            f" p90 {np.quantile(asked, 0.9):.0f}; CPU median {np.median(cpu):.1f} ms,"
            f" p99 {np.quantile(cpu, 0.99):.1f} ms"
        )
    _full(network, registry, origins)


def _full(network: Counting, registry: Registry, origins: list[tuple[float, float]]) -> None:
    """Ask for every way from the asker and from five stations, each time."""
    ends = network.snap(registry.lon, registry.lat, MODE)
    cpu = []
    for lon, lat in origins[:20]:
        started = time.process_time()
        network.matrix(network.snap([lon], [lat], MODE), ends, MODE)
        for row in range(LIMIT):
            network.matrix(ends.take(np.array([row])), ends, MODE)
        cpu.append((time.process_time() - started) * 1e3)
    pairs = len(registry.lon) * (1 + LIMIT)
    print(f"  {'all ways':10} pairs asked: {pairs}; CPU median {np.median(cpu):.1f} ms")


def _serve(folder: Path, stations: gpd.GeoDataFrame, origins: list[tuple[float, float]]) -> None:
    question = f"limit={LIMIT}&open=arrival&stay=20&mode={MODE}&at=2026-11-24T10:05"
    paths = [f"{http.PATH}?lon={lon:.6f}&lat={lat:.6f}&{question}" for lon, lat in origins]
    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite:///{Path(place) / 'bench.db'}"
        with Store.open(url, create=True) as store:
            store.commit(Changes(stations=stations), who="bench", why="bench", at=datetime.now(UTC))
        environment = {"STATIONS_DB": url, "STATIONS_ROADS": str(folder)}
        with http.served("tests.benchmarks._wsgi:app", environment, "/healthz") as address:
            for connections in (1, 1, 4):
                rate, p99 = http.load(address, paths, SECONDS, connections)
                print(
                    f"  one worker, {connections} connections: {rate:,.0f}/s,"
                    f" p99 {p99} (wanted below 30 ms)"
                )
