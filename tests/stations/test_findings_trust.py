"""Riders' reports become findings, and the rider's nearest answer changes the same minute."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.geodesy import LonLat
from stations import nearest
from stations.audit import findings
from stations.audit.findings.terms import terms
from stations.audit.ruling import rulings_frame
from stations.registry import LiveRegistry
from stations.store import Changes, Store
from stations.trust import OUTCOMES, Evidence, evidence_frame
from tests.examples import few
from tests.stations.register_samples import BY, stations, when

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE = LonLat(102.7000, 25.0)
DAY = 1440


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/register.db", create=True) as opened:
        near, far = {"lon": 102.7010}, {"lon": 102.6978}
        every = {"opening_hours": "24/7"}
        opened.commit(Changes(stations({"A": near | every, "B": far | every})), **BY, at=when(0))
        yield opened


def by(minutes: int, why: str = "现场查看") -> findings.By:
    return findings.By("王芳", when(minutes), why)


def report(key: str, minutes: int, outcome: str = "cannot_enter") -> Evidence:
    return Evidence("A", "report", outcome, when(minutes), f"骑手{key}", key=key)


def hear(store: Store, at: int) -> findings.Recorded:
    return findings.hear(store, who="系统", at=when(at))


def test_from_a_report_to_a_verification_and_the_answer_all_the_way(store: Store) -> None:
    """The rider's best station, and the trust shown: before, during and after."""
    live = LiveRegistry(store, 3600, lambda: 0.0)

    def answer(at: int) -> tuple[str, float]:
        registry = live.refresh()
        hits = nearest.find(
            registry, HERE, limit=2, at=when(at), open_="arrival", by="time", stay=5
        )
        rows = registry.stations.index
        return hits[0].station["id"], float(registry.trust(when(at))[rows.tolist().index("A")])

    before, sure = answer(10)
    assert before == "A"

    sent = [report(f"rider{n}", 11) for n in range(4)]
    store.add_evidence(sent, received=when(11))
    assert hear(store, 11) == (1, 0, 0, 0, 0)
    [finding] = findings.standing(store.steps(), when(11)).index
    findings.assign(store, finding, by(12), assignee="李明")
    findings.confirm(store, finding, by(13, "门锁着"), seen="cannot_enter")
    during, doubted = answer(13)
    assert during == "B"
    assert doubted < sure / 1.5
    assert hear(store, 13) == (0, 0, 0, 0, 1), "the inspection confirms the same finding"

    findings.fix(store, finding, findings.By("李明", when(DAY), "换了门锁"))
    assert answer(DAY)[0] == "B", "a word is no visit"
    findings.verify(store, finding, by(DAY + 5), visited=True)
    after, again = answer(DAY + 5)
    assert after == "A"
    assert again > doubted
    assert hear(store, DAY + 6) == (0, 0, 0, 0, 0)
    assert findings.standing(store.steps(), when(DAY + 6))["state"].tolist() == ["verified"]
    assert store.verify().broken is None


def test_an_inspection_that_finds_it_working_closes(store: Store) -> None:
    store.add_evidence([report("1", 1), report("2", 2)], received=when(2))
    assert hear(store, 2).opened == 1
    worked = Evidence("A", "inspection", "worked", when(5), "王芳", key="i")
    store.add_evidence([worked], received=when(5))
    assert hear(store, 5).gone == 1
    later = [report("3", 9), report("4", 9)]
    store.add_evidence(later, received=when(9))
    assert hear(store, 9).opened == 1, "another locked door, another finding"


def test_an_inspection_of_another_matter_ends_nothing(store: Store) -> None:
    store.add_evidence([report("1", 1), report("2", 2)], received=when(2))
    assert hear(store, 2).opened == 1
    sign = Evidence("A", "inspection", "cannot_see", when(5), "王芳", key="i")
    store.add_evidence([sign], received=when(5))
    assert hear(store, 5) == (1, 0, 0, 0, 1)
    states = findings.standing(store.steps(), when(5)).set_index("rule")["state"]
    assert states.to_dict() == {"told.cannot_enter": "open", "told.cannot_see": "open"}


@pytest.mark.parametrize("over", ["fixed", "verified"])
def test_what_was_mended_returns_by_a_new_report_only(store: Store, over: str) -> None:
    store.add_evidence([report("1", 1), report("2", 2)], received=when(2))
    hear(store, 2)
    findings.assign(store, 1, by(3), assignee="李明")
    findings.fix(store, 1, findings.By("李明", when(4), "换了门锁"))
    if over == "verified":
        findings.verify(store, 1, by(5), visited=False)
    assert hear(store, 6) == (0, 0, 0, 0, 1)
    assert findings.standing(store.steps(), when(6))["state"].tolist() == [over]
    store.add_evidence([report("3", 7)], received=when(7))
    assert hear(store, 7).returned == 1


def test_more_reports_are_the_same_finding(store: Store) -> None:
    for number in range(6):
        store.add_evidence([report(str(number), number)], received=when(number))
        opened = hear(store, number).opened
        assert opened == (number == 1)
    assert len(findings.standing(store.steps(), when(9))) == 1


def test_nobody_in_particular_is_one_voice_for_an_hour(store: Store) -> None:
    """Whatever time is told: it is when they came in that counts, and trust counts each at once."""
    calls = [(0, 0), (1, -300), (59, 59), (60, 60), (70, 70), (119, 119), (120, 120), (121, 121)]
    opened = []
    for number, (came, told) in enumerate(calls):
        piece = Evidence("A", "report", "cannot_enter", when(1000 + told), key=str(number))
        store.add_evidence([piece], received=when(1000 + came))
        opened.append(hear(store, 1000 + came).opened)
    assert opened == [0, 0, 0, 0, 0, 0, 1, 0], "two are not enough where nobody gave a name"
    found = findings.standing(store.steps(), when(1200))
    assert (found["rule"].tolist(), found["severity"].tolist()) == (
        ["told.cannot_enter"],
        ["critical"],
    )


def test_one_name_and_one_nobody_are_two_voices(store: Store) -> None:
    said = [report("甲", 1), Evidence("A", "report", "cannot_enter", when(1), key="nobody")]
    store.add_evidence(said[1:], received=when(1))
    assert hear(store, 1).opened == 0
    store.add_evidence(said[:1], received=when(1))
    assert hear(store, 1).opened == 1


def test_one_anonymous_word_that_it_is_closed_for_good_is_looked_into(store: Store) -> None:
    gone = Evidence("A", "report", "closed_for_good", when(1), key="nobody")
    store.add_evidence([gone], received=when(1))
    assert hear(store, 1).opened == 1


def test_reports_are_taken_up_by_a_finding_about_the_same_matter(store: Store) -> None:
    made = {"rule": "place.outside_county", "station": "A", "severity": "major", "fact": "f" * 16}
    rulings = rulings_frame([{**made, "evidence": "{}", "proposal": ""}])
    findings.record(store, rulings, who="系统", at=when(1), rules=["place.outside_county"])
    wrong = [report(str(number), 2, "wrong_place") for number in range(2)]
    store.add_evidence(wrong, received=when(2))
    assert hear(store, 2) == (0, 0, 0, 1, 0)
    assert hear(store, 3).backed == 0
    assert store.steps(1)["step"].tolist() == ["open", "back"]
    findings.settle(store, 1, by(4))
    assert hear(store, 5).opened == 1, "the other one is over: now it stands for itself"


def test_a_finding_of_the_desk_is_doubt_only_if_it_is_grave(store: Store) -> None:
    rows = [
        {"rule": rule, "station": "A", "severity": severity, "fact": str(number) * 16,
         "evidence": "{}", "proposal": ""}
        for number, (rule, severity) in enumerate(
            [("datum.upload", "critical"), ("datum.record", "major"), ("twin.x", "critical")]
        )
    ]  # fmt: skip
    ids = [row["rule"] for row in rows]
    findings.record(store, rulings_frame(rows), who="系统", at=when(1), rules=ids)
    assert store.evidence()["outcome"].tolist() == ["wrong_place"]
    findings.record(store, rulings_frame(rows), who="系统", at=when(2), rules=ids)
    assert store.evidence_number() == 1


pieces = st.builds(
    Evidence,
    station=st.sampled_from("AB"),
    kind=st.sampled_from(["inspection", "report", "report", "report", "check_in"]),
    outcome=st.sampled_from(["worked", "cannot_enter", "cannot_see"]),
    at=st.integers(0, 4 * DAY).map(lambda minute: when(minute - minute % 25)),
    who=st.sampled_from(["", "甲"]),
    note=st.just(""),
    key=st.sampled_from(["k1", "k2", "k3", "finding:1"]),
)


def _hours_apart(said: list[Evidence], outcome: str) -> list[float]:
    """Return the seconds of anonymous reports of an outcome that are an hour or more apart."""
    chosen: list[float] = []
    for second in sorted(r.at.timestamp() for r in said if r.outcome == outcome and not r.who):
        if not chosen or second >= chosen[-1] + 3600:
            chosen.append(second)
    return chosen


def _slow(pieces: list[Evidence], at: int) -> set[tuple[str, str]]:
    """Say which station has which finding, one by one."""
    rows = [row for row in pieces if row.at <= when(at)]
    found = set()
    for station in "AB":
        mine = [row for row in rows if row.station == station]
        visits = [row for row in mine if row.kind == "inspection"]
        last = max((row.at for row in visits if row.outcome == "worked"), default=None)
        failed = [row for row in visits if row.outcome != "worked"]
        found |= {(station, r.outcome) for r in failed if last is None or r.at >= last}
        said = [
            r
            for r in mine
            if r.kind == "report" and r.key != "finding:1" and (last is None or r.at > last)
        ]
        voices = {(r.outcome, r.who, (r.at.timestamp() + 8 * 3600) // 86400) for r in said if r.who}
        voices |= {(o, "", s) for o in OUTCOMES for s in _hours_apart(said, o)}
        counts = Counter(outcome for outcome, *_ in voices)
        named = {outcome for outcome, who, _ in voices if who}
        for outcome, number in counts.items():
            least = {"cannot_enter": 2, "cannot_see": 3}[outcome] + (outcome not in named)
            found |= {(station, outcome)} if number >= least else set()
    return found


@few(30)
@given(st.lists(pieces, max_size=16), st.integers(0, 4 * DAY))
def test_what_reports_amount_to_is_what_counting_says(found: list[Evidence], at: int) -> None:
    real = [p for p in found if not (p.kind != "inspection" and (p.outcome == "worked"))]
    told = findings.reported(evidence_frame(real), when(at))
    named = set(zip(told["station"], told["rule"].str.removeprefix("told."), strict=True))
    assert named == _slow(real, at)
    assert len(told) == len(named)


def test_every_outcome_that_can_be_reported_has_its_threshold() -> None:
    assert set(terms().reports) == set(OUTCOMES) - {"worked"}
    assert all(row.threshold >= 1 for row in terms().reports.values())
    assert set(terms().doubts.values()) < set(OUTCOMES)
