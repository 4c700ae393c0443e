"""Changes sent to a server, each with a mark of its own; which were acknowledged, which are there.

An act is *acknowledged* when its sender was told it is recorded. Every acknowledged one must be
there once, every other one once or not at all, and each whole.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import subprocess
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import Image

from geodata.errors import ProjectError
from stations.audit.visits import Photos
from stations.store import Store
from tests.trials._server import CHECKOUT, COMMAND, SITES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.trials._server import Server

ROWS = 40
"""Stations of one file."""
FILES = ("import-", "upload-")
"""How the marks of changes by file begin."""
KEPT = ("plan-", "photo-")
"""How the marks of what is kept in files begin."""
LOST = (OSError, http.client.HTTPException, ValueError)
"""How a request ends that was not answered, or not to its end."""
GOOD = frozenset({200, 201})
ACCEPTED, CONFLICT, SERVERS_FAULT = 202, 409, 500
FORGOTTEN = "a job is kept for 1 hour"
"""How one is told who asks after a job whose hour the clock has jumped over."""
REPLACED = "no revision "
"""How one is told who was at work when an older backup took the register's place."""
OVERTAKEN = "not before the newest revision"
"""How a change is refused that took its time before another one took the lock."""


class Answer(NamedTuple):
    """What the sender of a change was told; status 0: nothing, the connection was cut off."""

    at: float
    """Seconds, as `time.monotonic` has them."""
    kind: str
    status: int
    told: Any


@dataclass
class Acts:
    """What was sent, and what became of it."""

    server: Server
    acknowledged: set[str] = field(default_factory=set)
    sent: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    """What was wrong at once, in words."""
    answers: list[Answer] = field(default_factory=list)

    def edit(self, number: int) -> None:
        """Change a station's telephone."""
        mark = f"edit-{number}"
        path = f"/api/v1/edits/stations/B{number % 500:07}"

        def send() -> tuple[int, Any]:
            _, register = self.server.ask("GET", "/api/v1/register")
            fields = {"phone": f"0871-{6_000_000 + number}"}
            body = {"fields": fields, "base": register["revision"], "why": mark, "who": "trial"}
            return self.server.ask("POST", path, body)

        self._send("edit", mark, send)

    def report(self, number: int) -> None:
        """Report on a station, once or, where no answer came, again under the same key."""
        mark = f"report-{number}"
        path = f"/api/v1/stations/B{number % 700:07}/reports"
        body = {"outcome": "worked", "key": mark, "who": "trial"}
        self._send("report", mark, lambda: self.server.ask("POST", path, body))

    def import_(self, number: int, begun: Callable[[int], object] = lambda _: None) -> None:
        """Import a file of new stations by the command line; ``begun`` is told its process."""
        mark = f"import-{number}"
        path = Path(self.server.folder) / f"{mark}.csv"
        lines = [f"{mark}-{row},驿站{row},{102 + row / 1000},25.04" for row in range(ROWS)]
        path.write_text("\n".join(["id,name,lon,lat", *lines]) + "\n", "utf-8")
        self.sent["import"] += 1
        words = ["import", str(path), "--as", "stations", "--who", "trial", "--why", mark]
        run = subprocess.Popen(
            [COMMAND, *words], cwd=CHECKOUT, env=self.server.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        begun(run.pid)
        code = run.wait()
        if code == 0:
            self.acknowledged.add(mark)
        else:
            (self.lost if code < 0 else self.refused)["import"] += 1

    def upload(self, number: int) -> None:
        """Send a file of new stations, look at it, accept it; again where others were quicker."""
        mark = f"upload-{number}"

        def send() -> tuple[int, Any]:
            lines = [f"{mark}-{row},驿站{row},{102 + row / 1000},25.04" for row in range(ROWS)]
            file = "\n".join(["id,name,lon,lat", *lines]).encode()
            status, kept = self.server.ask("POST", f"/api/v1/uploads?name={mark}.csv", file)
            if status not in GOOD:
                return status, kept
            address = f"/api/v1/uploads/{kept['id']}"
            seen = self._job(f"{address}/preview", {})
            if seen[0] not in GOOD:
                return seen
            accepted = {"base": seen[1]["base"], "why": mark, "who": "trial"}
            return self._job(f"{address}/accept", accepted)

        self._send("upload", mark, send)

    def plan(self, number: int) -> None:
        """Have a plan found and keep it; one that is kept must be there whole, and then goes."""
        mark = f"plan-{number}"
        wish = {"layer": SITES, "within": "500m", "sites": 2, "grid": 400 + number % 50}

        def send() -> tuple[int, Any]:
            begun = self.server.ask("POST", "/api/v1/site/jobs", wish)
            status, found = self._ended(begun)
            if status not in GOOD:
                return status, found
            body = {"job": begun[1]["id"], "name": mark}
            status, kept = self.server.ask("POST", "/api/v1/site/plans", body)
            if status in GOOD:
                self._look_after(mark, f"/api/v1/site/plans/{kept['id']}")
            return status, kept

        self._send("plan", mark, send)

    def _look_after(self, mark: str, address: str) -> None:
        status, plan = self.server.ask("GET", address)
        if status < SERVERS_FAULT and not (status in GOOD and plan["page"]):
            self.faults.append(f"{mark} was kept, and is answered {status}")
        with suppress(*LOST):
            self.server.ask("DELETE", address)

    def photo(self, number: int) -> None:
        """Send a photo of a station; one that is kept can be looked at."""
        held = io.BytesIO()
        Image.new("RGB", (64, 48), (number % 256, number // 256 % 256, 90)).save(held, "JPEG")
        data = held.getvalue()
        mark = f"photo-{hashlib.sha256(data).hexdigest()}"
        address = f"/api/v1/photos/{mark.removeprefix('photo-')}?station=B{number % 500:07}"
        self._send("photo", mark, lambda: self.server.ask("PUT", address, data, "image/jpeg"))

    def _job(self, address: str, body: Any) -> tuple[int, Any]:
        return self._ended(self.server.ask("POST", address, body))

    def _ended(self, begun: tuple[int, Any]) -> tuple[int, Any]:
        """Wait for a job that was begun; return what it came to."""
        status, job = begun
        if status != ACCEPTED:
            return begun
        address = f"/api/v1/jobs/{job['id']}"
        while job["state"] in {"queued", "running"}:
            time.sleep(0.05)
            status, job = self.server.ask("GET", address)
            if status not in GOOD:
                return status, job
        return self.server.ask("GET", f"{address}/result") if job["state"] == "done" else (
            job["status"], job
        )  # fmt: skip

    def _send(self, kind: str, mark: str, send: Callable[[], tuple[int, Any]]) -> None:
        self.sent[kind] += 1
        try:
            status, told = send()
        except LOST:
            self.lost[kind] += 1
            self.answers.append(Answer(time.monotonic(), kind, 0, None))
            return
        self.answers.append(Answer(time.monotonic(), kind, status, told))
        if status in GOOD:
            self.acknowledged.add(mark)
        elif status == CONFLICT or status >= SERVERS_FAULT or _excused(str(told)):
            self.refused[f"{kind} {status}"] += 1
        else:
            self.faults.append(f"{mark} was answered {status}: {told}")


def _excused(told: str) -> bool:
    return any(each in told for each in (OVERTAKEN, FORGOTTEN, REPLACED))


def settle(acts: Acts) -> list[str]:
    """Compare what is in the register with what was acknowledged; return every fault in words."""
    with Store.open(acts.server.db) as store:
        whys = Counter(each.why for each in store.revisions())
        keys = Counter(store.evidence()["key"].tolist())
        there = set(store.stations().index)
        verdict = store.verify()
        again = [str(each.why) for each in store.revisions() if each.why.startswith(FILES)]
    found = whys + Counter({key: count for key, count in keys.items() if key.startswith("report-")})
    recorded = sorted(each for each in acts.acknowledged if not each.startswith(KEPT))
    faults = [*acts.faults, *(f"{mark} is lost" for mark in recorded if not found[mark])]
    faults += [f"{mark} is there {n} times" for mark, n in found.items() if n > 1]
    for mark in again:
        rows = sum(f"{mark}-{row}" in there for row in range(ROWS))
        if rows != ROWS:
            faults.append(f"{mark} has {rows} of {ROWS} stations")
    half = {each.rpartition("-")[0] for each in there if each.startswith(FILES)} - {*again}
    faults += [f"{mark} has stations but no revision" for mark in sorted(half)]
    faults += _photos_lost(acts)
    if verdict.broken is not None:
        faults.append(f"the chain is broken at {verdict.broken.kind} {verdict.broken.first}")
    return faults


def _photos_lost(acts: Acts) -> list[str]:
    with Store.open(acts.server.db) as store:
        photos = Photos.beside(store.files)
    faults = []
    for mark in sorted(each for each in acts.acknowledged if each.startswith("photo-")):
        try:
            photos.read(photos.photo(mark.removeprefix("photo-")))
        except ProjectError as error:
            faults.append(f"{mark} is lost: {error}")
    return faults


def told(acts: Acts) -> str:
    """Say how many were sent and what became of them, in one line."""
    sent = ", ".join(f"{count} {kind}s" for kind, count in sorted(acts.sent.items()))
    lost = sum(acts.lost.values())
    refused = ", ".join(f"{count} × {kind}" for kind, count in sorted(acts.refused.items()))
    return (
        f"sent {sent}: {len(acts.acknowledged)} acknowledged, {lost} cut off, "
        f"refused: {refused or 'none'}"
    )
