"""Findings: opened by the audit, mended by people, settled for a fact, and never forgotten."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import MissingError, UsageError
from stations.audit import findings, judge_all
from stations.audit.findings.loop import LIVE, PENDING, STATES, STEPS, due, refuse_illegal, standing
from stations.audit.quality import rules as quality_rules
from stations.audit.ruling import Context, fact_of, rulings_frame
from stations.errors import StoreConflictError
from stations.registry import Registry
from stations.store import Changes, FindingStep, Store
from stations.store._findings import steps_frame
from stations.trust import Evidence
from tests.stations.register_samples import BY, stations, when

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    import pandas as pd

DAY = 1440
RULES = ["place.null_island", "hours.unreadable", "twin.duplicate"]


def ruling(
    rule: str = RULES[1], station: str = "A", fact: object = 1, **more: str
) -> dict[str, str]:
    mark = fact_of({"value": fact})
    told = orjson.dumps({"value": fact}).decode()
    made = {"rule": rule, "station": station, "severity": "minor", "fact": mark}
    return {**made, "evidence": told, "proposal": "", **more}


def by(minutes: int, who: str = "王芳", why: str = "按程序办理") -> findings.By:
    return findings.By(who, when(minutes), why)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url, create=True) as opened:
        rows = {"A": {"area_code": "530114"}, "B": {"area_code": "532901"}}
        opened.commit(Changes(stations(rows)), **BY, at=when(0))
        yield opened


def record(store: Store, *rulings: dict[str, str], at: int) -> findings.Recorded:
    frame = rulings_frame(rulings)
    return findings.record(store, frame, who="巡查", at=when(at), rules=RULES)


def now(store: Store, at: int = 9999 * DAY) -> pd.DataFrame:
    return findings.standing(store.steps(), when(at))


def cells(store: Store, *names: str) -> list[Any]:
    """Return what the first finding says."""
    return [now(store)[name].tolist()[0] for name in names]


def state(store: Store, finding: int = 1, at: int = 9999 * DAY) -> str:
    return str(now(store, at).loc[finding, "state"])


def test_an_audit_opens_what_is_new_and_keeps_what_is_open(store: Store) -> None:
    one, two = ruling(), ruling(RULES[2], "B", severity="major", proposal='{"host": "x"}')
    assert record(store, one, two, two, at=1) == (2, 0, 0, 0, 0)
    assert record(store, one, two, at=2) == (0, 0, 0, 0, 2)
    frame = now(store, 2)
    assert frame["state"].tolist() == ["open", "open"]
    assert frame["due"].tolist() == ["2026-01-31", "2026-01-16"]
    assert frame["proposal"].tolist() == ["", '{"host": "x"}']
    assert frame["evidence"].tolist() == ['{"value":1}'] * 2
    assert now(store, 0).empty
    assert store.steps_number() == 2


def test_from_an_audit_to_a_verification(store: Store, tmp_path: Path) -> None:
    record(store, ruling(), at=1)
    photo = tmp_path / "门.jpg"
    photo.write_bytes(b"abc")
    findings.assign(store, 1, by(2), assignee=" 李明 ", until=date(2026, 1, 5))
    assert cells(store, "state", "assignee", "due") == [
        "assigned", "李明", "2026-01-05",
    ]  # fmt: skip
    findings.fix(store, 1, by(3, "李明", "改好了"), proof=[photo])
    findings.reopen(store, 1, by(4, why="没改好"))
    assert cells(store, "state", "assignee", "due", "why") == [
        "reopened", "李明", "2026-01-31", "没改好",
    ]  # fmt: skip
    findings.fix(store, 1, by(5, "李明"))
    findings.verify(store, 1, by(6), visited=False)
    assert state(store) == "verified"
    steps = store.steps(1)
    assert steps["step"].tolist() == ["open", "assign", "fix", "reopen", "fix", "verify"]
    assert steps["who"].tolist()[1:3] == ["王芳", "李明"]
    [proof] = orjson.loads(steps["details"].tolist()[2])["proof"]
    assert proof["sha256"].startswith("ba7816bf8f01cfea")  # of "abc", as FIPS 180-4 gives it
    assert (proof["name"], proof["bytes"]) == ("门.jpg", 3)
    assert [state(store, at=minute) for minute in range(1, 7)] == [
        "open", "assigned", "fixed", "reopened", "fixed", "verified",
    ]  # fmt: skip
    assert store.evidence_number() == 0
    assert store.verify().broken is None


def test_what_the_audit_sees_no_more_is_verified_and_what_it_sees_again_is_not(
    store: Store,
) -> None:
    record(store, ruling(), at=1)
    findings.assign(store, 1, by(2), assignee="李明")
    findings.fix(store, 1, by(3))
    assert record(store, ruling(), at=4).returned == 1
    assert state(store) == "reopened"
    assert record(store, at=5).gone == 1
    assert state(store) == "verified"
    assert record(store, at=6) == (0, 0, 0, 0, 0)
    assert record(store, ruling(), at=7).returned == 1
    assert cells(store, "assignee") == ["李明"]
    other = findings.record(
        store, rulings_frame([]), who="巡查", at=when(8), rules=["place.null_island"]
    )
    assert other.gone == 0, "another rule's silence says nothing"


def test_what_becomes_unknown_is_not_mended(store: Store) -> None:
    record(store, ruling(), at=1)
    vague = ruling(evidence='{"verdict":"unknown"}', fact=2)
    assert record(store, vague, at=2) == (0, 0, 0, 0, 0)
    assert state(store) == "open"
    assert record(store, at=3).gone == 1


def test_a_false_alarm_is_settled_for_that_fact(store: Store) -> None:
    record(store, ruling(fact=1), at=1)
    findings.settle(store, 1, by(2, why="招牌如此"))
    for minute in (3, 4):
        assert record(store, ruling(fact=1), at=minute) == (0, 0, 0, 0, 1)
    assert record(store, at=5) == (0, 0, 0, 0, 0)
    assert record(store, ruling(fact=2), at=6).opened == 1
    assert now(store)["state"].tolist() == ["settled", "open"]


def test_a_waiver_holds_to_the_end_of_its_last_day_in_beijing(store: Store) -> None:
    record(store, ruling(), at=1)
    findings.waive(store, 1, by(2, why="待搬迁"), until=date(2026, 1, 10))
    last = 10 * DAY - 8 * 60 - 1  # 2026-01-10T23:59 in Beijing
    assert record(store, ruling(), at=3).kept == 1
    assert (state(store, at=last), state(store, at=last + 1)) == ("waived", "reopened")
    frame = now(store, last + 1)
    assert (frame["due"].tolist(), frame["overdue"].tolist()) == (["2026-02-09"], [False])
    assert record(store, ruling(), at=last + 1).kept == 1
    findings.assign(store, 1, by(last + 2), assignee="李明")
    assert record(store, at=last + 3).gone == 1


def test_a_day_is_overdue_when_it_is_over_in_beijing(store: Store) -> None:
    record(store, ruling(severity="critical"), at=0)
    end = 4 * DAY - 8 * 60  # 2026-01-05T00:00 in Beijing; due on the 4th
    assert now(store, end - 1)["overdue"].tolist() == [False]
    assert now(store, end)["overdue"].tolist() == [True]
    findings.assign(store, 1, by(1), assignee="李明", until=date(2026, 1, 4))
    findings.fix(store, 1, by(2))
    assert now(store, end)["overdue"].tolist() == [False]


def test_an_illegal_step_names_what_is_allowed(store: Store) -> None:
    record(store, ruling(), at=1)
    for step, wrong in (("fix", findings.fix), ("reopen", findings.reopen)):
        said = f"finding 1 is open: {step} cannot follow, only assign, waive, settle, confirm"
        with pytest.raises(UsageError, match=said):
            wrong(store, 1, by(2))
    with pytest.raises(UsageError, match="only assign, waive"):
        findings.verify(store, 1, by(2), visited=True)
    with pytest.raises(MissingError, match="no finding 7"):
        findings.fix(store, 7, by(2))
    with pytest.raises(UsageError, match="not over"):
        findings.waive(store, 1, by(2), until=date(2025, 12, 31))
    with pytest.raises(UsageError, match="why"):
        findings.settle(store, 1, by(2, why=" "))
    with pytest.raises(UsageError, match="cannot_enter"):
        findings.confirm(store, 1, by(2), seen="worked")
    with pytest.raises(UsageError, match="not among the rules that ran"):
        record(store, ruling("other.rule"), at=2)
    assert (store.steps_number(), store.evidence_number()) == (1, 0)


STEP_NAMES = st.lists(st.sampled_from([*STEPS]), max_size=12)


def _model(taken: list[str]) -> str:
    """Walk the loop step by step, the slow way; a step that is not allowed is left out."""
    current = "open"
    for step in taken:
        if current in STEPS[step].allowed:
            current = STEPS[step].to or current
    return current


@settings(max_examples=60)
@given(st.lists(STEP_NAMES, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_where_findings_stand_is_what_their_steps_amount_to(
    taken: list[list[str]], random: Any
) -> None:
    """Steps of several findings, mingled: each finding follows its own."""
    details = {"severity": "minor", "evidence": "{}", "proposal": "", "due": "2026-02-01",
               "assignee": "甲", "until": "2099-01-01"}  # fmt: skip
    text = orjson.dumps(details).decode()
    rows = [
        (number, number, "open", when(0), "w", "y", text, "r.x", "S", str(number))
        for number in range(1, len(taken) + 1)
    ]
    states = dict.fromkeys(range(1, len(taken) + 1), "open")
    ahead = [(number, step) for number, steps in enumerate(taken, 1) for step in steps]
    order = sorted(range(len(ahead)), key=lambda at: (random.random(), at))
    queues = {number: iter(steps) for number, steps in enumerate(taken, 1)}
    for place in order:
        finding = ahead[place][0]
        step = next(queues[finding])
        if states[finding] not in STEPS[step].allowed:
            with pytest.raises(UsageError, match=f"finding {finding} is {states[finding]}"):
                refuse_illegal(step, finding, states[finding])
            continue
        states[finding] = STEPS[step].to or states[finding]
        made = (len(rows) + 1, finding, step, when(len(rows)), "w", "y", text, "", "", "")
        rows.append(made)
    found = standing(steps_frame(rows), when(len(rows)))
    assert found["state"].to_dict() == states
    assert states == {number: _model(steps) for number, steps in enumerate(taken, 1)}


def test_the_loop_has_no_dead_end_that_is_not_meant() -> None:
    reached = {move.to for move in STEPS.values() if move.to}
    assert reached == set(STATES)
    for each in STATES:
        onward = [name for name, move in STEPS.items() if each in move.allowed and move.to]
        assert onward, each
    assert set(LIVE) < set(PENDING) < set(STATES)
    days = [due(severity, date(2026, 1, 1)) for severity in ("critical", "major", "minor", "note")]
    assert all(sooner < later for sooner, later in pairwise(days))


def test_lists_narrow_by_what_is_asked(store: Store) -> None:
    rulings = [
        ruling(RULES[0], "A", severity="critical"),
        ruling(RULES[1], "A"),
        ruling(RULES[1], "B"),
        ruling(RULES[2], "B", severity="major"),
    ]
    record(store, *rulings, at=1)
    findings.assign(store, 1, by(2), assignee="李明", until=date(2026, 1, 2))

    def ids(at: int = 3, **asked: Any) -> list[int]:
        found = findings.listed(now(store, at), store.stations(), findings.Wanted(**asked))
        return found.index.tolist()

    assert ids() == [2, 4, 1, 3]
    assert ids(area="53") == ids()
    assert ids(area="5301") == [2, 1]
    assert ids(rules=("hours",)) == [1, 3]
    assert ids(rules=("hours.unreadable", "place")) == [2, 1, 3]
    assert ids(rules=("hour",)) == []
    assert ids(severities=("critical", "major")) == [2, 4]
    assert ids(states=("assigned",)) == ids(assignee="李明") == [1]
    assert ids(station="B", rules=("twin",)) == [4]
    assert ids(at=5 * DAY, overdue=True) == [2, 1]
    store.commit(Changes(removed_stations=("B",)), **BY, at=when(5))
    assert ids(station="B") == [4, 3]
    assert ids(area="53", station="B") == []
    for bad in ({"states": ("done",)}, {"severities": ("bad",)}, {"area": "云南"}):
        with pytest.raises(UsageError):
            ids(**bad)
    found = findings.listed(now(store, 3), store.stations(), findings.Wanted())
    told = findings.records(found)
    assert [each["id"] for each in told] == found.index.tolist()
    assert told[0]["title"]["en"] == findings.titles()[RULES[0]].en
    assert orjson.loads(orjson.dumps(told)) == told
    assert findings.sheet(found).shape == (4, 17)


def test_the_real_rules_from_breach_to_mended(store: Store) -> None:
    """A register with a wrong position: found, put right by a revision, verified by the audit."""
    wrong = stations({"A": {"lon": 0.0, "lat": 0.0, "area_code": "530114"}})
    store.commit(Changes(wrong), **BY, at=when(1))
    place = [rule for rule in quality_rules() if rule.id == "place.null_island"]

    def audited(at: datetime) -> findings.Recorded:
        rulings = judge_all(place, Context(Registry.load(store), at))
        return findings.record(store, rulings, who="巡查", at=at, rules=[place[0].id])

    assert audited(when(2)).opened == 1
    doubt = store.evidence()
    assert doubt[["station", "kind", "outcome"]].to_numpy().tolist() == [
        ["A", "report", "wrong_place"]
    ]
    assert audited(when(3)).kept == 1
    assert store.evidence_number() == 1
    store.commit(Changes(stations({"A": {}})), **BY, at=when(4))
    assert audited(when(5)).gone == 1
    assert state(store) == "verified"
    assert store.evidence()["kind"].tolist() == ["report", "withdrawal"]
    store.commit(Changes(wrong), **BY, at=when(6))
    assert audited(when(7)).returned == 1
    assert store.evidence_number() == 3
    assert findings.hear(store, who="巡查", at=when(8)).opened == 0, "the desk is no rider"


def test_two_steps_at_once_do_not_both_count(store: Store) -> None:
    record(store, ruling(), at=1)
    base = store.steps_number()
    findings.assign(store, 1, by(2), assignee="李明")
    with pytest.raises(OSError, match="read them again"):
        store.add_steps([FindingStep("waive", when(3), "a", "b", 1)], base=base, received=when(3))
    late = Evidence("A", "inspection", "worked", when(9), "王芳", key="x")
    with pytest.raises(UsageError, match="clock"):
        store.add_steps(
            [FindingStep("fix", when(3), "a", "b", 1)], base=base + 1, seen=[late],
            received=when(3),
        )  # fmt: skip
    assert store.steps_number() == base + 1
    assert now(store)["since"].tolist() == [when(2)]


def test_a_platforms_list_is_recorded_and_closes_nothing_it_cannot_see(tmp_path: Path) -> None:
    chenggong, dali = {"lon": 102.801, "lat": 24.889}, {"lon": 100.2, "lat": 25.6}
    rows = {"A": {"name": "南门街驿站", **chenggong}, "B": {"name": "北门街驿站", **dali}}
    missing = [rule for rule in quality_rules() if rule.id.startswith(("platform", "datum"))]
    with Store.open(f"sqlite:///{tmp_path}/r.db", create=True) as store:
        store.commit(Changes(stations(rows)), **BY, at=when(0))

        def updated(at: int, *listed: str, where: Any = None) -> findings.Recorded:
            there = chenggong if where is None else where
            told = {name: {"name": name, **there} for name in listed}
            platform = stations(told) if told else None
            context = Context(Registry.load(store), when(at), platform=platform)
            return findings.update(store, context, missing, who="巡查")

        assert updated(1).opened == 0, "without a list nothing is missing from it"
        assert updated(2, "东门街驿站").opened == 1
        assert now(store)[["rule", "station"]].to_numpy().tolist() == [["platform.missing", "A"]]
        assert updated(3).gone == 0, "without the list nobody can tell"
        assert updated(4, "西门街驿站", where=dali).gone == 0, "a list of another county"
        assert updated(5, "南门街驿站").gone == 1
        assert now(store)["state"].tolist() == ["verified", "open"]


def test_what_was_seen_with_an_aid_is_not_gone_without_it(store: Store) -> None:
    told = rulings_frame([ruling("datum.record"), ruling("hours.unreadable")])
    rules = ["datum.record", "hours.unreadable"]

    def run(at: int, *aids: str, found: Any = None) -> findings.Recorded:
        rulings = rulings_frame([]) if found is None else found
        return findings.record_run(
            store, rulings, findings.Run(rules, aids), who="巡查", at=when(at)
        )

    assert run(1, "platform", found=told).opened == 2
    assert run(2, "roads").gone == 1
    assert now(store)["state"].tolist() == ["open", "verified"]
    assert run(3, "platform", "roads").gone == 1


def test_a_step_by_a_clock_that_is_behind_is_taken_with_the_newest(store: Store) -> None:
    record(store, ruling(), ruling(RULES[2], "B"), at=1)
    findings.confirm(store, 2, by(9), seen="cannot_see")
    findings.assign(store, 1, by(5), assignee="李明")
    findings.confirm(store, 1, by(7), seen="cannot_enter")
    assert store.steps(1)["at"].tolist() == [when(1), when(9), when(9)]
    assert store.evidence()["at"].tolist() == [when(9), when(9)]


def test_of_two_desks_that_saw_the_same_only_one_takes_its_step(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(store, ruling(), ruling(RULES[2], "B"), at=1)
    real = store.add_steps

    def busy(*told: Any, **more: Any) -> list[int]:
        """Let others in between the reading and the writing."""
        monkeypatch.setattr(store, "add_steps", real)
        findings.assign(store, taken, by(2)._replace(after=taken), assignee="张三")
        return real(*told, **more)

    taken = 1
    monkeypatch.setattr(store, "add_steps", busy)
    with pytest.raises(StoreConflictError, match="newer step, assign"):
        findings.assign(store, 1, by(2)._replace(after=1), assignee="李明")
    assert cells(store, "assignee") == ["张三"]
    taken = 2
    monkeypatch.setattr(store, "add_steps", busy)
    findings.fix(store, 1, by(3)._replace(after=3))  # the other finding is no matter
    assert state(store) == "fixed"
