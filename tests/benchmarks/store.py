"""The same register in PostgreSQL and in SQLite: recording it, loading it, small changes, copying.

PostgreSQL runs on the same machine, on a Unix socket, as it comes but for its memory; both wait
until what is committed is on the disk.
"""

from __future__ import annotations

import tempfile
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import conninfo_to_dict

from stations.registry import LiveRegistry, Registry
from stations.store import Changes, Store, copy
from tests.benchmarks._common import peak_mb, seconds
from tests.benchmarks._postgres import server
from tests.benchmarks._register import large_register

if TYPE_CHECKING:
    import geopandas as gpd

SIZE = 200_000
NOW = datetime(2026, 11, 22, tzinfo=UTC)
SMALL = 20


def main() -> None:
    """Print the table."""
    stations = large_register(SIZE)
    with tempfile.TemporaryDirectory() as folder, server() as dsn:
        place = conninfo_to_dict(dsn)
        with psycopg.connect(dsn, autocommit=True) as connection:
            for name in ("stations", "copied"):
                connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        there = f"postgresql://{place['user']}@/{{}}?host={place['host']}"
        with (
            Store.open(f"sqlite:///{folder}/stations.db", create=True) as sqlite,
            Store.open(there.format("stations"), create=True) as postgres,
            Store.open(there.format("copied"), create=True) as copied,
        ):
            print(f"{SIZE:,} stations, seconds{'':19}{'PostgreSQL':>12}{'SQLite':>10}{'ratio':>8}")
            for what in (_recorded, _loaded, _small, _asked, _verified):
                took = [what(store, stations) for store in (postgres, sqlite)]
                _show(what.__doc__ or "", *took)
            took = [
                seconds(lambda: copy(sqlite, copied), 1)[0],
                seconds(lambda: copy(postgres, _empty(folder)), 1)[0],
            ]
            _show("Copy into it from the other.", *took)
            after = _followed(copied, there, stations)
            print(f"a snapshot of PostgreSQL follows a change of one station after {after:.2f} s")
    print(f"peak memory {peak_mb():.0f} MB")


def _empty(folder: str) -> Store:
    return Store.open(f"sqlite:///{folder}/copied.db", create=True)


def _show(what: str, postgres_s: float, sqlite_s: float) -> None:
    print(f"{what:37}{postgres_s:12.4f}{sqlite_s:10.4f}{postgres_s / sqlite_s:8.2f}")


def _commit(store: Store, stations: gpd.GeoDataFrame) -> None:
    store.commit(Changes(stations), who="bench", why="bench", at=NOW)


def _recorded(store: Store, stations: gpd.GeoDataFrame) -> float:
    """Record all of them."""
    return seconds(lambda: _commit(store, stations), 1)[0]


def _loaded(store: Store, _: gpd.GeoDataFrame) -> float:
    """Load a snapshot."""
    return seconds(lambda: Registry.load(store))[0]


def _small(store: Store, stations: gpd.GeoDataFrame) -> float:
    """Change one, the mean of 20."""
    ones = [stations.iloc[[number]] for number in range(SMALL)]

    def change() -> None:
        for one in ones:
            _commit(store, one)

    return seconds(change, 1)[0] / SMALL


def _asked(store: Store, _: gpd.GeoDataFrame) -> float:
    """Ask for the newest revision."""
    return seconds(lambda: [store.revision() for _ in range(200)])[0] / 200


def _verified(store: Store, _: gpd.GeoDataFrame) -> float:
    """Verify the chain."""
    return seconds(store.verify, 1)[0]


def _followed(store: Store, there: str, stations: gpd.GeoDataFrame) -> float:
    """Return how long after a commit another connection's snapshot has it."""
    loaded = threading.Event()
    target = store.revision() + 1

    def hear(registry: Registry) -> None:
        if registry.revision == target:
            loaded.set()

    LiveRegistry(store, 9e9, time.monotonic, prepare=hear).follow()
    with Store.open(there.format("copied")) as writer:
        _commit(writer, stations.iloc[[0]])
        start = time.perf_counter()
        loaded.wait()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
