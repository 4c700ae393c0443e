"""The parts plans are made of: wishes, hours, kits, ids, rows of demand."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import UsageError
from stations import reach
from stations.catalogue import catalogue
from stations.coverage import Terms, parse_hours, parse_what_if
from stations.cube import bits
from stations.errors import LayerMissingError, UnknownAmenityError
from stations.hours import Posted, State, state_at
from stations.hours.clock import ZONE
from stations.planning import BUILDS, OBJECTIVES, Wish, plan
from stations.planning.doors import holds, longer
from stations.planning.kits import kits, patterns
from stations.planning.spots import places_of, spots_of
from stations.reach import Limit
from stations.travel import Travel
from tests.stations.planning_worlds import LAYER, drawn, prices
from tests.stations.small_roads import SmallRoads
from tests.stations.test_planning import asked, both

HOURS = ("", "24/7", "Mo-Fr 08:30-12:00,14:30-18:00", "06:00-22:00", "18:00-02:15", "10:00-24:00",
         "Sa-Su 09:00-23:30", "Fr 20:00-03:00", "Mo-Sa 08:00-18:00; PH off")  # fmt: skip

wishes = st.builds(
    Wish,
    layer=st.just("parks"),
    limit=st.sampled_from([Limit(800), Limit(10, "min", "ebike"), Limit(1.25, "min", "walk")]),
    needs=st.sampled_from([(), ("toilet", "water")]),
    terms=st.sampled_from(
        [
            Terms(),
            Terms(parse_hours("2026-10-01 night"), 20, 0.5, datetime(2026, 10, 1, tzinfo=ZONE)),
            Terms(
                profile="night",
                on=date(2026, 10, 3),
                supposed=(parse_what_if("host:银行 shut weekends"),),
            ),
        ]
    ),
    actions=st.sampled_from([BUILDS, ("move", "build_smart")]),
    budgets=st.sampled_from([(0,), (100, 200, 300)]),
    sites=st.none() | st.integers(0, 9),
    cover_all=st.booleans(),
    objective=st.sampled_from(OBJECTIVES),
    per_county=st.none() | st.integers(0, 3),
    spacing_m=st.none() | st.floats(0, 5_000),
    must=st.sampled_from([(), ("a", "build_smart:b")]),
    keep=st.sampled_from([(), ("c",)]),
    gap=st.sampled_from([0.0, 0.01]),
    time_limit_s=st.none() | st.just(30.0),
)


@given(wishes)
def test_a_wish_survives_being_written(wish: Wish) -> None:
    assert Wish.from_dict(json.loads(json.dumps(wish.as_dict()))) == wish


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"budgets": None}, "a budget, a number of sites, or to cover all"),
        ({"budgets": ()}, "1 to 10 years"),
        ({"budgets": (1,) * 11}, "1 to 10 years"),
        ({"budgets": (-1,)}, "whole yuan"),
        ({"budgets": (1.5,)}, "whole yuan"),
        ({"sites": -1}, "sites is a whole number"),
        ({"sites": True}, "sites is a whole number"),
        ({"actions": ()}, "actions to choose from"),
        ({"actions": ("paint",)}, "no action 'paint'"),
        ({"objective": "best"}, "an objective is one of"),
        ({"objective": "equal_prefectures", "budgets": None, "sites": 1}, "budget to share"),
        ({"per_county": -1}, "per county"),
        ({"spacing_m": float("nan")}, "spacing"),
        ({"spacing_m": -1.0}, "spacing"),
        ({"gap": 1.0}, "a gap is a share"),
        ({"gap": float("nan")}, "a gap is a share"),
        ({"time_limit_s": 0.0}, "time limit"),
        ({"must": ("a",), "forbid": ("a",)}, "choose one"),
    ],
)
def test_what_cannot_be_meant_is_refused(more: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        asked(**more)


def test_a_wish_of_something_else_is_refused() -> None:
    whole = asked().as_dict()
    late = {**whole["terms"], "at": "soon"}
    wrong: list[dict[str, Any]] = [
        {"limit": 5},
        {"terms": {}},
        {"terms": late},
        {"budgets": "1"},
        {"gap": "none"},
        {"must": [5]},
        {"layer": None, "actions": 3},
    ]
    for more in wrong:
        with pytest.raises(UsageError):
            Wish.from_dict({**whole, **more})
    for told in ({}, {"layer": LAYER}):
        with pytest.raises(UsageError):
            Wish.from_dict(told)


@pytest.mark.parametrize(
    ("more", "error", "says"),
    [
        ({"must": ("c9",)}, UsageError, "must: no station, candidate or action 'c9'"),
        ({"forbid": ("build_smart:c9",)}, UsageError, "forbid: no station"),
        ({"keep": ("c0",)}, UsageError, "keep: no station 'c0'"),
        ({"layer": "none"}, LayerMissingError, "no layer"),
        ({"needs": ("sauna",)}, UnknownAmenityError, "no amenity"),
    ],
)
def test_names_nothing_has_are_refused(
    more: dict[str, Any], error: type[Exception], says: str
) -> None:
    registry, candidates = drawn(0)
    with pytest.raises(error, match=says):
        plan(registry, asked(**more), candidates=candidates, costs=prices())


def test_a_candidate_called_like_a_station_is_refused() -> None:
    registry, candidates = drawn(0)
    with pytest.raises(UsageError, match="id of a station: 's0'"):
        plan(registry, asked(), candidates=candidates.rename({"c1": "s0"}), costs=prices())


def test_single_actions_can_be_named_whatever_they_are() -> None:
    wish = asked(actions=("move", "extend_hours", "add_amenities", "close", "merge"))
    for seed in range(4):
        made, _ = both(seed, wish, mobile=seed % 2 == 0, dense=seed > 1)
        for each in made.problem.shelf.ids:
            other, _ = both(seed, asked(actions=wish.actions, forbid=(each,)), mobile=seed % 2 == 0,
                            dense=seed > 1)  # fmt: skip
            assert set(other.problem.shelf.ids) == set(made.problem.shelf.ids) - {each}


@pytest.mark.parametrize("text", HOURS)
def test_longer_hours_hold_the_old_ones_and_more(text: str) -> None:
    own = Posted(text)
    week = [datetime(2026, 11, 3 + day, hour, minute, tzinfo=ZONE)
            for day in range(6) for hour in range(24) for minute in (0, 20, 45)]  # fmt: skip
    before = {at for at in week if state_at(own, at) == State.OPEN}
    found = longer(own)
    assert len({each.added for each in found}) == len(found)
    assert [each.added for each in found] == sorted(each.added for each in found)
    for each in found:
        after = {at for at in week if state_at(Posted(each.hours), at) == State.OPEN}
        assert before < after or (before <= after and each.added < 2)
        assert holds(Posted(each.hours), own) or not before
        assert each.added > 0
    assert bool(found) != (text == "24/7")


def test_all_week_is_every_day_what_any_day_has() -> None:
    told = [each.hours for each in longer(Posted("Mo-Fr 08:30-12:00,14:30-18:00"))]
    assert told == ["08:30-12:00,14:30-18:00", *patterns()]
    assert longer(Posted("Mo-Fr 08:00-12:00"))[0].added == 8
    assert not holds(Posted("24/7"), Posted(""))


def test_kits_speak_the_words_of_the_register() -> None:
    for kind, kit in kits().items():
        assert kind.removeprefix("build_") == kit.kind
        assert kit.kind in catalogue().kinds.terms
        assert kit.access in catalogue().access.terms
        assert kit.with_needs(()) == kit.amenities
        assert set(kit.with_needs(("aed",))) == {*kit.amenities, "aed"}
        assert longer(Posted(kit.opening_hours)) or kit.opening_hours == "24/7"


@pytest.mark.parametrize("roads", [False, True])
def test_candidates_are_reached_as_stations_are(roads: bool) -> None:  # noqa: FBT001
    registry, candidates = drawn(4, stations=6, sites=6, candidates=6)
    sites = registry.layer(LAYER).sites
    travel = Travel(SmallRoads() if roads else None)  # type: ignore[arg-type]
    limit = Limit(25, "min", "walk")
    ground = spots_of(sites, places_of(registry, candidates), limit, travel=travel)
    related = reach.relate(registry, sites, limit, travel=travel).costs.tocoo()
    mine = {
        (site, place, round(cost, 9))
        for site, place, cost in zip(ground.spot, ground.station, ground.cost, strict=True)
        if place < len(registry.stands)
    }
    assert mine == {
        (site, registry.stands.active[column], round(cost, 9))
        for site, column, cost in zip(*related.coords, related.data, strict=True)
    }
    assert (ground.station >= len(registry.stands)).any()


def test_rows_are_the_hours_somebody_needs_and_something_serves() -> None:
    made, _ = both(0, asked(actions=("build_standard", "build_smart", "extend_hours")))
    problem, cells = made.problem, made.problem.cells
    hours = problem.demand.question.hours
    flags = bits.unpacked(cells.hours, hours)
    assert (flags.sum(axis=1) > 0).all()
    worth = (problem.demand.value[cells.spot] * flags).sum(axis=1)
    assert worth == pytest.approx(cells.weights)
    usable = bits.unpacked(problem.shelf.usable, hours)
    demand = problem.demand
    lost = bits.unpacked(demand.wanted & ~demand.served(demand.supply.usable()), hours)
    for spot in range(len(lost)):
        first, last = demand.ground.begins[spot : spot + 2]
        near = np.isin(problem.shelf.at, demand.ground.station[first:last])
        helped = usable[near].any(axis=0) & lost[spot]
        assert (flags[cells.spot == spot].sum(axis=0) == helped).all()
    found = cells.relation.toarray()[:, : len(problem.shelf)]
    for row, (spot, mask) in enumerate(zip(cells.spot, flags, strict=True)):
        first, last = problem.demand.ground.begins[spot : spot + 2]
        near = np.isin(problem.shelf.at, problem.demand.ground.station[first:last])
        serves = near & (usable[:, mask == 1].all(axis=1))
        assert (found[row] == serves).all()
