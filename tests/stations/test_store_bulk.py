"""Many rows at once, which PostgreSQL is sent by COPY: the same rows, refused alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from geodata.errors import StoreError
from stations.store import Changes, Store, copy
from stations.store._bulk import MANY, insert_rows
from stations.store._tables import revisions, station_versions
from stations.trust import Evidence
from tests.stations.register_samples import BY, PARKS, sites, stations, when
from tests.stations.whole import rows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import Server

LETTERS = [
    "\t",
    "\n",
    "\r",
    "\\",
    "\\N",
    "\\.",
    ",",
    '"',
    "'",
    "%s",
    "驿",
    "🚻",
    "\x7f",
    "{",
    "x",
    "",
]
"""What a text for COPY could be mistaken in."""


def test_times_and_json_as_in_sqlite(postgres: Server, tmp_path: Path) -> None:
    there = postgres.register()
    many = [
        {**FIRST, "number": n, "at": when(n).replace(microsecond=n), "summary": {"'\\\t驿": n}}
        for n in range(1, MANY + 1)
    ]
    with Store.open(there) as store, Store.open(f"sqlite:///{tmp_path}/x.db", create=True) as here:
        for each in (store, here):
            with each.transaction(writes=True) as connection:
                insert_rows(connection, revisions, many)
        assert rows(store)["revisions"] == rows(here)["revisions"]
    postgres.give_back(there)


FIRST = {"number": 1, "at": when(0), "who": "x", "why": "x", "summary": {}}
ROW = {"deleted": False, "revision": 1, "name": "x", "lon": 1.0, "lat": 1.0, "capacity": 1}


def _fill(store: Store, size: int) -> None:
    dice = np.random.default_rng(5)

    def odd() -> str:
        return "".join(dice.choice(LETTERS, 6).tolist())

    told = {
        f"S{number}": {
            "name": odd(),
            "host": odd(),
            "capacity": None if number % 3 else int(dice.integers(-(2**53), 2**53)),
            "entrance_lon": None if number % 2 else float(dice.normal() * 1e-300),
            "lon": float(dice.uniform(-180, 180)),
            "lat": -0.0 if number % 5 else 25.1,
        }
        for number in range(size)
    }
    places = sites({f"p{number}": {"name": odd(), "workers": None} for number in range(size)})
    first = Changes(stations(told), layers=(PARKS,), sites={"parks": places})
    store.commit(first, **BY, at=when(0))
    gone = tuple(f"S{number}" for number in range(0, size, 2))
    store.commit(Changes(removed_stations=gone), **BY, at=when(1))
    pieces = [Evidence("S1", "report", "cannot_see", when(2), key=str(n)) for n in range(size)]
    assert all(store.add_evidence(pieces, received=when(2)))


def test_the_same_rows_and_hashes_as_in_sqlite(postgres: Server, tmp_path: Path) -> None:
    there, again = postgres.register(), postgres.register()
    with (
        Store.open(there) as store,
        Store.open(again) as other,
        Store.open(f"sqlite:///{tmp_path}/stations.db", create=True) as here,
    ):
        for each in (store, here):
            _fill(each, 2 * MANY)
        assert rows(store) == rows(here)
        assert copy(here, other) == store.verify() == here.verify()
        assert rows(other) == rows(here)
    for url in (there, again):
        postgres.give_back(url)


@pytest.mark.parametrize(
    "wrong", [{"lon": 999.0}, {"capacity": 2**70}, {"id": "S0"}, {"name": "a\0"}]
)
def test_one_wrong_row_of_many_refuses_all(postgres: Server, wrong: dict[str, object]) -> None:
    there = postgres.register()
    many = [{**ROW, "id": f"S{number}"} for number in range(MANY)]
    many[-1] |= wrong
    with Store.open(there) as store:
        for kept in (many, many[:1] + many[2:]):  # by COPY, and one too few for that
            with pytest.raises(StoreError, match=r"breaks a rule|the database failed"):
                _insert(store, kept)
            assert store.revision() == 0
        assert not any(rows(store).values())
        _fill(store, 2)  # the connection is as good as before
    postgres.give_back(there)


def _insert(store: Store, many: list[dict[str, object]]) -> None:
    with store.transaction(writes=True) as connection:
        insert_rows(connection, revisions, [FIRST])
        insert_rows(connection, station_versions, many)
