"""Minutes by road beside the same engine asked one pair at a time; then the nearest by road.

The stations of Liechtenstein's map are too few for this, so random road points stand for them.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

import numpy as np

from geodata import roads
from geodata.geodesy import PointIndex
from tests.benchmarks import _nearest_roads
from tests.benchmarks._common import Line, peak_mb, show

PBF = (
    Path(__file__).resolve().parents[3] / "shared" / "data" / "osm" / "liechtenstein-latest.osm.pbf"
)
BOX = ((9.48, 47.06), (9.60, 47.24))
DEMAND, STATIONS, LIMIT_MIN, ONE_BY_ONE, TARGET = 2000, 400, 10.0, 300, 20.0


def _points(network: roads.RoadNetwork, size: int, seed: int, mode: str) -> roads.Snapped:
    lon, lat = np.random.default_rng(seed).uniform(*BOX, (3 * size, 2)).T
    found = network.snap(lon, lat, mode)
    return found.take(np.flatnonzero(found.found)[:size])


def _line(network: roads.RoadNetwork, mode: str) -> Line:
    """Time pairs that may be within the limit; seconds are for as many as are asked singly."""
    costing = network.costing(mode)
    demand = _points(network, DEMAND, 1, mode)
    stations = _points(network, STATIONS, 2, mode)
    straight = np.linspace(0, 60_000, 60_001)
    reach = float(straight[costing.least_minutes(straight) <= LIMIT_MIN].max())
    near = PointIndex(stations.lon, stations.lat).within(demand.lon, demand.lat, reach)
    started = time.perf_counter()
    network.pairs(demand, stations, near.query, near.row, mode)
    ours = time.perf_counter() - started
    some = np.random.default_rng(3).permutation(near.query.size)[:ONE_BY_ONE]
    started = time.perf_counter()
    for row in some.tolist():
        _alone(network, demand, int(near.query[row]), stations, int(near.row[row]), costing)
    peer = time.perf_counter() - started
    share = some.size / near.query.size
    what = f"{mode}: {near.query.size:,} pairs, {near.query.size / ours:,.0f} a second"
    return Line(what, ours * share, peer, TARGET)


def _alone(
    network: roads.RoadNetwork,
    demand: roads.Snapped,
    origin: int,
    stations: roads.Snapped,
    target: int,
    costing: roads.Costing,
) -> None:
    network.ask(
        "matrix",
        {
            "sources": [{"lon": float(demand.lon[origin]), "lat": float(demand.lat[origin])}],
            "targets": [{"lon": float(stations.lon[target]), "lat": float(stations.lat[target])}],
            "verbose": False,
            **costing.request(),
        },
    )


def main() -> None:
    """Build the network, then time every mode."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        info = roads.build(PBF, Path(folder))
        built = time.perf_counter() - started
        network = roads.RoadNetwork.open(folder)
        print(json.dumps({"build_s": round(built, 2), "bytes": info.bytes, "edges": info.edges}))
        lines = [_line(network, mode) for mode in roads.MODES]
        show(
            f"{DEMAND:,} demand points, {STATIONS} stations, within {LIMIT_MIN:g} min at top speed",
            lines,
            "one by one",
        )
        print(f"most memory: {peak_mb():.0f} MB")
        for size in _nearest_roads.SIZES:
            _nearest_roads.report(Path(folder), size)


if __name__ == "__main__":
    main()
