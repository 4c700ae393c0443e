"""Every data quality rule flags what it must and spares what it must, its trap too."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import orjson
import pytest

from geodata.errors import UsageError
from stations.audit import judge
from stations.audit.quality import CHECKS, rules
from stations.audit.ruling import RULING_COLUMNS, Rule
from tests.stations.audit.quality_cases import CASES


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_rule_flags_what_it_must_and_nothing_else(rule: Rule) -> None:
    case = CASES[rule.id]()
    found = judge([rule], CHECKS, case.context())
    assert set(found["station"]) == case.flags
    assert list(found.columns) == list(RULING_COLUMNS)
    for evidence, proposal in zip(found["evidence"], found["proposal"], strict=True):
        assert orjson.loads(evidence)
        assert not proposal or orjson.loads(proposal)


def test_hours_in_words_are_proposed_with_the_calendar_they_ask_for() -> None:
    rule = next(rule for rule in rules() if rule.id == "hours.unreadable")
    case = CASES[rule.id]()
    place, fields = case.rows["flag"]
    for text, told in (
        ("周一至周五9点到18点", {"opening_hours": "Mo-Fr 09:00-18:00"}),
        (
            "周一至周五9点到18点，节假日照常",
            {"opening_hours": "Mo-Fr 09:00-18:00", "calendar": "weekdays"},
        ),
    ):
        rows = {"flag": (place, {**fields, "opening_hours": text})}
        [found] = judge([rule], CHECKS, replace(case, rows=rows).context())["proposal"]
        assert orjson.loads(found) == told


def test_every_rule_has_a_case_and_every_check_a_rule() -> None:
    assert {rule.id for rule in rules()} == CASES.keys()
    assert {rule.check for rule in rules()} == CHECKS.keys()


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_the_same_facts_make_the_same_ruling(rule: Rule) -> None:
    first, again = (judge([rule], CHECKS, CASES[rule.id]().context()) for _ in range(2))
    assert first.equals(again)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_an_empty_register_breaks_no_rule(rule: Rule) -> None:
    case = replace(CASES[rule.id](), rows={}, evidence=())
    assert judge([rule], CHECKS, case.context()).empty


def test_all_rules_together_say_what_each_says_alone() -> None:
    context = CASES["datum.upload"]().context()
    alone = [judge([rule], CHECKS, context) for rule in rules()]
    together = judge(rules(), CHECKS, CASES["datum.upload"]().context())
    assert len(together) == sum(map(len, alone))
    assert together["station"].is_monotonic_increasing


def test_a_rule_out_of_force_or_of_another_kind_is_silent() -> None:
    rule = next(rule for rule in rules() if rule.id == "place.null_island")
    context = CASES[rule.id]().context()
    gone = replace(rule, until=context.day - timedelta(days=1))
    assert judge([gone], CHECKS, context).empty
    assert judge([replace(rule, since=date(2027, 1, 1))], CHECKS, context).empty
    assert judge([replace(rule, kinds=("smart",))], CHECKS, context).empty
    assert judge([replace(rule, hosts=("银行",))], CHECKS, context).empty
    assert not judge([replace(rule, until=context.day)], CHECKS, context).empty


def test_a_shifted_row_says_whose_position_it_has() -> None:
    rule = next(rule for rule in rules() if rule.id == "place.off_by_one")
    found = judge([rule], CHECKS, CASES[rule.id]().context())
    told = [orjson.loads(each)["position_of"] for each in found["evidence"]]
    assert told == [f"s{int(each[1:]) - 1:02d}" for each in found["station"]]


def test_an_unknown_check_is_refused() -> None:
    rule = replace(rules()[0], check="guess")
    with pytest.raises(UsageError, match="known: code_retired"):
        judge([rule], CHECKS, CASES["place.null_island"]().context())
