"""Mobile stations: there where their timetable of places says, and nowhere else."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from geodata.geodesy import LonLat, distance_m
from stations import coverage, cube, nearest, reach
from stations.coverage import HourSet, Need, Terms
from stations.cube import PARTS, Question, Supply, bits
from stations.hours import State, next_change
from stations.hours.clock import ZONE
from stations.places import read_places
from stations.reach import Limit
from tests.examples import few
from tests.stations.worlds import register

if TYPE_CHECKING:
    from stations.registry import Registry

MONDAY = date(2026, 11, 23)
WEST, EAST, HOME = (102.70, 25.0), (102.80, 25.0), (102.75, 25.2)
LAYER = "parks"
SITES = {
    "w": (Point(WEST), {"workers": 10}),
    "e": (Point(EAST), {"workers": 20}),
    "h": (Point(HOME), {"workers": 40}),
}


def place(where: tuple[float, float], **more: str) -> dict[str, Any]:
    return {"lon": where[0], "lat": where[1], **more}


def cell(*places: dict[str, Any]) -> str:
    return json.dumps(places, ensure_ascii=False)


def world(places: str, **more: Any) -> Registry:
    station = {"opening_hours": "24/7", "amenities": "toilet", "name": "流动站", "places": places}
    return register({"m": (Point(HOME), {**station, **more})}, {LAYER: SITES})


def beijing(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


MORNINGS = cell(
    place(WEST, hours="Mo-Fr 08:00-12:00", name="西门"),
    place(EAST, hours="Mo-Fr 13:00-17:00", until="2026-11-30", name="东门"),
)


def covered(registry: Registry, question: Question) -> dict[str, int]:
    sites = registry.layer(LAYER).sites
    related = reach.relate(registry, sites, Limit(1000, "m"))
    answer = cube.measure(registry, sites, cube.ground_of(related, registry), question)
    assert (answer.parts.sum(axis=0) == answer.present).all()
    return dict(zip(sites.index, answer.parts[PARTS.index("covered")].sum(axis=1), strict=True))


def test_a_week_counts_where_it_stands_hour_by_hour() -> None:
    registry = world(MORNINGS)
    assert covered(registry, Question()) == {"w": 10 * 20, "e": 20 * 20, "h": 0}
    assert covered(registry, Question(when=MONDAY)) == {"w": 10 * 20, "e": 20 * 20, "h": 0}
    sites, later = registry.layer(LAYER).sites, MONDAY + timedelta(days=7)
    ground = cube.ground_of(reach.relate(registry, sites, Limit(1000, "m")), registry)
    sums = cube.table(cube.measure(registry, sites, ground, Question(when=later)), "site")
    assert sums.loc["e", "no_station"] == 20 * (168 - 4)  # the 30th is its last day in the east
    assert covered(registry, Question(when=later)) == {"w": 10 * 20, "e": 20 * 4, "h": 0}
    assert covered(registry, Question(when=beijing(MONDAY, 9))) == {"w": 10, "e": 0, "h": 0}
    assert covered(registry, Question(when=beijing(MONDAY, 12, 30))) == {"w": 0, "e": 0, "h": 0}
    assert covered(registry, Question(when=beijing(MONDAY, 13))) == {"w": 0, "e": 20, "h": 0}


def test_the_ordinary_week_is_that_of_the_day_it_is_weighed_at() -> None:
    registry = world(MORNINGS)
    before, after = beijing(MONDAY, 0), beijing(date(2026, 12, 1), 0)
    assert covered(registry, Question(at=before)) == {"w": 200, "e": 400, "h": 0}
    assert covered(registry, Question(at=after)) == {"w": 200, "e": 0, "h": 0}


def test_a_stay_must_end_before_it_drives_off() -> None:
    registry = world(MORNINGS)
    assert covered(registry, Question(stay_min=120))["w"] == 10 * 15
    assert covered(registry, Question(when=beijing(MONDAY, 11), stay_min=60))["w"] == 10
    assert covered(registry, Question(when=beijing(MONDAY, 11), stay_min=61))["w"] == 0


def test_where_it_is_not_nobody_has_a_station() -> None:
    """Not "shut": there is none to open."""
    registry = world(MORNINGS, opening_hours="Mo-Fr 09:00-17:00")
    sites = registry.layer(LAYER).sites
    ground = cube.ground_of(reach.relate(registry, sites, Limit(1000, "m")), registry)
    sums = cube.table(cube.measure(registry, sites, ground, Question()), "site")
    west = sums.to_dict("index")["w"]
    assert [west[part] for part in ("no_station", "closed", "covered")] == [1480, 50, 150]
    assert sums.loc["h", "no_station"] == 40 * 168


def test_its_places_hours_stand_in_for_hours_it_has_none_of() -> None:
    assert covered(world(MORNINGS, opening_hours=""), Question())["w"] == 200
    bare = cell(place(WEST, until="2026-12-31"))
    assert covered(world(bare, opening_hours=""), Question())["w"] == 0
    assert covered(world(bare), Question())["w"] == 1680


def test_paper_takes_any_place_it_has_that_day() -> None:
    registry = world(MORNINGS)
    need = Need(LAYER, Limit(1000, "m"))
    for on, sites in ((None, ["e", "w"]), (MONDAY, ["e", "w"]), (date(2026, 12, 1), ["w"])):
        answer = coverage.measure(registry, need, on=on)
        assert answer.sites.index[answer.sites["covered"]].tolist() == sites
        assert set(answer.sites["nearest_id"]) == {"m"}


def test_truth_s_paper_takes_the_places_of_the_days_asked_about() -> None:
    registry = world(MORNINGS)
    need = Need(LAYER, Limit(1000, "m"), ("toilet",))
    late = date(2026, 12, 2)
    for terms, sites, days in (
        (Terms(), ["e", "w"], None),
        (Terms(on=MONDAY), ["e", "w"], "2026-11-23"),
        (Terms(on=late), ["w"], "2026-12-02"),
        (Terms(trust_floor=0.1, at=beijing(late, 9)), ["w"], "2026-12-02"),
        (Terms(HourSet("x", beijing(MONDAY, 9)), on=late), ["e", "w"], "2026-11-23"),
        (Terms(HourSet("x", MONDAY)), ["e", "w"], "2026-11-23/2026-11-29"),
        (Terms(HourSet("x", date(2026, 11, 30))), ["e", "w"], "2026-11-30/2026-12-06"),
        (Terms(HourSet("x", date(2026, 12, 7))), ["w"], "2026-12-07/2026-12-13"),
    ):
        answer = coverage.truth(registry, need, terms)
        paper = answer.paper.sites
        assert paper.index[paper["covered"]].tolist() == sites
        assert answer.method()["places_on"] == days
        nearest_m = paper["nearest_m"]["e"]
        assert nearest_m == pytest.approx(0 if "e" in sites else distance_m(*EAST, *WEST)[0])
        for other in (Terms(), Terms(on=late)):
            kept = coverage.relate(registry, need, reach.ESTIMATES).on(
                registry, other.question(()).days
            )
            again = coverage.truth(registry, need, terms, relation=kept)
            assert again.as_dict("site") == answer.as_dict("site")
            assert again.paper.sites.equals(paper)
    assert coverage.truth(world(""), need, Terms(on=late)).method()["places_on"] is None


def test_truth_tells_of_stations_and_not_of_places() -> None:
    registry = world(MORNINGS, capacity=12)
    need = Need(LAYER, Limit(1000, "m"), ("toilet",))
    answer = coverage.truth(registry, need, Terms(at=beijing(MONDAY, 8)))
    told = answer.as_dict("site")
    assert told["total"]["worker_hours"] == 70 * 168
    assert told["method"]["data"]["stations_in_use"] == 1
    assert told["method"]["data"]["stations_in_reach"] == 1
    assert told["method"]["data"]["hours_unknown"] == 0
    assert (
        answer.backup().stations["station"].unique().tolist() == ["m"]
        if ("station" in answer.backup().stations)
        else len(answer.backup().stations) == 1
    )
    gone = coverage.truth(
        registry, need, Terms(supposed=(coverage.parse_what_if("station:m removed"),))
    )
    assert gone.total()["steps"]["paper"] == 0
    night = coverage.truth(registry, need, Terms(HourSet("x", beijing(MONDAY, 3))))
    assert night.total()["steps"]["paper"] == 0


def test_what_changed_when_it_got_another_place() -> None:
    first = world(cell(place(WEST, hours="Mo-Fr 08:00-12:00")))
    second = world(MORNINGS)
    third = world(cell(place(EAST, hours="Mo-Fr 08:00-12:00")))

    def truth(registry: Registry) -> coverage.Truth:
        return coverage.truth(registry, Need(LAYER, Limit(1000, "m")), Terms())

    added = truth(second).since(truth(first))
    east = added.sites.to_dict("index")["e"]
    assert [east[key] for key in ("before", "after", "added")] == [0, 400, 400]
    assert set(added.edits["kind"]) == {"added"}
    moved = truth(third).since(truth(first))
    assert moved.sites.loc["w", "moved"] == -200
    assert moved.sites.loc["e", "moved"] == 400
    assert set(moved.edits["kind"]) == {"moved"}


HOURS = ["", "08:00-12:00", "Mo-We 06:00-10:00", "Th-Su 22:00-02:00", "13:00-15:30", "Sa,Su"]
SPANS = [("", ""), ("2026-11-24", ""), ("", "2026-11-26"), ("2026-11-25", "2026-11-25")]


@few(12)
@given(
    st.lists(
        st.tuples(st.sampled_from(HOURS), st.sampled_from(SPANS), st.sampled_from([WEST, EAST])),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["24/7", "", "07:00-23:00"]),
    st.integers(0, 167),
)
def test_each_hour_is_as_its_places_say_one_by_one(
    told: list[tuple[str, tuple[str, str], tuple[float, float]]], own: str, hour: int
) -> None:
    kept: list[dict[str, Any]] = []
    for hours, (since, until), where in told:
        words = {"hours": hours, "from": since, "until": until}
        tried = [*kept, place(where, **{key: word for key, word in words.items() if word})]
        try:
            read_places(cell(*tried))
        except ValueError:
            continue
        kept = tried
    registry = world(cell(*kept), opening_hours=own)
    at = beijing(MONDAY, 0) + timedelta(hours=hour)
    supply = Supply.of(registry, Question(when=at, stay_min=0))
    usable = bits.unpacked(supply.usable(), 1)[:, 0].astype(bool)
    spots = {(lon, lat) for lon, lat in zip(supply.lon[usable], supply.lat[usable], strict=True)}
    expected = set()
    for each in read_places(cell(*kept)):
        days = (each.since or "0"), (each.until or "9")
        here = register({"x": (Point(WEST), {"opening_hours": each.hours or "24/7"})})
        door = register({"x": (Point(WEST), {"opening_hours": own or each.hours})})
        if (
            days[0] <= at.date().isoformat() <= days[1]
            and here.timetable.states(at).item(0) == State.OPEN
            and door.timetable.states(at).item(0) == State.OPEN
        ):
            expected.add((each.lon, each.lat))
    assert spots == expected


def ask(registry: Registry, at: datetime | None, **more: Any) -> list[nearest.Hit]:
    return nearest.find(registry, LonLat(*WEST), limit=3, at=at, **more)


@pytest.mark.parametrize("open_", ["any", "now", "arrival"])
@pytest.mark.parametrize("by", ["time", "distance"])
def test_a_rider_is_sent_where_it_stands(open_: nearest.Open, by: nearest.By) -> None:
    registry = world(MORNINGS)
    for hour, where in ((9, WEST), (15, EAST)):
        (hit,) = ask(registry, beijing(MONDAY, hour), open_=open_, by=by, mode="car")
        told = hit.as_dict()
        assert (told["lon"], told["lat"], told["id"]) == (*where, "m")
        assert told["open"] == "open"
        assert told["place"]["name"] == {WEST: "西门", EAST: "东门"}[where]
        assert all(
            f"{where[0]:.6f}"[:6] in link["url"] for link in hit.links if "geo:" in link["url"]
        )
    assert ask(registry, beijing(MONDAY, 19), open_=open_, by=by, mode="car") == []


def test_what_counts_is_where_it_stands_on_arrival() -> None:
    registry = world(MORNINGS)
    at = beijing(MONDAY, 12, 30)
    assert ask(registry, at, open_="now", mode="walk") == []
    away_m = distance_m(*np.array([WEST, EAST]).reshape(4, 1)[[0, 1, 2, 3]])[0]
    assert away_m > 5000  # more than half an hour's walk
    (hit,) = ask(registry, at, open_="any", by="distance", mode="walk")
    assert hit.as_dict()["lon"] == EAST[0]


def test_a_place_it_is_at_after_its_hours_is_told_of_as_shut() -> None:
    registry = world(cell(place(WEST, until="2026-12-31")), opening_hours="08:00-18:00")
    (hit,) = ask(registry, beijing(MONDAY, 20))
    assert hit.said["open"] == "closed"
    assert ask(registry, beijing(date(2027, 1, 1), 9)) == []


@pytest.mark.parametrize("open_", ["any", "now", "arrival"])
def test_of_many_that_move_each_is_where_it_stands(open_: nearest.Open) -> None:
    def station(number: int) -> tuple[Point, dict[str, Any]]:
        west, east = (WEST[0] + number / 1e4, 25.0), (EAST[0] + number / 1e4, 25.0)
        places = cell(place(west, hours="08:00-12:00"), place(east, hours="13:00-17:00"))
        return Point(HOME), {"opening_hours": "24/7", "places": places}

    registry = register({f"m{number:02}": station(number) for number in range(60)})
    for hour, where in ((9, WEST), (14, EAST), (19, None)):
        hits = nearest.find(
            registry, LonLat(*WEST), limit=60, at=beijing(MONDAY, hour), open_=open_, mode="car"
        )
        ids = {hit.station["id"] for hit in hits}
        assert len(hits) == len(ids) == (0 if where is None else 60)
        assert all(hit.station["lon"] - (where or WEST)[0] < 0.01 for hit in hits)


def test_without_an_instant_it_is_told_of_once() -> None:
    (hit,) = ask(world(MORNINGS), None)
    assert (hit.as_dict()["lon"], hit.distance_m) == (WEST[0], 0)


def test_one_station_is_one_answer_though_both_its_places_can_be_reached() -> None:
    near = (102.701, 25.0)
    places = cell(place(WEST, hours="08:00-09:01"), place(near, hours="09:01-12:00"))
    registry = world(places)
    hits = ask(registry, beijing(MONDAY, 9), open_="arrival", mode="walk")
    assert [hit.as_dict()["lon"] for hit in hits] == [WEST[0]]


def test_closer_places_it_is_not_at_are_no_reasons() -> None:
    more = {"opening_hours": "24/7", "name": "固定站"}
    station = {"opening_hours": "24/7", "name": "流动站", "places": MORNINGS}
    registry = register({"m": (Point(HOME), station), "s": (Point(102.72, 25.0), more)})
    (first, *_) = ask(registry, beijing(MONDAY, 15), open_="now")
    assert first.station["id"] == "s"
    assert len(first.said["why"]) == 1


def test_where_it_is_now_and_where_it_comes_to_next() -> None:
    stands = world(MORNINGS).stands
    told = {
        moment: stands.lon[stands.now(0, moment)]
        for moment in (
            beijing(MONDAY, 9),
            beijing(MONDAY, 12, 30),
            beijing(MONDAY, 18),
            beijing(date(2026, 12, 1), 12, 30),
        )
    }
    assert list(told.values()) == [WEST[0], EAST[0], WEST[0], WEST[0]]
    over = world(cell(place(WEST, until="2026-11-01"))).stands
    assert over.now(0, beijing(MONDAY, 9)) == 0


def test_the_record_at_a_place_is_the_stations_with_the_place_s_position() -> None:
    registry = world(MORNINGS, entrance_lon=HOME[0], entrance_lat=HOME[1])
    west, pin = registry.stand(1), registry.stand(0)
    assert west.keys() == {*pin, "place"}
    assert west["place"] == {
        "from": "", "until": "", "hours": "Mo-Fr 08:00-12:00", "name": "西门",
    }  # fmt: skip
    assert (west["lon"], west["entrance_lon"]) == (WEST[0], None)
    assert (pin["lon"], registry.station("m")) == (HOME[0], pin)
    assert registry.stands.destinations.wgs84.tolist() == [list(HOME), list(WEST), list(EAST)]


def test_nobody_moves_and_nothing_is_copied() -> None:
    registry = world("")
    stands = registry.stands
    assert not stands.moves
    assert stands.timetable is registry.timetable
    assert stands.index is registry.index
    assert stands.destinations is registry.destinations
    assert stands.offering(["toilet"])[1].tolist() == [0]
    assert not world(MORNINGS, status="planned").stands.active.size


def test_the_ordinary_week_may_be_that_of_another_day() -> None:
    registry = world(MORNINGS)
    december = date(2026, 12, 1)
    assert covered(registry, Question(on=december)) == {"w": 200, "e": 0, "h": 0}
    at = beijing(MONDAY, 0)
    assert covered(registry, Question(at=at, on=december)) == {"w": 200, "e": 0, "h": 0}
    answer = coverage.truth(registry, Need(LAYER, Limit(1000, "m")), Terms(on=december))
    assert answer.total()["steps"]["paper"] == 200


def test_the_hours_of_a_place_are_those_of_its_days() -> None:
    hours = world(
        cell(place(WEST, **{"from": "2026-12-01", "until": "2026-12-31"}))
    ).stands.timetable
    told = {day: State(hours.states(beijing(day, 9))[1]) for day in (MONDAY, date(2026, 12, 1))}
    assert list(told.values()) == [State.CLOSED, State.OPEN]
    change = next_change(hours.posted(1), beijing(MONDAY, 9))
    assert (change.when, change.to) == (beijing(date(2026, 12, 1), 0), State.OPEN)
