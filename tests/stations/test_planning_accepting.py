"""Accepted actions become planned stations, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from shapely import Point

from geodata.errors import UsageError
from stations import coverage
from stations.planning.accepting import accept, record_id
from stations.planning.kinds import BUILDS
from stations.planning.saving import SavedPlan
from stations.registry import Registry
from stations.store import Changes
from tests.stations.planning_world import AT, places, scheme_of, store_in, wish
from tests.stations.worlds import stations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stations.store import Store

LATER = AT + timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_in(tmp_path) as made:
        yield made


@pytest.fixture
def plan(store: Store) -> SavedPlan:
    return SavedPlan.of(scheme_of(store, wish(budgets=(800_000,))), evidence=0)


def test_all_of_a_plan_in_one_revision(store: Store, plan: SavedPlan) -> None:
    before, asked = store.stations(), plan.wish
    made = accept(plan, None, store, who="王芳", at=LATER)
    assert made is not None
    assert (made.number, made.who) == (2, "王芳")
    assert made.summary["stations_added"] == len(plan.actions)
    assert made.summary["stations_changed"] == 0
    assert made.why.startswith("采纳方案：")
    after = store.stations()
    pd.testing.assert_frame_equal(after.loc[before.index], before)
    planned = after[after["status"] == "planned"]
    assert sorted(planned.index) == sorted(record_id(each) for each in plan.actions)
    ones, others = (
        coverage.truth(Registry.load(store, number), asked.need).total() for number in (1, 2)
    )
    assert ones == others  # what is planned is no claim of today


def test_the_records_say_what_is_to_be(store: Store, plan: SavedPlan) -> None:
    accept(plan, None, store, who="x", at=LATER)
    after = store.stations()
    by_kind = {each["kind"]: each for each in plan.actions}
    built = after.loc[f"plan-{by_kind['build_smart']['place']}"]
    assert built["kind"] == "smart"
    assert built["opening_hours"] == "24/7"
    assert "toilet" in built["amenities"].split(";")
    assert built["name"].startswith("候选")
    assert "规划：新建智能站，第1年" in built["name"]
    assert built["geometry"].equals(Point(by_kind["build_smart"]["lon"], 25.0005))
    changed = [each for each in plan.actions if each["station"]]
    assert changed
    for action in changed:
        record, today = after.loc[record_id(action)], after.loc[action["station"]]
        assert record["geometry"].equals(today["geometry"])
        assert set(action["amenities"]) <= set(record["amenities"].split(";"))
        assert set(today["amenities"].split(";")) <= set(record["amenities"].split(";"))
        if action["opening_hours"]:
            assert record["opening_hours"] == action["opening_hours"]
        assert today["status"] == "active"


def test_a_second_time_adds_nothing(store: Store, plan: SavedPlan) -> None:
    first = plan.actions[0]["id"]
    assert accept(plan, [first], store, who="x", at=LATER) is not None
    assert accept(plan, [first], store, who="x", at=LATER) is None
    assert store.revision() == 2
    rest = accept(plan, None, store, who="x", at=LATER, why="其余")
    assert rest is not None
    assert rest.summary["stations_added"] == len(plan.actions) - 1
    assert rest.why == "其余"
    assert accept(plan, None, store, who="x", at=LATER) is None


def test_what_the_register_has_otherwise_is_refused(store: Store, plan: SavedPlan) -> None:
    accept(plan, None, store, who="x", at=LATER)
    built = next(record_id(each) for each in plan.actions if each["place"])
    done = store.stations().loc[[built]].assign(status="active")
    store.commit(Changes(done), who="x", why="建成", at=LATER)
    with pytest.raises(UsageError, match=f"has {built} already, 使用中 active"):
        accept(plan, None, store, who="x", at=LATER)
    assert store.revision() == 3


def refused(store: Store, plan: SavedPlan, ids: Any, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        accept(plan, ids, store, who="x", at=LATER)
    assert store.revision() == 1


def test_ids_the_plan_has_not(store: Store, plan: SavedPlan) -> None:
    refused(store, plan, ["build_smart:moon"], "no action 'build_smart:moon'")
    refused(store, plan, [], "name the actions")
    nothing = SavedPlan.of(scheme_of(store, wish(budgets=(0,))), evidence=0)
    refused(store, nothing, None, "no action to accept")


def test_places_that_tell_of_a_restricted_site_stay_inside(store: Store) -> None:
    scheme = scheme_of(store, candidates=places(restricted=True))
    plan = SavedPlan.of(scheme, evidence=0)
    refused(store, plan, None, "where a restricted site is")
    others = [each["id"] for each in plan.actions if not each["place"]]
    assert accept(plan, others, store, who="x", at=LATER) is not None


@pytest.mark.parametrize(
    "change", [{"lon": 102.5}, {"place": "elsewhere"}, {"place": ""}, {"restricted": True}]
)
def test_an_action_that_was_changed_in_the_file_is_refused(
    store: Store, plan: SavedPlan, change: dict[str, Any]
) -> None:
    first = next(each for each in plan.actions if each["kind"] in BUILDS)
    other = replace(plan, answer={**plan.answer, "chosen": [{**first, **change}]})
    with pytest.raises(UsageError, match="changed since it was saved"):
        accept(other, None, store, who="x", at=LATER)
    assert store.revision() == 1


def test_candidates_that_were_moved_in_the_file_are_refused(store: Store, plan: SavedPlan) -> None:
    moved = plan.candidates.set_geometry(plan.candidates.translate(0.001))
    with pytest.raises(UsageError, match="changed since it was saved"):
        accept(replace(plan, candidates=moved), None, store, who="x", at=LATER)


@pytest.mark.parametrize("status", ["closed", "suspended", None])
def test_a_station_that_is_gone_meanwhile(
    store: Store, plan: SavedPlan, status: str | None
) -> None:
    changes = Changes(removed_stations=("a",))
    if status is not None:
        changes = Changes(stations({"a": (Point(102.7, 25), {"status": status})}))
    store.commit(changes, who="x", why="y", at=AT)
    with pytest.raises(UsageError, match="a is no longer a station in use"):
        accept(plan, None, store, who="x", at=LATER)
    assert store.revision() == 2


def test_moves_and_endings_are_planned_beside_the_station(store: Store) -> None:
    row: dict[str, Any] = {
        "station": "a", "name": "候选1", "host": "加油站", "lon": 102.72, "lat": 25.0005,
        "area_code": "530112", "year": 2, "cost": 1, "opening_hours": "", "amenities": [],
        "station_kind": "", "restricted": False,
    }  # fmt: skip
    actions = [
        {**row, "id": "m", "kind": "move", "kinds": ["move"], "zh": "迁移", "place": "c1",
         "into": "c1"},
        {**row, "id": "c", "kind": "close", "kinds": ["close"], "zh": "撤销", "place": "",
         "into": "b"},
        {**row, "id": "u", "kind": "upgrade_24h", "kinds": ["upgrade_24h", "add_amenities"],
         "zh": "升级", "place": "", "into": "", "opening_hours": "24/7", "station_kind": "smart",
         "amenities": ["shower"]},
    ]  # fmt: skip
    made = SavedPlan.of(scheme_of(store), evidence=0)
    plan = SavedPlan(
        made.wish, made.costs, made.candidates, made.inputs, {**made.answer, "chosen": actions}
    )
    assert accept(plan, None, store, who="x", at=LATER) is not None
    after = store.stations()
    moved, closed, better = (
        after.loc[each] for each in ("a+move", "a+close", "a+upgrade_24h+add_amenities")
    )
    assert moved["geometry"].equals(Point(102.72, 25.0005))
    assert (moved["host"], moved["area_code"], moved["opening_hours"]) == (
        "加油站",
        "530112",
        "08:00-20:00",
    )
    assert closed["geometry"].equals(after.loc["a", "geometry"])
    assert closed["name"] == "甲站（规划：撤销，第2年）"
    assert (better["kind"], better["opening_hours"]) == ("smart", "24/7")
    assert better["amenities"] == "toilet;water;shower"
    assert set(after.loc[["a+move", "a+close"], "status"]) == {"planned"}
    assert after.loc["a", "status"] == "active"
