"""A whole country on this machine: 186,100 stations, what people ask and say at the busiest hour.

Rates are derived from 2.31 million visits a day (`tests/trials/_nation.py`; explained in
`scripts/deploy/national.md`). For each amount of evidence a register is made and served; told are
its size, how long it loads, the memory, what one check-in costs and how soon every process knows of
it, then, step by step, more questions a second with check-ins and reports among them, until the
99th percentile is above 50 ms. Processor time is counted over all workers: it holds on a busy
machine too, where the percentiles do not. ``--pieces``, ``--rates`` take several.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil  # type: ignore[import-untyped]  # it has no stubs
from sqlalchemy import make_url

from stations.store import Changes, Store, copy
from tests.trials._nation import BURST, STATIONS, Nation, heard, rate_at, words_at
from tests.trials._postgres import postgres
from tests.trials._server import Server
from tests.trials.load import MIX, WANTED_P99_MS, Riders, spread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.trials._postgres import Postgres

WORDS, PAUSE_S = 12, 0.7
"""Check-ins sent one by one, and the time between them."""
SURE = 8
"""Answers in a row that know of a check-in: then all workers do."""
PATIENCE_S = 20.0
_TOLD = "evidence"


@dataclass
class Served:
    """A server with its register, and what is counted of it."""

    server: Server
    nation: Nation
    stations: int
    database: Postgres | None
    sent: int = 0

    def cpu_s(self) -> float:
        """Return processor seconds its workers, and the database, have spent so far."""
        others = self.database.processes() if self.database else []
        times = [each.cpu_times() for each in (*self.server.workers(), *others)]
        return float(sum(each.user + each.system for each in times))

    def memory_mb(self) -> float:
        """Return what its processes hold, pages they share counted once."""
        if self.server.process is None:
            return 0.0
        first = psutil.Process(self.server.process.pid)
        held = sum(each.memory_full_info().pss for each in (first, *first.children()))
        return float(held) / 1e6

    def size_mb(self) -> float:
        """Return what the register takes on the disk."""
        if self.database is not None:
            name = make_url(self.server.db).database
            told = self.database.execute(
                "SELECT pg_database_size(current_database())", database=str(name)
            )
            return int(told[0]) / 1e6
        held = Path(str(make_url(self.server.db).database))
        beside = held.with_name(f"{held.name}-wal")
        return sum(each.stat().st_size for each in (held, beside) if each.exists()) / 1e6

    def check_in(self, number: int) -> str:
        """Send a check-in; return the station's id."""
        self.sent += 1
        station = f"B{(number * 7_919 + self.sent) % self.stations:07}"
        body = {"outcome": "worked", "key": f"national-{number}-{self.sent}"}
        status, told = self.server.ask("POST", f"/api/v1/stations/{station}/reports", body)
        if status not in {200, 201}:
            raise RuntimeError(f"a check-in was answered {status}: {told}")
        return station

    def lag_s(self, number: int) -> float:
        """Send a check-in; return how long after its answer every worker knows of it."""
        station = f"B{number:07}"
        path = f"/api/v1/stations/{station}"
        before = self.server.ask("GET", path)[1][_TOLD]["pieces"]
        body = {"outcome": "worked", "key": f"lag-{number}"}
        self.server.ask("POST", f"{path}/reports", body)
        began, known = time.monotonic(), 0
        first = began
        while known < SURE and time.monotonic() - began < PATIENCE_S:
            knows = self.server.ask("GET", path)[1][_TOLD]["pieces"] > before
            known = known + 1 if knows else 0
            first = first if knows and known > 1 else time.monotonic()
        return first - began

    def questions(self, hour: int, number: int, seed: int, stations: int) -> list[tuple[str, str]]:
        """Make what riders ask about towns, in the shares of `load.MIX`, at an hour of today."""
        dice = np.random.default_rng(seed)
        _, places = self.nation.places(number, dice)
        kinds = dice.choice([*MIX], number, p=[*MIX.values()]).tolist()
        ids = dice.integers(0, stations, number).tolist()
        at = datetime.now(UTC).strftime(f"%Y-%m-%dT{hour:02}:00%%2B08:00")
        paths = {
            "nearest": "/api/v1/nearest?lon={0:.6f}&lat={1:.6f}&needs=toilet,charging&limit=5"
            f"&open=arrival&mode=ebike&at={at}",
            "station": "/api/v1/stations/B{2:07}",
            "register": "/api/v1/register",
            "page": "/",
        }
        return [
            (kind, paths[kind].format(*place, id_))
            for kind, place, id_ in zip(kinds, places.tolist(), ids, strict=True)
        ]


def made_once(folder: Path, nation: Nation, stations: int, pieces: int) -> Path:
    """Return the file of a country with so much evidence, made if it is not there yet."""
    path = folder / f"country-{stations}-{pieces}.db"
    if not path.exists():
        part = path.with_suffix(".part")
        now = datetime.now(UTC) - timedelta(minutes=1)
        with Store.open(f"sqlite:///{part}", create=True) as store:
            store.commit(Changes(nation.register(stations)), who="trial", why="begin", at=now)
            heard(store, pieces, stations, now)
        part.rename(path)
    return path


@contextmanager
def nation_served(
    folder: Path,
    stations: int,
    pieces: int,
    workers: int,
    database: Postgres | None,
    kept: Path | None,
) -> Iterator[tuple[Served, float]]:
    """Serve a country with so much evidence; yield it and the seconds until the first answer."""
    nation = Nation.made()
    made = made_once(kept or folder, nation, stations, pieces)
    db = f"sqlite:///{folder / 'stations.db'}"
    if database is None:
        shutil.copyfile(made, folder / "stations.db")
    else:
        db = database.url(database.database())
        with Store.open(f"sqlite:///{made}") as old, Store.open(db, create=True) as new:
            copy(old, new)
    server = Server(folder, 1, workers, db)
    try:
        yield Served(server, nation, stations, database), server.begin()
    finally:
        server.end()


def words_cost(served: Served) -> tuple[float, list[float]]:
    """Send check-ins to a server nobody else asks; return processor ms of each, and the lags."""
    time.sleep(2)
    before, began = served.cpu_s(), time.monotonic()
    for number in range(WORDS):
        served.check_in(number)
        time.sleep(PAUSE_S)
    spent, took = served.cpu_s() - before, time.monotonic() - began
    before = served.cpu_s()
    time.sleep(took / 2)
    idle = 2 * (served.cpu_s() - before)
    return 1_000 * (spent - idle) / WORDS, [served.lag_s(number) for number in range(WORDS)]


def asked(served: Served, rate: float, seconds: float, hour: int) -> tuple[bool, str]:
    """Ask at a rate, with what people say meanwhile; tell whether it was held, and in words how."""
    riders = Riders(served.server.port, partial(served.questions, hour))
    words = round(words_at(rate) * seconds)
    before = served.cpu_s()
    with ThreadPoolExecutor(1) as people:
        going_in = people.submit(spread, served.check_in, words, seconds, 0)
        asyncio.run(riders.ride(rate, seconds, round(rate), served.stations))
        going_in.result()
    spent = served.cpu_s() - before
    questions = sum(map(len, riders.took.values()))
    p50, p99 = riders.percentile(0.5), riders.percentile(0.99)
    held = p99 <= WANTED_P99_MS and not riders.errors
    return held, (
        f"{rate:7.0f} questions/s, {words:3} said: p50 {p50:6.1f} ms, p99 {p99:7.1f} ms, "
        f"{1_000 * spent / questions:5.2f} ms of a core each, {spent / seconds:4.2f} cores"
        + "".join(f", {count} × {what}" for what, count in riders.errors.items())
    )


def run(
    folder: Path, sizes: argparse.Namespace, pieces: int, database: Postgres | None
) -> list[bool]:
    """Make a country with so much evidence and raise the rate; tell which rates were held."""
    made = nation_served(folder, sizes.stations, pieces, sizes.workers, database, sizes.kept)
    with made as (served, ready_s):
        print(
            f"{sizes.stations:,} stations, {pieces:,} pieces: {served.size_mb():.0f} MB on disk, "
            f"ready after {ready_s:.1f} s, {served.memory_mb():.0f} MB in {sizes.workers} workers"
        )
        cost_ms, lags = words_cost(served)
        print(
            f"  a check-in: {cost_ms:.0f} ms of a core in all; known everywhere after "
            f"{np.median(lags):.2f} s, at most {max(lags):.2f} s"
        )
        found = []
        for rate in sizes.rates:
            held, said = asked(served, rate, sizes.seconds, sizes.hour)
            print(f"  {said}", flush=True)
            found.append(held)
            if not held and not sizes.all:
                break
        print(f"  {served.memory_mb():.0f} MB afterwards")
    return found


def main() -> None:
    """Run the trial."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--stations", type=int, default=STATIONS)
    parser.add_argument("--pieces", type=int, nargs="+", default=[0, 1_000_000, 5_000_000])
    parser.add_argument("--rates", type=float, nargs="+", default=[50, 100, 200, 300, 400, 500])
    parser.add_argument("--seconds", type=float, default=10, help="at each rate")
    parser.add_argument("--hour", type=int, default=15, help="of the day, for opening hours")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kept", type=Path, help="a folder to make registers in once")
    parser.add_argument("--all", action="store_true", help="go on where a rate is not held")
    sizes = parser.parse_args()
    peak = rate_at(sizes.hour)
    print(
        f"wanted in the hottest weeks at {sizes.hour}:00: {peak:.0f} questions/s, "
        f"{BURST * peak:.0f} in the busiest second, {words_at(peak):.1f} check-ins and reports/s"
    )
    for pieces in sizes.pieces:
        place = postgres() if sizes.database == "postgresql" else nullcontext(None)
        with tempfile.TemporaryDirectory() as folder, place as database:
            run(Path(folder), sizes, pieces, database)


if __name__ == "__main__":
    main()
