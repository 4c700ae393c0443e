"""Coverage in truth as a planner asks for it: it adds up, whatever is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from geodata.errors import UsageError
from stations import coverage, cube
from stations.coverage import Limit, Need, Terms, Truth, parse_hours, parse_what_if
from stations.coverage.figures import STEPS, WATERFALL
from stations.errors import StationMissingError, UnknownAmenityError
from tests.examples import few
from tests.stations.test_cube import LAYER, NOW, site_rows, station_rows, world
from tests.stations.worlds import register

HERE = Point(102.7, 25.0)
KM = 1_000.0


def bank_and_park(**more: Any) -> Truth:
    """Ask about a park of 100 by a bank open on workdays, another of 7 with nothing near."""
    registry = register(
        {
            "bank": (
                Point(102.7, 25.002),
                {
                    "name": "招商银行站",
                    "opening_hours": "Mo-Fr 08:00-18:00",
                    "amenities": "toilet",
                    "host": "招商银行滨河支行",
                    "area_code": "530102",
                    "capacity": 10,
                },
            ),
            "post": (
                Point(102.7, 25.003),
                {"opening_hours": "", "amenities": "toilet;water", "area_code": "530103"},
            ),
        },
        {
            LAYER: {
                "p": (HERE, {"workers": 100, "area_code": "530102"}),
                "q": (Point(103, 25), {"workers": 7}),
            }
        },
        restricted=[LAYER],
    )
    need = Need(LAYER, more.pop("limit", Limit(KM)), more.pop("needs", ("toilet",)))
    return coverage.truth(registry, need, Terms(**more))


def adds_up(answer: Truth) -> None:
    """Check that parts add up in every row, and rows to the total."""
    total = answer.total()
    for by in ("site", "county", "prefecture", "province", "hour"):
        rows = answer.rows(by)
        for row in [*rows, total]:
            assert sum(row["lost"].values()) + row["steps"]["trust"] == row["worker_hours"]
            steps = [row["worker_hours"], *(row["steps"][step] for step in STEPS)]
            assert steps == sorted(steps, reverse=True)
            assert 0 <= row["workers_covered"] <= row["workers"]
            assert row["covered"] <= row["sites"]
        counted = ["worker_hours"] if by == "hour" else [
            "sites", "covered", "covered_sometimes", "workers", "workers_covered", "worker_hours",
        ]  # fmt: skip
        for name in counted:
            assert sum(row[name] for row in rows) == total[name]
        for part in ("lost", "steps"):
            for name, value in total[part].items():
                assert sum(row[part][name] for row in rows) == value
    json.dumps(answer.as_dict("county"), allow_nan=False)


@few(12)
@given(
    station_rows,
    site_rows,
    st.sampled_from(["all", "02:00", "night", "2026-10-01", "2026-10-01 weekends"]),
    st.sampled_from([0.0, 0.7]),
    st.sampled_from(["constant", "night"]),
)
def test_everything_adds_up(
    stations: list[dict[str, Any]], sites: list[Any], hours: str, floor: float, profile: str
) -> None:
    made = world(stations, sites, 1_500.0)
    terms = Terms(parse_hours(hours), 20, floor, NOW, profile=profile)
    answer = coverage.truth(made.registry, Need(LAYER, Limit(1_500), ("toilet",)), terms)
    adds_up(answer)
    week = parse_hours("2026-10-01" if hours.startswith("2026") else "all")
    whole = coverage.truth(made.registry, answer.need, replace(terms, hours=week))
    assert answer.hours().equals(whole.hours())
    chosen = whole.hours()[answer.chosen]
    assert answer.waterfall()[list(WATERFALL)].iloc[0].tolist() == chosen.sum().tolist()
    gaps = answer.gaps()
    left = answer.total()["worker_hours"] - answer.total()["steps"]["trust"]
    assert gaps["lost"].sum() == left
    for row in gaps.to_dict("records"):
        assert row["lost"] == sum(row[f"lost_{cause}"] for cause in cube.CAUSES)
    assert answer.sites.index.tolist() == made.registry.layer(LAYER).sites.index.tolist()


def test_the_figures_of_a_bank_and_a_park() -> None:
    answer = bank_and_park()
    week, open_ = 107 * 168, 100 * 50
    assert answer.total() == {
        "sites": 2,
        "covered": 0,
        "covered_sometimes": 1,
        "workers": 107,
        "workers_covered": 30,  # 50 of 168 hours
        "worker_hours": week,
        "steps": {"paper": 16_800, "hours": open_, "amenities": open_, "trust": open_},
        "lost": {"no_station": 7 * 168, "closed": 0, "unknown": 11_800, "amenity": 0, "trust": 0},
        "share": open_ / week,
        "unreachable": 0,
        "estimated": False,
        "workers_unknown": 0,
        "not_there": 0,
    }
    outside, county = answer.rows("county")
    assert (outside["code"], outside["name"]) == ("", "县域以外 outside every county")
    assert (outside["worker_hours"], county["worker_hours"]) == (7 * 168, 100 * 168)
    assert [row["id"] for row in answer.rows("site")] == ["p", "q"]
    noon = answer.rows("hour")[12]
    assert (noon["hour"], noon["zh"], noon["en"]) == (12, "周一 12:00", "Mon 12:00")
    assert (noon["sites"], noon["covered"], noon["workers"], noon["workers_covered"]) == (
        2, 1, 107, 100,
    )  # fmt: skip
    assert answer.layer.restricted


def test_a_gap_says_what_would_help_in_words() -> None:
    gaps = bank_and_park().gaps()
    assert gaps.index.tolist() == ["p", "q"]
    park, far = gaps.to_dict("records")
    assert (park["cause"], park["fix"], park["fix_id"]) == ("unknown", "extend_hours", "bank")
    assert park["fix_won"] == park["lost"] == 11_800
    assert park["hours_zh"] == "除周一至周五 08:00–18:00 外全天"
    assert "现为 周一-周五 08:00-18:00" in park["advice_zh"]
    assert park["advice_en"].startswith("招商银行站 (222 m): extend its hours, now Mo-Fr")
    assert (far["fix"], far["advice_zh"], far["nearest_id"]) == ("none", "需新建驿站", "bank")
    assert far["usable_id"] == ""
    assert len(bank_and_park().gaps(1)) == 1


def test_a_station_inside_an_area_is_not_said_to_be_out_of_reach() -> None:
    areas: dict[str, Any] = {
        "wide": (box(102.6, 24.9, 102.8, 25.1), {"workers": 50}),
        "none": (box(103.6, 24.9, 103.8, 25.1), {"workers": 5}),
    }
    registry = register({"in": (HERE, {"opening_hours": "24/7"})}, {LAYER: areas})
    answer = coverage.truth(registry, Need(LAYER, Limit(KM)))
    wide, none = (answer.gaps().loc[each] for each in ("wide", "none"))
    assert (wide["cause"], wide["nearest_m"]) == ("no_station", 0)
    out = round(100 * (1 - answer.paper.sites["share"]["wide"]))
    assert 90 <= out <= 99
    assert wide["cause_zh"] == f"约 {out}% 的面积范围内无驿站"
    assert wide["cause_en"] == f"no station within reach of some {out} % of the area"
    assert (none["cause_zh"], none["cause_en"]) == ("范围内无驿站", "no station within reach")
    assert answer.sites["cause_zh"].tolist() == [none["cause_zh"], wide["cause_zh"]]


def test_who_hangs_on_one_and_on_whom() -> None:
    told = bank_and_park().as_dict("county")["backup"]
    assert (told["covered"], told["one_station"], told["share_one_host"]) == (5_000, 5_000, 1.0)
    assert told["stations"] == [
        {"id": "bank", "name": "招商银行站", "sites": 1, "worker_hours": 5_000}
    ]
    assert [row["name"] for row in told["hosts"]] == ["招商银行滨河支行"]
    opened = bank_and_park(supposed=(parse_what_if("station:post open"),)).as_dict("county")
    assert [row["id"] for row in opened["backup"]["hosts"]] == ["post"]  # its host is not known


def test_types_of_worker_and_other_layers() -> None:
    plain = bank_and_park()
    assert plain.types() is None
    assert plain.as_dict("county")["fairness"]["types"] is None
    rows: dict[str, Any] = {"r": (HERE, {"workers": 100, "attributes": '{"工种": "骑手"}'})}
    registry = register({"bank": (HERE, {"opening_hours": "24/7"})}, {"riders": rows})
    other = coverage.truth(registry, Need("riders", Limit(KM)))
    types = replace(plain, others=(other,)).as_dict("county")["fairness"]["types"]
    assert [group["name"] for group in types["groups"]] == [LAYER, "骑手"]
    assert [group["worker_hours"] for group in types["groups"]] == [107 * 168, 16_800]
    assert types["mean"] == pytest.approx((5_000 + 16_800) / (207 * 168), abs=1e-6)


def test_places_are_those_of_the_stations_that_are_there() -> None:
    gone = bank_and_park(supposed=(parse_what_if("station:bank removed"),)).access()
    assert gone is not None
    assert gone.tolist() == [0.0, 0.0]
    told = bank_and_park().as_dict("county")["fairness"]["access"]
    assert (told["weights"], told["zones"]) == ([1.0, 0.68, 0.22], [333.333, 666.667, 1000.0])


def test_an_instant_and_the_stay() -> None:
    late = parse_hours("2026-11-02T17:30")
    assert bank_and_park(hours=late).total()["steps"]["hours"] == 100
    assert bank_and_park(hours=late, stay_min=40.0).total()["steps"]["hours"] == 0
    told = bank_and_park(hours=late).as_dict("site")
    assert (told["hours"]["first_hour"], told["hours"]["hours"]) == (17, [0.9346])
    assert (told["method"]["stay_min"], told["method"]["hours_counted"]) == (0, 1)
    holiday = bank_and_park(hours=parse_hours("2026-10-01"))
    assert holiday.total()["steps"]["hours"] < bank_and_park().total()["steps"]["hours"]


def test_every_answer_carries_its_method() -> None:
    answer = bank_and_park(trust_floor=0.9999, at=NOW)
    method = answer.method()
    assert answer.total()["lost"]["trust"] == 5_000
    assert method["trust_floor"] == 0.9999
    assert method["data"] | {"capacity_unknown": 0.5} == {
        "stations_in_use": 2,
        "stations_in_reach": 2,
        "hours_unknown": 0.5,
        "amenities_unrecorded": 0.0,
        "capacity_unknown": 0.5,
        "never_confirmed": 1.0,
        "below_trust_floor": 1.0,
        "synthetic": 0.0,
        "sites_without_workers": 0,
        "sites_outside_counties": 1,
    }
    assert set(method["steps"]) == set(STEPS)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("host:招商银行 shut weekends", 50),
        ("host:招商 shut Fr", 40),
        ("host：招商银行  shut", 0),
        ("county:5301 open night", 50 + 56),
        ("station:bank removed", 0),
        ("station:bank open", 168),
        ("county:530103 equipped", 50),
    ],
)
def test_what_if(text: str, hours: int) -> None:
    answer = bank_and_park(supposed=(parse_what_if(text),))
    assert answer.total()["steps"]["trust"] == 100 * hours
    assert answer.method()["what_if"] == [" ".join(text.split())]
    adds_up(answer)


def test_what_if_a_county_loses_trust() -> None:
    doubted = parse_what_if("county:530102 trust 0.3")
    answer = bank_and_park(trust_floor=0.5, at=NOW, supposed=(doubted,))
    assert answer.total()["lost"]["trust"] == 5_000
    with pytest.raises(UsageError, match="trust floor"):
        bank_and_park(supposed=(doubted,))


@pytest.mark.parametrize(
    "text",
    ["", "bank shut", "host: shut", "host:x close", "host:x trust", "host:x trust 2",
     "host:x trust nan", "host:x removed now", "host:x shut sometimes", "town:x shut"],
)  # fmt: skip
def test_a_wrong_what_if_says_what_is_right(text: str) -> None:
    with pytest.raises(UsageError):
        parse_what_if(text)


def test_what_if_about_nobody() -> None:
    with pytest.raises(UsageError, match="no station has the host"):
        bank_and_park(supposed=(parse_what_if("host:农业银行 shut"),))
    with pytest.raises(StationMissingError):
        bank_and_park(supposed=(parse_what_if("station:none removed"),))


@pytest.mark.parametrize(
    ("text", "count", "en"),
    [
        ("all", 168, "ordinary week, always"),
        (" ", 168, "ordinary week, always"),
        ("02:00", 7, "ordinary week, daily 02:00–03:00"),
        ("Mo 2:00", 1, "ordinary week, Mon 02:00–03:00"),
        ("night", 56, "ordinary week, daily 22:00–06:00"),
        ("day", 112, "ordinary week, daily 06:00–22:00"),
        ("周末", 48, "ordinary week, weekends 00:00–24:00"),
        ("Mo-Fr 22:00-06:00", 40, "ordinary week, Mon–Fri 22:00–06:00"),
        ("2026-10-01", 168, "week of 2026-09-28, always"),
        ("2026-10-01 night", 56, "week of 2026-09-28, daily 22:00–06:00"),
        ("2026-10-01T02:00", 168, "2026-10-01 02:00"),
        ("2026-10-01T02:00+00:00", 168, "2026-10-01 10:00"),
    ],
)
def test_hours_in_words(text: str, count: int, en: str) -> None:
    read = parse_hours(text)
    assert (168 if read.chosen is None else sum(read.chosen), read.words.en) == (count, en)


@pytest.mark.parametrize(
    "text",
    ["noon", "25:00", "22:30-06:00", "2026-13-01", "2026-10-01 soon", "off", "9999-12-31T00:00",
     "Mo-Fr 09:00+", "PH", "x" * 5_000],
)  # fmt: skip
def test_wrong_hours_say_what_is_right(text: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_hours(text)
    assert len(str(told.value)) < 300


def test_nonsense_is_refused_before_anything_is_computed() -> None:
    for wrong in ({"stay_min": -1.0}, {"trust_floor": 2.0}, {"trust_floor": 0.5}, {"profile": "x"}):
        with pytest.raises(UsageError):
            bank_and_park(**wrong)
    with pytest.raises(UnknownAmenityError):
        bank_and_park(needs=("sauna",))
    with pytest.raises(UsageError, match="hour"):
        bank_and_park().rows("street")


def test_a_need_nothing_meets_is_all_gap() -> None:
    answer = bank_and_park(needs=("aed",))
    total = answer.total()
    assert (total["share"], total["lost"]["amenity"]) == (0.0, 5_000)
    assert answer.gaps()["fix"].tolist() == ["add", "none"]  # while the bank is open
    fair = answer.as_dict("county")["fairness"]
    assert (fair["gini"], fair["mean"], fair["nobody_covered"]) == (None, 0.0, True)
    assert fair["lorenz"] == {"people": [], "covered": []}
    adds_up(answer)


def test_a_layer_without_workers_counts_sites() -> None:
    rows: dict[str, Any] = {"p": (HERE, {}), "q": (Point(103, 25), {})}
    bank = {"opening_hours": "Mo-Fr 08:00-18:00", "amenities": "toilet"}
    registry = register({"bank": (Point(102.7, 25.002), bank)}, {LAYER: rows})
    answer = coverage.truth(registry, Need(LAYER, Limit(KM), ("toilet",)))
    total = answer.total()
    assert (total["workers"], total["worker_hours"], total["steps"]["trust"]) == (0, 336, 50)
    assert answer.method()["share_of"] == "site-hours"
    assert answer.access() is None
    adds_up(answer)


@pytest.mark.parametrize(("stations", "sites"), [({}, {}), ({}, {"p": (HERE, {"workers": 3})})])
def test_no_station_and_no_site(stations: Any, sites: Any) -> None:
    answer = coverage.truth(register(stations, {LAYER: sites}), Need(LAYER, Limit(KM)))
    assert answer.total()["share"] == (0.0 if sites else None)
    assert len(answer.gaps()) == len(answer.sites) == len(sites)
    assert answer.backup().hosts.empty
    adds_up(answer)


@pytest.mark.parametrize("metres", [0, 300, 10_000_000])
def test_areas_that_overlap_reach_of_nothing_and_of_everything(metres: float) -> None:
    ring = box(102.69, 24.99, 102.71, 25.01)
    areas: dict[str, Any] = {
        "a": (ring, {"workers": 50, "area_code": "530102"}),
        "b": (ring, {"workers": 20, "area_code": "530103"}),
        "c": (box(102.7, 25.0, 102.72, 25.02), {"workers": 9}),
    }
    stations: dict[str, Any] = {
        "in": (HERE, {"opening_hours": "24/7", "amenities": "toilet"}),
        "far": (Point(104, 25), {"opening_hours": "24/7"}),
    }
    registry = register(stations, {LAYER: areas})
    answer = coverage.truth(registry, Need(LAYER, Limit(metres), ("toilet",)))
    assert answer.total()["workers"] == 79
    share = {0: 0.0, 10_000_000: 1.0}.get(int(metres))
    if share is not None:
        assert answer.total()["share"] == share
    plain = coverage.measure(registry, Need(LAYER, Limit(metres), ("toilet",)))
    assert answer.total()["workers_covered"] == plain.total()["workers_covered"]
    adds_up(answer)


def test_backup_and_places() -> None:
    answer = bank_and_park()
    found = answer.backup()
    assert list(found.sites.loc["p", ["covered", "one_station", "one_host_hours"]]) == [
        5_000, 5_000, 50,
    ]  # fmt: skip
    assert found.hosts.index.tolist() == ["招商银行滨河支行"]
    night = bank_and_park(hours=parse_hours("night")).backup()
    assert list(night.sites.loc["p"]) == [0] * 5
    assert night.stations.empty
    access = answer.access()
    assert access is not None
    assert access.tolist() == pytest.approx([0.1, 0.0])


def test_since_then_the_bank_came() -> None:
    after = bank_and_park()
    registry = register(
        {"post": (Point(102.7, 25.003), {"amenities": "toilet;water", "area_code": "530103"})},
        {LAYER: {"p": (HERE, {"workers": 100, "area_code": "530102"})}},
    )
    before = coverage.truth(registry, after.need)
    told = replace(after, earlier=before).as_dict("county")["since"]
    assert (told["share_before"], told["total"]["added"]) == (0.0, 5_000)
    assert told["edits"][0] == {"site": "p", "kind": "added", "change": 5_000, "stations": ["bank"]}
    trend = after.since(before)
    assert list(trend.sites.loc["p", ["before", "after", "added"]]) == [0, 5_000, 5_000]
    assert trend.edits["stations"].tolist() == [("bank",)]


def test_one_relation_serves_many_questions() -> None:
    first = bank_and_park()
    relation = coverage.relate(first.registry, first.need, coverage.Travel())
    for hours in ("all", "night"):
        terms = Terms(parse_hours(hours))
        again = coverage.truth(first.registry, first.need, terms, relation=relation)
        fresh = coverage.truth(first.registry, first.need, terms)
        assert again.as_dict("site") == fresh.as_dict("site")
    assert first.as_dict("site") is first.as_dict("site")


def test_sites_for_files_hold_shares_and_remedies() -> None:
    frame = bank_and_park(at=datetime(2026, 11, 1, tzinfo=UTC)).sites
    assert frame.crs == "EPSG:4326"
    row = frame.loc["p"]
    assert (row["share_paper"], row["share_trust"]) == (1.0, pytest.approx(50 / 168))
    assert (row["fix_id"], row["fix_won"]) == ("bank", 11_800)
    assert np.isnan(frame.loc["q", "fix_cost"])
