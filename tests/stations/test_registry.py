"""The snapshot agrees with its frames, and follows the store without ever failing a reader."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import FaultyDataError, StoreError, UsageError
from geodata.geodesy import LonLat
from stations.catalogue import catalogue
from stations.errors import (
    LayerMissingError,
    RevisionMissingError,
    StationMissingError,
    UnknownAmenityError,
)
from stations.registry import Layer, LiveRegistry, Registry
from stations.schema import STATION_COLUMNS, empty_frame
from stations.store import Changes, Store, station_records
from tests.stations.register_samples import BY, PARKS, POSTS, sites, stations, when

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stations.store import Revision

CODES = ["toilet", "water", "aed", "parking"]
amenities = st.sets(st.sampled_from(CODES)).map(
    lambda codes: ";".join(sorted(codes, key=list(catalogue().amenities.terms).index))
)
registers = st.dictionaries(
    st.text("abcé驿", min_size=1, max_size=3),
    st.fixed_dictionaries(
        {
            "amenities": amenities,
            "status": st.sampled_from(["active", "active", "closed", "planned"]),
            "lon": st.sampled_from([102.0, 102.1, 102.2]),
            "capacity": st.sampled_from([None, 5]),
        }
    ),
    max_size=8,
)


@settings(max_examples=50, deadline=None)
@given(registers, st.sets(st.sampled_from(CODES)))
def test_derived_arrays_agree_with_the_records(
    rows: dict[str, dict[str, Any]], needs: set[str]
) -> None:
    registry = Registry.from_frames(stations(rows)[::-1])
    records = station_records(registry.stations)
    assert [record["id"] for record in records] == sorted(rows)
    assert [registry.record(row) for row in range(len(records))] == records
    assert [registry.station(key) for key in sorted(rows)] == records
    assert [catalogue().amenities.codes(int(mask)) for mask in registry.amenity_masks] == [
        tuple(record["amenities"]) for record in records
    ]
    active = [row for row, record in enumerate(records) if record["status"] == "active"]
    able = [row for row in active if needs <= set(records[row]["amenities"])]
    assert registry.active.tolist() == active
    assert registry.active[registry.offers(needs)].tolist() == able
    index, station_rows = registry.offering(needs)
    assert station_rows.tolist() == able
    assert list(zip(index.lon, index.lat, strict=True)) == [
        (records[row]["lon"], records[row]["lat"]) for row in able
    ]


def test_nearest_knows_only_stations_in_use() -> None:
    registry = Registry.from_frames(
        stations({"A": {"status": "closed"}, "B": {"lon": 102.8}, "C": {"lon": 102.9}})
    )
    rows, _ = registry.index.nearest_to(LonLat(102.7, 25.0), 5)
    assert registry.stations.index[registry.active[rows]].tolist() == ["B", "C"]


def test_an_empty_register_answers() -> None:
    registry = Registry.from_frames(empty_frame(STATION_COLUMNS))
    assert len(registry.index) == registry.offers(["toilet"]).size == registry.active.size == 0
    assert len(registry.offering(["toilet"])[0]) == 0
    assert registry.amenity_masks.dtype == np.uint64
    assert dict(registry.layers) == {}


def test_a_record_is_json() -> None:
    registry = Registry.from_frames(stations({"A": {"capacity": None, "name": "🚻\u2028"}}))
    record = registry.station("A")
    assert json.loads(json.dumps(record)) == record
    assert list(record) == ["id", *STATION_COLUMNS, "lon", "lat"]
    assert record["synthetic"] is True


@pytest.mark.parametrize("unknown", ["Z", "", "A\0", "\ud800"])
def test_an_unknown_station(unknown: str) -> None:
    registry = Registry.from_frames(stations({"A": {}}))
    with pytest.raises(StationMissingError, match="no station"):
        registry.station(unknown)


def test_layers_by_name() -> None:
    parks = sites({"p": {"geometry": shapely.box(102, 24, 103, 25)}, "o": {}})
    registry = Registry.from_frames(
        stations({"A": {}}), [Layer(PARKS, parks[::-1]), Layer(POSTS, sites({"x": {}}))], 7
    )
    assert (registry.revision, list(registry.layers)) == (7, ["border_posts", "parks"])
    assert_geodataframe_equal(registry.layer("parks").sites, parks)
    with pytest.raises(LayerMissingError, match="sites"):
        registry.layer("sites")
    with pytest.raises(UsageError, match="two layers"):
        Registry.from_frames(stations({}), [Layer(PARKS, parks), Layer(PARKS, parks)])


def test_what_breaks_the_schema_is_refused_at_the_door() -> None:
    good, bad = stations({"A": {}}), stations({"A": {"lon": 181.0}})
    with pytest.raises(FaultyDataError, match="geometry:"):
        Registry.from_frames(bad)
    with pytest.raises(FaultyDataError, match="id:"):
        Registry.from_frames(pd.concat([good, good]))
    with pytest.raises(FaultyDataError, match="workers:"):
        Registry.from_frames(good, [Layer(PARKS, good)])
    with pytest.raises(UnknownAmenityError):
        Registry.from_frames(stations({"A": {"amenities": "sauna"}}))
    with pytest.raises(UnknownAmenityError):
        Registry.from_frames(good).offers(["sauna"])


def test_a_snapshot_is_its_own() -> None:
    frame = stations({"A": {}})
    registry = Registry.from_frames(frame)
    frame.loc["A", "name"] = "changed"
    assert registry.station("A")["name"] == registry.stations["name"]["A"] == "工会驿站"
    for array in (registry.lon, registry.lat, registry.active, registry.amenity_masks,
                  registry.offers([])):  # fmt: skip
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/register.db", create=True) as opened:
        opened.commit(
            Changes(stations({"A": {}}), layers=(PARKS,), sites={"parks": sites({"p": {}})}),
            **BY,
            at=when(0),
        )
        opened.commit(Changes(stations({"B": {}}), removed_stations=("A",)), **BY, at=when(1))
        yield opened


def test_load_reads_any_revision(store: Store) -> None:
    for as_of, ids in ((None, ["B"]), (2, ["B"]), (1, ["A"]), (0, [])):
        registry = Registry.load(store, as_of)
        assert registry.revision == (2 if as_of is None else as_of)
        assert registry.stations.index.tolist() == ids
        assert list(registry.layers) == (["parks"] if as_of != 0 else [])
    with pytest.raises(RevisionMissingError):
        Registry.load(store, 3)


class Hands:
    """A clock turned by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_live_snapshot_follows_the_store_no_sooner_than_it_polls(store: Store) -> None:
    clock = Hands()
    live = LiveRegistry(store, 2.0, clock)
    first = live.current()
    store.commit(Changes(stations({"C": {}})), **BY, at=when(2))
    clock.now += 1.999
    assert live.current() is first
    clock.now += 0.001
    second = live.current()
    assert (second.revision, second.stations.index.tolist()) == (3, ["B", "C"])
    clock.now += 2
    assert live.current() is second
    assert first.stations.index.tolist() == ["B"]


def test_a_new_snapshot_is_prepared_before_it_answers(store: Store) -> None:
    prepared: list[Registry] = []
    live = LiveRegistry(store, 0.0, lambda: 0.0, prepare=prepared.append)
    assert prepared == [live.current()]
    assert live.current() is live.current()
    store.commit(Changes(stations({"C": {}})), **BY, at=when(2))
    assert [live.current()] == prepared[1:]


def test_a_store_that_fails_leaves_the_old_snapshot_and_says_so(
    store: Store, tmp_path: Path
) -> None:
    clock = Hands()
    live = LiveRegistry(store, 0.0, clock)
    first = live.current()
    path, away = tmp_path / "register.db", tmp_path / "away.db"
    store.commit(Changes(stations({"C": {}})), **BY, at=when(2))
    store.close()
    path.rename(away)
    assert live.current() is first
    assert isinstance(live.error, StoreError)
    away.rename(path)
    assert live.current().revision == 3
    assert live.error is None


@pytest.mark.parametrize("poll_s", [-1.0, float("nan")])
def test_a_poll_interval_that_is_none(store: Store, poll_s: float) -> None:
    with pytest.raises(UsageError, match="poll_s"):
        LiveRegistry(store, poll_s, Hands())


class Gate:
    """A store whose second and later looks wait until let through."""

    def __init__(self, store: Store) -> None:
        self.looks = 0
        self.entered, self.let_through = threading.Event(), threading.Event()
        self._store = store

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return getattr(self._store, name)  # type: ignore[no-any-return]

    def newest(self) -> Revision | None:
        self.looks += 1
        if self.looks > 1:
            self.entered.set()
            assert self.let_through.wait(20)
        return self._store.newest()


def test_one_loads_while_the_others_keep_the_old_snapshot(store: Store) -> None:
    clock, gate = Hands(), Gate(store)
    live = LiveRegistry(gate, 1.0, clock)  # type: ignore[arg-type]
    first = live.current()
    store.commit(Changes(stations({"C": {}})), **BY, at=when(2))
    clock.now += 1
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(live.current)
        assert gate.entered.wait(20)
        assert live.current() is first
        gate.let_through.set()
        assert loading.result().revision == 3
    assert live.current().revision == 3
    assert gate.looks == 2


def test_many_threads_read_and_one_writes(store: Store) -> None:
    live = LiveRegistry(store, 0.0, Hands())

    def read(_: int) -> int:
        registry = live.current()
        assert len(registry.stations) == registry.revision - 1
        assert registry.offers(["toilet"]).all()
        return registry.revision

    with ThreadPoolExecutor(4) as pool, closing(store):
        for number in range(3, 11):
            store.commit(Changes(stations({f"S{number}": {}})), **BY, at=when(number))
            assert set(pool.map(read, range(8))) <= {number - 1, number}
    assert live.current().revision == 10
