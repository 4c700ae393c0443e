"""Every rule has a station it must flag, one it must not, and a trap, tried and written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from stations.audit import quality, standards
from stations.audit.findings import reports
from stations.audit.findings.terms import terms
from stations.trust import Evidence, evidence_frame
from tests.stations import test_audit_standards
from tests.stations.audit import quality_cases

if TYPE_CHECKING:
    from stations.audit.ruling import Rule

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
QUALITY = {rule.id: rule for rule in quality.rules()}
STANDARD = {rule.id: rule for name in standards.SHIPPED for rule in standards.load(name).rules}
TOLD = {rule.id: rule for rule in reports.rules()}


def of_quality(rule: str) -> tuple[object, ...]:
    case = quality_cases.CASES[rule]()
    parts = case.flags, case.sound, case.trap
    assert all(part and part <= case.rows.keys() for part in parts)
    assert not any(one & other for one in parts for other in parts if one is not other)
    return parts


def of_standard(rule: str) -> tuple[object, ...]:
    case = test_audit_standards.CASES[rule]
    assert case.flag_verdict in {"breach", "unknown"}
    if STANDARD[rule].check == "spacing":  # it is where they stand that differs
        places = test_audit_standards.FAR, test_audit_standards.HOME, test_audit_standards.COUNTY
        assert len(set(places)) == len(places)
        return places
    return repr(case.flag), repr(case.sound), repr(case.trap)


def of_told(rule: str) -> tuple[object, ...]:
    return tuple(told(rule).values())


def told(rule: str) -> dict[str, list[Evidence]]:
    """Return what was said of three stations: enough; one too few; and what looks like enough."""
    outcome = rule.removeprefix("told.")
    least = terms().reports[outcome].threshold
    least += terms().unnamed_more if least > 1 else 0  # nobody here gives a name

    def said(station: str, count: int, *, at_once: bool = False) -> list[Evidence]:
        apart = timedelta(hours=0 if at_once else 1)  # nearer ones are one voice
        return [
            Evidence(station, "report", outcome, AT - timedelta(hours=2) - n * apart, key=f"v{n}")
            for n in range(count)
        ]

    trap = said("trap", 9, at_once=True)
    if least == 1:
        trap = [
            *said("trap", 1),
            Evidence("trap", "inspection", "worked", AT - timedelta(hours=1), "甲", key="i"),
        ]
    other = next(each for each in terms().reports if each != outcome)
    sound = said("sound", least - 1)
    beside = Evidence("sound", "report", other, AT - timedelta(hours=1), key="b")
    return {"flag": said("flag", least), "sound": [*sound, beside], "trap": trap}


@pytest.mark.parametrize("rule", TOLD)
def test_what_is_told_flags_what_it_must_and_is_not_fooled(rule: str) -> None:
    pieces = [piece for said in told(rule).values() for piece in said]
    found = reports.reported(evidence_frame(pieces), AT)
    assert set(found.loc[found["rule"] == rule, "station"]) == {"flag"}


@pytest.mark.parametrize("rule", [*QUALITY, *STANDARD, *TOLD])
def test_every_rule_has_its_three_examples_and_its_trap_in_words(rule: str) -> None:
    of, known = next(
        (of, known)
        for of, known in ((of_quality, QUALITY), (of_standard, STANDARD), (of_told, TOLD))
        if rule in known
    )
    flag, sound, trap = of(rule)
    assert flag != sound
    assert trap != flag or rule in SAME_AS_FLAG
    _written(known[rule])


SAME_AS_FLAG = {
    rule for rule, case in test_audit_standards.CASES.items() if case.flag_verdict == "unknown"
}
"""Of these nobody can judge any station from the desk: the trap is to think one could."""


def _written(rule: Rule) -> None:
    words = rule.trap.zh, rule.trap.en, rule.fix.zh, rule.fix.en
    assert all(len(each.strip()) >= 2 for each in words)
    assert rule.trap != rule.requirement
    assert rule.source.strip()


def test_no_rule_is_there_twice() -> None:
    families = [QUALITY, STANDARD, TOLD]
    assert not any(one.keys() & other.keys() for one, other in pairwise([*families, QUALITY]))
    assert quality_cases.CASES.keys() == QUALITY.keys()
    assert test_audit_standards.CASES.keys() == STANDARD.keys()
