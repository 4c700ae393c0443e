"""A server of its own for a trial: a register in a temporary folder, served as in production."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil  # type: ignore[import-untyped]  # it has no stubs
from shapely import Point

from stations.schema import LayerInfo
from stations.store import Changes, Store
from tests.benchmarks._register import large_register
from tests.stations.worlds import sites

if TYPE_CHECKING:
    from collections.abc import Iterator

SITES = "work_sites"
"""The layer plans are made for."""
TOKEN = "trial-Zr8kq2WvB7pt"
COMMAND = str(Path(sys.executable).with_name("stations"))
CHECKOUT = Path(__file__).parents[2]
START_S = 120.0
TIMEOUT_S = 60.0


class Server:
    """``stations serve`` that can be killed and begun again at the same port."""

    def __init__(self, folder: Path, stations: int, workers: int, db: str = "") -> None:
        """Make a register of so many synthetic stations, at ``db`` or in a file in ``folder``."""
        self.folder, self._workers = folder, workers
        self.db = db or f"sqlite:///{folder / 'stations.db'}"
        with Store.open(self.db, create=True) as store:
            places = {f"w{n}": (Point(102.7 + n / 50, 25), {"workers": 9}) for n in range(6)}
            changes = Changes(
                stations=large_register(stations),
                layers=(LayerInfo(SITES, "工地", "Work sites", restricted=False),),
                sites={SITES: sites(places)},
            )
            store.commit(changes, who="trial", why="begin", at=datetime.now(UTC))
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            self.port = int(door.getsockname()[1])
        self.environment = {
            **os.environ,
            "STATIONS_DB": self.db,
            "STATIONS_DATA": str(folder),
            "STATIONS_ROADS": "none",
            "STATIONS_STAFF_TOKEN": TOKEN,
            "STATIONS_VISIT_LIMITS": "99999 per minute",
        }
        self.log = folder / "serve.log"
        self.process: subprocess.Popen[bytes] | None = None

    def begin(self) -> float:
        """Start it; return the seconds until the first good answer."""
        began = time.monotonic()
        words = ["serve", "--port", str(self.port), "--workers", str(self._workers)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [COMMAND, *words], cwd=CHECKOUT, env=self.environment, stdout=log, stderr=log
            )
        while time.monotonic() - began < START_S:
            with suppress(OSError, http.client.HTTPException):
                if (
                    self.ask("GET", "/api/v1/nearest?lon=102.7&lat=25&limit=1")[0]
                    == http.HTTPStatus.OK
                ):
                    return time.monotonic() - began
            time.sleep(0.05)
        said = self.log.read_text("utf-8", "replace")[-2_000:]
        raise TimeoutError(f"the server did not start; it said: {said}")

    def end(self, number: int = signal.SIGTERM) -> None:
        """End it and wait; its workers end with it."""
        if self.process is None:
            return
        workers = self.workers()
        self.process.send_signal(number)
        self.process.wait()
        psutil.wait_procs(workers, timeout=30)
        self.process = None

    def workers(self) -> list[psutil.Process]:
        """Return the processes that answer."""
        if self.process is None:
            return []
        with suppress(psutil.NoSuchProcess):
            return [*psutil.Process(self.process.pid).children()]
        return []

    def resident(self) -> int:
        """Return the bytes of memory the server and its workers hold; what they share, once."""
        held = 0
        with suppress(psutil.NoSuchProcess):
            for each in (psutil.Process(self.process.pid), *self.workers()) if self.process else ():
                with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    held += each.memory_full_info().pss
        return held

    def ask(
        self, method: str, path: str, body: Any = None, kind: str = "application/json"
    ) -> tuple[int, Any]:
        """Ask as staff over a connection of its own; return status and JSON.

        ``body``: bytes of a ``kind`` as they are, anything else as JSON.
        """
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": kind}
            if body is not None and not isinstance(body, bytes):
                body = json.dumps(body)
            link.request(method, path, body, headers)
            answer = link.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        finally:
            link.close()


@contextmanager
def served(folder: Path, stations: int, workers: int, db: str = "") -> Iterator[Server]:
    """Serve a register, at ``db`` or in ``folder``; yield the server, begun."""
    made = Server(folder, stations, workers, db)
    made.begin()
    try:
        yield made
    finally:
        made.end()
