"""What following a change costs beside loading the register anew, and how long it stops others.

CPU time of the thread that follows, and the longest time another thread that wants to run every
millisecond had to wait for Python. 200,000 stations in SQLite, three kinds of questions warm.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import shapely

from geodata.geodesy import LonLat
from stations import nearest
from stations.registry import LiveRegistry, Registry
from stations.store import Changes, Store
from stations.trust import Evidence
from tests.benchmarks._register import large_register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd

SIZE = 200_000
IMPORTED = 2_000
HEARD = 30_000
NOW = datetime(2026, 11, 22, tzinfo=UTC)
HERE = LonLat(102.7, 25.0)
KINDS = ((), ("toilet", "charging"), ("shower",))
REPEAT = 5


@contextmanager
def stalls() -> Iterator[list[float]]:
    """Measure, into what is yielded, the longest wait of another thread in seconds."""
    over, found = threading.Event(), [0.0]

    def run() -> None:
        last = time.perf_counter()
        while not over.wait(0.001):
            now = time.perf_counter()
            found[0] = max(found[0], now - last)
            last = now

    watching = threading.Thread(target=run)
    watching.start()
    try:
        yield found
    finally:
        over.set()
        watching.join()


def main() -> None:
    """Print the table."""
    sys.setswitchinterval(0.001)
    frame = large_register(SIZE)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/stations.db"
        with Store.open(url, create=True) as store:
            record(store, frame)
            store.add_evidence([piece(number) for number in range(HEARD)], received=NOW)
            live = LiveRegistry(store, 9e9, time.monotonic, prepare=asked)
            gc.collect()
            gc.freeze()
            print(
                f"{SIZE:,} stations, {HEARD:,} pieces of evidence{'ms CPU':>12}{'others wait':>14}"
            )
            _show("load anew", 1, lambda _: Registry.load(store), lambda _: None)
            for what, change in changes(store, frame).items():
                _show(what, REPEAT, lambda _: live.refresh(), change)


def asked(registry: Registry) -> None:
    """Ask what riders ask, so that it is kept warm."""
    for needs in KINDS:
        nearest.find(registry, HERE, limit=5, needs=needs, at=NOW, open_="arrival")


def changes(store: Store, frame: gpd.GeoDataFrame) -> dict[str, Callable[[int], object]]:
    """Return what is measured: what is recorded, by the number of the try."""

    def edit(number: int, name: str, cell: str) -> None:
        one = frame.iloc[[number * 7]].copy()
        one[name] = cell
        record(store, one)

    def move(number: int) -> None:
        one = frame.iloc[[number * 7]].copy()
        record(store, one.set_geometry([shapely.Point(102.7, 25 + number / 100)], crs=one.crs))

    def add(number: int) -> None:
        some = frame.iloc[:: SIZE // IMPORTED][:IMPORTED]
        record(store, some.set_axis(some.index + f"-{number}", axis=0))

    return {
        "one telephone": lambda number: edit(number, "phone", f"0871-{number}"),
        "one station's hours": lambda number: edit(number, "opening_hours", f"08:0{number}-19:00"),
        "one station closed": lambda number: edit(number + 50, "status", "closed"),
        "one station moved": move,
        f"{IMPORTED:,} stations added": add,
        "one report": lambda number: store.add_evidence([piece(HEARD + number)], received=NOW),
    }


def record(store: Store, frame: gpd.GeoDataFrame) -> None:
    """Record stations as one revision."""
    frame.index.name = "id"
    store.commit(Changes(stations=frame), who="bench", why="bench", at=NOW)


def piece(number: int) -> Evidence:
    """Make a check-in at one of the stations."""
    station = f"B{number * 7919 % SIZE:07}"
    at = NOW - timedelta(minutes=number % 50_000)
    return Evidence(station, "check_in", "worked", at, f"rider {number % 900}", key=f"k{number}")


def _show(
    what: str, repeat: int, follow: Callable[[int], object], change: Callable[[int], object]
) -> None:
    took, waited = [], []
    for number in range(repeat):
        change(number)
        gc.collect()
        with stalls() as found:
            start = time.thread_time()
            follow(number)
            took.append(1e3 * (time.thread_time() - start))
        waited.append(1e3 * found[0])
    print(f"{what:42}{sorted(took)[repeat // 2]:12.1f}{sorted(waited)[repeat // 2]:14.1f}")


if __name__ == "__main__":
    main()
