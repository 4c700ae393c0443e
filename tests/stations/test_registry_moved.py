"""A snapshot moved forward is the snapshot loaded anew, in everything."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from queue import Queue
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.geodesy import LonLat
from stations import nearest
from stations.registry import LiveRegistry, Registry
from stations.store import Changes, Store
from stations.trust import Evidence, merger, withdrawal
from tests.stations.register_samples import BY, PARKS, POSTS, sites, stations, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    type Row = dict[str, Any]

NOW = datetime(2026, 11, 24, 4, 7, tzinfo=UTC)  # a Tuesday, 12:07 in Beijing
ASKED = (NOW, NOW + timedelta(hours=9), NOW + timedelta(days=4))
IDS = ["A", "B", "Bb", "C", "驿", "é"]
VAN = '[{"lon": 102.71, "lat": 25.01, "hours": "Mo-Fr 08:00-14:00", "name": "东门"}, '
VAN += '{"lon": 102.75, "lat": 25.0, "hours": "Mo-Fr 15:00-20:00", "until": "2026-12-31"}]'
CELLS: Mapping[str, list[Any]] = {
    "name": ["驿站", "x,y(z)|"],
    "kind": ["standard", "smart", "mobile"],
    "amenities": ["", "toilet", "toilet;water", "toilet;charging"],
    "opening_hours": ["", "24/7", "Mo-Fr 08:00-20:00", "sunrise-sunset", "?", "09:00-12:30"],
    "access": ["", "walk_in", "qr_code"],
    "host": ["", "银行", "加油站", "某单位"],
    "capacity": [None, 5],
    "area_code": ["", "530114", "530102"],
    "status": ["active", "active", "active", "closed", "planned"],
    "phone": ["", "0871-1"],
    "calendar": ["workdays", "weekdays"],
    "host_hours": ["", "10:00-22:00"],
    "amenity_hours": ["", '{"toilet": "08:00-12:00"}', '{"water": "13:00-14:00"}'],
    "closures": ["", '[{"from": "2026-11-20", "to": "2026-11-26", "reason": "装修"}]'],
    "access_hours": ["", '{"qr_code": "11:00-13:00"}', '{"key": "20:00-24:00"}'],
    "door_asks": ["", "no_uniform_ok"],
    "ebike_parking": [None, 0, 3],
    "truck_bays": [None, 1],
    "places": ["", "", VAN, VAN.replace("102.71", "102.69")],
    "synthetic": [True, False],
    "lon": [102.7, 102.71, 102.8],
    "lat": [25.0, 25.02],
}
QUESTIONS: tuple[Row, ...] = (
    {},
    {"at": NOW, "open_": "arrival", "needs": ("toilet",)},
    {"at": NOW, "open_": "arrival", "access": ("qr_code",), "stay": 30.0},
    {"at": NOW, "open_": "now", "ebike": True},
    {"at": NOW + timedelta(hours=3), "by": "time", "needs": ("toilet", "water"), "mode": "car"},
)


@dataclass
class Said:
    """What one revision, or some evidence, says."""

    cells: dict[str, Row] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    layer: str = ""
    pieces: list[tuple[str, str, str]] = field(default_factory=list)
    """Station, kind, and the other station or the key of what is taken back."""


cells = st.fixed_dictionaries({}, optional={n: st.sampled_from(v) for n, v in CELLS.items()})
said = st.builds(
    Said,
    cells=st.dictionaries(st.sampled_from(IDS), cells, max_size=3),
    removed=st.lists(st.sampled_from(IDS), max_size=1),
    layer=st.sampled_from(["", "", "parks", "border_posts"]),
    pieces=st.lists(
        st.tuples(
            st.sampled_from(IDS),
            st.sampled_from(["check_in", "report", "inspection", "withdrawal", "merger"]),
            st.sampled_from(IDS),
        ),
        max_size=3,
    ),
)


BEGIN = Said(
    {
        "A": {"amenities": "toilet;water", "amenity_hours": '{"toilet": "08:00-12:00"}'},
        "B": {"access": "qr_code", "ebike_parking": 3, "lon": 102.71},
        "C": {"places": VAN, "kind": "mobile", "amenities": "toilet"},
        "é": {"opening_hours": "", "host_hours": "10:00-22:00", "status": "closed"},
    },
    layer="parks",
    pieces=[("B", "report", ""), ("A", "inspection", "")],
)


class Desk:
    """A store that is written to, and what it holds now."""

    def __init__(self, store: Store) -> None:
        self.store, self._minute = store, 0
        self.rows: dict[str, Row] = {}
        self.ever: set[str] = set()

    def write(self, what: Said) -> None:
        """Record as much of what is said as can be."""
        self._minute += 1
        changed = {id_: self.rows.get(id_, {}) | row for id_, row in what.cells.items()}
        removed = [id_ for id_ in what.removed if id_ in self.rows and id_ not in changed]
        changes = Changes(stations(changed), tuple(removed), **self._layers(what.layer))
        if not changes.empty:
            self.store.commit(changes, **BY, at=when(self._minute))
        self.rows = {id_: row for id_, row in (self.rows | changed).items() if id_ not in removed}
        self.ever |= self.rows.keys()
        self.store.add_evidence([*self._pieces(what.pieces)], received=when(10_000))

    def _layers(self, name: str) -> dict[str, Any]:
        if not name:
            return {}
        shape = shapely.Point(102 + self._minute / 100, 24)
        about = {"layers": (PARKS if name == "parks" else POSTS,)}
        return {**about, "sites": {name: sites({f"s{self._minute}": {"geometry": shape}})}}

    def _pieces(self, told: Iterable[tuple[str, str, str]]) -> Iterable[Evidence]:
        for number, (station, kind, other) in enumerate(told):
            key, at = f"{self._minute}-{number}", when(600 + self._minute)
            if station not in self.ever:
                continue
            if kind == "merger":
                yield merger(station, other, at, "王芳", key)
            elif kind == "withdrawal":
                yield withdrawal(station, f"{self._minute - 1}-0", at, "王芳")
            else:
                outcome = "cannot_enter" if kind == "report" else "worked"
                who = "王芳" if number or kind == "inspection" else ""
                yield Evidence(station, kind, outcome, at, who, key=key)


def differing(one: Registry, other: Registry) -> None:
    """Fail where two snapshots are not equal in everything that can be asked of them."""
    assert one.revision == other.revision
    assert_geodataframe_equal(one.stations, other.stations)
    assert list(one.layers) == list(other.layers)
    for name, layer in one.layers.items():
        assert layer.info == other.layers[name].info
        assert_geodataframe_equal(layer.sites, other.layers[name].sites)
    ids = other.stations.index.tolist()
    for name in ("lon", "lat", "amenity_masks", "active"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name
    assert [one.record(row) for row in range(len(ids))] == [*map(other.record, range(len(ids)))]
    assert [one.position_of(id_) for id_ in ids] == [*range(len(ids))]
    for name in ("name", "amenities", "truck_bays"):
        assert set(one.column(name).used()) == set(other.column(name).used())
    same_hours(one.timetable, other.timetable)
    assert one.timetable.week(None).open.tolist() == other.timetable.week(None).open.tolist()
    for needs in ((), ("toilet",), ("toilet", "water")):
        assert one.offers(needs).tolist() == other.offers(needs).tolist()
        same_hours(one.timetable_for(needs), other.timetable_for(needs))
        for mine, its in ((one, other), (one.stands, other.stands)):
            (index, rows), (anew, expected) = mine.offering(needs), its.offering(needs)
            assert rows.tolist() == expected.tolist()
            assert index.lon.tolist() == anew.lon.tolist()
            assert index.lat.tolist() == anew.lat.tolist()
        same_hours(one.stands.timetable_for(needs), other.stands.timetable_for(needs))
    same_stands(one, other)
    same_trust(one, other)
    assert answers(one) == answers(other)


def same_hours(one: Any, other: Any) -> None:
    assert len(one) == len(other)
    for row in range(len(other)):
        assert one.posted(row) == other.posted(row)
    for at in ASKED:
        assert one.states(at).tolist() == other.states(at).tolist()
    assert one.open_through(NOW, 30.0).tolist() == other.open_through(NOW, 30.0).tolist()


def same_stands(one: Registry, other: Registry) -> None:
    mine, its = one.stands, other.stands
    for name in ("station", "lon", "lat", "active"):
        assert getattr(mine, name).tolist() == getattr(its, name).tolist(), name
    assert mine.places == its.places
    same_hours(mine.timetable, its.timetable)
    same_hours(mine.there, its.there)
    for datum in ("wgs84", "gcj02", "bd09"):
        for ours, theirs in ((one, other), (mine, its)):
            found, anew = (getattr(each.destinations, datum) for each in (ours, theirs))
            np.testing.assert_array_equal(found, anew)


def same_trust(one: Registry, other: Registry) -> None:
    for name in ("success", "failure"):
        assert getattr(one.priors, name).tolist() == getattr(other.priors, name).tolist()
    for name, mine in vars(one.ledger).items():
        assert np.asarray(mine).tolist() == np.asarray(getattr(other.ledger, name)).tolist(), name
    assert one.trust(NOW).tolist() == other.trust(NOW).tolist()
    assert one.moment(NOW).most == other.moment(NOW).most
    for row in range(len(other.stations)):
        assert one.standing(row, NOW) == other.standing(row, NOW)


def answers(registry: Registry) -> list[Any]:
    """Return what riders are told."""
    told: list[Any] = []
    for asked in QUESTIONS:
        found = nearest.find(registry, LonLat(102.705, 25.001), limit=3, **asked)
        told += [found.why_none, *((hit.station, hit.said, hit.links) for hit in found)]
    return told


def checked(store: Store, sayings: Iterable[Said]) -> None:
    """Write one after the other, and compare what followed with what is loaded."""
    desk, live = Desk(store), LiveRegistry(store, 0.0, lambda: 0.0)
    later = LiveRegistry(store, 0.0, lambda: 0.0, begun=live.begun)
    for number, what in enumerate([BEGIN, *sayings]):
        desk.write(what)
        before = live.begun.fresh
        differing(live.refresh(), Registry.load(store))
        assert live.error is None
        assert live.begun.fresh >= before  # it moved, and was not loaded
        if number % 2:
            differing(later.refresh(), live.current())
            later = LiveRegistry(store, 0.0, lambda: 0.0, begun=later.begun)


@settings(max_examples=10)
@given(st.lists(said, min_size=1, max_size=5))
def test_a_snapshot_moved_is_one_loaded(sayings: list[Said]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(f"sqlite:///{folder}/s.db", create=True) as store,
    ):
        checked(store, sayings)


EDITS = [
    Said({"B": {"phone": "0871-1"}}),
    Said(
        {"A": {"amenities": "toilet", "opening_hours": "09:00-12:30"}}, pieces=[("B", "report", "")]
    ),
    Said({"驿": {"name": "x,y(z)|", "lon": 102.8}, "Bb": {}}, layer="border_posts"),
    Said(removed=["B"], pieces=[("A", "merger", "B"), ("C", "check_in", "")]),
    Said({"B": {"places": VAN}}, ["A"], pieces=[("B", "withdrawal", "")]),
    Said({"C": {"places": "", "status": "closed"}, "é": {"status": "active"}}, layer="parks"),
    Said({"A": {}}),
    Said(removed=["B"]),
]


def test_either_database_is_followed_by_what_changed(url: str) -> None:
    with Store.open(url, create=True) as store:
        checked(store, EDITS)


def test_another_register_put_in_its_place_is_loaded_anew(tmp_path: Path) -> None:
    """Its newest revision is later than ours, and what came before is not what we knew."""
    urls = [f"sqlite:///{tmp_path}/{name}.db" for name in ("ours", "other")]
    stores = [Store.open(url, create=True) for url in urls]
    live = LiveRegistry(stores[0], 0.0, lambda: 0.0)
    for minute, name in enumerate(("A", "B")):
        stores[minute].commit(Changes(stations({name: {}})), **BY, at=when(minute))
    assert live.refresh().station("A")
    stores[1].commit(Changes(stations({"C": {}})), **BY, at=when(3))
    for store in stores:
        store.close()
    for left in tmp_path.glob("ours.db*"):
        left.unlink()
    (tmp_path / "other.db").rename(tmp_path / "ours.db")
    assert live.refresh().stations.index.tolist() == ["B", "C"]
    stores[0].close()


def test_much_at_once_is_loaded_anew(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/s.db", create=True) as store:
        desk, live = Desk(store), LiveRegistry(store, 0.0, lambda: 0.0)
        desk.write(BEGIN)
        assert live.refresh() is live.current()
        assert live.begun.fresh == len(BEGIN.cells)
        desk.write(Said({f"S{number}": {} for number in range(300)}))
        assert len(live.refresh().stations) == len(desk.rows)
        assert live.begun.fresh == 0


def test_a_follower_keeps_up_and_nobody_waits_for_it(tmp_path: Path) -> None:
    told: Queue[int] = Queue()
    go_on = Event()

    def prepare(registry: Registry) -> None:
        told.put(registry.revision)
        assert registry.revision < 2 or go_on.wait(20)

    with Store.open(f"sqlite:///{tmp_path}/s.db", create=True) as store:
        live = LiveRegistry(store, 0.001, lambda: 0.0, prepare=prepare)
        live.follow()
        for number in range(3):
            assert told.get(timeout=20) == number
            if number < 2:
                change = Changes(stations({"A": {"phone": str(number)}}))
                store.commit(change, **BY, at=when(number))
        assert live.current().revision == 1
        go_on.set()
        assert live.refresh().revision == 2
