"""Riders' load at a stated rate while imports, edits and reports go in.

Requests are sent when they are due, whatever became of those before, and measured from then: a
server that stalls is not spared. Told are p50 and p99 by kind, errors, memory over time, and what
became of every change. ``--minutes``, ``--rate``, ``--stations``, ``--imports``, ``--edits``,
``--reports``.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tests.benchmarks._register import YUNNAN
from tests.trials._acts import Acts, settle, told
from tests.trials._server import served

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.trials._server import Server

CONNECTIONS = 16
PATIENCE_S = 30.0
WANTED_P99_MS = 50.0
MIX = {"nearest": 0.84, "station": 0.08, "register": 0.04, "page": 0.04}
"""Shares of what riders ask."""
LOOK_S = 5.0
"""Between two looks at the memory."""


@dataclass
class Riders:
    """What was asked, how long it took, what went wrong."""

    port: int
    questions: Callable[[int, int, int], list[tuple[str, str]]] = field(
        default_factory=lambda: questions
    )
    """Given how many, a seed and the number of stations: kind and path of each."""
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)

    async def ride(self, rate: float, seconds: float, seed: int, stations: int) -> None:
        """Ask ``rate`` questions a second for so long, over a few connections kept open."""
        asked = self.questions(int(rate * seconds), seed, stations)
        due: asyncio.Queue[tuple[float, str, str]] = asyncio.Queue()
        askers = [asyncio.create_task(self._ask(due)) for _ in range(CONNECTIONS)]
        begun = time.perf_counter()
        for number, (kind, path) in enumerate(asked):
            at = begun + number / rate
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            due.put_nowait((at, kind, path))
        await due.join()
        for each in askers:
            each.cancel()

    async def _ask(self, due: asyncio.Queue[tuple[float, str, str]]) -> None:
        link = None
        while True:
            at, kind, path = await due.get()
            try:
                link = link or await asyncio.open_connection("127.0.0.1", self.port)
                status = await asyncio.wait_for(_answer(*link, path), PATIENCE_S)
                if not status.startswith(b"HTTP/1.1 200"):
                    self.errors[f"{kind}: {status[9:12].decode()}"] += 1
            except (OSError, EOFError, ValueError, asyncio.IncompleteReadError) as error:
                self.errors[f"{kind}: {type(error).__name__}"] += 1
                if link is not None:
                    link[1].close()
                link = None
            self.took[kind].append(time.perf_counter() - at)
            due.task_done()

    def percentile(self, share: float, kind: str = "") -> float:
        """Return milliseconds within which a share of the answers came."""
        times = [t for name, each in self.took.items() for t in each if kind in {"", name}]
        return 1_000 * float(np.quantile(times, share)) if times else 0.0


async def _answer(reading: asyncio.StreamReader, writing: asyncio.StreamWriter, path: str) -> bytes:
    writing.write(f"GET {path} HTTP/1.1\r\nHost: trial\r\nAccept-Encoding: gzip\r\n\r\n".encode())
    head = await reading.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
    await reading.readexactly(int(fields[b"content-length"]))
    return head.split(b"\r\n", 1)[0]


def questions(number: int, seed: int, stations: int) -> list[tuple[str, str]]:
    """Make questions in the shares of `MIX`, seeded."""
    dice = np.random.default_rng(seed)
    west, south, east, north = YUNNAN
    kinds = dice.choice([*MIX], number, p=[*MIX.values()]).tolist()
    places = dice.uniform((west, south), (east, north), (number, 2)).tolist()
    ids = dice.integers(0, stations, number).tolist()
    paths = {
        "nearest": "/api/v1/nearest?lon={0:.6f}&lat={1:.6f}&needs=toilet,charging&limit=5"
        "&open=arrival&mode=ebike",
        "station": "/api/v1/stations/B{2:07}",
        "register": "/api/v1/register",
        "page": "/",
    }
    return [
        (kind, paths[kind].format(*place, id_))
        for kind, place, id_ in zip(kinds, places, ids, strict=True)
    ]


def spread(act: Callable[[int], object], number: int, seconds: float, first: int) -> None:
    """Do something so many times, evenly over a time."""
    begun = time.monotonic()
    for each in range(number):
        time.sleep(max(0.0, begun + each * seconds / number - time.monotonic()))
        act(first + each)


def _watch(server: Server, over: threading.Event, seen: list[int]) -> None:
    while not over.wait(LOOK_S):
        seen.append(server.resident())


@dataclass
class Sizes:
    """How much of everything."""

    seconds: float
    rate: float
    stations: int
    imports: int
    edits: int
    reports: int
    workers: int = 2
    seed: int = 1


def run(folder: Path, sizes: Sizes) -> tuple[list[str], Riders]:
    """Run the trial; return every fault in words, and what riders met."""
    seconds = sizes.seconds
    with served(folder, sizes.stations, sizes.workers) as server:
        acts, riders = Acts(server), Riders(server.port)
        over, memory = threading.Event(), [server.resident()]
        with ThreadPoolExecutor(4) as changing:
            watching = changing.submit(_watch, server, over, memory)
            going_in = [
                changing.submit(spread, act, number, seconds, first)
                for act, number, first in (
                    (acts.import_, sizes.imports, 1),
                    (acts.edit, sizes.edits, 100_000),
                    (acts.report, sizes.reports, 200_000),
                )
            ]
            try:
                asyncio.run(riders.ride(sizes.rate, seconds, sizes.seed, sizes.stations))
                for each in going_in:
                    each.result()
            finally:
                over.set()
            watching.result()
        memory.append(server.resident())
        faults = settle(acts)
    _tell(riders, acts, memory)
    return faults + [f"{count} × {what}" for what, count in riders.errors.items()], riders


def _tell(riders: Riders, acts: Acts, memory: list[int]) -> None:
    for kind, times in sorted(riders.took.items()):
        p50, p99 = riders.percentile(0.5, kind), riders.percentile(0.99, kind)
        print(f"  {kind:10}{len(times):9,} answers, p50 {p50:7.1f} ms, p99 {p99:8.1f} ms")
    megabytes = " ".join(f"{each >> 20}" for each in memory[:: max(1, len(memory) // 12)])
    print(f"  all: p99 {riders.percentile(0.99):.1f} ms (wanted {WANTED_P99_MS:.0f})")
    print(f"  memory of server and workers, MB over time: {megabytes}")
    print(f"  {told(acts)}")


def main() -> None:
    """Run the trial; leave with 1 if anything failed, was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=200, help="questions a second")
    parser.add_argument("--stations", type=int, default=200_000)
    parser.add_argument("--imports", type=int, default=20)
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--reports", type=int, default=2_000)
    parser.add_argument("--workers", type=int, default=2)
    asked = vars(parser.parse_args())
    sizes = Sizes(seconds=60 * asked.pop("minutes"), **asked)
    with tempfile.TemporaryDirectory() as folder:
        faults, _ = run(Path(folder), sizes)
    print("\n".join(faults) or "  no error; nothing lost, nothing doubled; history whole")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
