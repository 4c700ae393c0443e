"""Grades: which is reached, what is missing, and the cheapest way to the next."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from stations import audit
from stations.audit import standards, telling, ways
from stations.audit.grades import GRADE_COLUMNS
from stations.planning.costs import CostTable
from stations.registry import Registry
from tests.stations import worlds

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
FOUR = "toilet;water;meal_heating;rest;cooling;charging;first_aid"
PRICES = CostTable.default()
CHOICES = ["toilet", "shower", "aed", "first_aid", "wifi", "fridge"]


def graded(name: str | audit.Standard, at: datetime = AT, **rows: Mapping[str, Any]) -> Any:
    points = {each: (Point(102.8, 24.889), row) for each, row in rows.items()}
    context = audit.Context(Registry.from_frames(worlds.stations(points)), at)
    frame = audit.graded(context, name)
    assert frame.dtypes.astype(str).to_dict() == dict(GRADE_COLUMNS)
    return frame


def way(frame: pd.DataFrame, station: str) -> Any:
    return orjson.loads(str(frame.loc[station, "way"]))


def test_stars() -> None:
    found = graded(
        "fuzhou",
        bare={"amenities": "toilet"},
        one={"amenities": "water;rest;charging"},
        four={"amenities": FOUR, "capacity": 12},
        five={"amenities": f"{FOUR};aed", "capacity": 20},
        vague={"amenities": ""},
        shut={"amenities": FOUR, "status": "closed"},
    )
    assert found["grade"].to_dict() == {"bare": 0, "five": 4, "four": 4, "one": 1, "vague": 0}
    assert found["at_best"].to_dict() == {"bare": 0, "five": 5, "four": 4, "one": 1, "vague": 5}
    assert found.loc["five", ["next", "missing", "unknown"]].tolist() == [5, "", "fuzhou.area"]
    assert found.loc["vague", ["missing", "unknown", "yuan"]].tolist() == ["", "fuzhou.basic", 0]
    assert found.loc["one", "missing"] == "fuzhou.equipment"
    assert way(found, "one") == [
        {"action": "add_amenities", "amenities": {"meal_heating": 1}, "yuan": 800}
    ]
    assert found.loc["four", "missing"] == "fuzhou.people;fuzhou.aed"
    assert way(found, "four") == [
        {"action": "add_amenities", "amenities": {"aed": 1}, "yuan": 18_000},
        {"action": "add_places", "field": "capacity", "count": 8, "yuan": None},
    ]
    assert found["yuan"].isna().to_dict() == {
        "bare": False, "five": False, "four": True, "one": False, "vague": False,
    }  # fmt: skip
    [bare, *_] = telling.grades_told(found)
    assert bare["missing"] == ["fuzhou.basic"]
    assert bare["yuan"] == 2_500 + 3_000


def test_a_star_below_is_not_skipped() -> None:
    found = graded("fuzhou", gap={"amenities": f"{FOUR};aed".replace("rest;", ""), "capacity": 50})
    assert found.loc["gap", ["grade", "at_best", "next"]].tolist() == [0, 0, 1]


def test_truck_drivers_homes() -> None:
    amenities = "water;meal_heating;shower;washer;parking"
    found = graded(
        "truck_home",
        bank={"amenities": "water"},
        basic={"amenities": amenities, "truck_bays": 4, "opening_hours": "08:00-20:00"},
        none={"amenities": "water;meal_heating;parking", "truck_bays": 40},
    )
    assert list(found.index) == ["basic", "none"]
    assert found.loc["basic", ["grade", "at_best", "missing"]].tolist() == [
        1, 1, "truck.bays;truck.always",
    ]  # fmt: skip
    hours = PRICES.price("extend_hours", weekly_hours=84)
    always = PRICES.price("upgrade_24h")
    [change, bays] = way(found, "basic")
    assert change["action"] == ("upgrade_24h" if always < hours else "extend_hours")
    assert change["yuan"] == min(hours, always)
    assert bays == {"action": "add_places", "field": "truck_bays", "count": 16, "yuan": None}
    assert way(found, "none")[0]["amenities"] == {"shower": 1, "washer": 1}


def test_before_a_standard_was_in_force_nobody_has_a_grade() -> None:
    early = AT.replace(year=2025, month=5, day=1)
    assert graded("truck_home", early, a={"truck_bays": 40}).empty
    assert graded("national", a={"amenities": "water"}).empty


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from(CHOICES), min_size=1), st.integers(1, 3)), max_size=3
    ),
    st.sets(st.sampled_from(CHOICES)),
    st.sets(st.sampled_from(CHOICES)),
)
def test_no_choice_is_cheaper(
    choices: list[tuple[set[str], int]], needed: set[str], mine: set[str]
) -> None:
    usual = standards.load("national").rules[0]
    asked = [{"any": sorted(some), "any_least": min(n, len(some))} for some, n in choices]
    asked += [{"all": sorted(needed)}] if needed else []
    rules = [audit.Rule(**{**vars(usual), "settings": each}) for each in asked]
    have = ways.Have(frozenset(mine), 0.0, {}, "530114")
    found = ways.total(ways.cheapest(rules, have, PRICES))
    best = min(
        PRICES.price("add_amenities", amenities=more)
        for size in range(len(CHOICES) + 1)
        for more in combinations(CHOICES, size)
        if fits({*mine, *more}, asked)
    )
    assert found == best


def fits(amenities: set[str], asked: list[dict[str, Any]]) -> bool:
    return all(
        set(each.get("all", ())) <= amenities
        and len(amenities.intersection(each.get("any", ()))) >= each.get("any_least", 0)
        for each in asked
    )
