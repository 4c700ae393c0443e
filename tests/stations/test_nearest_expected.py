"""Expected time against trying every station after every other, by the model's own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point

from geodata.errors import UsageError
from geodata.geodesy import LonLat
from stations import nearest
from stations.hours import State
from stations.hours.clock import ZONE
from stations.nearest import expected
from stations.travel import mode_of, modes
from stations.trust import Evidence, Ledger, evidence_frame
from tests.examples import few
from tests.stations.worlds import register

if TYPE_CHECKING:
    from stations.registry import Registry

GEOD = Geod(ellps="WGS84")
AT = datetime(2026, 11, 24, 13, 5, tzinfo=ZONE)
OPEN, CLOSED, UNKNOWN = "open", "closed", "unknown"
HOURS = ["24/7", "24/7", "", "08:00-13:30", "13:10-20:00", "Mo-Fr 08:30-12:00,14:30-18:00", "off"]
OUTCOMES = ["worked", "cannot_enter"]

CHOICES: dict[str, list[Any]] = {
    "opening_hours": HOURS,
    "amenities": ["toilet", "toilet;charging", "toilet;charging", "charging"],
    "amenity_hours": ["", "", '{"toilet": "09:00-13:20"}'],
    "access": ["walk_in", "walk_in", "key", ""],
    "access_hours": ["", "", '{"qr_code": "13:00-13:20"}'],
    "status": ["active", "active", "active", "suspended"],
    "ebike_parking": [0, 4, 4, None],
}
ASKED: dict[str, list[Any]] = {
    "limit": [1, 2, 3, 5, 8],
    "needs": [(), ("toilet",), ("toilet", "charging")],
    "open_": ["any", "now", "arrival", "arrival"],
    "by": [None, None, "time", "distance"],
    "mode": sorted(modes()),
    "stay": [0.0, 20.0, 300.0],
    "within_m": [np.inf, np.inf, 3000.0],
    "access": [(), (), ("walk_in",), ("qr_code", "key")],
    "ebike": [False, False, False, True],
}
seeds = st.integers(0, 2**32).map(Random)
"""Plain draws: hypothesis likes its examples too alike to fill a register with."""


def place(draw: Random) -> tuple[float, float]:
    return 102.7 + draw.randrange(60) / 1000, 25.0 + draw.randrange(60) / 1000


def stations(draw: Random, least: int, most: int) -> list[dict[str, Any]]:
    return [
        {
            **{name: draw.choice(among) for name, among in CHOICES.items()},
            "place": place(draw),
            "heard": draw.choices(OUTCOMES, k=draw.randrange(4)),
        }
        for _ in range(draw.randint(least, most))
    ]


def question(draw: Random) -> dict[str, Any]:
    return {name: draw.choice(among) for name, among in ASKED.items()}


def world(made: list[dict[str, Any]]) -> Registry:
    """Make a registry of generated stations and the evidence about them."""
    ids = [f"s{number:02}" for number in range(len(made))]
    rows = {
        id_: (Point(one["place"]), {k: v for k, v in one.items() if k not in {"place", "heard"}})
        for id_, one in zip(ids, made, strict=True)
    }
    registry = register(rows)
    pieces = [
        Evidence(
            station=id_,
            kind="inspection" if word == "worked" else "report",
            outcome=word,
            at=AT - timedelta(days=3 + number),
            who="甲" if word == "worked" else "",
            note="",
            key=f"{id_}-{number}",
        )
        for id_, one in zip(ids, made, strict=True)
        for number, word in enumerate(one["heard"])
    ]
    frame = evidence_frame(pieces)
    return registry.with_ledger(Ledger.from_frame(frame, registry.stations.index))


@dataclass
class Brute:
    """The model as README.md words it, one station at a time."""

    registry: Registry
    origin: tuple[float, float]
    asked: dict[str, Any]

    def __post_init__(self) -> None:
        self.hours = self.registry.timetable_for(self.asked["needs"])
        self.trust = self.registry.trust(AT).tolist()
        self.rows = [row for row in self.registry.active.tolist() if self.fits(row)]

    def fits(self, row: int) -> bool:
        record = self.registry.record(row)
        parks = not self.asked["ebike"] or (record["ebike_parking"] or 0) > 0
        return set(self.asked["needs"]) <= set(record["amenities"]) and parks

    def place(self, row: int) -> tuple[float, float]:
        return float(self.registry.lon[row]), float(self.registry.lat[row])

    def minutes(self, here: tuple[float, float], there: tuple[float, float]) -> float:
        mode = mode_of(self.asked["mode"])
        return float(GEOD.inv(*here, *there)[2]) * mode.detour / (mode.speed_kmh * 1000 / 60)

    def state(self, row: int, after: float) -> str:
        wait = 0.0 if self.asked["open_"] == "now" else after
        record, access = self.registry.record(row), self.asked["access"]
        arrival = AT + timedelta(minutes=wait)
        qr = record["access_hours"] and (13, 0) <= (arrival.hour, arrival.minute) < (13, 20)
        if access and ("qr_code" if qr else record["access"]) not in access:
            return "barred"
        told = self.hours.open_through(AT, self.asked["stay"], rows=[row], after_min=wait)
        return State(int(told[0])).name.lower()

    def chance(self, row: int, state: str) -> float:
        share = {OPEN: 1.0, UNKNOWN: expected.UNKNOWN_SHARE}.get(state, 0.0)
        return float(self.trust[row] * share)

    def others(self, row: int, after: float) -> dict[int, float]:
        """Return what each other station costs that is not known to be shut."""
        costs = {}
        for other in self.rows:
            way = self.minutes(self.place(row), self.place(other))
            state = self.state(other, after + way)
            if other != row and state in {OPEN, UNKNOWN}:
                costs[other] = way + (1 - self.chance(other, state)) * expected.PENALTY_MIN
        return costs

    def ranked(self) -> list[tuple[int, int, float, float, dict[int, float]]]:
        """Return group, row, rank, expected minutes and the others' costs of each candidate."""
        groups = (
            {OPEN: 0, UNKNOWN: 1}
            if self.asked["open_"] != "any"
            else dict.fromkeys((OPEN, UNKNOWN, CLOSED), 0)
        )
        by = self.asked["by"] or ("distance" if self.asked["open_"] == "any" else "time")
        found = []
        for row in self.rows:
            metres = float(GEOD.inv(*self.origin, *self.place(row))[2])
            way = self.minutes(self.origin, self.place(row))
            state = self.state(row, way)
            if state not in groups or metres > self.asked["within_m"]:
                continue
            others = self.others(row, way)
            instead = min([*others.values(), expected.PENALTY_MIN])
            total = way + (1 - self.chance(row, state)) * instead
            rank = round(total if by == "time" else metres, 9)
            found.append((groups[state], row, rank, total, others))
        return sorted(found, key=lambda one: (one[0], one[2], one[1]))


def check(registry: Registry, origin: tuple[float, float], asked: dict[str, Any]) -> None:
    brute = Brute(registry, origin, asked)
    hits = nearest.find(registry, LonLat(*origin), at=AT, **asked)
    best = brute.ranked()[: asked["limit"]]
    rows = [registry.position_of(hit.station["id"]) for hit in hits]
    assert len(rows) == len(best)
    for hit, row, (_, expected_row, _, total, others) in zip(hits, rows, best, strict=True):
        assert hit.visit is not None
        assert hit.visit.expected_minutes == pytest.approx(total, abs=0.006)
        if row != expected_row:  # a tie but for rounding
            continue
        if hit.visit.fallback is None:
            assert not others
        else:
            chosen = registry.position_of(hit.visit.fallback["id"])
            assert others[chosen] == pytest.approx(min(others.values()), abs=1e-6)


@few(60)
@given(seeds)
def test_order_and_fallback_are_those_of_trying_everything(draw: Random) -> None:
    check(world(stations(draw, 0, 9)), place(draw), question(draw))


def answers(registry: Registry, place: tuple[float, float], asked: dict[str, Any]) -> Any:
    hits = nearest.find(registry, LonLat(*place), at=AT, **asked)
    return [{**hit.as_dict(), "why": None} for hit in hits]


AT_ONCE = {"search._FIRST": 500, "onward._TRIED": 500, "BESIDE": 500, "around._FEW": 500}
STEP_BY_STEP = {
    "search._FIRST": 1,
    "search._EACH": 1,
    "search._GROWTH": 2,
    "onward._TRIED": 1,
    "onward._WIDER": 2,
    "BESIDE": 1,
    "around._MASKED": 20,
    "around._FEW": 2,
}


def sized(patch: pytest.MonkeyPatch, sizes: dict[str, int]) -> None:
    for name, size in sizes.items():
        places = [name] if "." in name else [f"{module}.{name}" for module in BESIDE_IN]
        for each in places:
            patch.setattr(f"stations.nearest.{each}", size)


BESIDE_IN = ("onward", "around", "fitting")


@few(12)
@given(seeds)
def test_a_search_that_has_to_grow_finds_what_one_over_all_finds(draw: Random) -> None:
    made = stations(draw, 30, 50)
    pairs = [(place(draw), question(draw)) for _ in range(40)]
    found = []
    for sizes in (AT_ONCE, STEP_BY_STEP):
        with pytest.MonkeyPatch.context() as patch:
            sized(patch, sizes)
            registry = world(made)
            found.append([answers(registry, *pair) for pair in pairs])
    assert found[0] == found[1]


@few(25)
@given(seeds)
def test_what_others_found_before_changes_no_answer(draw: Random) -> None:
    """Many ask much the same of one register in the same minutes; and each of one nobody asked."""
    made = stations(draw, 3, 15)
    shared, same = world(made), {**question(draw), "access": ()}
    for _ in range(12):
        at = AT + timedelta(minutes=draw.choice([0, 0, 5]), seconds=draw.randrange(60))
        asked = {
            **same,
            "mode": draw.choice(["walk", "ebike"]),
            "stay": draw.choice([0.0, 20.0]),
            "open_": draw.choice(["now", "arrival", "any"]),
            "limit": draw.choice([1, 5]),
        }
        here = LonLat(*place(draw))
        told = [nearest.find(each, here, at=at, **asked) for each in (shared, world(made))]
        first, second = ([hit.as_dict() for hit in hits] for hits in told)
        assert first == second


def row_of(metres: float, hours: str, heard: int = 0) -> dict[str, Any]:
    """Make a station so many metres east of the asker, with some reports of a locked door."""
    lon, lat, _ = GEOD.fwd(*HERE, 90, metres)
    return {"place": (lon, lat), "opening_hours": hours, "heard": ["cannot_enter"] * heard}


HERE = 102.7, 25.0
LOCKED = [row_of(200 + 5 * number, "off") for number in range(1, 11)]
"""More than the neighbours that are looked at first."""


def test_the_first_open_door_behind_many_shut_ones_is_the_fallback() -> None:
    """A doubtful station wins by what lies beyond the doors beside it, all shut."""
    registry = world([row_of(200, "24/7", 3), *LOCKED, row_of(500, "24/7")])
    asked = {**FOOT, "limit": 1}
    check(registry, HERE, asked)
    [hit] = nearest.find(registry, LonLat(*HERE), at=AT, **asked)
    assert hit.visit is not None
    assert hit.visit.fallback is not None
    assert (hit.station["id"], hit.visit.fallback["id"]) == ("s00", "s11")


def test_what_a_loser_would_cost_is_as_exact_as_what_the_winner_does() -> None:
    """The nearest loses although it might win: its door beside is open, and worth little."""
    registry = world([row_of(200, "24/7", 9), row_of(260, "24/7", 9), row_of(420, "24/7")])
    for limit in (1, 2, 3):
        check(registry, HERE, {**FOOT, "limit": limit})


FOOT: dict[str, Any] = {
    "needs": (),
    "open_": "arrival",
    "by": None,
    "mode": "walk",
    "stay": 0.0,
    "within_m": np.inf,
    "access": (),
    "ebike": False,
}


@settings(deadline=None, max_examples=60)
@given(seeds)
def test_unknown_doors_come_last_and_shut_ones_not_at_all(draw: Random) -> None:
    registry = world(stations(draw, 0, 14))
    asked = {**question(draw), "open_": "arrival", "limit": 50}
    hits = nearest.find(registry, LonLat(*place(draw)), at=AT, **asked)
    doors = [hit.as_dict()["open"] for hit in hits]
    assert set(doors) <= {OPEN, UNKNOWN}
    assert doors == sorted(doors)
    assert all(hit.as_dict()["why"] for hit in hits)


TWO = {
    "a": (Point(102.7, 25.0), {"opening_hours": "08:00-12:00,14:30-18:00", "name": "午休站"}),
    "b": (Point(102.71, 25.0), {"opening_hours": "24/7", "name": "通宵站"}),
}


def test_the_closer_one_is_explained_and_the_fallback_is_its_turn() -> None:
    here = LonLat(102.699, 25.0)
    first, *others = nearest.find(register(TWO), here, limit=5, at=AT, open_="arrival")
    assert (first.station["id"], others) == ("b", [])
    assert first.visit is not None
    assert first.visit.fallback is None  # the other one is shut
    assert first.visit.why[0]["en"].startswith("open on arrival at 13:22")
    assert first.visit.why[1]["zh"] == "更近的“午休站”（101 米）13:06 到达时关闭，14:30 开门"
    assert "closed on arrival at 13:06, opens 14:30" in first.visit.why[1]["en"]
    later = nearest.find(
        register(TWO), here, limit=5, at=AT.replace(hour=15), open_="arrival", mode="ebike"
    )
    assert [hit.station["id"] for hit in later] == ["a", "b"]
    assert later[0].visit is not None
    assert later[0].visit.fallback is not None
    assert later[0].visit.fallback["id"] == "b"


def test_a_way_of_more_than_a_day_leads_to_no_open_door() -> None:
    registry, far = register(TWO), LonLat(110.0, 40.0)
    assert nearest.find(registry, far, limit=1, at=AT, open_="arrival") == []
    (hit,) = nearest.find(registry, far, limit=1, at=AT)
    assert (hit.as_dict()["open"], hit.as_dict()["fallback"]) == (UNKNOWN, None)


def test_without_an_instant_nothing_is_said_of_doors() -> None:
    (hit,) = nearest.find(register(TWO), LonLat(102.699, 25.0), limit=1, mode="straight")
    shown = hit.as_dict()
    assert (shown["open"], shown["expected_minutes"], shown["trust"]) == (UNKNOWN, None, None)
    assert shown["minutes"] == pytest.approx(shown["distance_m"] / (5000 / 60), abs=0.01)
    assert {link["mode"] for link in shown["links"]} == {"walk", "point"}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"stay": 7 * 1440.0}, "0 to 1440 minutes"),
        ({"stay": float("nan")}, "0 to 1440 minutes"),
        ({"open_": "arrival", "at": None}, "pass `at`"),
        ({"open_": "always"}, "any, now, arrival"),
        ({"by": "beauty"}, "time, distance"),
        ({"mode": "boat"}, "walk, ebike"),
        ({"access": ["chimney"]}, "walk_in"),
        ({"at": AT.replace(tzinfo=None)}, "zone"),
    ],
)
def test_a_senseless_question_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        nearest.find(register(TWO), LonLat(102.7, 25.0), **{"limit": 1, "at": AT, **asked})
