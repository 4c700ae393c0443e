"""Editing by hand: what a form says, what differs, what a change taken back leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from geodata.errors import FaultyDataError, ForbiddenError, UsageError
from stations import editing
from stations.editing.differing import ORDER, columns_of
from stations.editing.form import frame_of, read
from stations.editing.history import Touched
from stations.editing.undoing import _overlaid, _restored
from stations.errors import StoreConflictError
from stations.registry import Registry
from stations.schema import STATION_COLUMNS
from stations.store import Changes, Revision, Store, station_records
from tests.stations import worlds
from tests.stations.register_samples import BY, when

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FULL: dict[str, Any] = {
    "name": "甲站",
    "amenities": "toilet;shower",
    "opening_hours": "Mo-Fr 08:00-18:00",
    "amenity_hours": '{"shower": "09:00-17:00"}',
    "access_hours": '{"qr_code": "20:00-08:00"}',
    "closures": '[{"from": "2026-02-15", "to": "2026-02-21", "reason": "装修"}]',
    "door_asks": "phone",
    "capacity": 20,
    "truck_bays": 3,
    "entrance_lon": 102.8011,
    "entrance_lat": 24.8891,
    "area_code": "530114",
    "kind": "mobile",
    "places": '[{"lon": 102.81, "lat": 24.9, "hours": "Mo-Fr 08:00-12:00", "name": "东门",'
    ' "position_in": "102.8115,24.9029"}]',
    "position_in": "102.8025,24.8919",
    "datum_in": "gcj02",
    "datum_by": "operator",
}
PLACE = (102.801, 24.889)
AS_USUAL = "周一至周五8:00-20:00，节假日照常"


def anywhere(_: str) -> bool:
    return True


def mine(code: str) -> bool:
    return code.startswith("5301")


def by(reaches: editing.Reaches = anywhere, at: int = 9) -> editing.By:
    return editing.By("王芳", "更正", when(at), reaches)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'e.db'}", create=True) as made:
        rows = {"A": (Point(*PLACE), FULL), "B": (Point(102.72, 25.04), {"area_code": "530102"})}
        made.commit(Changes(stations=worlds.stations(rows)), **BY, at=when(1))
        yield made


def change(store: Store, id_: str = "A", **fields: str) -> editing.Saved:
    registry = Registry.load(store)
    sent = editing.Sent(fields)
    return editing.edit(store, registry, id_, sent, by(), base=registry.revision)


def record(store: Store, id_: str = "A") -> dict[str, Any]:
    return station_records(store.stations().loc[[id_]])[0]


def test_a_form_sent_back_whole_changes_nothing(store: Store) -> None:
    old = store.stations().loc[["A"]]
    form = editing.form_of(record(store))
    found = read("A", form, "wgs84", old)
    assert (found.faults, found.warnings) == ([], [])
    now = station_records(found.frame[list(old.columns)])[0]
    assert {k for k in now if now[k] != record(store)[k]} <= {"datum_in", "datum_by", "position_in",
                                                              "places"}  # fmt: skip
    place = {name: form.pop(name) for name in ("lon", "lat")}
    assert place
    found = read("A", form, "wgs84", old)
    assert_geodataframe_equal(found.frame[list(old.columns)], old)
    assert_geodataframe_equal(frame_of(record(store))[list(old.columns)], old)


@pytest.mark.parametrize(
    "name", ["name", "amenities", "closures", "places", "capacity", "entrance"]
)
def test_what_is_not_sent_stays_to_the_last_digit(store: Store, name: str) -> None:
    before = record(store)
    sent = {
        "name": {"name": "新名"},
        "amenities": {"amenities": "如厕"},
        "closures": {"closures": ""},
        "places": {"places": "周六 09:00-11:00 @102.82,24.9"},
        "capacity": {"capacity": ""},
        "entrance": {"entrance_lon": "", "entrance_lat": ""},
    }[name]
    change(store, **sent)
    now = record(store)
    changed = {key for key in now if now[key] != before[key]}
    assert changed == (set(sent) - {"entrance_lat", "entrance_lon"} or set(sent))


def test_an_amenitys_words_are_read_by_the_calendar_that_stays(store: Store) -> None:
    old = store.stations().loc[["A"]]
    words = {"amenity_hours": "淋浴：周一至周五9点到17点，节假日照常"}
    assert len(read("A", words, "wgs84", old).warnings) == 1
    found = read("A", words, "wgs84", old.assign(calendar="weekdays"))
    assert found.warnings == []
    row = found.frame.loc["A"]
    assert (row["calendar"], row["amenity_hours"]) == (
        "weekdays",
        '{"shower": "Mo-Fr 09:00-17:00"}',
    )


@pytest.mark.parametrize(
    ("first", "then", "calendar"),
    [
        ({"opening_hours": AS_USUAL}, {"opening_hours": "Mo-Fr 08:00-21:00"}, "weekdays"),
        ({"calendar": "weekdays"}, {"opening_hours": "周一至周五8点到21点"}, "weekdays"),
        ({"host_hours": AS_USUAL, "opening_hours": ""}, {"host_hours": "24/7"}, "weekdays"),
        ({"opening_hours": "24/7"}, {"opening_hours": AS_USUAL}, "weekdays"),
        ({"opening_hours": AS_USUAL}, {"opening_hours": "24/7", "calendar": ""}, "workdays"),
        ({"opening_hours": "Mo 08:00-09:00"}, {"host_hours": AS_USUAL}, "workdays"),
    ],
)
def test_the_calendar_stays_unless_hours_ask_for_one(
    store: Store, first: dict[str, str], then: dict[str, str], calendar: str
) -> None:
    change(store, **first)
    change(store, **then)
    assert record(store)["calendar"] == calendar


def test_places_typed_in_another_datum_than_the_pin(store: Store) -> None:
    registry = Registry.load(store)
    sent = editing.Sent({"places": "@102.8175,24.897 西门"}, "bd09")
    editing.edit(store, registry, "A", sent, by(), base=registry.revision)
    now = record(store)
    assert now["datum_in"] == "gcj02"
    assert "position_in" not in now["places"]
    assert '"lon": 102.8175' not in now["places"]


def test_nothing_and_nonsense_are_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="nothing is changed"):
        change(store, name="甲站")
    with pytest.raises(UsageError, match="no field"):
        change(store, names="x")
    with pytest.raises(UsageError, match="together"):
        change(store, lon="102")
    with pytest.raises(FaultyDataError) as caught:
        change(store, name="", capacity="x", area_code="99")
    assert {each.field for each in caught.value.faults} == {"name", "capacity", "area_code"}
    assert store.revision() == 1


def test_ones_area_is_where_it_was_where_it_goes_and_the_ground(store: Store) -> None:
    registry = Registry.load(store)
    outside = {"lon": "103.8", "lat": "25.5"}  # Qujing

    def edit(fields: dict[str, str], reaches: editing.Reaches) -> None:
        editing.edit(store, registry, "A", editing.Sent(fields), by(reaches), base=1, dry=True)

    edit({"name": "x"}, mine)
    for fields in (outside, {**outside, "area_code": "530114"}, {"area_code": "530302"}):
        with pytest.raises(ForbiddenError):
            edit(fields, mine)
    with pytest.raises(ForbiddenError):
        edit({"name": "x"}, lambda code: code == "530102")
    edit({"places": "周六 09:00-11:00 @102.83,24.91"}, mine)
    with pytest.raises(ForbiddenError, match=r"a place of its timetable is in 5303\d\d"):
        edit({"places": "周五 09:00-11:00 @102.83,24.91;周六 09:00-11:00 @103.8,25.5"}, mine)
    edit({"places": "周五 09:00-11:00 @103.8,25.5"}, anywhere)
    away = FULL | {"places": '[{"lon": 103.8, "lat": 25.5}]'}
    changes = Changes(stations=worlds.stations({"A": (Point(*PLACE), away)}))
    store.commit(changes, **BY, at=when(2))
    registry = Registry.load(store)
    sent = editing.Sent({"places": "周五 09:00-11:00 @103.8,25.5 老地方"})  # was there
    editing.edit(store, registry, "A", sent, by(mine), base=2, dry=True)


def test_undo_is_a_new_revision_with_the_old_fields(store: Store) -> None:
    before = record(store)
    first = change(store, name="改名", capacity="5").revision
    change(store, phone="0871-1")
    assert first is not None
    made = editing.undo(store, "A", first.number, 3, by())
    assert {each.field for each in made.changes} == {"name", "capacity"}
    assert record(store) == before | {"phone": "0871-1"}
    again = editing.undo(store, "A", made.revision.number, 4, by())
    assert record(store)["name"] == "改名"
    change(store, name="第三名")
    for number in (first.number, again.revision.number):
        with pytest.raises(StoreConflictError, match="名称"):
            editing.undo(store, "A", number, 6, by())
    editing.undo(store, "A", first.number, 6, by(), anyway=True)
    assert record(store)["name"] == before["name"]
    with pytest.raises(StoreConflictError, match="after 6"):
        editing.undo(store, "A", first.number, 6, by())


def test_a_station_removed_comes_back_and_goes_again(store: Store) -> None:
    before = store.stations()
    editing.undo(store, "A", 1, 1, by())
    assert list(store.stations().index) == ["B"]
    with pytest.raises(ForbiddenError):
        editing.undo(store, "A", 2, 2, by(lambda code: code == "530102"))
    editing.undo(store, "A", 2, 2, by())
    assert_geodataframe_equal(store.stations(), before)


def test_a_whole_revision_is_undone_or_nothing(store: Store) -> None:
    rows = {
        "A": (Point(*PLACE), {**FULL, "name": "误导入"}),
        "C": (Point(102.73, 25.0), {"area_code": "530111"}),
    }
    before = store.stations()
    store.commit(Changes(stations=worlds.stations(rows)), **BY, at=when(2))
    change(store, phone="0871-2")
    with pytest.raises(ForbiddenError):
        editing.undo_revision(store, 2, by(lambda code: code == "530114"))
    made = editing.undo_revision(store, 2, by())
    assert made.stations == 2
    before.loc["A", "phone"] = "0871-2"
    assert_geodataframe_equal(store.stations(), before)
    change(store, name="x")
    change(store, "B", name="y")
    with pytest.raises(StoreConflictError, match="A"):
        editing.undo_revision(store, 2, by())
    assert store.revision() == 6


def test_a_whole_removal_is_undone_where_one_is_back_already(store: Store) -> None:
    before = store.stations()
    store.commit(Changes(removed_stations=("A", "B")), **BY, at=when(2))
    editing.undo(store, "A", 2, 2, by())
    assert editing.undo_revision(store, 2, by()).stations == 1
    assert_geodataframe_equal(store.stations(), before)


NAMES = ("name", "phone", "capacity", "status")
RECORDS = st.tuples(*[st.sampled_from("abc")] * len(NAMES)).map(
    lambda drawn: (
        dict.fromkeys((*STATION_COLUMNS, "lon", "lat"), "") | dict(zip(NAMES, drawn, strict=True))
    )
)


@given(RECORDS, RECORDS, RECORDS)
def test_undo_by_brute_force(
    before: dict[str, Any], after: dict[str, Any], now: dict[str, Any]
) -> None:
    """Its fields become what they were, all others stay; refused if one is a third thing now."""
    mine = [name for name in NAMES if before[name] != after[name]]
    third = [name for name in mine if now[name] not in {before[name], after[name]}]
    assert _overlaid(before, after, now) == bool(third)
    revision = Revision(2, when(2), "x", "y", {})
    then = _restored(Touched(revision, before, after, []), now)
    assert then == now | {name: before[name] for name in mine}


def test_every_column_is_a_field_and_every_field_is_told(store: Store) -> None:
    assert {column for field in ORDER for column in columns_of(field)} == {
        *STATION_COLUMNS, "lon", "lat",
    }  # fmt: skip
    told = {each.field: each for each in editing.changes(None, record(store))}
    assert told["amenity_hours"].after.zh == "淋浴 09:00-17:00"
    assert told["closures"].after.en == "2026-02-15 to 2026-02-21 装修"
    assert "GCJ-02" in told["position"].after.zh
    assert told["places"].after.zh.endswith("东门")
    for each in told.values():
        assert each.title.zh
        assert each.title.zh != each.field
        assert each.after.zh
        assert each.after.en
