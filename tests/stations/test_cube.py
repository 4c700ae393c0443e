"""The cube against plain loops over every site, hour, amenity, stay and floor."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point, Polygon, box

from geodata.errors import UsageError
from geodata.geodesy import PointIndex, share_within
from stations import cube, reach
from stations.coverage import Limit
from stations.cube import PARTS, Condition, Cube, Ground, Question, Supply
from stations.cube.supply import EVERY
from stations.errors import UnknownAmenityError
from stations.hours import State, Timetable
from tests.stations.worlds import register

if TYPE_CHECKING:
    from stations.registry import Registry

GEOD = Geod(ellps="WGS84")
MONDAY = date(2026, 11, 2)
"""An ordinary week: no holiday falls in November."""
FIRST = datetime(2026, 11, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
NOW = datetime(2026, 11, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
HOURS = (
    "24/7",
    "",
    "Mo-Fr 08:30-17:30",
    "Mo-Su 20:00-02:15",
    "08:00-12:00,14:30-18:00",
    "Sa 10:00+",
)
OWN = ("", '{"toilet": "09:00-20:00"}', '{"toilet": "Mo-Sa 06:00-22:30", "water": "soon"}')
LAYER = "sites"

places = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(
    lambda cell: (102.70 + cell[0] / 100, 25.00 + cell[1] / 100)
)
station_rows = st.lists(
    st.fixed_dictionaries(
        {
            "place": places,
            "opening_hours": st.sampled_from(HOURS),
            "amenities": st.sampled_from(["", "toilet", "toilet;water", "water"]),
            "amenity_hours": st.sampled_from(OWN),
            "host": st.sampled_from(["", "bank", "mall"]),
            "kind": st.sampled_from(["standard", "mobile"]),
            "status": st.sampled_from(["active", "active", "closed"]),
        }
    ),
    max_size=6,
)
site_rows = st.lists(
    st.tuples(
        places, st.sampled_from(["point", "area"]), st.none() | st.integers(0, 400), st.booleans()
    ),
    max_size=4,
)
questions = st.builds(
    Question,
    needs=st.sampled_from([(), ("toilet",), ("toilet", "water"), ("aed",)]),
    stay_min=st.sampled_from([0.0, 20.0, 60.0, 90.5, 300.0]),
    when=st.just(MONDAY),
    trust_floor=st.sampled_from([0.0, 0.5, 0.7, 0.8, 1.0]),
    at=st.just(NOW),
    profile=st.sampled_from(["constant", "day", "shifts", "night"]),
)


class World(NamedTuple):
    registry: Registry
    shapes: list[Any]
    within_m: float


def park(lon: float, lat: float) -> Polygon:
    return box(lon, lat, lon + 0.008, lat + 0.006)


def world(stations: list[dict[str, Any]], sites: list[Any], within_m: float) -> World:
    rows = {
        f"s{n}": (Point(row["place"]), {k: v for k, v in row.items() if k != "place"})
        for n, row in enumerate(stations)
    }
    shapes = [park(*place) if kind == "area" else Point(place) for place, kind, _, _ in sites]
    demand = {
        f"p{n}": (shape, {"workers": workers, "area_code": "530102" if somewhere else ""})
        for n, (shape, (_, _, workers, somewhere)) in enumerate(zip(shapes, sites, strict=True))
    }
    return World(register(rows, {LAYER: demand}), shapes, within_m)


def answer(made: World, question: Question) -> Cube:
    layer = made.registry.layer(LAYER)
    related = reach.relate(made.registry, layer.sites, Limit(made.within_m))
    ground = cube.ground_of(related, made.registry)
    return cube.measure(made.registry, layer.sites, ground, question)


@cache
def visit(text: str, hour: int, stay: float) -> int:
    """Ask one door about one visit."""
    at = FIRST + timedelta(hours=hour)
    return int(Timetable.of([text]).open_through(at, stay)[0])


def holds(row: dict[str, Any], trust: float, question: Question, hour: int) -> dict[str, bool]:
    """Judge one station at one hour, condition by condition."""
    door = visit(row["opening_hours"], hour, question.stay_min)
    own: dict[str, str] = eval(row["amenity_hours"] or "{}")  # noqa: S307
    offered = row["amenities"].split(";")
    had = all(
        code in offered
        and (code not in own or visit(own[code], hour, question.stay_min) == State.OPEN)
        for code in question.needs
    )
    floor = question.trust_floor
    return {
        "there": row["status"] == "active",
        "hours": door == State.OPEN,
        "possible": door in {State.OPEN, State.UNKNOWN},
        "amenity": had,
        "trust": floor == 0 or trust >= floor,
    }


def near(shape: Any, place: tuple[float, float], within_m: float) -> bool:
    return bool(GEOD.inv(shape.x, shape.y, *place)[2] <= within_m)


@cache
def share_of(shape: Any, chosen: tuple[tuple[float, float], ...], within_m: float) -> float:
    if isinstance(shape, Point):
        return float(any(near(shape, place, within_m) for place in chosen))
    lon, lat = np.array(chosen, dtype=float).reshape(-1, 2).T
    return float(share_within(PointIndex(lon, lat), [shape], within_m)[0])


@settings(max_examples=25, deadline=None)
@given(station_rows, site_rows, st.sampled_from([0.0, 600.0, 1_500.0]), questions)
def test_the_cube_agrees_with_plain_loops(
    stations: list[dict[str, Any]], sites: list[Any], within_m: float, question: Question
) -> None:
    made = world(stations, sites, within_m)
    found = answer(made, question)
    assert found.share.shape == (9, len(sites), 168)
    trust = made.registry.trust(NOW)
    for hour in range(0, 168, 5):
        judged = [
            holds(row, p, question, hour) for row, p in zip(stations, trust.tolist(), strict=True)
        ]
        for level in range(9):
            names = ["possible"] if level == 8 else []
            names += [str(c.name).lower() for c in Condition if level < 8 and c & level]
            chosen = [
                row["place"]
                for row, state in zip(stations, judged, strict=True)
                if state["there"] and all(state[name] for name in names)
            ]
            for site, shape in enumerate(made.shapes):
                wanted = share_of(shape, tuple(chosen), within_m)
                assert found.share[level, site, hour] == pytest.approx(wanted, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(station_rows, site_rows, st.sampled_from([0.0, 600.0, 1_500.0]), questions)
def test_causes_add_up_in_every_cell_and_every_sum(
    stations: list[dict[str, Any]], sites: list[Any], within_m: float, question: Question
) -> None:
    found = answer(world(stations, sites, within_m), question)
    assert (found.parts >= 0).all()
    assert (found.parts.sum(axis=0) == found.present).all()
    if found.weighed:
        profile = cube.profile_of(question.profile).week
        workers = [row[2] or 0 for row in sites]
        assert found.present.tolist() == [[round(n * p) for p in profile.tolist()] for n in workers]
    whole = cube.table(found, "all").iloc[0]
    assert whole["present"] == found.present.sum()
    for by in ("site", "county", "prefecture", "province", "hour"):
        sums = cube.table(found, by)
        assert (sums[list(PARTS)].sum(axis=1) == sums["present"]).all()
        assert sums.sum().tolist() == whole.tolist()
        shapley = cube.orderless(found, by)
        lost = sums[["closed", "unknown", "amenity", "trust"]].sum(axis=1)
        assert (shapley["lost_sixths"] == 6 * lost).all()
        assert (shapley >= 0).all(axis=None)
    for by in ("site", "county"):
        codes, cells = cube.grid(found, by)
        assert cells.sum(axis=1).tolist() == found.parts.sum(axis=1).tolist()
        assert len(codes) == cells.shape[1]


def test_shapley_shares_a_loss_with_two_causes_evenly() -> None:
    """Shut and without a toilet: the nested order blames the hours, the orderless one both."""
    row = {"opening_hours": "Mo-Fr 08:00-18:00", "amenities": "water"}
    made = World(
        register(
            {"s": (Point(102.7, 25), row)}, {LAYER: {"p": (Point(102.7, 25), {"workers": 6})}}
        ),
        [],
        10.0,
    )
    found = answer(made, Question(needs=("toilet",)))
    night = np.arange(168) == 2
    assert cube.table(found, "all", night)["closed"].item() == 6
    sixths = cube.orderless(found, "all", night).iloc[0]
    assert (sixths["hours"], sixths["amenity"], sixths["trust"]) == (18, 18, 0)
    day = np.arange(168) == 9
    assert cube.table(found, "all", day)["amenity"].item() == 6
    assert cube.orderless(found, "all", day)["amenity"].item() == 36


@pytest.mark.parametrize("stay", [0.0, 20.0, 60.0, 61.0, 90.5, 1440.0])
def test_the_ordinary_week_is_the_one_of_november(stay: float) -> None:
    """Without closures and seasons the reference week and a real one agree, for every stay."""
    rows = {f"s{n}": (Point(102.7, 25), {"opening_hours": text}) for n, text in enumerate(HOURS)}
    registry = register(rows)
    ordinary = Supply.of(registry, Question(stay_min=stay))
    real = Supply.of(registry, Question(stay_min=stay, when=MONDAY))
    assert (ordinary.open == real.open).all()
    assert (ordinary.unknown == real.unknown).all()
    for hour in range(0, 168, 11):
        at = FIRST + timedelta(hours=hour)
        alone = Supply.of(registry, Question(stay_min=stay, when=at))
        assert (alone.open[:, 0] == real.open[:, hour // 64] >> np.uint64(hour % 64) & 1).all()
        assert (alone.open[:, 0] == (registry.timetable.open_through(at, stay) == 1)).all()


def test_a_holiday_week_is_another_one() -> None:
    registry = register({"s": (Point(102.7, 25), {"opening_hours": "Mo-Fr 08:00-18:00"})})
    holiday = Supply.of(registry, Question(when=date(2026, 10, 5)))
    ordinary = Supply.of(registry, Question())
    assert (holiday.open != ordinary.open).any()


def test_an_area_with_many_stations_is_measured_for_each_set() -> None:
    """Twenty stations about a park, each open at hours of its own."""
    rng = np.random.default_rng(8)
    stations = [
        {
            "place": (102.70 + lon, 25.0 + lat),
            "opening_hours": f"{first:02}:00-{first + 5:02}:00",
            "amenities": "",
            "amenity_hours": "",
            "status": "active",
        }
        for lon, lat, first in zip(
            rng.uniform(-0.004, 0.012, 20), rng.uniform(-0.004, 0.01, 20), range(20), strict=True
        )
    ]
    made = world(stations, [((102.70, 25.0), "area", 9, True)], 300.0)
    found = answer(made, Question(when=MONDAY))
    for hour in range(24, 48):
        chosen = tuple(
            row["place"] for row in stations if visit(row["opening_hours"], hour, 60.0) == 1
        )
        wanted = share_of(made.shapes[0], chosen, 300.0)
        assert found.share[EVERY, 0, hour] == pytest.approx(wanted, abs=1e-9)
    assert len(np.unique(found.share[EVERY, 0])) > 10


def test_samples_are_counted_and_divided_once() -> None:
    registry = register(
        {
            "day": (Point(102.7, 25), {"opening_hours": "08:00-18:00"}),
            "night": (Point(102.8, 25), {"opening_hours": "18:00-08:00"}),
        },
        {LAYER: {"a": (park(102.7, 25), {"workers": 10}), "b": (park(102.8, 25), {"workers": 9})}},
    )
    ground = Ground.of_pairs(
        np.array([0, 0, 0, 1]),
        (np.array([0, 1, 1, 3]), np.array([0, 0, 1, 1]), np.array([0.0, 3.0, 4.0, 5.0])),
        sites=2,
        unit="min",
    )
    found = cube.measure(registry, registry.layer(LAYER).sites, ground, Question())
    assert found.share[EVERY][:, 9].tolist() == [2 / 3, 0]
    assert found.share[EVERY][:, 20].tolist() == [1 / 3, 1]
    assert found.covered(EVERY)[0, [9, 20]].tolist() == [7, 3]
    assert (found.parts.sum(axis=0) == found.present).all()


def test_nobody_is_covered_by_what_nobody_offers() -> None:
    made = world(
        [{"place": (102.7, 25.0), "opening_hours": "24/7"}], [((102.7, 25.0), "point", 5, True)], 50
    )
    sums = cube.table(answer(made, Question(needs=("massage",))), "all").iloc[0]
    assert (sums["amenity"], sums["covered"]) == (5 * 168, 0)


def test_without_stations_every_loss_is_for_want_of_one() -> None:
    made = world([], [((102.7, 25.0), "point", 5, False), ((102.7, 25.0), "area", 7, True)], 500)
    sums = cube.table(answer(made, Question()), "county")
    assert sums.index.tolist() == ["", "530102"]
    assert sums["no_station"].tolist() == [5 * 168, 7 * 168]
    assert cube.gaps(answer(made, Question()))["nearest_id"].tolist() == ["", ""]


def test_a_layer_without_workers_counts_sites() -> None:
    made = world(
        [{"place": (102.7, 25.0), "opening_hours": "08:00-18:00"}],
        [((102.7, 25.0), "point", None, True), ((102.75, 25.0), "point", None, True)],
        50,
    )
    found = answer(made, Question(profile="night"))
    assert not found.weighed
    sums = cube.table(found, "all").iloc[0]
    assert (sums["present"], sums["covered"], sums["no_station"]) == (336, 70, 168)


def test_an_empty_layer_and_an_empty_register_are_answered() -> None:
    found = answer(world([], [], 500), Question(needs=("aed",)))
    assert cube.table(found, "all")["present"].item() == 0
    assert cube.table(found, "county").empty
    assert cube.gaps(found).empty
    assert cube.backup(found).empty


def test_reach_that_leaves_stations_out_is_refused() -> None:
    made = world(
        [{"place": (102.7, 25.0), "opening_hours": "24/7"}], [((102.7, 25.0), "point", 5, True)], 50
    )
    sites = made.registry.layer(LAYER).sites
    related = reach.relate(made.registry, sites, Limit(50), ("toilet",))
    with pytest.raises(UsageError, match="relate without needs"):
        cube.ground_of(related, made.registry)


def test_sites_are_there_from_their_first_day_to_their_last() -> None:
    registry = register(
        {"s": (Point(102.7, 25), {"opening_hours": "24/7"})},
        {
            LAYER: {
                "a": (Point(102.7, 25), {"workers": 1, "from": "2026-11-03"}),
                "b": (Point(102.7, 25), {"workers": 1, "until": "2026-11-03"}),
                "c": (Point(102.7, 25), {"workers": 1}),
            }
        },
    )
    sites = registry.layer(LAYER).sites
    ground = Ground.of_pairs(np.arange(3), (np.arange(3), np.zeros(3, int), np.zeros(3)), sites=3)
    week = cube.measure(registry, sites, ground, Question(when=MONDAY))
    assert week.present.sum(axis=1).tolist() == [6 * 24, 2 * 24, 168]
    assert cube.measure(registry, sites, ground, Question()).present.sum() == 3 * 168
    instant = cube.measure(registry, sites, ground, Question(when=FIRST + timedelta(days=1)))
    assert instant.present[:, 0].tolist() == [1, 1, 1]
    columns = sites.assign(until=["2026-11-01", "", "2026-11-02"])
    assert cube.there_on(columns, MONDAY).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"stay_min": -1}, "0 to 1440"),
        ({"stay_min": float("nan")}, "0 to 1440"),
        ({"trust_floor": 1.2}, "from 0 to 1"),
        ({"trust_floor": 0.5}, "needs the instant"),
        ({"when": date(2026, 11, 3)}, "Monday"),
        ({"when": datetime(2026, 11, 3)}, "time zone"),  # noqa: DTZ001
        ({"profile": "lazy"}, "constant"),
    ],
)
def test_nonsense_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Question(**wrong)


def test_an_unknown_amenity_is_refused() -> None:
    with pytest.raises(UnknownAmenityError):
        Question(needs=("sauna",))


def test_a_grouping_nobody_knows_is_refused() -> None:
    with pytest.raises(UsageError, match="county"):
        cube.table(answer(world([], [], 1), Question()), "village")
