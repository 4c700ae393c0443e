"""Stars shown: what is found and not mended holds them down, and a verification gives them back."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from shapely import Point

from geodata.errors import UsageError
from stations import audit
from stations.audit import findings, standards, stars, telling
from stations.audit.findings.loop import PENDING, STATES
from stations.audit.ruling import rulings_frame
from stations.audit.standards import ceilings
from stations.registry import Registry
from stations.store import Changes, Store
from tests.stations import worlds
from tests.stations.register_samples import BY, when

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = 1440
FOUR = "toilet;water;meal_heating;rest;cooling;charging;first_aid"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/register.db", create=True) as opened:
        point = Point(102.8, 24.889)
        rows = {each: (point, {"amenities": FOUR, "capacity": 12}) for each in "AB"}
        opened.commit(Changes(worlds.stations(rows)), **BY, at=when(0))
        yield opened


def by(minutes: int, who: str = "王芳") -> findings.By:
    return findings.By(who, when(minutes), "按程序办理")


def found(store: Store, rule: str, severity: str, at: int, station: str = "A") -> int:
    told = {"rule": rule, "station": station, "severity": severity, "fact": f"{at:016d}"}
    frame = rulings_frame([{**told, "evidence": "{}", "proposal": ""}])
    findings.record(store, frame, who="巡查", at=when(at), rules=[rule])
    return store.steps_number()


def graded(store: Store, at: int, name: str | audit.Standard = "fuzhou") -> Any:
    context = audit.Context(Registry.load(store), when(at))
    standing = findings.standing(store.steps(), when(at))
    return audit.graded(context, name, findings=standing)


def shown(store: Store, at: int, name: str = "fuzhou") -> tuple[int, int]:
    row = graded(store, at, name).loc["A"]
    return int(row["grade"]), int(row["shown"])


def test_from_a_locked_door_to_its_stars_again(store: Store) -> None:
    assert shown(store, 1) == (4, 4)
    number = found(store, "told.cannot_enter", "critical", 2)
    assert shown(store, 3) == (4, 1)
    frame = graded(store, 3)
    assert frame.loc["B", ["grade", "shown", "held"]].tolist() == [4, 4, "[]"]
    [one, _] = telling.grades_told(frame, standards.load("fuzhou"))
    [held] = one["held"]
    assert (held["finding"], held["severity"], held["at_most"]) == (number, "critical", 1)
    assert one["told"] == {
        "zh": "按条目四星，现示一星：反映：进不来（问题 1 待整改）",
        "en": "Four stars by the rules, One star shown: Reported: "
        f"{held['title']['en'].removeprefix('Reported: ')}, finding 1 open",
    }
    findings.assign(store, number, by(4), assignee="李明")
    findings.fix(store, number, by(5, "李明"))
    assert shown(store, 6) == (4, 1), "fixed is not verified"
    findings.verify(store, number, by(7), visited=True)
    assert shown(store, 8) == (4, 4)
    assert [shown(store, at) for at in (1, 3, 6)] == [(4, 4), (4, 1), (4, 1)], "as it stood then"


def test_the_ceiling_is_the_severitys_and_lower_when_its_day_is_over(store: Store) -> None:
    number = found(store, "place.outside_county", "major", 1)
    assert shown(store, 2) == (4, 3)
    assert shown(store, 40 * DAY) == (4, 1)
    assert (
        "overdue"
        in telling.grades_told(graded(store, 40 * DAY), standards.load("fuzhou"))[0]["told"]["en"]
    )
    findings.waive(store, number, by(3), until=date(2026, 2, 1))
    assert shown(store, 4) == (4, 4), "somebody decided to leave it so"
    assert shown(store, 40 * DAY) == (4, 3), "up to a day"
    found(store, "hours.unreadable", "minor", 5)
    assert shown(store, 6) == (4, 4)


def test_a_settled_one_holds_nothing_down(store: Store) -> None:
    number = found(store, "place.null_island", "critical", 1)
    assert shown(store, 2) == (4, 1)
    findings.settle(store, number, by(3))
    assert shown(store, 4) == (4, 4)


def test_the_lowest_counts_and_all_are_told(store: Store) -> None:
    found(store, "place.outside_county", "major", 1)
    found(store, "told.cannot_enter", "critical", 2)
    row = graded(store, 3).loc["A"]
    assert [each["at_most"] for each in orjson.loads(row["held"])] == [1, 3]
    assert row["shown"] == 1


def test_a_finding_about_a_rule_of_a_grade_takes_that_grade(store: Store) -> None:
    found(store, "fuzhou.comfort", "minor", 1)
    assert shown(store, 2) == (4, 2)


def test_another_standards_findings_say_nothing(store: Store) -> None:
    found(store, "national.rest", "critical", 1)
    assert shown(store, 2) == (4, 4)


def test_without_findings_the_grade_is_what_is_shown(store: Store) -> None:
    found(store, "told.cannot_enter", "critical", 1)
    frame = audit.graded(audit.Context(Registry.load(store), when(2)), "fuzhou")
    assert frame["shown"].tolist() == frame["grade"].tolist() == [4, 4]


def test_before_the_ceilings_were_in_force_nothing_was_held_down(store: Store) -> None:
    fuzhou = standards.load("fuzhou")
    number = found(store, "told.cannot_enter", "critical", 1)
    standing = findings.standing(store.steps(), when(2))
    ids, grade = Registry.load(store).stations.index, graded(store, 2)["grade"].to_numpy()
    early, _ = stars.shown(fuzhou, date(2023, 12, 31), ids, grade, standing)
    later, _ = stars.shown(fuzhou, date(2024, 1, 1), ids, grade, standing)
    assert (early.tolist(), later.tolist(), number) == ([4, 4], [1, 4], 1)


def test_every_pending_state_has_its_word() -> None:
    assert set(stars._STATES) == set(PENDING) < set(STATES)


def test_every_standard_with_grades_says_what_holds_them_down() -> None:
    for name in standards.SHIPPED:
        standard = standards.load(name)
        told = {each.severity for each in standard.ceilings}
        assert told == ({"critical", "major"} if standard.grades else set())
        assert all("assumed" in each.source for each in standard.ceilings)


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"severity": "bad"}, "severity is one of"),
        ({"grade": 5}, "the highest grade"),
        ({"grade": 1, "overdue": 2}, "overdue <= grade"),
        ({"grade": True}, "are numbers"),
        ({"source": " "}, "source is a text"),
        ({"since": "2024"}, "since is a date"),
        ({"until_day": 1}, "no more"),
    ],
)
def test_a_ceiling_with_a_fault_is_told(more: dict[str, Any], complaint: str) -> None:
    table = {"severity": "critical", "grade": 1, "overdue": 0, "source": "x", **more}
    [fault] = ceilings.faults([table], 5)
    assert complaint in fault


def test_ceilings_are_read_from_a_planners_own_file(tmp_path: Path) -> None:
    source = (files(standards) / "fuzhou.toml").read_text("utf-8")
    path = tmp_path / "ours.toml"
    path.write_text(source.replace("overdue = 0", "overdue = 9"), "utf-8")
    with pytest.raises(UsageError, match="ceiling 1: overdue and grade are numbers"):
        standards.load(path)
