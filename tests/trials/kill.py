"""``kill -9`` of server, workers, imports and database at random moments while changes go in.

After each kill the server or the database is brought back if it was the one; at the end every
acknowledged change must be there once, none half, and the history verify. ``--kills``, ``--seed``,
``--stations``, ``--database``.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]  # it has no stubs

from tests.trials._acts import LOST, Acts, settle, told
from tests.trials._postgres import Postgres, postgres
from tests.trials._server import Server, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VICTIMS = ("worker", "worker", "import", "server")
DATABASES = ("backend", "backend", "postmaster")
"""Of PostgreSQL: a process that serves one client, and all of them."""
LONGEST_S = 1.5
"""Between two kills."""
PAUSE_S = {"edit": 0.4, "plan": 1.0, "upload": 0.5}
"""Between two changes of a kind, at most: an upload is refused where an edit comes between."""


class Kills:
    """Kills, one after another."""

    def __init__(self, server: Server, seed: int, database: Postgres | None) -> None:
        self._server, self._database = server, database
        self._dice = random.Random(seed)
        self._victims = VICTIMS + (DATABASES if database else ())
        self.done = dict.fromkeys(self._victims, 0)
        self.imports: list[int] = []
        self.recovered_s: dict[str, list[float]] = {each: [] for each in self._victims}

    def once(self) -> None:
        """Wait a moment, kill one, and wait until the service is ready again."""
        time.sleep(self._dice.uniform(0, LONGEST_S))
        victim = self._dice.choice(self._victims)
        before = time.monotonic()
        if not self._killed(victim):
            return
        self._await()
        self.done[victim] += 1
        self.recovered_s[victim].append(time.monotonic() - before)

    def _killed(self, victim: str) -> bool:
        if victim == "server":
            self._server.end(signal.SIGKILL)
            self._server.begin()
        elif victim == "worker" and (workers := self._server.workers()):
            self._kill(self._dice.choice(workers).pid)
        elif victim == "import" and self.imports:
            self._kill(self.imports[-1])
        elif victim == "backend" and self._database:
            return self._database.kill_backend(self._dice)
        elif victim == "postmaster" and self._database:
            self._database.kill()
            self._database.start()
        else:
            return False
        return True

    def _kill(self, number: int) -> None:
        with suppress(psutil.NoSuchProcess):
            psutil.Process(number).kill()

    def _await(self) -> None:
        for _ in range(600):
            with suppress(*LOST):
                if self._server.ask("GET", "/readyz")[0] == 200:
                    return
            time.sleep(0.05)
        raise TimeoutError("the service did not come back")


def run(folder: Path, *, kills: int, seed: int, stations: int, workers: int,
        database: str = "sqlite") -> list[str]:  # fmt: skip
    """Kill so many times while changes go in; return every fault in words."""
    with (
        postgres() if database == "postgresql" else nullcontext() as held,
        served(folder, stations, workers, _address(held, folder)) as server,
    ):
        acts, killing = Acts(server), Kills(server, seed, held)
        with _changes(acts, killing.imports):
            while sum(killing.done.values()) < kills:
                killing.once()
        acts.plan(next(_numbers))  # whoever keeps one puts away what was left half done
        faults = settle(acts) + _half_kept(folder)
    slowest = {name: max(each) for name, each in killing.recovered_s.items() if each}
    back = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in slowest.items())
    print(f"  killed {killing.done}; back at the latest after: {back}\n  {told(acts)}")
    return faults


def _address(database: Postgres | None, folder: Path) -> str:
    if database is None:
        return ""
    return f"{database.url(database.database())}&files={folder}"


@contextmanager
def _changes(acts: Acts, imports: list[int]) -> Iterator[None]:
    """Let changes of all kinds go in while the block lasts."""

    def import_(number: int) -> None:
        acts.import_(number, imports.append)
        imports.pop()

    over, kinds = threading.Event(), (acts.edit, acts.report, acts.report, acts.upload, acts.plan)
    with ThreadPoolExecutor(len(kinds) + 1) as senders:
        running = [senders.submit(_go_on, over, each) for each in (*kinds, import_)]
        try:
            yield
        finally:
            over.set()
        for each in running:
            each.result()


_numbers = iter(range(1, 10**9))


def _go_on(over: threading.Event, act: Callable[[int], object]) -> None:
    dice = random.Random(act.__name__)
    while not over.wait(dice.uniform(0.02, PAUSE_S.get(act.__name__, 0.02))):
        act(next(_numbers))


def _half_kept(folder: Path) -> list[str]:
    """Say what of a plan lies about without the rest of it."""
    ends: dict[Path, Counter[str]] = {}
    for path in folder.glob("plans/*/*[!k]"):  # not the .lock
        ends.setdefault(path.with_suffix(""), Counter())[path.suffix] += 1
    return [f"{path.name} is half a plan" for path, there in ends.items() if len(there) < 2]


def main() -> None:
    """Run the trial; leave with 1 if anything was lost, doubled or half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stations", type=int, default=5_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        faults = run(Path(folder), **vars(asked))
    print("\n".join(faults) or "  nothing lost, nothing doubled, nothing half; history whole")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
