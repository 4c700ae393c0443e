"""Rounds: whom to visit, doors, minutes, and routes that hold up when looked at from outside."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import LonLat
from geodata.errors import UsageError
from geodata.geodesy import distance_m
from stations.audit import findings as loop
from stations.audit import rounds
from stations.audit.rounds import Ask, Inspector, minutes_of
from stations.audit.rounds.doors import spans_of, visit_min, written
from stations.audit.rounds.legs import NO_WAY, legs_between
from stations.audit.rounds.people import people_of
from stations.audit.rounds.terms import terms
from stations.hours import Closure, Posted
from stations.hours.clock import aware
from stations.store import FindingStep
from stations.store._findings import steps_frame
from stations.travel import Travel, mode_of
from stations.trust import Evidence, evidence_frame
from tests.stations import worlds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.roads import RoadNetwork
    from stations.registry import Registry

DAY = date(2026, 11, 24)  # a Tuesday
AT = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
HERE = LonLat(102.7, 25.0)
KM = 1 / 100.8  # degrees of longitude


def at_km(east: float, **more: Any) -> tuple[shapely.Point, dict[str, Any]]:
    told = {"opening_hours": "24/7", "area_code": "530102", "capacity": 10, **more}
    return shapely.Point(HERE.lon + east * KM, HERE.lat), told


def steps(*opened: tuple[str, str, str]) -> pd.DataFrame:
    """Return steps that open findings: rule, station, severity."""
    rows = [
        (number, number, "open", AT - timedelta(days=3), "审计", "看到",
         json.dumps({"severity": severity, "evidence": "{}", "proposal": "", "due": "2026-11-23"}),
         rule, station, f"{number:016x}")
        for number, (rule, station, severity) in enumerate(opened, 1)
    ]  # fmt: skip
    return steps_frame(rows)


def step(frame: pd.DataFrame, finding: int, name: str, **details: Any) -> pd.DataFrame:
    number = len(frame) + 1
    row = (number, finding, name, AT, "王芳", "好了", json.dumps(details), "", "", "")
    return pd.concat([frame, steps_frame([row])])


def ranked(
    registry: Registry, frame: pd.DataFrame | None = None, area: str = ""
) -> rounds.Candidates:
    standing = loop.standing(steps() if frame is None else frame, AT)
    return rounds.candidates(registry, standing, AT, area=area)


def goer(name: str = "王芳", since: str = "08:30", until: str = "17:30", **more: Any) -> Inspector:
    return Inspector(
        **{"name": name, "start": HERE, "since": minutes_of(since), "until": minutes_of(until),
           **more}
    )  # fmt: skip


def planned(registry: Registry, *who: Inspector, **more: Any) -> dict[str, Any]:
    frame = more.pop("steps", None)
    ask = Ask(DAY, who or (goer(),), **{"iterations": 300, **more})
    return rounds.plan(registry, ranked(registry, frame, ask.area), ask).to_dict()


# Whom


def test_a_priority_is_the_product_of_its_parts() -> None:
    registry = worlds.register({"A": at_km(0), "B": at_km(5, capacity=40)})
    seen = Evidence("A", "inspection", "worked", AT - timedelta(days=100), "王芳", key="1")
    registry = registry.with_evidence(evidence_frame([seen]))
    frame = ranked(registry).frame
    trust = registry.trust(AT)
    expected = (1 - trust) * [10, 40] * np.array([100, terms().most_days])
    assert frame.index.tolist() == ["B", "A"]
    assert frame.loc[["A", "B"], "priority"].tolist() == pytest.approx(expected.tolist())
    assert frame.loc["A", "last"] == seen.at.timestamp()
    assert frame["last"].isna().to_dict() == {"B": True, "A": False}


def test_what_was_seen_later_or_not_by_an_inspector_does_not_count_as_a_visit() -> None:
    pieces = [
        Evidence("A", "inspection", "worked", AT + timedelta(hours=1), "王芳", key="1"),
        Evidence("A", "check_in", "worked", AT - timedelta(days=1), "李", key="2"),
    ]
    registry = worlds.register({"A": at_km(0)}).with_evidence(evidence_frame(pieces))
    assert ranked(registry).frame.loc["A", "days"] == terms().most_days


def test_the_likeliest_pending_finding_raises_the_probability() -> None:
    registry = worlds.register({name: at_km(0) for name in "ABCDE"})
    opened = steps(
        ("place.outside", "A", "minor"),
        ("hours.never", "A", "critical"),
        ("place.outside", "B", "critical"),
        ("place.outside", "C", "critical"),
        ("place.outside", "D", "note"),
    )
    opened = step(opened, 3, "assign", assignee="王芳", due="2026-12-01")
    opened = step(step(opened, 3, "fix"), 4, "settle")
    frame = ranked(registry, opened).frame
    trust = registry.trust(AT)[0]
    chances = zip("ABCDE", (0.8, 0.4, 0, 0.1, 0), strict=True)
    wrong = {name: 1 - trust * (1 - chance) for name, chance in chances}
    assert frame["wrong"].to_dict() == pytest.approx(wrong)
    assert frame["finding"].to_dict() == {
        "A": "critical", "B": "critical", "C": "", "D": "note", "E": ""
    }  # fmt: skip
    assert frame["findings"].to_dict() == {"A": 2, "B": 1, "C": 0, "D": 1, "E": 0}
    assert frame.index.tolist() == ["A", "B", "D", "C", "E"]


def test_only_stations_in_use_of_the_area_count() -> None:
    registry = worlds.register(
        {
            "A": at_km(0),
            "B": at_km(0, status="planned"),
            "C": at_km(0, area_code="530302"),
        }
    )
    assert ranked(registry, area="5301").frame.index.tolist() == ["A"]
    with pytest.raises(UsageError, match="begins with 99"):
        ranked(registry, area="99")
    with pytest.raises(UsageError, match="leading digits"):
        ranked(registry, area="昆明")


def shared_by_hand(registry: Registry, name: str) -> Mapping[str, float]:
    """Share a point layer's workers among stations, a pair at a time."""
    found = dict.fromkeys(registry.stations.index, 0.0)
    sites = registry.layer(name).sites
    for _, site in sites[sites["workers"].notna()].iterrows():
        weights = {}
        for id_, station in registry.stations.iterrows():
            pair = *site.geometry.coords[0], *station.geometry.coords[0]
            metres = float(distance_m(*(np.array([each]) for each in pair))[0])
            if metres <= 1000 and station["status"] == "active":
                weights[id_] = 1.0 if metres <= 1000 / 3 else 0.68 if metres <= 2000 / 3 else 0.22
        for id_, weight in weights.items():
            found[str(id_)] += site["workers"] * weight / sum(weights.values())
    return found


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.floats(0, 3), min_size=1, max_size=6),
    st.lists(st.tuples(st.floats(0, 3), st.none() | st.integers(0, 900)), max_size=6),
)
def test_workers_are_shared_among_the_stations_they_have(
    doors: list[float], sites: list[tuple[float, int | None]]
) -> None:
    layers = {
        "posts": {
            f"P{number}": (at_km(east)[0], {} if people is None else {"workers": people})
            for number, (east, people) in enumerate(sites)
        }
    }
    rows = {f"S{number}": at_km(east) for number, east in enumerate(doors)}
    registry = worlds.register(rows, layers, restricted=["posts"])
    people = people_of(registry, DAY)
    by_hand = shared_by_hand(registry, "posts")
    assert people.workers["posts"].tolist() == pytest.approx(list(by_hand.values()))
    assert (people.affected >= 10).all()


def test_sites_that_are_not_there_that_day_count_for_nobody() -> None:
    sites = {
        "GONE": (at_km(0)[0], {"workers": 500, "until": "2026-11-23"}),
        "HERE": (at_km(0)[0], {"workers": 70, "from": "2026-11-24"}),
    }
    registry = worlds.register({"A": at_km(0, capacity=pd.NA)}, {"sites": sites})
    assert people_of(registry, DAY).affected.tolist() == [70]
    assert people_of(registry, date(2026, 11, 23)).affected.tolist() == [500]
    registry = worlds.register({"A": at_km(0, capacity=pd.NA)})
    assert people_of(registry, DAY).affected.tolist() == [terms().seats]


def test_layers_are_named_to_those_who_may_see_them_and_counted_for_all() -> None:
    sites = {"X": (at_km(0)[0], {"workers": 300})}
    registry = worlds.register({"A": at_km(0)}, {"posts": sites, "parks": sites}, ["posts"])
    ask = Ask(DAY, (goer(),), iterations=10)
    whole = ranked(registry)
    both, one = (
        rounds.plan(registry, whole, ask, named=named).to_dict()["routes"][0]["stops"][0]["why"]
        for named in (None, {"parks"})
    )
    assert both["people"]["value"] == one["people"]["value"] == 600
    assert [each["layer"] for each in both["people"]["layers"]] == ["parks", "posts"]
    assert [each["layer"] for each in one["people"]["layers"]] == ["parks"]
    assert "posts" not in json.dumps(one)


# Doors


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("24/7", "00:00–24:00"),
        ("Mo-Fr 08:30-12:00,14:00-17:30", "08:30–12:00, 14:00–17:30"),
        ("Mo-Su 22:00-06:00", "00:00–06:00, 22:00–24:00"),
        ("Sa,Su 08:00-12:00", ""),
        ("", "00:00–24:00?"),
        ("08:00-12:00,14:00+", "08:00–12:00, 14:00–24:00?"),
    ],
)
def test_the_spans_of_a_day(hours: str, expected: str) -> None:
    assert written(spans_of(Posted(hours), DAY)) == expected


def test_holidays_make_up_workdays_and_closures_are_the_real_ones() -> None:
    bank = Posted("Mo-Fr 08:30-17:30")
    assert spans_of(bank, date(2026, 10, 1)) == ()  # National Day, a Thursday
    assert written(spans_of(bank, date(2026, 10, 10))) == "08:30–17:30"  # a Saturday made up
    shut = Closure(datetime(2026, 11, 24, 10), None)  # noqa: DTZ001 - wall time
    assert written(spans_of(Posted("24/7", closures=(shut,)), DAY)) == "00:00–10:00"


def test_a_visit_in_unknown_hours_says_so() -> None:
    [span] = spans_of(Posted("08:00-12:00 open, 12:00-16:00 unknown"), DAY)
    assert (span.since, span.until) == (480, 960)
    assert span.sure(480, 720)
    assert not span.sure(700, 721)


def test_minutes_at_a_station_grow_with_questions_and_findings() -> None:
    assert visit_min(0, 0) == 5
    assert visit_min(35, 0) == 23
    assert visit_min(35, 2) == 29


@pytest.mark.parametrize("text", ["8.30", "25:00", "12:60", "", "24:01", "noon"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="08:30"):
        minutes_of(text)


# Ways


def test_estimated_ways_round_up_and_say_so() -> None:
    lon, lat = np.array([HERE.lon, HERE.lon + 3 * KM]), np.array([HERE.lat, HERE.lat])
    legs = legs_between(lon, lat, 1, travel=Travel(), code="car")
    metres = distance_m(lon[:1], lat[:1], lon[1:], lat[1:])
    assert legs.minutes[0, 1] == int(np.ceil(mode_of("car").minutes(metres)[0]))
    assert legs.minutes.diagonal().tolist() == [0, 0]
    assert (legs.method, legs.estimated(0, 1)) == ("all", True)


@pytest.mark.shared_data
def test_ways_are_by_road_where_there_are_roads(liechtenstein_roads: RoadNetwork) -> None:
    vaduz, schaan, far, alp = (9.5215, 47.1415), (9.5095, 47.1655), (9.80, 47.40), (9.6, 47.06)
    lon, lat = np.array([vaduz, schaan, alp, far, vaduz]).T
    legs = legs_between(lon, lat, 4, travel=Travel(liechtenstein_roads), code="car")
    snapped = liechtenstein_roads.snap(lon, lat, "car")
    asked = liechtenstein_roads.matrix(snapped.take(np.array([0])), snapped, "car")
    assert legs.minutes[0, 1] == int(np.ceil(asked.minutes[0, 1] - 1e-6))
    assert legs.metres[0, 1] == pytest.approx(asked.metres[0, 1])
    assert not snapped.found[2], "the alp has a road; take another place"
    assert legs.minutes[0, 2] == legs.minutes[2, 0] == legs.minutes[4, 2] == NO_WAY
    assert legs.estimated(0, 3)
    assert legs.method == "some"


# Days


def test_several_spans_lunch_and_waiting_are_told_as_they_are() -> None:
    registry = worlds.register(
        {
            "A": at_km(0, capacity=90, opening_hours="09:00-09:25,15:00-15:25"),
            "B": at_km(0, capacity=50, opening_hours="09:00-09:25"),
        }
    )
    route = planned(registry, lunch_min=60)["routes"][0]
    first, second = route["stops"]
    assert route["lunch"] == {"from": "11:30", "until": "12:30", "after": 1}
    assert (first["id"], first["begin"], first["leave"]) == ("B", "09:02", "12:30")
    assert (route["leave"], route["wait_min"]) == ("09:02", 125 + 150)
    assert (second["id"], second["arrive"], second["begin"]) == ("A", "12:30", "15:00")
    assert second["hours"] == "09:00–09:25, 15:00–15:25"
    assert route["back"] == "15:23"


def test_the_most_urgent_go_first_when_the_day_is_short() -> None:
    rows = {f"S{number}": at_km(0, capacity=number) for number in range(1, 8)}
    told = planned(worlds.register(rows), goer(until="10:02"))  # four visits of 23 min
    visited = {stop["id"] for stop in told["routes"][0]["stops"]}
    assert visited == {"S4", "S5", "S6", "S7"}
    assert [each["id"] for each in told["left_out"]] == ["S3", "S2", "S1"]
    assert {each["reason"] for each in told["left_out"]} == {"full"}


def test_everybody_left_out_has_a_reason() -> None:
    registry = worlds.register(
        {
            "CLOSED": at_km(0, opening_hours="Sa,Su 08:00-20:00"),
            "NIGHT": at_km(0, opening_hours="20:00-23:00"),
            "BRIEF": at_km(0, opening_hours="10:00-10:10"),
            "FAR": at_km(400),
            "OTHER": at_km(0, area_code="532301"),
            "FINE": at_km(1),
        }
    )
    told = planned(registry, goer(area="5301"))
    reasons = {each["id"]: each["reason"] for each in told["left_out"]}
    assert reasons == {
        "CLOSED": "closed", "NIGHT": "closed", "BRIEF": "brief", "FAR": "too_far",
        "OTHER": "nobody",
    }  # fmt: skip
    assert all(each["zh"] and each["en"] for each in told["left_out"])
    assert [stop["id"] for stop in told["routes"][0]["stops"]] == ["FINE"]
    assert (told["totals"]["stations"], told["beyond"]) == (6, 0)


@pytest.mark.shared_data
def test_a_station_no_road_leads_to_is_left_out(liechtenstein_roads: RoadNetwork) -> None:
    rows = {
        "ALP": (shapely.Point(9.6, 47.06), {"opening_hours": "24/7"}),
        "TOWN": (shapely.Point(9.5095, 47.1655), {"opening_hours": "24/7"}),
    }
    registry = worlds.register(rows)
    ask = Ask(DAY, (goer(start=LonLat(9.5215, 47.1415)),), iterations=10)
    travel = Travel(liechtenstein_roads)
    told = rounds.plan(registry, ranked(registry), ask, travel=travel).to_dict()
    assert [(each["id"], each["reason"]) for each in told["left_out"]] == [("ALP", "unreachable")]
    [stop] = told["routes"][0]["stops"]
    assert (stop["id"], stop["estimated"]) == ("TOWN", False)
    assert stop["metres"] > 2000
    assert told["method"]["estimated"] == "none"
    assert told["method"]["roads"]["id"]


def test_jurisdictions_are_kept_and_stations_go_to_who_may_visit_them() -> None:
    rows = {f"A{n}": at_km(n, area_code="530102") for n in range(3)}
    rows |= {f"B{n}": at_km(n, area_code="530103") for n in range(3)}
    told = planned(worlds.register(rows), goer("甲", area="530102"), goer("乙", area="530103"))
    visits = [{stop["id"] for stop in route["stops"]} for route in told["routes"]]
    assert visits == [{"A0", "A1", "A2"}, {"B0", "B1", "B2"}]


def test_a_mobile_station_is_visited_where_it_stands_that_day() -> None:
    places = [
        {"lon": HERE.lon + 2 * KM, "lat": HERE.lat, "days": [], "hours": "Tu 09:00-11:00"},
        {"lon": HERE.lon + 9 * KM, "lat": HERE.lat, "days": [], "hours": "We 09:00-11:00"},
    ]
    row = at_km(0, kind="mobile", opening_hours="", places=_places(places))
    [stop] = planned(worlds.register({"M": row}))["routes"][0]["stops"]
    assert stop["lon"] == pytest.approx(HERE.lon + 2 * KM, abs=1e-6)
    assert stop["arrive"] >= "09:00"
    assert stop["leave"] <= "11:00"


def _places(places: list[dict[str, Any]]) -> str:
    named = [{"name": "停靠点", **place} for place in places]
    return json.dumps([{k: v for k, v in each.items() if k != "days"} for each in named])


def test_findings_are_told_at_their_stop() -> None:
    registry = worlds.register({"A": at_km(0), "B": at_km(1)})
    opened = steps(("place.null_island", "A", "minor"), ("ours.own", "A", "critical"))
    stops = planned(registry, steps=opened)["routes"][0]["stops"]
    found = {stop["id"]: stop["findings"] for stop in stops}
    assert found["B"] == []
    assert [(each["number"], each["severity"], each["overdue"]) for each in found["A"]] == [
        (2, "critical", True), (1, "minor", True)
    ]  # fmt: skip
    assert found["A"][0]["title"] == {"zh": "ours.own", "en": "ours.own"}
    assert found["A"][1]["title"]["zh"] != "place.null_island"


def test_questions_of_forms_set_the_minutes() -> None:
    registry = worlds.register({"A": at_km(0)})
    whole, ask = ranked(registry), Ask(DAY, (goer(),), iterations=10)
    told = rounds.plan(registry, whole, ask, questions=lambda _: 70).to_dict()
    assert told["routes"][0]["stops"][0]["visit_min"] == 40
    count = rounds.questions_of(registry, loop.standing(steps(), AT), AT)
    assert count("A") > 10


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "straight"}, {"mode": "fly"}, {"candidates": 0}, {"candidates": 401},
        {"visits": 0}, {"lunch_min": 500}, {"lunch_min": -1}, {"iterations": 0},
        {"inspectors": ()}, {"inspectors": (goer(), goer())},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Ask(**{"day": DAY, "inspectors": (goer(),), **wrong})


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"since": "18:00"}, {"start": LonLat(25.0, 102.7)}, {"area": "昆明"}],
)
def test_an_inspector_who_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        goer(**wrong)


def test_the_moment_of_weighing_is_now_or_the_morning() -> None:
    ask = Ask(DAY, (goer(since="09:00"), goer("李明", since="08:15")))
    assert ask.weighed_at(AT) == AT
    assert ask.weighed_at(AT - timedelta(days=2)) == aware(datetime(2026, 11, 24, 8, 15))  # noqa: DTZ001
    assert ask.weighed_at(AT + timedelta(days=9)) == aware(datetime(2026, 11, 24, 8, 15))  # noqa: DTZ001


# From outside

HOURS = ("24/7", "Mo-Fr 08:30-12:00,14:00-17:30", "", "09:00-21:00", "Mo-Fr 06:00-09:30",
         "Sa,Su 08:00-20:00", "18:00+")  # fmt: skip


def wide_world(seed: int, count: int) -> Registry:
    draw = np.random.default_rng(seed)
    rows = {}
    for number in range(count):
        point = shapely.Point(*(np.array(HERE) + draw.normal(0, 0.06, 2)).round(6))
        told = {
            "opening_hours": HOURS[int(draw.integers(len(HOURS)))],
            "capacity": int(draw.integers(1, 60)),
            "area_code": ["530102", "530103"][int(draw.integers(2))],
        }
        rows[f"S{number:03d}"] = (point, told)
    return worlds.register(rows)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    count=st.integers(1, 40),
    lunch=st.sampled_from([0, 45]),
    visits=st.none() | st.integers(1, 5),
    area=st.sampled_from(["", "530102"]),
    mode=st.sampled_from(["car", "ebike"]),
)
def test_any_round_holds_up_when_looked_at_from_outside(
    seed: int, count: int, lunch: int, visits: int | None, area: str, mode: str
) -> None:
    registry = wide_world(seed, count)
    who = (goer("甲", area=area), goer("乙", since="10:00", until="15:15"))
    told = planned(
        registry, *who, lunch_min=lunch, visits=visits, mode=mode, candidates=25, iterations=80
    )
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    been: list[str] = []
    for route, inspector in zip(told["routes"], who, strict=True):
        look_at(route, inspector, registry, lunch, mode)
        been += [stop["id"] for stop in route["stops"]]
        assert visits is None or len(route["stops"]) <= visits
    assert len(set(been)) == len(been)
    left = [each["id"] for each in told["left_out"]]
    assert not set(left) & set(been)
    assert told["totals"]["stations"] == len(been) + len(left) + told["beyond"] == count


def look_at(
    route: Mapping[str, Any], who: Inspector, registry: Registry, lunch: int, mode: str
) -> None:
    """Follow an inspector through the day, knowing only the register and what is told."""
    stops = route["stops"]
    if not stops:
        assert route["leave"] == route["back"]
        return
    at, here = minutes_of(route["leave"]), LonLat(*who.start)
    assert at >= who.since
    pause: Any = route["lunch"]
    for stop in stops:
        row = registry.position_of(stop["id"])
        there = LonLat(float(registry.lon[row]), float(registry.lat[row]))
        assert (stop["lon"], stop["lat"]) == there
        at += stop["travel_min"]
        assert stop["travel_min"] == way(here, there, mode)
        assert stop["arrive"] == rounds.clock(at)
        begin, leave = minutes_of(stop["begin"]), minutes_of(stop["leave"])
        before = pause is not None and pause["after"] == stop["number"] - 1
        before = before and minutes_of(pause["until"]) <= begin and minutes_of(pause["from"]) >= at
        after = pause is not None and pause["after"] == stop["number"] and not before
        end, eaten = begin + stop["visit_min"], lunch if before or after else 0
        assert at <= begin
        assert leave == at + stop["wait_min"] + stop["visit_min"] + eaten
        assert leave == (minutes_of(pause["until"]) if after else end)
        assert not after or end <= minutes_of(pause["from"])
        moment = aware(datetime.combine(DAY, datetime.min.time())) + timedelta(minutes=begin)
        state = registry.timetable.open_through(moment, stop["visit_min"], rows=[row])[0]
        assert stop["open"] == {1: "open", 2: "unknown"}[int(state)]
        assert registry.stations["area_code"].iloc[row].startswith(who.area)
        at, here = leave, LonLat(*there)
    at += route["back_min"]
    assert route["back_min"] == way(here, who.start, mode)
    assert route["back"] == rounds.clock(at)
    assert at <= who.until
    if lunch and at > terms().lunch[1]:
        assert pause is not None
        assert terms().lunch[0] <= minutes_of(pause["from"]) <= terms().lunch[1]
    sums = {name: sum(stop[name] for stop in stops) for name in ("visit_min", "wait_min")}
    assert sums == {name: route[name] for name in sums}
    assert route["travel_min"] == route["back_min"] + sum(stop["travel_min"] for stop in stops)


def way(start: tuple[float, float], end: tuple[float, float], mode: str) -> int:
    ends = [np.array([each]) for each in (*start, *end)]
    return int(np.ceil(mode_of(mode).minutes(distance_m(*ends))[0] - 1e-6))


def test_a_round_is_the_same_every_time() -> None:
    registry = wide_world(3, 60)
    first, again = (planned(registry, goer(), goer("李明"), lunch_min=60) for _ in range(2))
    assert first == again


def test_steps_of_a_store_are_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    from stations.store import Changes, Store  # noqa: PLC0415

    url = f"sqlite:///{tmp_path_factory.mktemp('rounds') / 's.db'}"
    with Store.open(url, create=True) as store:
        frame = worlds.stations({"A": at_km(0)})
        store.commit(Changes(stations=frame), who="甲", why="样本", at=AT - timedelta(days=9))
        told = {"severity": "critical", "evidence": "{}", "proposal": "", "due": "2026-12-01"}
        made = FindingStep("open", AT - timedelta(days=1), "甲", "看到", details=told,
                           rule="place.outside", station="A", fact="0")  # fmt: skip
        store.add_steps([made], base=0, seen=[], received=AT)
        standing = loop.standing(store.steps(), AT)
        from stations.registry import Registry as Snapshot  # noqa: PLC0415

        found = rounds.candidates(Snapshot.load(store), standing, AT).frame
    assert found["finding"].tolist() == ["critical"]
