"""Changes sent to a server, each with a mark of its own; which were acknowledged, which are there.

An act is *acknowledged* when its sender was told it is recorded. Every acknowledged one must be
there once, every other one once or not at all, and each whole.
"""

from __future__ import annotations

import http.client
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stations.store import Store
from tests.trials._server import CHECKOUT, COMMAND

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.trials._server import Server

ROWS = 40
"""Stations of one import."""
LOST = (OSError, http.client.HTTPException, ValueError)
"""How a request ends that was not answered, or not to its end."""
GOOD = frozenset({200, 201})
CONFLICT = 409
OVERTAKEN = "not before the newest revision"
"""How a change is refused that took its time before another one took the lock."""


@dataclass
class Acts:
    """What was sent, and what became of it."""

    server: Server
    acknowledged: set[str] = field(default_factory=set)
    sent: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

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

    def _send(self, kind: str, mark: str, send: Callable[[], tuple[int, Any]]) -> None:
        self.sent[kind] += 1
        try:
            status, told = send()
        except LOST:
            self.lost[kind] += 1
            return
        if status in GOOD:
            self.acknowledged.add(mark)
        elif status == CONFLICT or status >= 500 or OVERTAKEN in str(told):
            self.refused[f"{kind} {status}"] += 1
        else:
            raise RuntimeError(f"{mark} was answered {status}: {told}")


def settle(acts: Acts) -> list[str]:
    """Compare what is in the register with what was acknowledged; return every fault in words."""
    with Store.open(acts.server.db) as store:
        whys = Counter(each.why for each in store.revisions())
        keys = Counter(store.evidence()["key"].tolist())
        there = set(store.stations().index)
        verdict = store.verify()
        again = [str(each.why) for each in store.revisions() if each.why.startswith("import-")]
    found = whys + Counter({key: count for key, count in keys.items() if key.startswith("report-")})
    faults = [f"{mark} is lost" for mark in sorted(acts.acknowledged) if not found[mark]]
    faults += [f"{mark} is there {n} times" for mark, n in found.items() if n > 1]
    for mark in again:
        rows = sum(f"{mark}-{row}" in there for row in range(ROWS))
        if rows != ROWS:
            faults.append(f"{mark} has {rows} of {ROWS} stations")
    half = {each.rpartition("-")[0] for each in there if each.startswith("import-")} - {*again}
    faults += [f"{mark} has stations but no revision" for mark in sorted(half)]
    if verdict.broken is not None:
        faults.append(f"the chain is broken at {verdict.broken.kind} {verdict.broken.first}")
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
