"""What goes into the store comes out of it; what is wrong stays out."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone
from itertools import chain
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given
from hypothesis import strategies as st

import stations.store as door
from geodata.errors import FaultyDataError, MissingError, UsageError
from stations.errors import (
    LayerMissingError,
    RevisionMissingError,
    StationMissingError,
    StoreConflictError,
)
from stations.schema import SITE_COLUMNS, STATION_COLUMNS, LayerInfo, empty_frame
from stations.store import Changes, Store, changed_rows, station_records
from tests.examples import few
from tests.stations.register_samples import BY, PARKS, POSTS, sites, stations, when

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd

SQUARE = shapely.box(102, 24, 102.5, 24.5)
HOLED = SQUARE.difference(shapely.box(102.1, 24.1, 102.2, 24.2))
ODD: dict[str, dict[str, Any]] = {
    "A": {"capacity": None, "phone": "", "amenities": "", "synthetic": False},
    "B": {"name": "站" * 300_000, "capacity": 2**40},
    "C": {"name": "🚻 'x'; DROP TABLE \"station_versions\" --\r\n\t\\ \u202e", "lon": -180.0},
    "D": {"lon": 102.123456789012345, "lat": -90.0, "position_in": "102.7,25.0"},
    "é": {"lon": 5e-324, "lat": 1e-17},
}


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url, create=True) as opened:
        yield opened


def test_the_door_is_what_we_promise() -> None:
    promised = {
        "ACTIVITY_STEP_COLUMNS",
        "STEP_COLUMNS",
        "VISIT_COLUMNS",
        "Account",
        "Accounts",
        "ActivityStep",
        "Beside",
        "Broken",
        "Changes",
        "Credentials",
        "Entry",
        "FindingStep",
        "Identities",
        "Identity",
        "Revision",
        "Session",
        "Signature",
        "Store",
        "Token",
        "Verdict",
        "Visit",
        "backup",
        "changed_rows",
        "check_frame",
        "copy",
        "read_closures",
        "read_hours",
        "station_records",
    }
    assert set(door.__all__) == promised


def test_a_new_register_is_empty(store: Store) -> None:
    assert store.revision() == 0
    assert store.revisions() == []
    assert store.layers() == []
    assert_geodataframe_equal(store.stations(), empty_frame(STATION_COLUMNS))
    assert store.revision_at(when(0)) == 0


def test_stations_come_back_exactly(store: Store, url: str) -> None:
    frame = stations(ODD)
    store.commit(Changes(stations=frame[::-1]), **BY, at=when(0))
    store.close()
    with Store.open(url) as reopened:
        assert_geodataframe_equal(reopened.stations(), frame, check_crs=True)


def test_sites_come_back_exactly(store: Store) -> None:
    shapes = [SQUARE, HOLED, shapely.MultiPolygon([SQUARE, shapely.box(0, 0, 1, 1)])]
    areas = sites({f"p{i}": {"geometry": s, "workers": None} for i, s in enumerate(shapes)})
    posts = sites({"x": {"geometry": shapely.Point(97.5, 24), "attributes": '{"AED": "有"}'}})
    store.commit(
        Changes(layers=(POSTS, PARKS), sites={"parks": areas, "border_posts": posts}),
        **BY,
        at=when(0),
    )
    assert store.layers() == [POSTS, PARKS]
    assert_geodataframe_equal(store.sites("parks"), areas)
    assert_geodataframe_equal(store.sites("border_posts"), posts)


def test_a_layer_may_be_empty(store: Store) -> None:
    store.commit(Changes(layers=(PARKS,)), **BY, at=when(0))
    assert_geodataframe_equal(store.sites("parks"), empty_frame(SITE_COLUMNS))


def test_a_revision_says_who_when_why_and_how_much(store: Store) -> None:
    shanghai = timezone(timedelta(hours=8))
    first = store.commit(
        Changes(stations=stations({"A": {}, "B": {}})),
        who="王芳",
        why="导入 stations.csv",
        at=datetime(2026, 3, 1, 8, 30, 0, 123456, tzinfo=shanghai),
    )
    second = store.commit(
        Changes(
            stations=stations({"B": {"name": "新"}, "C": {}}),
            removed_stations=("A",),
            layers=(PARKS,),
            sites={"parks": sites({"p": {}})},
        ),
        who="李",
        why="核实",
        at=first.at,
    )
    assert store.revisions() == [first, second]
    assert asdict(first) == {
        "number": 1,
        "at": datetime(2026, 3, 1, 0, 30, 0, 123456, tzinfo=UTC),
        "who": "王芳",
        "why": "导入 stations.csv",
        "summary": {
            "stations_added": 2,
            "stations_changed": 0,
            "stations_removed": 0,
            "sites_added": 0,
            "sites_changed": 0,
            "sites_removed": 0,
            "layers": 0,
        },
    }
    assert first.at.tzinfo is UTC
    assert second.summary == {
        "stations_added": 1,
        "stations_changed": 1,
        "stations_removed": 1,
        "sites_added": 1,
        "sites_changed": 0,
        "sites_removed": 0,
        "layers": 1,
    }


def test_revision_at_is_inclusive_and_takes_the_last_of_one_instant(store: Store) -> None:
    for minute in (10, 10, 20):
        store.commit(Changes(stations=stations({"A": {}})), **BY, at=when(minute))
    tick = timedelta(microseconds=1)
    asked = [when(10) - tick, when(10), when(20) - tick, when(20), when(99)]
    assert [store.revision_at(moment) for moment in asked] == [0, 2, 2, 3, 3]
    with pytest.raises(UsageError, match="zone"):
        store.revision_at(when(10).replace(tzinfo=None))


def test_history_of_a_station(store: Store) -> None:
    store.commit(Changes(stations=stations({"A": {}, "B": {}})), **BY, at=when(0))
    store.commit(Changes(stations=stations({"B": {}})), **BY, at=when(1))
    store.commit(Changes(removed_stations=("A",)), **BY, at=when(2))
    store.commit(Changes(stations=stations({"A": {"capacity": None}})), **BY, at=when(3))
    history = store.history("A")
    assert [revision.number for revision, _ in history] == [1, 3, 4]
    records = [record for _, record in history]
    assert records[1] is None
    assert records[::2] == [station_records(store.stations(r).loc[["A"]])[0] for r in (1, 4)]
    for unknown in ("Z", "A\0", "\ud800", ""):
        with pytest.raises(StationMissingError, match="no station"):
            store.history(unknown)


def test_records_are_plain(store: Store) -> None:
    store.commit(Changes(stations=stations({"A": {"capacity": None}})), **BY, at=when(0))
    (record,) = station_records(store.stations())
    assert record["amenities"] == ["toilet", "water"]
    assert record["capacity"] is None
    assert (record["id"], record["lon"], record["lat"]) == ("A", 102.7, 25.0)
    assert {type(value) for value in record.values()} == {str, list, float, bool, type(None)}


@pytest.mark.parametrize("as_of", [-1, 2, 2**70])
def test_a_revision_that_is_not_there(store: Store, as_of: int) -> None:
    store.commit(Changes(stations=stations({"A": {}})), **BY, at=when(0))
    for read in (store.stations, store.layers, lambda n: store.sites("parks", n)):
        with pytest.raises(RevisionMissingError, match=r"0 \(empty\) to 1"):
            read(as_of)


def test_a_layer_that_is_not_there_yet(store: Store) -> None:
    store.commit(Changes(stations=stations({"A": {}})), **BY, at=when(0))
    store.commit(Changes(layers=(PARKS,)), **BY, at=when(1))
    with pytest.raises(LayerMissingError, match="parks"):
        store.sites("parks", 1)


def _with(column: str, value: Any) -> Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]:
    return lambda frame: frame.assign(**{column: value})


BAD_FRAMES: dict[str, tuple[str, Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]]] = {
    "NUL in a text": ("name", _with("name", "a\0b")),
    "NUL in an id": ("id", lambda frame: frame.rename(index={"A": "a\0"})),
    "a missing text": ("host", _with("host", pd.array([None], dtype="str"))),
    "no such column": ("phone", lambda frame: frame.drop(columns="phone")),
    "half a person": ("capacity", _with("capacity", 1.5)),
    "yes for a bool": ("synthetic", _with("synthetic", "yes")),
    "a number for an id": ("id", lambda frame: frame.set_axis([1], axis=0)),
    "a blank id": ("id", lambda frame: frame.rename(index={"A": " "})),
    "a long id": ("id", lambda frame: frame.rename(index={"A": "x" * 201})),
    "an id twice": ("id", lambda frame: pd.concat([frame, frame])),
    "another CRS": ("geometry", lambda frame: frame.to_crs("EPSG:3857")),
    "an area": ("geometry", _with("geometry", [SQUARE])),
    "an empty point": ("geometry", _with("geometry", [shapely.Point()])),
    "no point": ("geometry", _with("geometry", [None])),
    "off the Earth": ("geometry", _with("geometry", [shapely.Point(180.001, 23.456)])),
    "not a number": ("geometry", _with("geometry", [shapely.Point(float("nan"), 23.456)])),
}


@pytest.mark.parametrize("what", BAD_FRAMES)
def test_a_frame_that_breaks_the_schema_is_refused(store: Store, what: str) -> None:
    field, spoil = BAD_FRAMES[what]
    with pytest.raises(FaultyDataError, match=field) as refused:
        store.commit(Changes(stations=spoil(stations({"A": {}}))), **BY, at=when(0))
    assert field in {fault.field for fault in refused.value.faults}
    assert "23.456" not in str(refused.value)
    assert store.revision() == 0


@pytest.mark.parametrize(
    ("days", "field", "says"),
    [
        ({"from": "2026-5-1"}, "from", "2026-05-01"),
        ({"until": "Christmas"}, "until", "2026-05-01"),
        ({"from": "2026-05-02", "until": "2026-05-01"}, "until", "before the first, 2026-05-02"),
    ],
)
def test_days_of_a_site_are_days_and_in_order(
    store: Store, days: dict[str, str], field: str, says: str
) -> None:
    whole = Changes(layers=(PARKS,), sites={"parks": sites({"a": {}, "p": days})})
    with pytest.raises(FaultyDataError) as refused:
        store.commit(whole, **BY, at=when(0))
    (fault,) = refused.value.faults
    assert (fault.row, fault.field) == (2, field)
    assert says in fault.problem


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("@102.7,25", "expected a JSON list"),
        ("[1]", "expected a JSON list"),
        ('[{"lon": 102.7}]', "lon and lat in degrees"),
        ('[{"lon": 181, "lat": 25}]', "lon and lat in degrees"),
        ('[{"lon": 102.7, "lat": 25, "hours": "soon"}]', "soon"),
        ('[{"lon": 102.7, "lat": 25, "from": "2026-05-02", "until": "2026-05-01"}]', "before"),
        ('[{"lon": 102.7, "lat": 25, "when": "now"}]', "a place has"),
        ('[{"lon": 102.7, "lat": 25}, {"lon": 102.8, "lat": 25}]', "two places at once"),
    ],
)
def test_places_are_a_timetable(store: Store, cell: str, says: str) -> None:
    with pytest.raises(FaultyDataError) as refused:
        store.commit(Changes(stations=stations({"A": {"places": cell}})), **BY, at=when(0))
    (fault,) = refused.value.faults
    assert (fault.row, fault.field) == (1, "places")
    assert says in fault.problem


def test_all_faults_are_told_together(store: Store) -> None:
    bad = stations({"A": {"name": "\0"}, "B": {"host": "\0"}, "C": {"lon": 200.0}})
    with pytest.raises(FaultyDataError, match="3 faults") as refused:
        store.commit(Changes(stations=bad), **BY, at=when(0))
    assert [(fault.row, fault.field) for fault in refused.value.faults] == [
        (3, "geometry"),
        (1, "name"),
        (2, "host"),
    ]


ONE = stations({"A": {}})
SITE = sites({"p": {}})
REFUSED: dict[str, tuple[Changes, dict[str, Any], type[Exception]]] = {
    "nothing to record": (Changes(), {}, UsageError),
    "time with its zone": (Changes(ONE), {"at": datetime(2026, 2, 1)}, UsageError),  # noqa: DTZ001
    "not before the newest": (Changes(ONE), {"at": when(-2 * 1440)}, UsageError),
    "says who": (Changes(ONE), {"who": " "}, UsageError),
    "says why": (Changes(ONE), {"why": "a\0"}, UsageError),
    "says why in": (Changes(ONE), {"why": "\udcff"}, UsageError),
    "revision 1, these": (Changes(ONE), {"base": 0}, StoreConflictError),
    "no station 'Z'": (Changes(ONE, removed_stations=("Z",)), {}, StationMissingError),
    "named twice": (Changes(ONE, removed_stations=("A",)), {}, FaultyDataError),
    "no layer": (Changes(sites={"parks": SITE}), {}, LayerMissingError),
    "no layer 'x'": (Changes(removed_sites={"x": ("p",)}), {}, LayerMissingError),
    "no site 'p'": (Changes(layers=(PARKS,), removed_sites={"parks": ("p",)}), {}, MissingError),
    "layer: named twice": (Changes(layers=(PARKS, PARKS)), {}, FaultyDataError),
    "layer: expected a-z": (Changes(layers=(LayerInfo("Ü", "", "", restricted=False),)), {},
                            FaultyDataError),
    "layer: a title": (Changes(layers=(LayerInfo("a", "\0", "", restricted=False),)), {},
                       FaultyDataError),
    "parks: named twice": (
        Changes(layers=(PARKS,), sites={"parks": SITE}, removed_sites={"parks": ("p",)}), {},
        FaultyDataError,
    ),
}  # fmt: skip


@pytest.mark.parametrize("message", REFUSED)
def test_what_cannot_be_recorded_leaves_the_register_alone(store: Store, message: str) -> None:
    store.commit(Changes(stations=stations({"S": {}})), **BY, at=when(5))
    changes, said, error = REFUSED[message]
    with pytest.raises(error, match=message):
        store.commit(changes, **{**BY, "at": when(5), **said})
    assert store.revision() == 1
    assert store.stations().index.tolist() == ["S"]
    assert store.layers() == []


def test_of_two_writers_from_one_base_the_second_must_look_again(store: Store, url: str) -> None:
    with Store.open(url) as other:
        other.commit(Changes(stations=stations({"A": {}})), **BY, at=when(0), base=0)
        with pytest.raises(StoreConflictError):
            store.commit(Changes(stations=stations({"B": {}})), **BY, at=when(0), base=0)
        store.commit(Changes(stations=stations({"B": {}})), **BY, at=when(0), base=1)
        assert other.stations().index.tolist() == ["A", "B"]


def test_writers_at_the_same_time_wait_for_each_other(store: Store, url: str) -> None:
    def write(writer: int) -> list[int]:
        with Store.open(url, busy_s=30) as mine:
            frames = [stations({f"{writer}-{turn}": {}}) for turn in range(10)]
            return [mine.commit(Changes(one), **BY, at=when(0)).number for one in frames]

    with ThreadPoolExecutor(4) as pool:
        numbers = sorted(chain.from_iterable(pool.map(write, range(4))))
    assert numbers == list(range(1, 41))
    assert [len(store.stations(number)) for number in numbers] == numbers


def test_readers_keep_the_old_state_until_a_commit_is_whole(store: Store, url: str) -> None:
    seen: list[tuple[int, int, int, int]] = []
    with Store.open(url) as reader:

        def look(done: int, total: int) -> None:
            seen.append((done, total, reader.revision(), len(reader.stations())))

        many = stations({f"S{number:04d}": {} for number in range(2500)})
        store.commit(Changes(stations=many, layers=(PARKS,)), **BY, at=when(0), progress=look)
        assert seen == [(1, 2501, 0, 0), (2001, 2501, 0, 0), (2501, 2501, 0, 0)]
        assert (reader.revision(), len(reader.stations())) == (1, 2500)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ZeroDivisionError])
def test_a_commit_that_is_interrupted_never_was(store: Store, stop: type[BaseException]) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == total:
            raise stop

    with pytest.raises(stop):
        store.commit(Changes(stations=ONE), **BY, at=when(0), progress=interrupt)
    assert store.revision() == 0
    assert store.stations().empty
    store.commit(Changes(stations=ONE), **BY, at=when(0))


values = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["甲", "乙", ""]),
        "capacity": st.sampled_from([None, 0, 1]),
        "synthetic": st.booleans(),
        "lon": st.sampled_from([0.0, -0.0, 5e-324]),
    },
)
registers = st.dictionaries(st.sampled_from("abcde"), values, max_size=5)


@few(20)
@given(registers, registers)
def test_changed_rows_agrees_with_comparing_records(
    new: dict[str, dict[str, Any]], old: dict[str, dict[str, Any]]
) -> None:
    ours = {record["id"]: record for record in station_records(stations(new))}
    theirs = {record["id"]: record for record in station_records(stations(old))}
    both = sorted(ours.keys() & theirs.keys())
    added, changed, unchanged = changed_rows(stations(new)[::-1], stations(old))
    assert added.tolist() == sorted(ours.keys() - theirs.keys())
    assert changed.tolist() == [key for key in both if ours[key] != theirs[key]]
    assert unchanged.tolist() == [key for key in both if ours[key] == theirs[key]]


def test_changed_rows_sees_one_moved_corner() -> None:
    moved = shapely.Polygon([(102, 24), (102.5, 24), (102.5, 24.5), (102, 24.500000001)])
    old = sites({"p": {"geometry": SQUARE}, "q": {"geometry": HOLED}})
    new = sites({"p": {"geometry": moved}, "q": {"geometry": HOLED}})
    assert [ids.tolist() for ids in changed_rows(new, old)] == [[], ["p"], ["q"]]
    with pytest.raises(UsageError, match="same columns"):
        changed_rows(new, stations({"p": {}}))


def test_what_is_stored_again_is_unchanged(store: Store) -> None:
    frame = stations(ODD)
    store.commit(Changes(stations=frame), **BY, at=when(0))
    assert [len(ids) for ids in changed_rows(frame, store.stations())] == [0, 0, len(ODD)]


def test_closing_twice_is_fine(url: str) -> None:
    with contextlib.closing(Store.open(url, create=True)) as store:
        store.close()
