"""``/api/v1/nearest`` on 200,000 stations, under load on one worker: needs, and open on arrival.

Beside it, from the same run and server: an empty JSON view of the same application; and PostGIS
through Flask, asked for the nearest that have what is needed, and for those of them that are open
now by seven pairs of columns, one a weekday. ``--seconds``, ``--rounds`` and ``--stations`` change
the sizes.
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
PATH = "/api/v1/nearest"
ARRIVAL = "&open=arrival&mode=ebike&stay=20"
AT = "2026-11-24T10:00"


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


def load(
    address: str,
    paths: list[str],
    seconds: int,
    connections: int = CONNECTIONS,
    *,
    gzip: bool = False,
) -> tuple[float, str]:
    """Ask for ``paths`` in turn over some connections; return requests a second and the p99.

    ``gzip``: as browsers do, who take answers packed.
    """
    script = "paths = {" + ",".join(f'"{path}"' for path in paths) + "}\ni = 0\n"
    script += 'request = function() i = i % #paths + 1; return wrk.format("GET", paths[i]) end\n'
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", file.name]
        command += ["-H", "Accept-Encoding: gzip"] if gzip else []
        text = subprocess.run(
            [*command, address], capture_output=True, text=True, check=True
        ).stdout
    if "Non-2xx" in text:
        raise RuntimeError(text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    p99 = re.search(r"^\s+99%\s+(\S+)", text, re.MULTILINE)
    if not (rate and p99):
        raise RuntimeError(text)
    return float(rate[1]), p99[1]


def questions(prefix: str, more: str = "") -> list[str]:
    """Make 500 origins over Yunnan, seeded."""
    places = np.random.default_rng(5).uniform((98, 22), (105.5, 28), (500, 2))
    return [f"{prefix}?lon={x:.6f}&lat={y:.6f}&needs={NEEDS}&limit=5{more}" for x, y in places]


def main() -> None:
    """Print the requests a second of each question, and the ratios of the same round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stations", type=int, default=200_000)
    sizes = parser.parse_args()
    if shutil.which("wrk") is None:
        subprocess.run(["apt-get", "install", "-y", "-qq", "wrk"], check=True)
    stations = large_register(sizes.stations)
    with tempfile.TemporaryDirectory() as folder, _postgres.server() as dsn:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        with Store.open(url, create=True) as store:
            store.commit(Changes(stations=stations), who="bench", why="bench", at=datetime.now(UTC))
        _postgres.load(dsn, stations)
        with (
            served("tests.benchmarks._wsgi:app", {"STATIONS_DB": url}, "/healthz") as ours,
            served("tests.benchmarks._postgis:app", {"PEER_DSN": dsn}, PEER[0][0]) as peer,
        ):
            for _ in range(sizes.rounds):
                _round(ours, peer, sizes.seconds)


def _round(ours: str, peer: str, seconds: int) -> None:
    empty, _ = load(ours, ["/empty"], seconds)
    needs, opened = (load(peer, paths, seconds)[0] for paths in PEER)
    print(f"\n  empty view {empty:,.0f}/s; PostGIS through Flask: nearest {needs:,.0f}/s,")
    print(f"  nearest open now by seven columns {opened:,.0f}/s")
    for what, paths in OURS.items():
        rate, p99 = load(ours, paths, seconds)
        print(
            f"  {what:35}{rate:7,.0f}/s, p99 {p99:>8}: {rate / empty:.2f} of the empty view"
            f" (wanted 0.35), {rate / (needs if what == 'needs' else opened):.1f} times PostGIS"
            " (wanted 3)"
        )


PEER = questions("/nearest"), questions("/nearest", f"&at={AT}")
OURS = {
    "needs": questions(PATH),
    f"needs, open on arrival, {AT}": questions(PATH, f"{ARRIVAL}&at={AT}"),
    "needs, open on arrival, now": questions(PATH, ARRIVAL),
}
"""What is asked of us, and how."""


if __name__ == "__main__":
    main()
