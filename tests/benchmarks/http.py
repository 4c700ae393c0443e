"""``/api/v1/nearest`` with an amenity filter on 200,000 stations, under load on one worker.

Beside it, from the same run, application and server: an empty JSON view; and PostGIS through Flask
asked the same. ``--seconds N`` and ``--stations N`` change the sizes.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stations.store import Changes, Store
from tests.benchmarks import _postgres
from tests.benchmarks._register import large_register

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECTIONS = 16
NEEDS = "toilet,charging"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(target: str, environment: dict[str, str], path: str) -> Iterator[str]:
    """Serve a WSGI application with one granian worker; yield its address when ``path`` answers."""
    port = _free_port()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-access-log"),
            *("--blocking-threads", "1"),
            *("--workers", "1", "--host", "127.0.0.1", "--port", str(port), target),
        ],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address + path)
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait(address: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(address).read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)


def load(address: str, paths: list[str], seconds: int) -> tuple[float, str]:
    """Ask for ``paths`` in turn over 16 connections; return requests a second and the p99."""
    script = "paths = {" + ",".join(f'"{path}"' for path in paths) + "}\ni = 0\n"
    script += 'request = function() i = i % #paths + 1; return wrk.format("GET", paths[i]) end\n'
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", file.name]
        text = subprocess.run(
            [*command, address], capture_output=True, text=True, check=True
        ).stdout
    if "Non-2xx" in text:
        raise RuntimeError(text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    p99 = re.search(r"99%\s+(\S+)", text)
    if not (rate and p99):
        raise RuntimeError(text)
    return float(rate[1]), p99[1]


def questions(prefix: str) -> list[str]:
    """Make 500 origins over Yunnan, seeded."""
    places = np.random.default_rng(5).uniform((98, 22), (105.5, 28), (500, 2))
    return [f"{prefix}?lon={x:.6f}&lat={y:.6f}&needs={NEEDS}&limit=5" for x, y in places]


def main() -> None:
    """Print the requests a second of the three, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--stations", type=int, default=200_000)
    sizes = parser.parse_args()
    if shutil.which("wrk") is None:
        subprocess.run(["apt-get", "install", "-y", "-qq", "wrk"], check=True)
    stations = large_register(sizes.stations)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        with Store.open(url, create=True) as store:
            store.commit(Changes(stations=stations), who="bench", why="bench", at=datetime.now(UTC))
        with served("tests.benchmarks._wsgi:app", {"STATIONS_DB": url}, "/healthz") as address:
            _compare_ours(address, sizes.seconds)
            mine = load(address, questions("/api/v1/nearest"), sizes.seconds)
    with _postgres.server() as dsn:
        _postgres.load(dsn, stations)
        with served(
            "tests.benchmarks._postgis:app", {"PEER_DSN": dsn}, questions("/nearest")[0]
        ) as address:
            peer = load(address, questions("/nearest"), sizes.seconds)
    print(f"  ours {mine[0]:,.0f}/s (p99 {mine[1]}), PostGIS through Flask {peer[0]:,.0f}/s")
    print(f"  (p99 {peer[1]}): {mine[0] / peer[0]:.1f} times the peer; wanted 3")


def _compare_ours(address: str, seconds: int) -> None:
    rounds = [
        (load(address, ["/empty"], seconds), load(address, questions("/api/v1/nearest"), seconds))
        for _ in range(3)
    ]
    for empty, nearest in rounds:
        print(
            f"  empty view {empty[0]:,.0f}/s (p99 {empty[1]}), nearest {nearest[0]:,.0f}/s "
            f"(p99 {nearest[1]}): ratio {nearest[0] / empty[0]:.2f}; wanted 0.5"
        )


if __name__ == "__main__":
    main()
