"""Visits: what they are as evidence, which steps they take, and that they count once."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import datum as datums
from geodata.errors import MissingError, PositionError, UsageError
from geodata.geodesy import distance_m
from stations import Registry
from stations.audit import SHIPPED, Context, findings, judge, load, visits
from stations.audit.findings import By
from stations.audit.quality import CHECKS, rules
from stations.audit.quality.merging import Proposal
from stations.audit.verdicts import applies
from stations.audit.visits import VisitSent
from stations.audit.visits.form import is_for
from stations.errors import StationMissingError, StoreConflictError
from stations.store import Changes, Store
from stations.trust import Evidence
from tests.web import sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stations.audit.visits import Made

NOW = sample.NOW
AT = "S001"
HOURS = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with sample.filled_store(tmp_path) as filled:
        yield filled


class Inspector:
    """Somebody who goes there; a minute later each time."""

    def __init__(self, store: Store, who: str = "王芳") -> None:
        self.store, self.who, self.now = store, who, NOW
        self._loaded = Registry.load(store)

    @property
    def registry(self) -> Registry:
        """The register as it is, without what was heard since."""
        if self._loaded.revision != self.store.revision():
            self._loaded = Registry.load(self.store)
        return self._loaded

    def sent(self, **told: Any) -> VisitSent:
        marks = {"station": AT, "key": f"k{self.now.timestamp():.0f}", "at": self.now}
        return VisitSent.model_validate({**marks, **told})

    def goes(self, answers: dict[str, Any] | None = None, **told: Any) -> dict[str, Any]:
        """Record a visit; return it as it is listed."""
        self.now += timedelta(minutes=1)
        sent = self.sent(answers=answers or {}, **told)
        made = self.record(sent)
        return self.told(made.number)

    def record(self, sent: VisitSent) -> Made:
        return visits.record(self.store, self.registry, sent, who=self.who, received=self.now)

    def told(self, number: int) -> dict[str, Any]:
        found = visits.listed(self.store, self.registry, visits.Wanted()).loc[[number]]
        [record] = visits.records(self.store, self.registry, found)
        return record

    def trust(self) -> float:
        heard = self.registry.with_evidence(self.store.evidence())
        return float(heard.trust(self.now)[heard.position_of(AT)])

    def standing(self) -> dict[str, str]:
        """Return the rules found broken at the station and how that stands."""
        frame = findings.standing(self.store.steps(), self.now)
        mine = frame[frame["station"] == AT]
        return dict(zip(mine["rule"], mine["state"], strict=True))

    def reports(self, outcome: str, *voices: str) -> None:
        pieces = [Evidence(AT, "report", outcome, self.now, who, key=who) for who in voices]
        self.store.add_evidence(pieces, received=self.now)
        findings.hear(self.store, who="系统", at=self.now)


@pytest.fixture
def wang(store: Store) -> Inspector:
    return Inspector(store)


def steps(visit: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["rule"], each["step"]) for each in visit["findings"]]


def test_a_door_that_opens(wang: Inspector) -> None:
    before = wang.trust()
    visit = wang.goes({"enter.door": "open", "hours.notice": "same", "find.pin": "here"})
    assert (visit["outcome"], visit["findings"], visit["left"]) == ("worked", [], [])
    assert wang.trust() > before
    [piece] = wang.store.evidence().to_dict("records")
    assert (piece["kind"], piece["outcome"], piece["who"]) == ("inspection", "worked", "王芳")
    assert wang.store.verify().broken is None


def test_a_locked_door_is_a_finding_at_once(wang: Inspector) -> None:
    before = wang.trust()
    visit = wang.goes({"enter.door": "locked"})
    assert visit["outcome"] == "cannot_enter"
    assert steps(visit) == [("told.cannot_enter", "open")]
    assert wang.trust() < before
    assert steps(wang.goes({"enter.door": "locked", "finding.1": "still"})) == [
        ("told.cannot_enter", "confirm")
    ]
    assert len(wang.store.evidence()) == 2  # one inspection a visit, whatever steps it takes
    assert steps(wang.goes({"enter.door": "open"})) == [("told.cannot_enter", "gone")]
    assert wang.standing() == {"told.cannot_enter": "verified"}


def test_outside_the_hours_says_nothing_of_the_door(wang: Inspector) -> None:
    before = wang.trust()
    visit = wang.goes({"enter.door": "out_of_hours", "hours.notice": "same"})
    assert visit["outcome"] == ""
    assert wang.store.evidence().empty
    assert wang.trust() == before


@pytest.mark.parametrize(
    ("answers", "said", "outcome"),
    [
        ({}, "worked", "worked"),
        ({}, "cannot_see", "cannot_see"),
        ({"enter.door": "open", "use.usable": False}, "", "cannot_use"),
        ({"enter.door": "open", "seen.sign": False}, "", "cannot_see"),
        ({"enter.door": "open", "seen.sign": False, "hours.notice": "differs"}, "", "wrong_hours"),
        ({"enter.door": "locked", "find.pin": "elsewhere"}, "worked", "cannot_enter"),
        ({"enter.door": "closed_for_good", "find.way": False}, "", "closed_for_good"),
        ({"seen.sign": True, "seen.supplies": True}, "", ""),
    ],
)
def test_what_answers_amount_to(
    wang: Inspector, answers: dict[str, Any], said: str, outcome: str
) -> None:
    assert wang.goes(answers, outcome=said)["outcome"] == outcome


def test_riders_report_then_somebody_goes_and_it_is_mended(wang: Inspector) -> None:
    """A report, the finding, the visit, the proof, the verification; trust all along."""
    store, start = wang.store, wang.trust()
    wang.reports("cannot_enter", "甲", "乙")
    assert wang.standing() == {"told.cannot_enter": "open"}
    doubted = wang.trust()
    confirmed = wang.goes({"enter.door": "locked", "finding.1": "still"})
    assert steps(confirmed) == [("told.cannot_enter", "confirm")]
    seen = wang.trust()
    wang.now += HOURS
    findings.assign(store, 1, By("主任", wang.now, "本周"), assignee="李明")
    findings.fix(store, 1, By("李明", wang.now, "换了锁"))
    assert wang.trust() == pytest.approx(seen, abs=0.01)  # a word from the desk mends no door
    visit = wang.goes({"enter.door": "open", "finding.1": "mended"})
    assert steps(visit) == [("told.cannot_enter", "verify")]
    assert visit["findings"][0]["state"] == "verified"
    assert start > doubted > seen
    assert wang.trust() > doubted
    assert store.verify().broken is None


def test_a_fix_that_is_none_is_reopened(wang: Inspector) -> None:
    wang.goes({"enter.door": "locked"})
    findings.assign(wang.store, 1, By("主任", wang.now, "本周"), assignee="李明")
    findings.fix(wang.store, 1, By("李明", wang.now, "换了锁"))
    assert steps(wang.goes({"enter.door": "locked", "finding.1": "still"})) == [
        ("told.cannot_enter", "reopen")
    ]


def test_nobody_verifies_their_own_fix(wang: Inspector) -> None:
    wang.goes({"amenity.toilet": "broken"})
    frame = findings.standing(wang.store.steps(), wang.now)
    [number] = frame.index[frame["rule"] == "amenities.seen_broken"].tolist()
    findings.assign(wang.store, number, By("主任", wang.now, "本周"), assignee="王芳")
    findings.fix(wang.store, number, By("王芳", wang.now, "修了"))
    visit = wang.goes({f"finding.{number}": "mended", "amenity.toilet": "works"})
    assert [each["number"] for each in visit["left"]] == [number]
    assert wang.standing()["amenities.seen_broken"] == "fixed"
    wang.who = "李明"
    assert ("amenities.seen_broken", "verify") in steps(wang.goes({"amenity.toilet": "works"}))


def test_an_amenity_breaks_is_mended_and_breaks_again(wang: Inspector) -> None:
    rule = "amenities.seen_broken"
    assert (rule, "open") in steps(wang.goes({"amenity.toilet": "broken"}))
    assert (rule, "confirm") in steps(wang.goes({"amenity.toilet": "broken"}))
    assert (rule, "gone") in steps(wang.goes({"amenity.toilet": "works", "enter.door": "open"}))
    assert (rule, "reopen") in steps(wang.goes({"amenity.toilet": "broken"}))
    frame = findings.standing(wang.store.steps(), wang.now)
    assert list(frame["rule"]).count(rule) == 1


def test_a_broken_amenity_is_one_finding_not_two(wang: Inspector) -> None:
    visit = wang.goes({"amenity.toilet": "broken", "enter.door": "open"})
    assert visit["outcome"] == "missing_amenity"
    assert steps(visit) == [("amenities.seen_broken", "open")]


def test_what_the_register_should_say_is_proposed_never_done(wang: Inspector) -> None:
    registry = wang.registry
    station = registry.station(AT)
    there = {"lon": station["lon"] + 0.002, "lat": station["lat"], "accuracy_m": 8.0}
    visit = wang.goes(
        {
            "enter.door": "open",
            "find.pin": "elsewhere",
            "hours.notice": "differs",
            "hours.text": "周一至周五9点到18点，节假日照常",
            "amenity.toilet": "missing",
            "amenity.shower": "there",
            "enter.access": "key",
            "count.capacity": station["capacity"] * 2,
            "record.phone": "010-12345678",
        },
        position=there,
    )
    frame = findings.standing(wang.store.steps(), wang.now)
    told = zip(frame["rule"], frame["proposal"], strict=True)
    proposals = {rule: json.loads(text) for rule, text in told if text}
    without = [each for each in station["amenities"] if each != "toilet"]
    assert proposals["place.seen"] == {
        "lon": round(there["lon"], 6),
        "lat": round(there["lat"], 6),
    }
    assert proposals["hours.seen"] == {
        "opening_hours": "Mo-Fr 09:00-18:00",
        "calendar": "weekdays",
    }
    assert proposals["amenities.seen_missing"] == {"amenities": ";".join(without)}
    assert proposals["amenities.seen_unlisted"]["amenities"].split(";") == [
        *station["amenities"], "shower",
    ]  # fmt: skip
    assert proposals["access.seen"] == {"access": "key"}
    assert {"phone": "010-12345678"} in [json.loads(text) for text in frame["proposal"] if text]
    assert {"capacity": station["capacity"] * 2} in [
        json.loads(text) for text in frame["proposal"] if text
    ]
    assert visit["outcome"] == "wrong_place"
    assert wang.registry.station(AT) == station
    assert wang.store.revision() == registry.revision


def test_no_pin_is_proposed_from_a_bad_position(wang: Inspector) -> None:
    station = wang.registry.station(AT)
    near = {"lon": station["lon"] + 0.002, "lat": station["lat"], "accuracy_m": 80.0}
    wang.goes({"find.pin": "elsewhere"}, position=near)
    frame = findings.standing(wang.store.steps(), wang.now)
    assert frame.set_index("rule").loc["place.seen", "proposal"] == ""


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09", "cgcs2000"])
def test_where_somebody_was_is_kept_and_measured(wang: Inspector, datum: str) -> None:
    station = wang.registry.station(AT)
    lon, lat = station["lon"] + 0.003, station["lat"] + 0.001
    x, y = datums.from_wgs84(lon, lat, datum)
    told = {"lon": float(x), "lat": float(y), "accuracy_m": 20, "datum": datum}
    visit = wang.goes({}, position=told, note="到过")
    [away] = distance_m([lon], [lat], [station["lon"]], [station["lat"]])
    assert visit["distance_m"] == pytest.approx(away, abs=0.2)
    assert visit["position"]["lon"] == pytest.approx(lon, abs=1e-7)
    assert visit["far"] is True
    near = wang.goes({}, position={**told, "accuracy_m": 400}, note="到过")
    assert near["far"] is False


def test_it_counts_once(wang: Inspector) -> None:
    sent = wang.sent(key="once", answers={"enter.door": "locked"}, note="门上有链子")
    first, second = wang.record(sent), wang.record(sent)
    assert (first.new, second.new, first.number) == (True, False, second.number)
    assert len(wang.store.evidence()) == 1
    assert len(wang.store.visits()) == 1
    wang.now += timedelta(days=90)  # a replay is known whenever it comes
    assert wang.record(sent).new is False
    for other in ({"note": "x"}, {"answers": {"enter.door": "open"}}, {"at": NOW - HOURS}):
        with pytest.raises(StoreConflictError, match="new key"):
            wang.record(sent.model_copy(update=other))
    wang.who = "李明"
    with pytest.raises(StoreConflictError):
        wang.record(sent)


def test_times_that_cannot_be(wang: Inspector) -> None:
    for ahead, words in ((timedelta(minutes=6), "after now"), (-timedelta(days=31), "30 days")):
        with pytest.raises(UsageError, match=words):
            wang.record(wang.sent(at=wang.now + ahead))
    said = {"note": "到过"}
    made = wang.record(wang.sent(at=wang.now + timedelta(minutes=4), key="ahead", **said))
    assert wang.told(made.number)["at"] == wang.now.isoformat()
    wang.record(wang.sent(at=wang.now - timedelta(days=29), key="long ago"[:4], **said))
    with pytest.raises(ValueError, match="timezone"):
        wang.sent(at=datetime(2026, 11, 24))  # noqa: DTZ001


def test_what_is_wrong_with_it_leaves_nothing_behind(wang: Inspector) -> None:
    bad = {"lon": 102.7, "lat": 91.0, "accuracy_m": 5}
    for told, error in (
        ({"station": "nowhere"}, StationMissingError),
        ({"position": bad}, PositionError),
        ({"standard": "/etc/passwd"}, UsageError),
    ):
        with pytest.raises(error):
            wang.record(wang.sent(**told, answers={"enter.door": "locked"}))
    assert wang.store.visits().empty
    assert wang.store.evidence().empty
    assert wang.store.steps().empty


def test_answers_nobody_asked_for_are_kept(wang: Inspector) -> None:
    visit = wang.goes(
        {
            "old.question": "x",
            "seen.sign": "perhaps",
            "amenity.sauna": "works",
            "finding.99": "still",
        }
    )
    assert visit["unread"] == ["amenity.sauna", "old.question", "seen.sign"]
    assert {each["id"]: each["value"] for each in visit["answers"]}["old.question"] == "x"
    assert [each["number"] for each in visit["left"]] == [99]


def test_a_form_filled_before_the_register_changed(wang: Inspector) -> None:
    """It said "there after all"; meanwhile somebody put it on the record."""
    frame = wang.store.stations()
    row = frame.loc[[AT]].copy()
    row["amenities"] += ";shower"
    wang.store.commit(Changes(stations=row), who="x", why="y", at=NOW)
    visit = wang.goes({"amenity.shower": "there", "amenity.water": "absent"})
    assert visit["unread"] == []
    assert steps(visit) == [("amenities.seen_missing", "open")]


def test_a_late_visit_does_not_undo_what_came_after_it(wang: Inspector) -> None:
    wang.goes({"amenity.toilet": "broken"})
    morning = wang.now + HOURS
    wang.now += 8 * HOURS
    evening = wang.goes({"amenity.toilet": "works", "enter.door": "open"})
    assert ("amenities.seen_broken", "gone") in steps(evening)
    late = wang.goes({"amenity.toilet": "broken"}, at=morning)
    assert steps(late) == []
    assert [each["number"] for each in late["left"]] == [1]
    assert wang.standing()["amenities.seen_broken"] == "verified"


def test_a_waived_one_stays_waived_and_a_settled_one_may_come_back(wang: Inspector) -> None:
    wang.goes({"amenity.toilet": "broken"})
    wang.goes({"amenity.water": "broken"})
    until = wang.now.date() + timedelta(days=9)
    findings.waive(wang.store, 1, By("主任", wang.now, "待搬迁"), until=until)
    frame = findings.standing(wang.store.steps(), wang.now)
    water = int(frame.index[(frame["rule"] == "amenities.seen_broken")][1])
    findings.settle(wang.store, water, By("主任", wang.now, "没坏"))
    again = wang.goes({"amenity.toilet": "broken", "amenity.water": "broken"})
    assert [each["number"] for each in again["left"]] == [1]
    assert ("amenities.seen_broken", "reopen") in steps(again)


def test_not_so_settles_and_the_registers_own_wait_for_the_register(wang: Inspector) -> None:
    frame = wang.store.stations()
    row = frame.loc[[AT]].copy()
    row["opening_hours"], row["area_code"] = "off", "110101"
    wang.store.commit(Changes(stations=row), who="x", why="y", at=NOW)
    ran = [rule for rule in rules() if rule.id in {"hours.never_open", "place.outside_county"}]
    rulings = judge(ran, CHECKS, Context(wang.registry, NOW))
    mine = rulings[rulings["station"] == AT]
    findings.record(wang.store, mine, who="巡查", at=NOW, rules=[rule.id for rule in ran])
    numbers = {
        row["rule"]: number for number, row in findings.standing(wang.store.steps(), NOW).iterrows()
    }
    visit = wang.goes(
        {
            f"finding.{numbers['hours.never_open']}": "mended",
            f"finding.{numbers['place.outside_county']}": "not_so",
        }
    )
    assert [(each["number"], "register" in each["en"]) for each in visit["left"]] == [
        (numbers["hours.never_open"], True)
    ]
    assert wang.standing() == {"hours.never_open": "open", "place.outside_county": "settled"}


def test_a_standards_rule_that_only_a_visit_can_judge(wang: Inspector) -> None:
    visit = wang.goes({"seen.area_m2": 12.5, "seen.works": True}, standard="fuzhou")
    assert steps(visit) == [("fuzhou.area", "open")]
    later = wang.goes({"seen.area_m2": 30}, standard="fuzhou")
    assert steps(later) == [("fuzhou.area", "gone")]
    other = wang.goes({"seen.area_m2": 12}, standard="national")
    assert other["unread"] == ["seen.area_m2"]


def test_others_record_at_the_same_moment(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody takes a step between the reading and the writing: it is worked out anew."""
    wang, real = Inspector(store), store.add_visit
    tries: list[int] = []

    def busy(*told: Any, **more: Any) -> list[int]:
        tries.append(more["base"])
        if len(tries) == 1:
            other = Inspector(store, "李明")
            monkeypatch.setattr(store, "add_visit", real)
            other.goes({"amenity.toilet": "broken"})
            monkeypatch.setattr(store, "add_visit", busy)
        return real(*told, **more)

    monkeypatch.setattr(store, "add_visit", busy)
    wang.now += HOURS
    visit = wang.goes({"amenity.toilet": "broken"})
    assert len(tries) == 2
    assert ("amenities.seen_broken", "confirm") in steps(visit)
    assert len(store.visits()) == 2
    assert store.verify().broken is None


@pytest.mark.parametrize("column", ["answers", "note", "outcome", "who", "photos", "told"])
def test_one_changed_byte_is_noticed(tmp_path: Path, wang: Inspector, column: str) -> None:
    wang.goes({"enter.door": "locked"}, note="链子")
    wang.goes({"enter.door": "open"}, note="开了")
    path = tmp_path / "stations.db"
    wang.store.close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("DROP TRIGGER visits_no_update")
        raw.execute(f"UPDATE visits SET {column} = {column} || ' ' WHERE number = 1")
        raw.commit()
    with Store.open(f"sqlite:///{path}") as store:
        broken = store.verify().broken
    assert broken is not None
    assert (broken.kind, broken.first) == ("visit", 1)


def test_history_is_not_rewritten(tmp_path: Path, wang: Inspector) -> None:
    wang.goes({"enter.door": "open"})
    path = tmp_path / "stations.db"
    with closing(sqlite3.connect(path)) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute("DELETE FROM visits")


def test_which_visits(wang: Inspector) -> None:
    wang.goes({"enter.door": "open"})
    wang.goes({"enter.door": "open"}, station="S002")
    registry = wang.registry

    def found(**wanted: Any) -> list[int]:
        return visits.listed(wang.store, registry, visits.Wanted(**wanted)).index.tolist()

    assert found() == [2, 1]
    assert found(station=AT) == [1]
    assert found(who="李明") == []
    assert found(area=registry.station("S002")["area_code"][:2]) == [2, 1]
    assert found(area="99") == []
    assert found(since=wang.now) == [2]
    for wrong in ({"area": "x"}, {"since": datetime(2026, 1, 1)}):  # noqa: DTZ001
        with pytest.raises(UsageError):
            found(**wrong)


def test_rules_ask_where_the_audit_says_they_apply(wang: Inspector) -> None:
    registry = wang.registry
    context = Context(registry, NOW)
    for name in SHIPPED:
        for rule in load(name).rules:
            whole = applies(context, rule).tolist()
            assert whole == [is_for(rule, registry.record(row)) for row in range(len(whole))]


def test_a_visit_that_says_nothing_is_refused(wang: Inspector) -> None:
    with pytest.raises(UsageError, match="answer a question"):
        wang.goes({}, note=" \n")
    assert wang.store.visits().empty
    for said in ({"note": "门口在修路"}, {"outcome": "worked"}, {"photos": [{"sha256": "a" * 64}]}):
        wang.goes({}, **said)


def test_visits_of_a_record_that_went_are_its_heir_s(wang: Inspector) -> None:
    wang.goes({"enter.door": "open"})
    code = wang.registry.station("S002")["area_code"]
    at = wang.now + HOURS
    findings.merge(wang.store, Proposal("S002", AT), who="李强", at=at)
    [row] = visits.listed(wang.store, wang.registry, visits.Wanted(area=code)).to_dict("records")
    assert (row["station"], row["area_code"]) == (AT, code)
    assert row["name"] == wang.registry.station("S002")["name"]
    assert visits.heirs(wang.store, wang.registry, [AT, "S002", "never"]) == [
        "S002", "S002", "never",
    ]  # fmt: skip
    wang.store.commit(Changes(removed_stations=("S002",)), who="x", why="gone", at=at + HOURS)
    assert visits.listed(wang.store, wang.registry, visits.Wanted(area=code)).empty
    assert len(visits.listed(wang.store, wang.registry, visits.Wanted())) == 1


def test_only_the_visits_that_are_told_are_read(wang: Inspector) -> None:
    for _ in range(4):
        wang.goes({"enter.door": "open"})
    numbers = visits.chosen(wang.store, wang.registry, visits.Wanted())
    assert numbers == [4, 3, 2, 1]
    assert wang.store.visit_marks().columns.tolist() == ["station", "at"]
    found = visits.numbered(wang.store, wang.registry, numbers[1:3])
    assert found.index.tolist() == [3, 2]
    assert visits.numbered(wang.store, wang.registry, []).empty


def test_a_visit_of_nobody_is_refused(wang: Inspector) -> None:
    wang.who = " "
    with pytest.raises(UsageError, match="inspector"):
        wang.goes({})
    with pytest.raises(MissingError):
        findings.verify(wang.store, 1, By("x", NOW, "y"), visited=True)


texts = st.text(max_size=30)
values = st.booleans() | st.integers(-5, 400) | st.floats(allow_nan=False) | texts
ids = st.sampled_from(
    ["enter.door", "hours.notice", "find.pin", "amenity.water", "amenity.toilet", "seen.sign",
     "count.capacity", "record.phone", "hours.text", "enter.access", "finding.1", "use.usable"]
)  # fmt: skip
codes = st.sampled_from(
    ["open", "locked", "differs", "same", "elsewhere", "here", "broken", "missing", "works",
     "there", "absent", "still", "mended", "not_so", "unclear", "key", True, False, 3, 400]
)  # fmt: skip


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inspector]:
    with sample.filled_store(tmp_path_factory.mktemp("any")) as filled:
        yield Inspector(filled)


@settings(max_examples=20)
@given(st.dictionaries(ids | texts.filter(bool), codes | values, min_size=1, max_size=12))
def test_whatever_is_answered_nothing_breaks(shared: Inspector, answers: dict[str, Any]) -> None:
    """Either it is refused whole, with a reason, or it is kept whole, and the chain holds."""
    before = len(shared.store.visits())
    shared.now += timedelta(seconds=30)
    body = {"station": AT, "key": f"{before}", "at": shared.now.isoformat(), "answers": answers}
    try:
        text = json.dumps(body).encode()
        sent = visits.read(text)
    except UsageError:
        assert len(shared.store.visits()) == before
        return
    visit = shared.told(shared.record(sent).number)
    kept = {each["id"]: each["value"] for each in visit["answers"]}
    assert kept == {name: _plain(value) for name, value in answers.items()}
    known = {each["id"] for each in visit["answers"] if each["said"]}
    assert known.isdisjoint(visit["unread"])
    assert shared.store.verify().broken is None


def _plain(value: Any) -> Any:
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def test_what_moved_with_a_merger_is_seen_again_at_the_restored_record(wang: Inspector) -> None:
    row = wang.store.stations().loc[[AT]]
    rule = "amenities.seen_broken"
    for end in ("merged", "mended there"):
        wang.goes({"amenity.toilet": "broken"})
        wang.now += timedelta(minutes=1)
        proposal = Proposal("S002", AT)
        findings.merge(wang.store, proposal, who="主任", at=wang.now)
        assert wang.standing() == {}
        if end == "mended there":
            findings.settle(wang.store, 1, By("主任", wang.now, "没坏"))
        wang.store.commit(Changes(stations=row), who="主任", why="恢复", at=wang.now)
        again = wang.goes({"amenity.toilet": "broken"})
        step = "confirm" if end == "merged" else "reopen"
        assert [each for each in steps(again) if each[0] == rule] == [(rule, "move"), (rule, step)]
        assert wang.standing()[rule] in findings.LIVE
    frame = findings.standing(wang.store.steps(), wang.now)
    assert list(frame["rule"]).count(rule) == 1


def test_a_visit_sent_while_a_later_clock_records_is_taken(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step that came between is an hour ahead: the visit's own steps are taken with it."""
    wang, other, real = Inspector(store), Inspector(store, "李明"), store.add_visit
    wang.goes({"amenity.toilet": "broken"})
    other.now += HOURS

    def busy(*told: Any, **more: Any) -> list[int]:
        monkeypatch.setattr(store, "add_visit", real)
        findings.assign(store, 1, By("主任", other.now, "派"), assignee="李明")
        return real(*told, **more)

    monkeypatch.setattr(store, "add_visit", busy)
    visit = wang.goes({"amenity.water": "broken"})
    assert ("amenities.seen_broken", "open") in steps(visit)
    assert (visit["at"], visit["received"]) == (wang.now.isoformat(), other.now.isoformat())
    assert store.steps()["at"].max() == other.now


def test_an_assignee_called_visit_is_no_visit(wang: Inspector) -> None:
    first = wang.goes({"amenity.toilet": "broken"})
    findings.assign(wang.store, 1, By("主任", wang.now, "派"), assignee="visit")
    assert wang.told(first["visit"])["findings"] == first["findings"]


def test_photos_that_prove_a_fix_are_named_too(wang: Inspector) -> None:
    sent, proof = "a" * 64, "b" * 64
    wang.goes({"enter.door": "locked"}, photos=[{"sha256": sent, "name": "x", "question": ""}])
    by = By("李明", wang.now, "开门了")
    findings.assign(wang.store, 1, by, assignee="李明")
    findings.fix(wang.store, 1, by, proof=[{"name": "门.jpg", "sha256": proof, "bytes": 9}])
    assert visits.photos_named(wang.store) == {sent, proof}
