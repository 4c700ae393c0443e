"""``kill -9`` of the server, its workers and imports at random moments while changes go in.

After each kill the server is brought back if it was the one; at the end every acknowledged change
must be there once, none half, and the history verify. ``--kills``, ``--seed``, ``--stations``.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]  # it has no stubs

from tests.trials._acts import LOST, Acts, settle, told
from tests.trials._server import Server, served

if TYPE_CHECKING:
    from collections.abc import Callable

VICTIMS = ("worker", "worker", "import", "server")
LONGEST_S = 1.5
"""Between two kills."""


class Kills:
    """Kills, one after another."""

    def __init__(self, server: Server, seed: int) -> None:
        self._server, self._dice = server, random.Random(seed)
        self.done = dict.fromkeys(VICTIMS, 0)
        self.imports: list[int] = []
        self.recovered_s: list[float] = []

    def once(self) -> None:
        """Wait a moment, kill one, and wait until the service answers again."""
        time.sleep(self._dice.uniform(0, LONGEST_S))
        victim = self._dice.choice(VICTIMS)
        before = time.monotonic()
        if victim == "server":
            self._server.end(signal.SIGKILL)
            self._server.begin()
        elif victim == "worker" and (workers := self._server.workers()):
            self._kill(self._dice.choice(workers).pid)
        elif victim == "import" and self.imports:
            self._kill(self.imports[-1])
        else:
            return
        self._await()
        self.done[victim] += 1
        self.recovered_s.append(time.monotonic() - before)

    def _kill(self, number: int) -> None:
        with suppress(psutil.NoSuchProcess):
            psutil.Process(number).kill()

    def _await(self) -> None:
        for _ in range(600):
            with suppress(*LOST):
                if self._server.ask("GET", "/healthz")[0] == 200:
                    return
            time.sleep(0.05)
        raise TimeoutError("the service did not come back")


def run(folder: Path, *, kills: int, seed: int, stations: int, workers: int) -> list[str]:
    """Kill so many times while changes go in; return every fault in words."""
    with served(folder, stations, workers) as server:
        acts, killing, over = Acts(server), Kills(server, seed), threading.Event()

        def import_(number: int) -> None:
            acts.import_(number, killing.imports.append)
            killing.imports.pop()

        with ThreadPoolExecutor(4) as senders:
            running = [
                senders.submit(_go_on, over, each)
                for each in (acts.edit, acts.report, acts.report, import_)
            ]
            try:
                while sum(killing.done.values()) < kills:
                    killing.once()
            finally:
                over.set()
            for each in running:
                each.result()
        faults = settle(acts)
    slowest = max(killing.recovered_s, default=0.0)
    print(f"  killed {killing.done}; back after {slowest:.1f} s at most; {told(acts)}")
    return faults


_numbers = iter(range(1, 10**9))


def _go_on(over: threading.Event, act: Callable[[int], object]) -> None:
    while not over.is_set():
        act(next(_numbers))
        time.sleep(0.02)


def main() -> None:
    """Run the trial; leave with 1 if anything was lost, doubled or half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stations", type=int, default=5_000)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        faults = run(Path(folder), **vars(asked))
    print("\n".join(faults) or "  nothing lost, nothing doubled, nothing half; history whole")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
