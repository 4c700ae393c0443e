"""Plans kept with what they were made of, made again, and set side by side."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from shapely import Point

from geodata.errors import FileFormatError
from stations.errors import RevisionMissingError
from stations.planning import CostTable, candidates
from stations.planning.beside import beside
from stations.planning.replaying import replay
from stations.planning.saving import SavedPlan, register_fingerprint
from stations.registry import Registry
from stations.report.spoken import Said
from stations.store import Changes
from stations.trust import Evidence
from tests.stations.planning_world import AT, places, scheme_of, store_in, wish
from tests.stations.worlds import stations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stations.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_in(tmp_path) as made:
        yield made


def saved(store: Store, **more: Any) -> SavedPlan:
    return SavedPlan.of(scheme_of(store, wish(**more)), evidence=store.evidence_number())


def test_a_file_holds_all_of_it(store: Store, tmp_path: Path) -> None:
    plan = SavedPlan.of(
        scheme_of(store),
        evidence=0,
        candidates_from="候选.xlsx",
        notes=[Said("未核对水域", "water unchecked")],
    )
    path = tmp_path / "plan.json"
    path.write_bytes(plan.to_bytes())
    again = SavedPlan.read(path)
    assert again.to_bytes() == plan.to_bytes()
    assert again.wish == plan.wish
    assert again.costs == CostTable.default()
    assert candidates.fingerprint(again.candidates) == plan.inputs["candidates"]
    told = json.loads(path.read_text("utf-8"))
    assert {"chosen", "objective", "bound", "gap", "status", "before", "after"} <= told.keys()
    assert {"reasons", "method", "wish", "inputs"} <= told.keys()
    assert told["inputs"]["candidates_from"] == "候选.xlsx"
    assert told["inputs"]["network"] is None
    summary = plan.summary()
    assert "prices" not in summary
    assert "candidates" not in summary


def test_the_same_question_gives_the_same_bytes(store: Store) -> None:
    assert saved(store).to_bytes() == saved(store).to_bytes()


def test_a_replay_is_the_same_plan_whatever_came_since(store: Store, tmp_path: Path) -> None:
    plan = saved(store)
    later = stations({"a": (Point(102.8, 25), {}), "z": (Point(102.74, 25), {})})
    store.commit(Changes(later), who="x", why="y", at=AT + timedelta(days=1))
    piece = Evidence("a", "check_in", "worked", AT, who="x", note="", key="k")
    store.add_evidence([piece], received=AT + timedelta(days=1))
    found = replay(plan, store)
    assert found.same
    assert found.plan.to_bytes() == plan.to_bytes()
    path = tmp_path / "p.json"
    path.write_bytes(plan.to_bytes())
    assert replay(SavedPlan.read(path), store).same


def test_a_replay_says_what_differs(store: Store, tmp_path: Path) -> None:
    plan = saved(store)
    told = json.loads(plan.to_bytes())
    for price in told["prices"]:
        if price["action"] == "build_smart":
            price["yuan"] *= 3
    told["candidates"][4]["lon"] += 1
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(told), "utf-8")
    found = replay(SavedPlan.read(path), store)
    said = " ".join(each.en for each in found.differs)
    assert not found.same
    for text in ("prices in the file", "candidates in the file", "build_smart:c5", "objective"):
        assert text in said
    assert "another register" not in said
    (tmp_path / "other").mkdir()
    with store_in(tmp_path / "other") as other:
        moved = stations({"a": (Point(102.9, 25), {})})
        other.commit(Changes(moved), who="x", why="y", at=AT)
        with pytest.raises(RevisionMissingError):
            replay(SavedPlan.of(scheme_of(other), evidence=0), store)
        register = Registry.load(other, 2)
        assert register_fingerprint(register, "work_sites") != plan.inputs["register"]
        assert (
            register_fingerprint(Registry.load(other, 1), "work_sites") == plan.inputs["register"]
        )


def test_an_impossible_wish_is_kept_and_replayed_too(store: Store, tmp_path: Path) -> None:
    plan = saved(store, cover_all=True, budgets=(300_000,))
    assert plan.answer["status"] == "infeasible"
    path = tmp_path / "p.json"
    path.write_bytes(plan.to_bytes())
    again = SavedPlan.read(path)
    assert again.actions == ()
    assert replay(again, store).same


def test_two_plans_side_by_side(store: Store) -> None:
    cheap, dear = saved(store), saved(store, budgets=(800_000,))
    same = beside(cheap, cheap)
    assert not same.differs
    assert list(same.said()) == []
    assert same.shared == len(cheap.actions)
    found = beside(cheap, dear)
    assert found.differs
    assert found.wishes == ("budgets",)
    assert found.inputs == ()
    mine, theirs = ({each["id"] for each in plan.actions} for plan in (cheap, dear))
    assert {each["id"] for each in found.only_a} == mine - theirs
    assert {each["id"] for each in found.only_b} == theirs - mine
    assert found.shared + len(found.changed) == len(mine & theirs)
    figures = {each.name: (each.a, each.b) for each in found.figures}
    assert figures["cost"][0] <= 400_000 < figures["cost"][1] <= 800_000
    assert figures["share_after"][0] < figures["share_after"][1]
    assert sum(row["b"] - row["a"] for row in found.counties) == pytest.approx(
        figures["covered_after"][1] - figures["covered_after"][0]
    )
    json.dumps(found.as_dict())
    years = beside(cheap, saved(store, budgets=(0, 400_000)))
    assert [old["id"] for old, _ in years.changed] == [each["id"] for each in cheap.actions]
    assert any("year 1 → 2" in each.en for each in years.said())


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.pop("wish"),
        lambda told: told.pop("chosen"),
        lambda told: told["inputs"].pop("revision"),
        lambda told: told.update(format="recipe"),
        lambda told: told.update(version=2),
        lambda told: told.update(prices="free"),
        lambda told: told["candidates"].append({"id": 3}),
        lambda told: told["wish"].update(layer=None, sites=-1),
        lambda told: told["chosen"].append({"id": "x"}),
        lambda told: told["chosen"][0].pop("lon"),
        lambda told: told["inputs"].update(revision="1"),
        lambda told: told["inputs"].update(evidence=None),
        lambda told: told.update(before=3),
        lambda told: told.update(counties=None),
    ],
)
def test_a_damaged_file_is_refused(store: Store, tmp_path: Path, change: Any) -> None:
    told = json.loads(saved(store, sites=1).to_bytes())
    change(told)
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(told), "utf-8")
    with pytest.raises(FileFormatError, match=r"bad\.json is no saved plan"):
        SavedPlan.read(path)


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", "{" * 3000])
def test_what_is_no_plan(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, "utf-8")
    with pytest.raises(FileFormatError, match="no saved plan"):
        SavedPlan.read(path)
    with pytest.raises(FileFormatError, match=r"absent\.json"):
        SavedPlan.read(tmp_path / "absent.json")


def test_restricted_places_are_marked_in_the_file(store: Store) -> None:
    scheme = scheme_of(store, candidates=places(restricted=True))
    plan = SavedPlan.of(scheme, evidence=0)
    assert plan.candidates["restricted"].all()
    assert [each["restricted"] for each in plan.actions] == [
        each["kind"].startswith("build") for each in plan.actions
    ]
