"""From ``stations serve --workers 2`` typed to the first nearest answer, with 200,000 stations.

Beside it, in turn and in the same run, granian as it comes: ``granian web.wsgi:app --workers 2``,
where each worker imports and loads for itself. Of both: seconds until a nearest question is
answered 200 and until ``/readyz`` is, processor seconds of all processes by then and their memory
(PSS: what is shared counts once) when both workers have answered. Of ours alone: how long a killed
worker is missing. ``--rounds``, ``--stations`` change the sizes, ``--roads`` names a road network.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil  # type: ignore[import-untyped]  # it has no stubs

from stations.store import Changes, Store
from tests.benchmarks._register import large_register
from web.server import YOUNG_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OK = 200
NEAREST = "/api/v1/nearest?lon=102.7&lat=25&needs=toilet&open=arrival"
WORKERS = 2
ASKED = 60
"""Questions after which each worker has surely answered some."""
PATIENCE_S = 120.0
FOLDER = Path(sys.executable).parent


class Begun(NamedTuple):
    """How a server began."""

    nearest_s: float
    ready_s: float
    cpu_s: float
    pss_mb: float


def main() -> None:
    """Print the medians of some rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stations", type=int, default=200_000)
    parser.add_argument("--roads", default="none")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'stations.db'}"
        with Store.open(url, create=True) as store:
            changes = Changes(stations=large_register(asked.stations))
            store.commit(changes, who="bench", why="bench", at=datetime.now(UTC))
        settings = {"STATIONS_DB": url, "STATIONS_DATA": folder, "STATIONS_ROADS": asked.roads}
        ours, plain = [], []
        for _ in range(asked.rounds):
            ours.append(begun(("stations", "serve"), settings))
            plain.append(begun(("granian", "--interface", "wsgi", "web.wsgi:app"), settings))
        missing = missing_s(settings)
    tell(ours, plain, missing)


def tell(ours: Sequence[Begun], plain: Sequence[Begun], missing: float) -> None:
    """Print the medians, and the ratio."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"\n{'median of ' + str(len(ours)):34}{'ours':>9}{'granian':>9}{'ratio':>7}")
    names = ("first nearest answer, s", "ready, s", "processor time by then, s", "memory (PSS), MB")
    for name, mine, its in zip(
        names, zip(*ours, strict=True), zip(*plain, strict=True), strict=True
    ):
        own, other = statistics.median(mine), statistics.median(its)
        print(f"{name:34}{own:9.2f}{other:9.2f}{other / own:6.1f}×")
    print(f"{'a killed worker is missing, s':34}{missing:9.2f}")
    print(f"load of the machine: {load}")


def begun(words: Sequence[str], settings: dict[str, str]) -> Begun:
    """Start a server, measure, and end it."""
    started = time.monotonic()
    with serving(words, settings) as (server, port):
        nearest_s = answered(port, NEAREST, started)
        ready_s = answered(port, "/readyz", started)
        cpu_s = sum(sum(each.cpu_times()[:2]) for each in processes(server))
        wait_started(server, WORKERS)
        for _ in range(ASKED):
            answered(port, NEAREST, time.monotonic())
        pss = sum(each.memory_full_info().pss for each in processes(server))
    return Begun(nearest_s, ready_s, cpu_s, pss / 1e6)


def missing_s(settings: dict[str, str]) -> float:
    """Return the seconds from a worker's ``kill -9`` to the start of the one in its place."""
    with serving(("stations", "serve"), settings) as (server, _):
        wait_started(server, WORKERS)
        time.sleep(YOUNG_S)  # whoever dies younger is replaced after a pause
        began = time.monotonic()
        psutil.Process(server.pid).children()[0].kill()
        wait_started(server, 1)
        return time.monotonic() - began


def wait_started(server: subprocess.Popen[bytes], workers: int) -> None:
    """Wait until so many more workers say that they have begun."""
    told = iter(server.stdout or ())
    for _ in range(workers):
        next(line for line in told if b"Started worker-" in line)


@contextmanager
def serving(
    words: Sequence[str], settings: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a command of the environment at a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [str(FOLDER / words[0]), *words[1:], "--workers", str(WORKERS), "--port", str(port)]
    with subprocess.Popen(
        command,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as server:
        try:
            yield server, port
        finally:
            server.terminate()
            server.communicate()


def answered(port: int, path: str, since: float) -> float:
    """Ask until the answer is 200; return the seconds."""
    while time.monotonic() - since < PATIENCE_S:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        with suppress(OSError, http.client.HTTPException):
            link.request("GET", path)
            if link.getresponse().status == OK:
                link.close()
                return time.monotonic() - since
        link.close()
        time.sleep(0.01)
    raise TimeoutError(path)


def processes(server: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return the server and its workers."""
    parent = psutil.Process(server.pid)
    return [parent, *parent.children(recursive=True)]


if __name__ == "__main__":
    main()
