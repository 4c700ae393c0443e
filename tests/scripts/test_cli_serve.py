"""``stations serve``: a port that is taken, a worker that is killed."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from geodata.errors import UsageError
from scripts.cli.serving import free_address
from tests.web import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = Path(sys.executable).with_name("stations")
FAMILIES = {"127.0.0.1": socket.AF_INET, "::1": socket.AF_INET6, "0.0.0.0": socket.AF_INET}  # noqa: S104


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("store")
    sample.filled_store(folder).close()
    return f"sqlite:///{folder / 'stations.db'}"


@pytest.fixture(params=FAMILIES)
def taken(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """Give a host and a port at which somebody listens who would share it."""
    host: str = request.param
    with socket.socket(FAMILIES[host]) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind((host, 0))
        other.listen()
        yield host, other.getsockname()[1]


def test_a_port_that_is_taken_is_refused_in_one_line(taken: tuple[str, int], db: str) -> None:
    host, port = taken
    asked = ["serve", "--host", host, "--port", str(port), "--db", db]
    run = subprocess.run([COMMAND, *asked], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"Error: something serves at {host} port {port} already")
    assert run.stderr.count("\n") == 1


def test_a_port_just_left_is_free() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), other.accept()[0] as gone:
            gone.shutdown(socket.SHUT_RDWR)
    assert free_address("localhost", port) == "127.0.0.1"


@pytest.mark.parametrize("host", ["nobody.invalid", "192.0.2.1"])
def test_an_address_that_is_not_ours(host: str) -> None:
    with pytest.raises(UsageError, match=f"cannot serve at {host} port 8000: .*another --host"):
        free_address(host, 8000)


def test_a_killed_worker_is_replaced(db: str) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    with subprocess.Popen(
        [COMMAND, "serve", "--workers", "2", "--port", str(port)],
        env={**os.environ, "STATIONS_DB": db, "PYTHONUNBUFFERED": "1"},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        try:
            pids = started(server, 2)
            os.kill(pids[0], signal.SIGKILL)
            (fresh,) = started(server, 1)
            assert fresh not in pids
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
                assert json.load(answer)["status"] == "ok"
            assert server.poll() is None
        finally:
            server.terminate()
            server.communicate()


def started(server: subprocess.Popen[str], workers: int) -> list[int]:
    """Wait until so many workers say that they have begun; return the process ids told before."""
    pids: list[int] = []
    for line in server.stdout or ():
        if found := re.search(r"Spawning worker-\d+ with PID: (\d+)", line):
            pids.append(int(found[1]))
        workers -= "Started worker-" in line
        if not workers:
            return pids
    pytest.fail("the server ended")
