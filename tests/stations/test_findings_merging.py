"""A record that went into another: its evidence and findings go on; the past stays as it was."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from geodata.errors import UsageError
from stations import trust
from stations.audit import findings
from stations.audit.quality.merging import Proposal
from stations.audit.ruling import rulings_frame
from stations.errors import StoreConflictError
from stations.registry import LiveRegistry, Registry
from stations.store import Changes, FindingStep, Store
from stations.trust import Evidence, evidence_frame
from tests.examples import few
from tests.stations.register_samples import BY, stations, when

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

DAY = 1440


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/register.db", create=True) as opened:
        opened.commit(Changes(stations({each: {} for each in "ABC"})), **BY, at=when(0))
        yield opened


def by(minutes: int, who: str = "王芳", why: str = "按程序办理") -> findings.By:
    return findings.By(who, when(minutes), why)


def report(station: str, key: str, minutes: int, outcome: str = "cannot_enter") -> Evidence:
    return Evidence(station, "report", outcome, when(minutes), f"骑手{key}", key=key)


def tell(store: Store, *pieces: Evidence, at: int) -> None:
    store.add_evidence(pieces, received=when(at))


def hear(store: Store, at: int, **more: Any) -> findings.Recorded:
    return findings.hear(store, who="系统", at=when(at), **more)


def merge(store: Store, keep: str, drop: str, at: int) -> None:
    findings.merge(store, Proposal(keep, drop), who="王芳", at=when(at))


def now(store: Store, at: int = 9999 * DAY) -> pd.DataFrame:
    return findings.standing(store.steps(), when(at))


def trusted(store: Store, station: str, at: int) -> float:
    registry = Registry.load(store)
    rows = registry.stations.index.get_indexer([station])
    return float(registry.trust(when(at))[rows[0]])


def ruling(rule: str, station: str, severity: str = "critical", fact: str = "f" * 16) -> Any:
    told = {"rule": rule, "station": station, "severity": severity, "fact": fact}
    return {**told, "evidence": "{}", "proposal": ""}


def found(store: Store, *rulings: Mapping[str, str], at: int, rules: list[str]) -> None:
    findings.record(store, rulings_frame(rulings), who="巡查", at=when(at), rules=rules)


def test_the_kept_record_inherits_what_was_said_from_then_on(store: Store) -> None:
    tell(store, *(report("B", f"r{n}", 1) for n in range(3)), at=1)
    live = LiveRegistry(store, 3600, lambda: 0.0)
    before = trusted(store, "A", 20)
    assert before > 0.7
    merge(store, "A", "B", at=10)
    assert trusted(store, "A", 20) < before / 1.3
    assert trusted(store, "A", 8) == pytest.approx(before, abs=1e-4), "it was not so before"
    past = Registry.load(store, 1)
    assert past.trust(when(20))[1] < past.trust(when(20))[0]
    assert float(live.refresh().trust(when(20))[0]) == trusted(store, "A", 20)
    tell(store, report("B", "late", 12), at=12)
    assert trusted(store, "A", 20) < before / 1.5, "an old link still leads to it"
    assert store.verify().broken is None


def test_of_a_chain_of_mergers_the_last_inherits(store: Store) -> None:
    tell(store, report("A", "a", 1), report("B", "b", 1), at=1)
    merge(store, "A", "B", at=5)
    merge(store, "C", "A", at=6)
    told = trust.inherited(store.evidence(), store.stations().index)
    assert told["station"].tolist() == ["C", "C"]
    assert told["since"].tolist() == [when(6).timestamp()] * 2
    some = store.evidence(stations=["C"])
    assert some["key"].tolist() == ["a", "b", "merged:2", "merged:3"]
    assert store.evidence(stations=["B"])["key"].tolist() == ["b"]


def test_a_record_that_comes_back_has_its_own_again(store: Store) -> None:
    tell(store, report("B", "b", 1), report("B", "c", 1), at=1)
    hear(store, 2)
    merge(store, "A", "B", at=5)
    assert now(store)["station"].tolist() == ["A"]
    store.commit(Changes(stations({"B": {}})), **BY, at=when(6))
    told = trust.inherited(store.evidence(), store.stations().index)
    assert told["station"].tolist() == ["B", "B"]
    hear(store, 7)
    assert now(store)[["station", "state"]].to_numpy().tolist() == [["B", "open"]]


def test_the_findings_of_riders_go_on_with_their_deadline(store: Store) -> None:
    tell(store, report("B", "1", 1), report("B", "2", 1), at=1)
    hear(store, 2)
    findings.assign(store, 1, by(3), assignee="李明", until=date(2026, 2, 1))
    merge(store, "A", "B", at=5)
    frame = now(store)
    assert frame[["station", "state", "assignee", "due"]].to_numpy().tolist() == [
        ["A", "assigned", "李明", "2026-02-01"]
    ]
    assert now(store, 4)["station"].tolist() == ["B"], "as of before the merger"
    assert hear(store, 6) == (0, 0, 0, 0, 1)
    step = store.steps(1).iloc[-1]
    assert (step["step"], step["who"], "merged into A" in step["why"]) == ("move", "王芳", True)
    worked = Evidence("A", "inspection", "worked", when(8), "王芳", key="i")
    tell(store, worked, at=8)
    assert hear(store, 8).gone == 1


def test_of_two_findings_of_one_matter_one_goes_on(store: Store) -> None:
    worked = Evidence("B", "inspection", "worked", when(0), "王芳", key="i")
    tell(store, worked, *(report(s, f"{s}{n}", 1) for s in "AB" for n in range(2)), at=1)
    hear(store, 2)
    merge(store, "A", "B", at=5)
    frame = now(store)
    assert frame["state"].tolist() == ["open", "verified"]
    assert "the same as finding 1" in frame["why"].tolist()[1]
    assert hear(store, 6) == (0, 0, 0, 0, 1)


def test_a_settled_one_stays_settled_and_an_open_one_is_not_lost(store: Store) -> None:
    tell(store, report("B", "1", 1), report("B", "2", 1), at=1)
    hear(store, 2)
    findings.settle(store, 1, by(3))
    merge(store, "A", "B", at=5)
    assert now(store)[["station", "state"]].to_numpy().tolist() == [["A", "settled"]]
    assert hear(store, 6) == (0, 0, 0, 0, 1)
    tell(store, report("C", "3", 7), report("C", "4", 7), at=7)
    hear(store, 8)
    merge(store, "A", "C", at=9)
    assert now(store)["state"].tolist() == ["reopened", "verified"]
    assert hear(store, 10) == (0, 0, 0, 0, 1)


def test_an_inspection_of_the_one_answers_reports_of_the_other(store: Store) -> None:
    tell(store, report("B", "1", 1), report("B", "2", 1), at=1)
    hear(store, 2)
    tell(store, Evidence("A", "inspection", "worked", when(3), "王芳", key="i"), at=3)
    merge(store, "A", "B", at=5)
    assert now(store)["state"].tolist() == ["verified"]
    assert hear(store, 6) == (0, 0, 0, 0, 0)


def test_what_the_register_said_ends_with_the_record_and_so_does_its_doubt(store: Store) -> None:
    rules = ["place.null_island", "twin.duplicate", "hours.seen"]
    wrong = [ruling(rule, "B") for rule in rules[:2]]
    found(store, *wrong, ruling("hours.seen", "B", "minor"), at=1, rules=rules)
    merge(store, "A", "B", at=5)
    frame = now(store).set_index("rule")
    assert frame["state"].to_dict() == {
        "place.null_island": "verified", "twin.duplicate": "verified", "hours.seen": "open",
    }  # fmt: skip
    assert frame.loc["hours.seen", "station"] == "A"
    told = trust.inherited(store.evidence(), store.stations().index)
    assert told["until"].tolist() == [when(5).timestamp()]
    assert store.verify().broken is None


def test_a_merger_that_fails_changes_nothing(store: Store) -> None:
    tell(store, report("B", "1", 1), report("B", "2", 1), at=1)
    hear(store, 2)
    store.commit(Changes(stations({"C": {"host": "x"}})), **BY, at=when(3))
    with pytest.raises(StoreConflictError):
        findings.merge(store, Proposal("A", "B"), who="王芳", at=when(5), base=1)
    store.add_steps([FindingStep("back", when(1512), "a", "b", 1)], base=1, received=when(1512))
    with pytest.raises(UsageError, match="not before the newest step"):
        merge(store, "A", "B", at=60)
    assert (store.revision(), store.evidence_number(), len(store.stations())) == (2, 2, 3)


def test_the_desks_doubt_is_taken_back_when_the_register_was_put_right(store: Store) -> None:
    rules = ["datum.upload"]
    sure = trusted(store, "A", 1)
    found(store, ruling(rules[0], "A"), at=1, rules=rules)
    assert trusted(store, "A", 2) < sure - 0.1
    found(store, at=5, rules=rules)
    assert trusted(store, "A", 6) == sure
    assert trusted(store, "A", 2) < sure - 0.1, "what was doubted then was doubted then"
    found(store, ruling(rules[0], "A"), at=7, rules=rules)
    assert trusted(store, "A", 8) < sure - 0.1
    findings.assign(store, 1, by(9), assignee="李明")
    findings.fix(store, 1, by(10, "李明"))
    assert trusted(store, "A", 10) < sure - 0.1, "a word is no proof"
    findings.verify(store, 1, by(11), visited=False)
    assert trusted(store, "A", 12) == sure
    findings.reopen(store, 1, by(13))
    assert trusted(store, "A", 13) < sure - 0.1
    findings.settle(store, 1, by(14))
    assert trusted(store, "A", 15) == sure
    kinds = store.evidence()["kind"].tolist()
    assert kinds == ["report", "withdrawal"] * 3
    assert store.verify().broken is None


def test_nobody_verifies_their_own_fix(store: Store) -> None:
    found(store, ruling("hours.never_open", "A", "major"), at=1, rules=["hours.never_open"])
    findings.assign(store, 1, by(2), assignee="李明")
    findings.fix(store, 1, by(3, "李明"))
    with pytest.raises(UsageError, match="fixed by 李明: somebody else verifies it"):
        findings.verify(store, 1, by(4, " 李明 "), visited=True)
    assert store.evidence_number() == 0
    findings.verify(store, 1, by(4, "李明"), visited=False, alone=True)
    assert '"alone":true' in store.steps(1)["details"].tolist()[-1]
    findings.reopen(store, 1, by(5))
    findings.fix(store, 1, by(6, "王芳"))
    findings.verify(store, 1, by(7, "李明"), visited=False)
    assert "alone" not in store.steps(1)["details"].tolist()[-1]


def test_nor_by_an_inspection_of_their_own(store: Store) -> None:
    tell(store, report("A", "1", 1), report("A", "2", 1), at=1)
    hear(store, 2)
    findings.assign(store, 1, by(3), assignee="李明")
    findings.fix(store, 1, by(4, "李明"))
    tell(store, Evidence("A", "inspection", "worked", when(5), "李明", key="own"), at=5)
    assert hear(store, 6).gone == 0
    assert now(store)["state"].tolist() == ["fixed"]
    tell(store, Evidence("A", "inspection", "worked", when(7), "王芳", key="other"), at=7)
    assert hear(store, 8, stations=["A"]).gone == 1


pieces = st.builds(
    Evidence,
    station=st.sampled_from("ABC"),
    kind=st.sampled_from(["report", "report", "report", "inspection"]),
    outcome=st.sampled_from(["cannot_enter", "cannot_see"]),
    at=st.integers(0, 300).map(when),
    who=st.just("甲"),
    note=st.just(""),
    key=st.integers(0, 10_000).map(str),
)


@settings(max_examples=5, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(told=st.lists(pieces, max_size=12), merged=st.booleans())
def test_hearing_station_by_station_is_hearing_all(
    tmp_path_factory: pytest.TempPathFactory, told: list[Evidence], *, merged: bool
) -> None:
    frames = []
    for way in ("all", "each"):
        path = tmp_path_factory.mktemp(way) / "register.db"
        with Store.open(f"sqlite:///{path}", create=True) as store:
            store.commit(Changes(stations({each: {} for each in "ABC"})), **BY, at=when(0))
            for half in (told[::2], told[1::2]):
                store.add_evidence(half, received=when(400))
                if way == "all":
                    hear(store, 500)
                else:
                    for each in "CAB":
                        hear(store, 500, stations=[each])
                if merged and store.revision() == 1:
                    merge(store, "A", "B", at=500)
            columns = ["rule", "station", "fact", "state"]
            frame = now(store)[columns].sort_values(columns)
            frames.append(frame.reset_index(drop=True))
    assert frames[0].equals(frames[1])


acts = st.lists(
    st.tuples(st.sampled_from("ABCD"), st.sampled_from("ABCD"), st.integers(0, 50)).filter(
        lambda act: act[0] != act[1]
    ),
    max_size=4,
    unique_by=lambda act: act[1],
)


@few(12)
@given(
    st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(0, 50)), max_size=6),
    acts,
    st.sets(st.sampled_from("ABCD")),
    st.integers(0, 60),
)
def test_what_counts_for_whom_is_what_following_the_mergers_says(
    told: list[tuple[str, int]], merged: list[tuple[str, str, int]], held: set[str], at: int
) -> None:
    """One by one: a piece goes from heir to heir, until one is held; those held count it."""
    frame = evidence_frame(
        [
            *(report(station, str(n), minute) for n, (station, minute) in enumerate(told)),
            *(trust.merger(keep, drop, when(m), "王", f"{n}") for n, (keep, drop, m) in
              enumerate(merged)),
        ]
    )  # fmt: skip
    ids = stations({each: {} for each in sorted(held)}).index if held else _none()
    ledger = trust.Ledger.from_frame(frame, ids)
    counts = np.bincount(
        ledger.station[ledger.counting(when(at).timestamp())], minlength=len(ids)
    ).tolist()
    heirs = {drop: (keep, minute) for keep, drop, minute in merged}
    slow = dict.fromkeys(ids.tolist(), 0)
    for station, minute in told:
        holder, since, seen = station, minute, set()
        while holder not in held and holder in heirs and holder not in seen:
            seen.add(holder)
            holder, passed = heirs[holder]
            since = max(since, passed)
        if holder in slow and since <= at:
            slow[holder] += 1
    assert counts == list(slow.values())


def _none() -> Any:
    return stations({"A": {}}).index[:0]


def test_an_act_has_no_outcome_and_says_nothing_of_its_own(store: Store) -> None:
    with pytest.raises(UsageError, match="has no outcome"):
        tell(store, Evidence("A", "merger", "worked", when(1), "王", "B", "m"), at=1)
    tell(store, report("A", "k", 1), at=1)
    sure = trusted(store, "B", 5)
    tell(store, trust.withdrawal("A", "k", when(3), "王"), at=3)
    assert trusted(store, "A", 5) == sure
    tell(store, trust.withdrawal("B", "k", when(3), "王"), at=3)
    assert trusted(store, "B", 5) == sure
