"""The contract: rules read strictly, facts hashed, rulings in one order."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from geodata.errors import UsageError
from stations.audit.rulebook import read_rules
from stations.audit.ruling import CHECK_COLUMNS, Context, breaches, fact_of, rulings_frame
from tests.stations import worlds

RULE = """
[[rules]]
id = "x.one"
zh = "一"
en = "One"
requirement = { zh = "须", en = "must" }
source = "test"
level = "must"
severity = "major"
check = "one"
since = 2025-01-01
until = 2025-12-31
kinds = ["smart"]
hosts = ["银行"]
fix = { zh = "改", en = "mend" }
trap = { zh = "陷阱", en = "trap" }
settings = { metres = 5.0 }
"""


def test_a_rule_is_read_as_written() -> None:
    (rule,) = read_rules(RULE)
    assert (rule.id, rule.requirement.zh, rule.settings["metres"]) == ("x.one", "须", 5.0)
    assert [rule.in_force(date(2025, 12, day)) for day in (30, 31)] == [True, True]
    assert not rule.in_force(date(2026, 1, 1))
    assert not rule.in_force(date(2024, 12, 31))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('level = "must"', 'level = "shall"'), "level is one of must"),
        (('severity = "major"', 'severity = "bad"'), "severity is one of critical"),
        (('kinds = ["smart"]', 'kinds = ["clever"]'), "kinds are some of standard"),
        (('kinds = ["smart"]', 'kinds = "smart"'), "kinds is a list of texts"),
        (('check = "one"', 'chek = "one"'), "no field is called 'chek'; .*check is missing"),
        (("since = 2025-01-01", 'since = "2025"'), "since is a date"),
        (('fix = { zh = "改", en = "mend" }', 'fix = "改"'), "fix is a text in both languages"),
        (('zh = "一"', 'zh = " "'), "zh is a text"),
        (("settings = { metres = 5.0 }", "settings = 5"), "settings is a table"),
        (("[[rules]]", "[rules]"), "expected rules as a list of tables"),
        (("[[rules]]", "[[rules"), "not TOML"),
        (("[[rules]]", RULE + "[[rules]]"), "comes 2 times"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(change: tuple[str, str], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        read_rules(RULE.replace(*change, 1))


def test_several_faults_are_told_together() -> None:
    with pytest.raises(UsageError, match=r"level is one of .*severity is one of"):
        read_rules(RULE.replace('level = "must"', 'level = "x"').replace('"major"', '"y"'))


JSON = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=5))
def test_a_fact_is_the_same_in_any_order(facts: dict[str, object]) -> None:
    turned = dict(reversed(facts.items()))
    assert fact_of(facts) == fact_of(turned)
    assert len(fact_of(facts)) == 16
    assert int(fact_of(facts), 16) >= 0


def test_what_stands_beside_is_shown_but_no_fact() -> None:
    (rule,) = read_rules(RULE)
    day_one = breaches(rule, ["a"], {"hours": ["8"]}, beside={"days": [1.0]})
    day_two = breaches(rule, ["a"], {"hours": ["8"]}, beside={"days": [np.nan]})
    assert day_one["fact"].tolist() == day_two["fact"].tolist()
    assert orjson.loads(day_two["evidence"].iloc[0]) == {"hours": "8", "days": None}
    other = breaches(rule, ["a"], {"hours": ["9"]})
    assert other["fact"].tolist() != day_one["fact"].tolist()
    assert tuple(other.columns) == CHECK_COLUMNS


def test_numbers_of_numpy_and_pandas_become_json() -> None:
    (rule,) = read_rules(RULE)
    some = pd.Series([pd.NA, 4], dtype="Int64")
    facts: dict[str, Any] = {"n": np.array([1, 2]), "some": some, "x": [0.5, 1.5]}
    found = breaches(rule, ["a", "b"], facts, proposals=[None, {"capacity": 4}])
    assert [orjson.loads(each) for each in found["evidence"]] == [
        {"n": 1, "some": None, "x": 0.5},
        {"n": 2, "some": 4, "x": 1.5},
    ]
    assert found["proposal"].tolist() == ["", '{"capacity":4}']


def test_rulings_have_one_order() -> None:
    (rule,) = read_rules(RULE)
    found = breaches(rule, ["b", "a", "a"], {"n": [1, 2, 3]}).assign(severity="major")
    frame = rulings_frame(found)
    assert frame["station"].tolist() == ["a", "a", "b"]
    assert frame["fact"].iloc[:2].is_monotonic_increasing
    assert rulings_frame(found.iloc[::-1]).equals(frame)
    assert rulings_frame([]).empty


def test_an_instant_needs_its_zone_and_the_day_is_beijings() -> None:
    registry = worlds.register({"a": (Point(102.7, 25.0), {})})
    with pytest.raises(UsageError, match="zone"):
        Context(registry, at=datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused
    assert Context(registry, at=datetime(2025, 12, 31, 17, tzinfo=UTC)).day == date(2026, 1, 1)
