"""The bulletin: whole numbers that add up, and a period that begins and ends at midnight."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from geodata.errors import MissingError, UsageError
from stations.audit.bulletin import Asked, Bulletin, Period, Question, bulletin
from stations.audit.bulletin.counting import COUNTS, checks_in, counted, moved
from stations.audit.bulletin.sheets import workbook
from stations.audit.bulletin.telling import document
from stations.audit.findings import PENDING
from stations.coverage import Limit, Need, Terms, truth
from stations.errors import LayerMissingError
from stations.hours.clock import ZONE
from stations.registry import Registry
from stations.store import Changes, FindingStep, Store
from stations.store._findings import steps_frame
from stations.trust import Evidence, evidence_frame
from tests.stations.register_samples import PARKS, POSTS, sites, stations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 30)
PERIOD = Period(SINCE, UNTIL)
NOW = datetime(2026, 12, 15, tzinfo=UTC)
instants = st.integers(0, 150 * 86_400_000).map(
    lambda ms: datetime(2026, 9, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
days = st.dates(date(2026, 10, 1), date(2026, 12, 31))
VISITS = pd.DataFrame(
    {"station": [], "at": pd.to_datetime([], utc=True), "who": [], "key": []}
).astype({"station": "str", "who": "str", "key": "str"})


@given(days, days, instants)
def test_an_instant_lies_in_the_days_its_beijing_date_is_among(
    since: date, until: date, at: datetime
) -> None:
    if until < since:
        with pytest.raises(UsageError, match="swapped"):
            Period(since, until)
        return
    held = Period(since, until).holds(pd.Series([at]))
    assert held.tolist() == [since <= at.astimezone(ZONE).date() <= until]


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        ("2026-10-31T15:59:59.999999+00:00", False),
        ("2026-10-31T16:00:00+00:00", True),  # midnight in Beijing
        ("2026-11-30T15:59:59.999999+00:00", True),
        ("2026-11-30T16:00:00+00:00", False),
    ],
)
def test_midnight_is_beijing_s(at: str, *, inside: bool) -> None:
    seen = evidence_frame([inspection("A", datetime.fromisoformat(at))])
    assert bool(len(checks_in(seen, VISITS, PERIOD))) is inside


def test_a_period_to_come_and_one_not_over() -> None:
    assert PERIOD.last(NOW) == PERIOD.end - timedelta(microseconds=1)
    within = datetime(2026, 11, 10, tzinfo=UTC)
    assert PERIOD.last(within) == within
    assert not PERIOD.over(within)
    with pytest.raises(UsageError, match="still to come"):
        PERIOD.last(datetime(2026, 10, 1, tzinfo=UTC))
    assert PERIOD.before() == Period(date(2026, 10, 2), date(2026, 10, 31))
    with pytest.raises(UsageError, match="2026-11-30"):
        Period.read("gestern", "2026-11-30")


def inspection(station: str, at: datetime, who: str = "王芳", kind: str = "inspection") -> Evidence:
    outcome = "cannot_enter" if kind == "report" else "worked"
    return Evidence(station, kind, outcome, at, who, "", f"{station} {who} {at.isoformat()}")


# --- findings against a plain replay


@st.composite
def histories(draw: st.DrawFn) -> list[FindingStep]:
    """Draw findings that go about the loop, in the order of time."""
    times = sorted(draw(st.lists(instants, min_size=1, max_size=24, unique=True)))
    steps: list[FindingStep] = []
    states: dict[int, str] = {}
    for at in times:
        moves = [(0, "open"), *((n, move) for n, s in states.items() for move in LEGAL[s])]
        number, move = draw(st.sampled_from(moves))
        number = number or len(steps) + 1
        severity = draw(st.sampled_from(["critical", "major", "minor", "note"]))
        day = draw(days).isoformat()
        told: dict[str, Any] = {"due": day, "until": day, "assignee": "李明"}
        told |= {"severity": severity, "evidence": "{}", "proposal": ""}
        about: dict[str, Any] = {}
        if move == "open":
            about = {"rule": "a.b", "station": draw(st.sampled_from("ABCX")), "fact": str(number)}
        steps.append(FindingStep(move, at, "x", "y", number, told, **about))
        states[number] = TO.get(move, states.get(number, "open"))
    return steps


LEGAL = {
    "open": ("assign", "waive", "settle", "gone"),
    "assigned": ("fix", "waive", "gone"),
    "fixed": ("verify", "reopen", "return"),
    "verified": ("reopen", "return"),
    "reopened": ("assign", "fix", "waive"),
    "waived": ("reopen",),
    "settled": ("reopen",),
}
TO = {
    "open": "open", "assign": "assigned", "fix": "fixed", "verify": "verified",
    "gone": "verified", "reopen": "reopened", "return": "reopened", "waive": "waived",
    "settle": "settled",
}  # fmt: skip
AREAS = pd.Series({"A": "530102", "B": "530102", "C": "532901", "X": ""}, dtype="str")


def framed(steps: list[FindingStep]) -> pd.DataFrame:
    import orjson  # noqa: PLC0415

    rows = [
        (number, step.finding, step.step, step.at, step.who, step.why,
         orjson.dumps(step.details).decode(), step.rule, step.station, step.fact)
        for number, step in enumerate(steps, 1)
    ]  # fmt: skip
    return steps_frame(rows)


def replay(steps: list[FindingStep], at: datetime) -> dict[int, tuple[str, str]]:
    """Return each finding's state and deadline at an instant, step by step."""
    found: dict[int, tuple[str, str]] = {}
    ends: dict[int, str] = {}
    for step in steps:
        if step.at > at:
            break
        state, due = found.get(step.finding, ("", ""))
        if step.step in {"open", "assign", "reopen", "return", "waive"}:
            due = str(step.details["due"])
        if step.step == "waive":
            ends[step.finding] = str(step.details["until"])
        found[step.finding] = (TO.get(step.step, state), due)
    day = at.astimezone(ZONE).date().isoformat()
    return {
        number: ("reopened" if state == "waived" and ends[number] < day else state, due)
        for number, (state, due) in found.items()
    }


@settings(max_examples=50)
@given(histories(), st.tuples(days, days).map(sorted))
def test_findings_are_counted_as_a_plain_replay_counts_them(
    steps: list[FindingStep], ends: list[date]
) -> None:
    period = Period(*ends)
    last = period.end - timedelta(microseconds=1)
    before = replay(steps, period.begin - timedelta(microseconds=1))
    now = replay(steps, last)
    frame = stations({"A": {}, "B": {"area_code": "530102"}, "C": {"area_code": "532901"}})
    counts = counted(
        frame, checks_in(evidence_frame([]), VISITS, period), moved(framed(steps), period, last),
        AREAS,
    ).sum()  # fmt: skip
    day = period.until.isoformat()
    live = {"open", "assigned", "reopened"}
    expected = {
        "open_before": sum(state in PENDING for state, _ in before.values()),
        "opened": len(now.keys() - before.keys()),
        "open": sum(state in PENDING for state, _ in now.values()),
        "fixed": sum(state == "fixed" for state, _ in now.values()),
        "overdue": sum(state in live and due < day for state, due in now.values()),
    }
    assert {name: counts[name] for name in expected} == expected
    came, went = counts["open_before"] + counts["opened"] + counts["returned"], counts["open"]
    assert came == went + counts["mended"] + counts["closed"]
    assert counts[[name for name in COUNTS if name.startswith("open_") and name != "open_before"]
                  ].sum() == counts["open"]  # fmt: skip


@pytest.mark.parametrize(
    ("until", "returned"), [("2026-11-29", 1), ("2026-11-30", 0), ("2026-10-30", 0)]
)
def test_a_waiver_that_runs_out_brings_its_finding_back(until: str, returned: int) -> None:
    told = {"severity": "note", "evidence": "{}", "proposal": "", "due": "2027-01-01"}
    about = {"rule": "a.b", "station": "A", "fact": "1"}
    steps = [
        FindingStep("open", day(9, 1), "x", "y", 1, told, **about),
        FindingStep("waive", day(9, 2), "x", "y", 1, {**told, "until": until}),
    ]
    frame = moved(framed(steps), PERIOD, PERIOD.end - timedelta(microseconds=1))
    assert (frame["is_returned"].sum(), frame["is_open_before"].sum()) == (
        returned, until == "2026-10-30",
    )  # fmt: skip


# --- checks


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABCX"), instants, st.sampled_from(["王芳", "李明"]),
            st.sampled_from(["inspection", "check_in", "report"]),
        ),
        max_size=20,
    )
)  # fmt: skip
def test_checks_are_counted_by_person_station_and_beijing_day(
    told: list[tuple[str, datetime, str, str]],
) -> None:
    pieces = [inspection(*each) for each in told]
    found = checks_in(evidence_frame(pieces), VISITS, PERIOD)
    days_ = {
        (piece.station, piece.who, piece.at.astimezone(ZONE).date())
        for piece in pieces
        if piece.kind == "inspection" and SINCE <= piece.at.astimezone(ZONE).date() <= UNTIL
    }
    assert len(found) == len(days_)
    used = {"A": {}, "B": {"status": "planned"}, "C": {"area_code": "532901"}}
    frame = stations({id_: {"area_code": AREAS[id_], **row} for id_, row in used.items()})
    counts = counted(frame, found, moved(framed([]), PERIOD, PERIOD.end), AREAS)
    assert counts["visits"].sum() == len(days_)
    assert counts["checked"].sum() == len({station for station, *_ in days_} & {"A", "C"})
    assert counts["stations"].to_dict().get("530102") == 1


def test_a_visit_and_its_own_evidence_are_one_check() -> None:
    at = datetime(2026, 11, 5, 3, tzinfo=UTC)
    told = Evidence("A", "inspection", "worked", at, "王芳", "", "visit:k1")
    rows = {"station": ["A", "A"], "at": [at, at + timedelta(days=1)], "who": ["王芳", "王芳"]}
    visits = pd.DataFrame({**rows, "key": ["k1", "k2"]})
    assert len(checks_in(evidence_frame([told]), visits, PERIOD)) == 2


# --- the whole, from a store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Make a register with two revisions in two prefectures, with evidence and findings."""
    folder = tmp_path_factory.mktemp("bulletin")
    with Store.open(f"sqlite:///{folder}/register.db", create=True) as opened:
        fill(opened)
        yield opened


def fill(opened: Store) -> None:
    codes = ["530102", "530103", "532901"]
    rows = {
        f"S{i}": {"area_code": codes[i % 3], "lon": 102.7 + i / 100, "lat": 25.0,
                  "opening_hours": "24/7" if i % 2 else "Mo-Su 08:00-20:00", "name": f"<b>{i}"}
        for i in range(9)
    }  # fmt: skip
    places = {
        f"P{i}": {"area_code": codes[i % 3], "workers": 10 * i + 7,
                  "geometry": shapely.Point(102.7 + i / 60, 25.001)}
        for i in range(6)
    }  # fmt: skip
    first = Changes(stations(rows), layers=(PARKS, POSTS), sites={"parks": sites(places)})
    opened.commit(first, who="clerk", why="first", at=day(10, 1))
    checks = [inspection(f"S{i}", day(10 + i % 2, 3 + i), who) for i in range(9) for who in "甲乙"]
    opened.add_evidence(checks, received=NOW)
    steps = [
        FindingStep("open", day(10, 5 + i), "x", "y", details={
            "severity": "major", "evidence": "{}", "proposal": "", "due": "2026-11-10"},
            rule="hours.never_open", station=f"S{i}", fact=f"f{i}")
        for i in range(6)
    ]  # fmt: skip
    steps += [FindingStep("gone", day(11, 6), "x", "y", number) for number in (1, 2)]
    opened.add_steps(steps, base=0, received=NOW)
    opened.commit(Changes(removed_stations=("S4",)), who="clerk", why="gone", at=day(11, 9))


def day(month: int, number: int) -> datetime:
    return datetime(2026, month, number, 10, tzinfo=ZONE)


def asked(**more: Any) -> Asked:
    return Asked(**{"period": PERIOD, "question": Question(Limit(800, "m"), (), 0.5), **more})


@pytest.fixture(scope="module")
def made(store: Store) -> Bulletin:
    return bulletin(store, asked(), now=NOW)


def test_areas_add_up_to_the_total(made: Bulletin) -> None:
    total = made.total()
    assert total["stations"] == 8
    assert total["opened"] == 0
    assert (total["open_before"], total["mended"], total["open"], total["overdue"]) == (6, 2, 4, 4)
    for by in ("prefecture", "county"):
        rows = made.rows(by)
        for name in COUNTS:
            assert sum(row[name] for row in rows) == total[name], name
            assert sum(row["before"][name] for row in rows) == total["before"][name], name
        for part in ("sites", "present", "paper", "real"):
            sums = sum(row["coverage"]["parks"][part] for row in rows)
            assert sums == total["coverage"]["parks"][part]
    assert {row["code"] for row in made.rows("prefecture")} == {"5301", "5329"}
    assert (total["checked"], total["visits"]) == (4, 8)  # S1, S3, S5 and S7, by two people


def test_a_removed_station_counts_where_it_last_was(made: Bulletin) -> None:
    rows = {row["code"]: row for row in made.rows("county")}
    assert rows["530103"]["open"] == 1  # of S4, no longer there
    told = {row["station"]: row for row in document(made)["findings"]}
    assert told["S4"]["area_code"] == "530103"


def test_coverage_is_what_truth_says_of_the_register_as_of_then(
    store: Store, made: Bulletin
) -> None:
    evidence = store.evidence()
    for when, told in (
        (PERIOD.end, made.total()["coverage"]["parks"]),
        (PERIOD.begin, made.total()["before"]["coverage"]["parks"]),
    ):
        at = when - timedelta(microseconds=1)
        registry = Registry.load(
            store, store.revision_at(at), evidence=evidence[evidence["at"] <= at]
        )
        terms = Terms(trust_floor=0.5, at=at)
        expected = truth(registry, Need("parks", Limit(800, "m")), terms).total()
        assert told["present"] == expected["worker_hours"]
        assert told["paper"] == expected["steps"]["paper"]
        assert told["real"] == expected["steps"]["trust"]
        assert told["share_real"] == expected["share"]


def test_an_area_alone_is_its_part_of_the_whole(store: Store, made: Bulletin) -> None:
    part = bulletin(store, asked(area="5301"), now=NOW)
    whole = {row["code"]: row for row in made.rows("prefecture")}
    assert part.rows("prefecture") == [whole["5301"]]
    assert {row["area_code"][:4] for row in document(part)["findings"]} == {"5301"}
    with pytest.raises(UsageError, match="area code"):
        asked(area="53x")
    with pytest.raises(MissingError, match="no area in use has the code '99'"):
        asked(area="99")


def test_before_the_register_there_is_nothing_to_compare(store: Store) -> None:
    early = bulletin(store, asked(period=Period(date(2026, 9, 20), date(2026, 10, 20))), now=NOW)
    assert early.before is None
    assert early.total()["before"] is None
    assert "上期" not in document(early)["said"][0]["zh"]
    with pytest.raises(UsageError, match="begins on 2026-10-01, after 2026-09-02"):
        bulletin(store, asked(period=Period(date(2026, 9, 1), date(2026, 9, 2))), now=NOW)
    with pytest.raises(LayerMissingError):
        bulletin(store, asked(layers=("nowhere",)), now=NOW)


def test_the_sheet_has_the_figures_and_runs_no_formula(made: Bulletin) -> None:
    content = workbook(made)
    assert content == workbook(made)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    names = [name.split()[0] for name in book.sheet_names]
    assert names == ["汇总", "州市", "县区", "问题", "说明"]
    rows = book.get_sheet_by_index(1).to_python()
    head = next(n for n, row in enumerate(rows) if str(row[0]).startswith("地区"))
    table = [dict(zip((str(each).split("\n")[0] for each in rows[head]), row, strict=True))
             for row in rows[head + 1 :] if row[0]]  # fmt: skip
    told = made.rows("prefecture")
    assert [row["使用中驿站"] for row in table] == [row["stations"] for row in told]
    assert [row["期末未办结"] for row in table] == [row["open"] for row in told]
    shares = [row["coverage"]["parks"]["share_real"] for row in told]
    assert [row["产业园区实际覆盖率"] for row in table] == pytest.approx(shares)


def test_days_in_the_sheet_are_beijing_s(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/register.db", create=True) as early:
        early.commit(Changes(stations({"A": {}})), who="x", why="y", at=day(10, 1))
        told = {"severity": "major", "evidence": "{}", "proposal": "", "due": "2026-12-10"}
        about: dict[str, Any] = {"rule": "hours.never_open", "station": "A", "fact": "f"}
        times = [datetime(2026, 11, number, hour, tzinfo=ZONE) for number, hour in ((3, 0), (5, 7))]
        steps = [
            FindingStep("open", times[0], "x", "y", details=told, **about),
            FindingStep("assign", times[1], "x", "y", 1, {"assignee": "李明", "due": "2026-12-10"}),
        ]
        early.add_steps(steps, base=0, received=NOW)
        content = workbook(bulletin(early, asked(layers=()), now=NOW))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(3).to_python()
    cells = {str(each) for row in rows for each in row}
    assert {"2026-11-03", "2026-11-05"} <= cells
    assert not {"2026-11-02", "2026-11-04"} & cells


def test_nobody_is_named_best_with_the_figure_of_the_worst(tmp_path: Path) -> None:
    counties = ("530102", "530103", "530111", "530112", "530113")
    rows = {code: {"area_code": code} for code in counties}
    with Store.open(f"sqlite:///{tmp_path}/register.db", create=True) as store:
        store.commit(Changes(stations(rows)), who="x", why="y", at=day(10, 1))
        seen = Evidence("530111", "inspection", "worked", day(11, 2), "王芳", key="i")
        store.add_evidence([seen], received=day(11, 2))
        [told] = document(bulletin(store, asked(layers=()), now=day(11, 5)))["ranks"]
    assert [each["code"] for each in told["best"]["areas"]] == ["530111"]
    assert [each["code"] for each in told["worst"]["areas"]] == ["530102", "530103"]
    assert (told["best"]["tied"], told["worst"]["tied"]) == (0, 2)


def test_nobody_checked_nothing_found_no_layer_asked(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/register.db", create=True) as empty:
        empty.commit(Changes(stations({"A": {"area_code": ""}})), who="x", why="y", at=day(10, 1))
        found = bulletin(empty, asked(layers=()), now=day(11, 5))
        told = document(found)
        assert not told["period"]["over"]
        assert [row["code"] for row in told["counties"]] == [""]
        assert told["total"]["share_checked"] == 0
        assert told["total"]["share_mended"] is None
        assert told["ranks"] == []
        assert told["said"][-1]["zh"] == "没有逾期问题。"
