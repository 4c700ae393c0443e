"""Standards: every rule flags what it must, spares what it must, and is not fooled by its trap."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from geodata.errors import MissingError, UsageError
from geodata.geodesy import distance_m
from stations import audit
from stations.audit import quality, standards
from stations.audit.predicates import PREDICATES
from stations.audit.ruling import RULING_COLUMNS
from stations.audit.standards import parameters
from stations.catalogue import catalogue
from stations.registry import Registry
from tests.stations import worlds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
HOME, FAR = (102.801, 24.889), (102.83, 24.889)  # 呈贡 530114, 2.9 km apart
COUNTY = (103.1, 24.75)  # 宜良 530125, no district
ALL = ";".join(catalogue().amenities.terms)
NOTHING_SAID = {"amenities": ""}
RULES = {rule.id: rule for name in standards.SHIPPED for rule in standards.load(name).rules}


class Case(NamedTuple):
    """What three stations have, and what is to be said of the trap; "" nothing."""

    flag: Mapping[str, Any]
    sound: Mapping[str, Any]
    trap: Mapping[str, Any]
    trap_verdict: str = ""
    flag_verdict: str = "breach"


def without(*codes: str) -> dict[str, str]:
    """Return everything but these amenities."""
    return {
        "amenities": ";".join(code for code in catalogue().amenities.terms if code not in codes)
    }


def lacks(*codes: str, trap: Mapping[str, Any] | None = None, verdict: str = "unknown") -> Case:
    return Case(without(*codes), {"amenities": ALL}, trap or NOTHING_SAID, verdict)


def only(*codes: str) -> dict[str, str]:
    return {"amenities": ";".join(codes)}


def a_visit(trap: Mapping[str, Any]) -> Case:
    return Case({}, {"status": "closed"}, trap, "unknown", "unknown")


def truck(**more: Any) -> dict[str, Any]:
    return {"name": "呈贡卡车司机之家", "amenities": ALL, "truck_bays": 30, **more}


EVERYTHING_BUT_SIX = only("rest", "water", "meal_heating", "cooling", "charging", "massage")
CASES: Mapping[str, Case] = {
    "national.rest": lacks("rest"),
    "national.toilet": lacks("toilet"),
    "national.water": lacks("water"),
    "national.cooling": lacks("cooling"),
    "national.meal_heating": lacks("meal_heating"),
    "national.warm_and_dry": lacks("heating", "shelter", trap=without("heating"), verdict=""),
    "national.charging": lacks("charging", trap=only("ebike_charging", "water"), verdict="breach"),
    "national.reading": lacks("reading"),
    "six.sign": a_visit({"name": "工会驿站"}),
    "six.layout": a_visit({"capacity": 100}),
    "six.facilities": lacks("water"),
    "six.functions": a_visit({"amenities": ALL}),
    "six.management": a_visit({"phone": "0871-1234567"}),
    "six.map": Case({"name": "甲路驿站"}, {"name": "乙路驿站"}, {"area_code": "530125"}, "unknown"),
    "sixx.six": lacks("fridge", trap=EVERYTHING_BUT_SIX, verdict="breach"),
    "sixx.x": Case(only("rest", "water", "fridge"), only("rest", "wifi"), NOTHING_SAID, "unknown"),
    "sixx.place": a_visit({"capacity": 100}),
    "sixx.sign": a_visit({"phone": "12351"}),
    "sixx.head": a_visit({"host": "某银行"}),
    "shandong.spacing_town": Case({}, {}, {"area_code": "530125"}, "unknown"),
    "shandong.spacing_dense": Case({}, {}, {"area_code": "530125"}, "unknown", "unknown"),
    "shandong.area": a_visit({"capacity": 100}),
    "shandong.street": a_visit({}),
    "shandong.equipment": lacks("water", trap=without("first_aid"), verdict="breach"),
    "fuzhou.basic": lacks("rest"),
    "fuzhou.equipment": lacks("charging", trap=only("ebike_charging"), verdict="breach"),
    "fuzhou.comfort": lacks("cooling", trap=without("first_aid"), verdict="breach"),
    "fuzhou.toilet": lacks("toilet"),
    "fuzhou.area": a_visit({"capacity": 20}),
    "fuzhou.people": Case({"capacity": 19}, {"capacity": 20}, {}, "unknown"),
    "fuzhou.aed": lacks("aed", "first_aid", trap=without("aed"), verdict="breach"),
    "fuzhou.in_order": a_visit({"opening_hours": "09:00-17:00"}),
    "truck.basics": Case(truck(**without("shower")), truck(), without("shower")),
    "truck.bays": Case(
        truck(truck_bays=19), truck(truck_bays=20), truck(truck_bays=pd.NA), "unknown"
    ),
    "truck.showers": Case(truck(**without("shower")), without("shower"), truck(), "unknown"),
    "truck.washers": Case(truck(**without("washer")), without("washer"), truck(), "unknown"),
    "truck.always": Case(
        truck(opening_hours="00:00-23:00"),
        truck(opening_hours="24/7"),
        truck(opening_hours="Mo-Su 00:00-24:00"),
    ),
    "truck.sign": a_visit(truck())._replace(flag=truck(), sound={}),
    "truck.map": Case(
        truck(name="甲路司机之家"), {"name": "乙路驿站"}, truck(area_code="530125"), "unknown"
    ),
    "yunnan.definition": lacks("cooling"),
    "yunnan.warm_and_dry": lacks("heating", "shelter", trap=without("heating"), verdict=""),
    "yunnan.smart_always": Case(
        {"kind": "smart", "opening_hours": "08:00-20:00"},
        {"kind": "smart", "opening_hours": "24/7"},
        {"kind": "standard", "opening_hours": "08:00-20:00"},
    ),
    "yunnan.contact": Case({"phone": ""}, {"phone": "0871-1"}, {"phone": "  "}, "breach"),
    "yunnan.activities": a_visit({}),
    "yunnan.map": Case(
        {"name": "甲路驿站"}, {"name": "乙路驿站"}, {"area_code": "530125"}, "unknown"
    ),
}  # fmt: skip


def register(case: Case) -> Registry:
    """Put the stations down; the sound one has a neighbour 300 m away that is of no interest."""
    rows = {
        "flag": (Point(*FAR), {"area_code": "530114", **case.flag}),
        "neighbour": (Point(HOME[0] + 0.003, HOME[1]), {"name": "丙", "amenities": ALL}),
        "sound": (Point(*HOME), {"area_code": "530114", **case.sound}),
        "trap": (Point(*COUNTY), {"area_code": "530114", **case.trap}),
    }
    return Registry.from_frames(worlds.stations(rows))


def platform() -> gpd.GeoDataFrame:
    """Return a list of 呈贡 that has the sound station's and its neighbour's names."""
    there = {"name": "乙路驿站", "area_code": "530114"}
    return worlds.stations({"1": (Point(*HOME), there)})


def verdicts(rulings: pd.DataFrame) -> dict[str, str]:
    told = [orjson.loads(each)["verdict"] for each in rulings["evidence"]]
    return dict(zip(rulings["station"], told, strict=True))


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_flags_what_it_must_and_is_not_fooled(rule: audit.Rule) -> None:
    case = CASES[rule.id]
    context = audit.Context(register(case), AT, platform=platform())
    rulings = audit.judge_all([rule], context)
    found = verdicts(rulings)
    assert found.get("flag") == case.flag_verdict
    assert "sound" not in found
    assert found.get("trap", "") == case.trap_verdict
    vague = audit.is_unknown(rulings)
    assert set(rulings.loc[vague, "severity"]) <= {"note"}
    assert set(rulings.loc[~vague, "severity"]) <= {rule.severity}
    assert list(rulings.columns) == list(RULING_COLUMNS)


def test_every_rule_has_a_case_and_every_predicate_a_rule() -> None:
    assert CASES.keys() == RULES.keys()
    assert {rule.check for rule in RULES.values()} == PREDICATES.keys() == parameters.TAKEN.keys()
    assert not PREDICATES.keys() & quality.CHECKS.keys()
    assert len(RULES) == sum(len(standards.load(name).rules) for name in standards.SHIPPED)


def test_the_numbers_are_those_of_the_papers() -> None:
    told = {name: rule.settings for name, rule in RULES.items()}
    truck_home = [told[f"truck.{name}"]["least"] for name in ("bays", "showers", "washers")]
    assert (truck_home, told["truck.always"]["least"]) == ([20, 2, 2], 168)
    spacing = [told[f"shandong.spacing_{where}"]["at_most_m"] for where in ("town", "dense")]
    assert (spacing, told["fuzhou.people"]["least"]) == ([1000, 500], 20)
    assert told["shandong.area"]["what"] == ["area_m2 >= 12"]
    assert told["fuzhou.area"]["what"] == ["area_m2 >= 30"]


def test_the_same_facts_make_the_same_ruling_and_others_another() -> None:
    context = audit.Context(register(CASES["truck.bays"]), AT)
    first, again = (audit.judge_all([RULES["truck.bays"]], context) for _ in range(2))
    assert first.equals(again)
    fewer = CASES["truck.bays"]._replace(flag=truck(truck_bays=18))
    other = audit.judge_all([RULES["truck.bays"]], audit.Context(register(fewer), AT))
    both = first.merge(other, on="station", suffixes=("", "_then")).set_index("station")
    same = both["fact"] == both["fact_then"]
    assert same.to_dict() == {"flag": False, "trap": True}
    assert orjson.loads(str(first.set_index("station").loc["flag", "evidence"]))["truck_bays"] == 19


def test_rules_are_those_of_the_day() -> None:
    registry = register(CASES["truck.bays"])
    before, after = (AT.replace(year=2025, month=5, day=day) for day in (29, 30))
    assert audit.audit(registry, "truck_home", at=before, only=["standard"]).empty
    then = audit.audit(registry, "truck_home", at=after, only=["truck"])
    assert "truck.bays" in set(then["rule"])
    late = datetime(2025, 5, 29, 16, tzinfo=UTC)  # midnight in Beijing
    assert not audit.audit(registry, "truck_home", at=late, only=["standard"]).empty
    rule = replace(
        RULES["truck.bays"], id="truck.old", since=date(2020, 1, 1), until=date(2025, 5, 29)
    )
    old = audit.Standard("t", "旧", "Old", "1", "test", (rule, RULES["truck.bays"]))
    assert set(audit.audit(registry, old, at=before, only=["standard"])["rule"]) == {"truck.old"}
    assert set(audit.audit(registry, old, at=after, only=["standard"])["rule"]) == {"truck.bays"}


def test_an_audit_is_the_standard_and_the_data() -> None:
    rows = {"a": (Point(0, 0), only("water")), "b": (Point(*HOME), {"amenities": ALL})}
    registry = Registry.from_frames(worlds.stations(rows))
    whole = audit.audit(registry, at=AT)
    assert {"place.null_island", "national.rest"} <= set(whole["rule"])
    parts = [audit.audit(registry, at=AT, only=[part]) for part in ("standard", "quality")]
    assert len(whole) == sum(map(len, parts))
    assert not set(parts[0]["rule"]) & set(parts[1]["rule"])
    assert set(audit.audit(registry, at=AT, only=["national.rest"])["rule"]) == {"national.rest"}
    with pytest.raises(UsageError, match="no rule 'guess'"):
        audit.audit(registry, at=AT, only=["guess"])
    with pytest.raises(UsageError, match="known: national"):
        audit.audit(registry, "nowhere", at=AT)
    with pytest.raises(UsageError, match="zone"):
        audit.audit(registry, at=AT.replace(tzinfo=None))


@pytest.mark.parametrize("name", standards.SHIPPED)
def test_an_empty_register_breaks_nothing(name: str) -> None:
    empty = Registry.from_frames(worlds.stations({}))
    assert audit.audit(empty, name, at=AT).empty


def test_the_unknown_is_neither_a_pass_nor_a_breach() -> None:
    rows = {"a": (Point(*HOME), NOTHING_SAID), "b": (Point(*FAR), {"opening_hours": "看情况"})}
    registry = Registry.from_frames(worlds.stations(rows))
    found = audit.audit(registry, "national", at=AT, only=["standard"])
    assert audit.is_unknown(found).all()
    assert len(found) == 2 * len(standards.load("national").rules)
    assert all(orjson.loads(each)["not_known"] == "amenities" for each in found["evidence"])
    hours = replace(RULES["truck.always"], settings={"least": 168})
    assert set(verdicts(audit.judge_all([hours], audit.Context(registry, AT))).values()) == {
        "unknown"
    }


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.booleans()), max_size=12),
    st.sampled_from([400, 1_000, 2_000]),
)
def test_spacing_agrees_with_measuring_every_pair(
    cells: list[tuple[int, int, bool]], at_most: int
) -> None:
    rows = {
        f"s{at:02d}": (
            Point(102.7 + x / 500, 24.8 + y / 500),
            {"area_code": "530114", "status": "active" if used else "closed"},
        )
        for at, (x, y, used) in enumerate(cells)
    }
    registry = Registry.from_frames(worlds.stations(rows))
    rule = replace(
        RULES["shandong.spacing_town"], settings={"at_most_m": at_most, "where": "everywhere"}
    )
    found = set(audit.judge_all([rule], audit.Context(registry, AT))["station"])
    active = registry.active.tolist()
    expected = set()
    for row in active:
        others = [each for each in active if each != row]
        lon, lat = registry.lon[others], registry.lat[others]
        metres = distance_m(
            np.full(len(others), registry.lon[row]),
            np.full(len(others), registry.lat[row]),
            lon,
            lat,
        )
        if not (metres <= at_most).any():
            expected.add(str(registry.stations.index[row]))
    assert found == expected


def test_spacing_is_inclusive_and_a_lone_station_has_no_next() -> None:
    rows: dict[str, tuple[Point, dict[str, Any]]] = {
        "a": (Point(*HOME), {}),
        "b": (Point(*FAR), {}),
    }
    registry = Registry.from_frames(worlds.stations(rows))
    metres = registry.index.nearest([HOME[0]], [HOME[1]], 2).metres[0, 1]
    rule = RULES["shandong.spacing_town"]
    for at_most, broken in ((metres, set()), (metres - 0.01, {"a", "b"})):
        asked = replace(rule, settings={"at_most_m": float(at_most), "where": "everywhere"})
        found = audit.judge_all([asked], audit.Context(registry, AT))
        assert set(found["station"]) == broken
    alone = Registry.from_frames(worlds.stations({"a": (Point(*HOME), {"area_code": "530114"})}))
    [row] = audit.judge_all([rule], audit.Context(alone, AT)).to_dict("records")
    assert orjson.loads(row["evidence"]) == {"verdict": "breach", "next": "", "metres": None}


@settings(max_examples=40)
@given(st.lists(st.sets(st.sampled_from(list(catalogue().amenities.terms))), max_size=10))
def test_has_agrees_with_looking_at_each(each_has: list[set[str]]) -> None:
    rows = {
        f"s{at:02d}": (
            Point(*HOME),
            {"amenities": ";".join(c for c in catalogue().amenities.terms if c in mine)},
        )
        for at, mine in enumerate(each_has)
    }
    asked = {"all": ["water"], "any": ["wifi", "aed", "reading"], "any_least": 2}
    rule = replace(RULES["national.water"], settings=asked)
    context = audit.Context(Registry.from_frames(worlds.stations(rows)), AT)
    found = verdicts(audit.judge_all([rule], context))
    for at, mine in enumerate(each_has):
        fine = "water" in mine and len(mine & {"wifi", "aed", "reading"}) >= 2
        assert found.get(f"s{at:02d}", "") == ("unknown" if not mine else "" if fine else "breach")


OURS = """
[standard]
id = "ours"
zh = "本市标准"
en = "Ours"
version = "1"
source = "市总工会 2026 年第 1 号"

[[rules]]
id = "ours.evening"
zh = "晚上开放"
en = "Open long"
requirement = { zh = "每周不少于 84 小时", en = "84 hours a week" }
source = "本市标准"
level = "must"
severity = "major"
check = "open_hours"
settings = { least = 84 }
fix = { zh = "延长", en = "Extend" }
trap = { zh = "时间未填", en = "No hours" }

[[grades]]
grade = 1
zh = "达标"
en = "Good"
rules = ["ours.evening"]
"""


def test_a_planner_writes_their_own(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(OURS, "utf-8")
    rows = {
        "long": (Point(*HOME), {"opening_hours": "08:00-20:00"}),
        "none": (Point(*HOME), {}),
        "short": (Point(*HOME), {"opening_hours": "Mo-Fr 08:00-20:00"}),
    }
    registry = Registry.from_frames(worlds.stations(rows))
    found = audit.audit(registry, path, at=AT, only=["ours"])
    assert verdicts(found) == {"none": "unknown", "short": "breach"}
    seen = orjson.loads(str(found.set_index("station").loc["short", "evidence"]))
    assert (seen["hours"], seen["weekly_hours"]) == ("Mo-Fr 08:00-20:00", 60)
    with pytest.raises(MissingError, match=r"no file gone\.toml"):
        audit.load(tmp_path / "gone.toml")


HAS, COUNT = 'check = "has"\nsettings = ', 'check = "count"\nsettings = '
HOURS_RULE = 'check = "open_hours"\nsettings = { least = 84 }'


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("least = 84", "least = 169", "least is a number above 0, at most 168"),
        ("least = 84", "least = nan", "least is a number above 0"),
        ("least = 84", "most = 84", "takes no setting 'most'; it takes least"),
        ("{ least = 84 }", "{}", "open_hours needs the setting least"),
        ('"open_hours"', '"guess"', "check is one of has"),
        ('"open_hours"', '["has"]', "check is one of has"),
        (HOURS_RULE, 'check = "has"', "needs the setting all or any"),
        (HOURS_RULE, HAS + '{ all = ["tea"] }', "'tea' is none of toilet"),
        (HOURS_RULE, HAS + '{ any = ["aed"], any_least = 2 }', "any_least is at most"),
        (HOURS_RULE, COUNT + '{ field = "name", least = 2 }', "field is one of capacity"),
        ('["ours.evening"]', '["ours.morning"]', "no rule is called 'ours.morning'"),
        ("grade = 1", "grade = 2", "grade 1: needs grade = 1"),
        ('version = "1"\n', "", "[standard] needs version"),
        ('version = "1"\n', 'version = 1\nauthor = "x"\n', "[standard] has no field 'author'"),
        ('level = "must"', 'level = "shall"', "level is one of must, should, may"),
        ("[[grades]]", "[[grade]]", "no table is called 'grade'"),
        ("[[rules]]", "[rules]", "expected rules as a list"),
        ("[standard]", "[standard", "not TOML"),
        ("[standard]", "x = " + "[" * 10_000, "not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_told(old: str, new: str, complaint: str) -> None:
    assert old in OURS
    with pytest.raises(UsageError) as caught:
        standards.read(OURS.replace(old, new))
    assert complaint in str(caught.value)


def test_every_fault_of_a_file_is_told_at_once() -> None:
    broken = (
        OURS.replace("least = 84", "least = 0")
        .replace('"must"', '"shall"')
        .replace("grade = 1", "grade = 7")
    )
    with pytest.raises(UsageError) as caught:
        standards.read(broken)
    for part in ("level is one of", "least is a number", "grade 1: needs"):
        assert part in str(caught.value)


def test_what_is_shipped_says_where_it_is_from() -> None:
    for name in standards.SHIPPED:
        standard = standards.load(name)
        assert (standard.id, standard.version != "") == (name, True)
        for rule in standard.rules:
            assert rule.since > date(2018, 1, 1) - timedelta(days=1)
            assert rule.source.strip()
