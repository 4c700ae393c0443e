"""``stations serve``: a port that is taken, workers that are killed, a reload under load."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest

from geodata.errors import UsageError
from scripts.cli.serving import free_address
from stations.store import Changes, Store
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


@contextmanager
def serving(db: str, workers: int) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Serve a register at a free port; whoever asks waits for `started`."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    with subprocess.Popen(
        [COMMAND, "serve", "--workers", str(workers), "--port", str(port)],
        env={**os.environ, "STATIONS_DB": db, "PYTHONUNBUFFERED": "1"},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        try:
            yield server, port
        finally:
            server.terminate()
            server.communicate()


def health(port: int) -> dict[str, Any]:
    with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
        return dict(json.load(answer))


def status(port: int) -> str:
    return str(health(port)["status"])


def tried(port: int) -> int:
    """Try to sign in with nothing; return the answer's status."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as link:
        link.request("POST", "/api/v1/sessions")
        return link.getresponse().status


def test_a_server_outlives_reloads_and_kills_and_its_workers_do_not_outlive_it(
    tmp_path: Path,
) -> None:
    own, away = tmp_path / "stations.db", tmp_path / "away.db"
    sample.filled_store(tmp_path).close()
    with serving(f"sqlite:///{own}", 1) as (server, port):
        (first,) = started(server, 1)
        assert {tried(port) for _ in range(20)} == {HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
        second = reloaded_under_load(server, port, first)
        assert tried(port) == HTTPStatus.TOO_MANY_REQUESTS  # what is limited is counted together
        own.rename(away)
        server.send_signal(signal.SIGHUP)
        said(server, "did not start: the old one serves on")
        away.rename(own)
        while status(port) != "ok":
            server.poll()
        later = recorded(own)
        os.kill(second, signal.SIGKILL)
        (third,) = started(server, 1)
        assert health(port)["revision"] == later
        os.kill(third, signal.SIGKILL)  # so soon after, granian by itself would end
        (fourth,) = started(server, 1)
        assert len({first, second, third, fourth}) == 4
        assert status(port) == "ok"
        assert server.poll() is None
        handle = os.pidfd_open(fourth)
        server.kill()
        server.wait()
        select.select([handle], [], [])  # the worker has ended
        os.close(handle)


def recorded(file: Path) -> int:
    """Record a revision after the server has read the register; return its number."""
    with Store.open(f"sqlite:///{file}") as store:
        last = store.revisions()[-1]
        row = store.stations().iloc[:1].assign(name="后来的名字")
        changes = Changes(stations=row)
        return store.commit(changes, who="test", why="a name", at=last.at).number


def reloaded_under_load(server: subprocess.Popen[str], port: int, before: int) -> int:
    """Reload while questions go in, none of which may fail; return the new worker.

    One has opened its connection before, and asks when the old worker is gone.
    """
    over, answers = threading.Event(), list[str]()

    def ask() -> None:
        while not over.is_set():
            answers.append(status(port))

    with ThreadPoolExecutor(1) as askers, socket.create_connection(("127.0.0.1", port)) as late:
        asked = askers.submit(ask)
        server.send_signal(signal.SIGHUP)
        (after,) = started(server, 1)
        ended(server, before)
        over.set()
        asked.result()
        late.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert late.recv(12) == b"HTTP/1.1 200"
    assert set(answers) == {"ok"}
    return after


def is_zombie(process: int) -> bool:
    return " Z " in Path(f"/proc/{process}/stat").read_text("ascii")


def test_a_register_that_is_gone_ends_the_server_at_once(tmp_path: Path) -> None:
    asked = ["serve", "--db", f"sqlite:///{tmp_path / 'none.db'}"]
    run = subprocess.run([COMMAND, *asked], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "no register here yet" in run.stderr


def test_what_few_requests_need_is_not_imported_at_the_start() -> None:
    """And can be imported: the server does so later."""
    program = """
import sys
import scripts.cli.serving
from web.server import LATER, _import_later
print([name for name in (*LATER, "psycopg", "folium") if name in sys.modules])
_import_later()
print([name for name in LATER if name not in sys.modules])
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == ["[]", "[]"]


def test_check_tells_what_is_set_and_no_secret(db: str) -> None:
    secrets = {
        "STATIONS_STAFF_TOKEN": "Xq7-secret-of-staff",
        "STATIONS_METRICS_TOKEN": "Xq7-secret-of-measures",
        "STATIONS_TIANDITU_KEY": "Xq7-key",
    }
    run = subprocess.run(
        [COMMAND, "serve", "--check", "--db", db],
        env={**os.environ, **secrets, "STATIONS_PROXIES": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Xq7" not in run.stdout + run.stderr
    lines = {line.split()[1]: line for line in run.stdout.splitlines() if "STATIONS_" in line}
    assert {name for name, line in lines.items() if "hidden" in line} == {*secrets}
    assert {name for name, line in lines.items() if " set " in line} >= {"STATIONS_PROXIES"}


def said(server: subprocess.Popen[str], words: str) -> None:
    """Wait until the server says something."""
    for line in server.stdout or ():
        if words in line:
            return
    pytest.fail("the server ended")


def ended(server: subprocess.Popen[str], worker: int) -> None:
    """Wait until a worker has ended."""
    said(server, "Stopping worker-1")
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(worker)
        select.select([handle], [], [])
        os.close(handle)


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
