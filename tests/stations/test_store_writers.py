"""Processes that write at once: nothing is lost, nothing is there twice."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from geodata.errors import UsageError
from stations.errors import StoreConflictError
from stations.store import ActivityStep, Changes, FindingStep, Store
from stations.trust import Evidence
from tests.stations.register_samples import BY, stations, when

WRITERS, TURNS = 4, 4


def write(url: str, writer: int) -> int:
    """Count up a number all share, tell what all tell, open findings; return what was new."""
    new = 0
    with Store.open(url, busy_s=60) as store:
        for turn in range(TURNS):
            while not _counted(store):
                continue
            _open(store, f"{writer}-{turn}")
            told = [Evidence("shared", "check_in", "worked", when(1), key=f"all-{turn}")]
            told.append(Evidence("shared", "check_in", "worked", when(1), key=f"{writer}-{turn}"))
            new += sum(store.add_evidence(told, received=when(2)))
            store.commit(Changes(stations({f"{writer}-{turn}": {}})), **BY, at=when(3))
    return new


def _counted(store: Store) -> bool:
    base = store.revision()
    count = int(store.stations(base).loc["shared", "capacity"])
    changes = Changes(stations({"shared": {"capacity": count + 1}}))
    try:
        store.commit(changes, **BY, at=when(3), base=base)
    except StoreConflictError:
        return False
    return True


def _open(store: Store, fact: str) -> None:
    step = FindingStep("open", when(4), "王芳", "审计", rule="r", station="shared", fact=fact)
    try:
        store.add_steps([step], base=store.steps_number(), received=when(4))
    except StoreConflictError:
        _open(store, fact)


def test_four_writers_at_once(url: str) -> None:
    with Store.open(url, create=True) as store:
        store.commit(Changes(stations({"shared": {"capacity": 0}})), **BY, at=when(0))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(WRITERS, context) as pool:
        new = list(pool.map(partial(write, url), range(WRITERS)))
    turns = WRITERS * TURNS
    with Store.open(url) as store:
        assert store.verify().broken is None
        assert [each.number for each in store.revisions()] == list(range(1, 2 * turns + 2))
        frame = store.stations()
        assert frame.loc["shared", "capacity"] == turns
        assert len(frame) == turns + 1
        kept = store.evidence()
        assert len(kept) == sum(new) == turns + TURNS
        assert kept.index.tolist() == list(range(1, len(kept) + 1))
        assert kept["key"].is_unique
        steps = store.steps()
        assert steps.index.tolist() == list(range(1, turns + 1))
        assert set(steps["fact"]) == {f"{w}-{t}" for w in range(WRITERS) for t in range(TURNS)}


def test_who_waited_for_their_turn_is_not_refused(url: str) -> None:
    """Both looked at the clock before one of them had to wait for the other."""
    step = FindingStep("open", when(9), "王芳", "审计", rule="r", station="S", fact="f")
    with Store.open(url, create=True) as store:
        for minute, late in ((10, 10), (9, 10), (-1400, 10), (12, 12)):
            made = store.commit(Changes(stations({"S": {"capacity": minute}})), **BY,
                                at=when(minute))  # fmt: skip
            assert made.at == when(late)
            signed = store.sign("bulletin", {"month": "2026-01"}, who="李强", at=when(minute))
            assert signed.at == when(late)
            base = store.steps_number()
            taken = replace(step, at=when(minute), fact=f"{base}")
            store.add_steps([taken], base=base, received=when(minute))
            assert store.steps()["at"].iloc[-1] == when(late)
        changes = Changes(stations({"S": {"capacity": 1}}))
        with pytest.raises(UsageError, match="not before the newest revision"):
            store.commit(changes, **BY, at=when(-1500))
        with pytest.raises(UsageError, match="not before the newest one"):
            store.sign("bulletin", {}, who="李强", at=when(-1500))
        with pytest.raises(UsageError, match="not before the newest step"):
            store.add_steps([replace(step, at=when(-1500))], base=4, received=when(6))
        assert store.revision_at(when(11)) == 3
        assert store.verify().broken is None


def test_whose_stations_a_revision_touched(url: str) -> None:
    with Store.open(url, create=True) as store:
        rows = {"A": {"area_code": "530102"}, "B": {"area_code": "530114"}, "C": {}}
        store.commit(Changes(stations(rows)), **BY, at=when(0))
        store.commit(Changes(stations({"B": {"area_code": "530302"}})), **BY, at=when(1))
        store.commit(Changes(removed_stations=("A", "B")), **BY, at=when(2))
        assert store.areas({1, 2, 3}) == {
            1: {"530102", "530114", store.stations(1).loc["C", "area_code"]},
            2: {"530302"},
            3: {"530102", "530302"},
        }
        assert store.areas(()) == {}
        base = store.activities_number()
        step = ActivityStep("plan", when(3), "王芳", "", {}, "k", station="C")
        assert store.activity_steps_before("k") is None
        assert store.activity_steps_before("\0") is None
        store.add_activity_step(replace(step, key="j"), base=base)
        store.add_activity_step(step, base=base + 1)
        before = store.activity_steps_before("k")
        assert before is not None
        assert before["key"].tolist() == ["j"]
