"""The search: held to every choice there is on small days, and to every rule on any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.audit.rounds.filling import filled, kept
from stations.audit.rounds.solving import solved
from stations.audit.rounds.task import (
    AFTER,
    BEFORE,
    GREATEST_PRIZE,
    LEAST_PRIZE,
    NO_LUNCH,
    Shift,
    Task,
    Visit,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NOON, ONE, BREAK = 690, 780, 60


def small_day(
    seed: int,
    *,
    stations: int = 6,
    inspectors: int = 1,
    lunch: bool = False,
    most: int | None = None,
) -> Task:
    """Make a day too short for all: some doors shut at noon, one station is not for everybody."""
    draw = np.random.default_rng(seed)
    spots = draw.uniform(0, 60 + 40 * inspectors, (stations + inspectors, 2))
    apart = np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1))
    prizes = np.maximum(draw.lognormal(0, 1.5, stations), 0.01)
    whole = np.rint(prizes / prizes.max() * GREATEST_PRIZE).astype(np.int64)
    visits = [
        visit
        for number in range(stations)
        for visit in _ways(number, int(draw.integers(40, 90)), bool(draw.random() < 0.5), lunch)
    ]
    allowed = np.ones((inspectors, stations), dtype=np.bool_)
    if inspectors > 1:
        allowed[0, 0] = False
    shifts = tuple(
        Shift(stations + number, 500 + 20 * number, 880, allowed[number])
        for number in range(inspectors)
    )
    return Task(
        tuple(visits),
        np.maximum(whole, LEAST_PRIZE),
        np.ceil(apart).astype(np.int64),
        shifts,
        most,
        ONE if lunch else None,
    )


def _ways(number: int, service: int, split: bool, lunch: bool) -> Iterator[Visit]:  # noqa: FBT001
    for since, until in ((480, 715), (810, 900)) if split else ((510, 1080),):
        yield Visit(number, number, since, until - service, service)
        if lunch:
            long = service + BREAK
            after = max(since, NOON - service), min(until, ONE) - service, long, AFTER
            before = max(since - BREAK, NOON), min(until - long, ONE), long, BEFORE
            for early, late, minutes, kind in (after, before):
                if early <= late:
                    yield Visit(number, number, early, late, minutes, kind)


def every_route(task: Task, shift: Shift) -> dict[frozenset[int], int]:
    """Return, of every set of candidates a shift can visit, the earliest minute to be back."""
    best: dict[frozenset[int], int] = {frozenset(): 0}

    def go(at: int, node: int, been: frozenset[int], lunches: int) -> None:
        back = at + int(task.minutes[node, shift.node])
        if back > shift.until:
            return
        fed = task.lunch_by is None or lunches or back <= task.lunch_by
        if been and fed and back < best.get(been, 10**9):
            best[been] = back
        if task.most is not None and len(been) == task.most:
            return
        for visit in task.visits:
            begin = max(at + int(task.minutes[node, visit.node]), visit.early)
            twice = visit.candidate in been or (visit.lunch and lunches)
            if not twice and shift.allowed[visit.candidate] and begin <= visit.late:
                more = lunches + (visit.lunch != NO_LUNCH)
                go(begin + visit.service, visit.node, been | {visit.candidate}, more)

    go(shift.since, shift.node, frozenset(), 0)
    return best


def most_there_is(task: Task) -> int:
    """Return the most prizes of any routes, by trying them all."""
    gathered = [0]
    sets = [frozenset[int]()]
    for shift in task.shifts:
        sets = list(
            {done | more for done in sets for more in every_route(task, shift) if not done & more}
        )
    gathered += [int(task.prizes[list(each)].sum()) for each in sets if each]
    return max(gathered)


@pytest.mark.parametrize("lunch", [False, True])
@pytest.mark.parametrize("inspectors", [1, 2])
@pytest.mark.parametrize("seed", range(5))
def test_small_days_are_solved_to_the_end(seed: int, inspectors: int, *, lunch: bool) -> None:
    stations = 6 if inspectors == 1 else 7
    task = small_day(seed, stations=stations, inspectors=inspectors, lunch=lunch)
    most = most_there_is(task)
    assert 0 < most < task.prizes.sum(), "the day is too long, or too short, to tell anything"
    assert task.worth(solved(task, seed=1, iterations=2_000))[0] == most


@pytest.mark.parametrize("seed", range(3))
def test_a_limit_of_visits_is_solved_to_the_end(seed: int) -> None:
    task = small_day(seed, most=2)
    routes = solved(task, seed=1, iterations=1_000)
    assert task.worth(routes)[0] == most_there_is(task)
    assert all(len(route) <= 2 for route in routes)


def faults(task: Task, routes: Sequence[Sequence[int]]) -> Iterator[str]:
    """Say what is wrong with routes, without asking the code that made them."""
    assert len(routes) == len(task.shifts)
    visited: list[int] = []
    for shift, route in zip(task.shifts, routes, strict=True):
        at, node, lunches = shift.since, shift.node, 0
        for number in route:
            _, place, early, late, service, lunch = task.visits[number]
            at = max(at + int(task.minutes[node, place]), early)
            if at > late:
                yield f"{number} begins at {at}, after {late}"
            at, node, lunches = at + service, place, lunches + (lunch > 0)
            visited.append(task.visits[number].candidate)
            if not shift.allowed[visited[-1]]:
                yield f"{number} is not for this inspector"
        at += int(task.minutes[node, shift.node])
        if route and at > shift.until:
            yield f"back at {at}, after {shift.until}"
        if lunches > 1 or (route and task.lunch_by and not lunches and at > task.lunch_by):
            yield f"{lunches} lunches, back at {at}"
        if task.most is not None and len(route) > task.most:
            yield f"{len(route)} visits"
    if len(set(visited)) < len(visited):
        yield f"visited twice: {visited}"


days = st.builds(
    small_day,
    st.integers(0, 10**6),
    stations=st.integers(1, 14),
    inspectors=st.integers(1, 3),
    lunch=st.booleans(),
    most=st.none() | st.integers(1, 4),
)


@settings(max_examples=60, deadline=None)
@given(days)
def test_every_route_keeps_every_rule_and_nothing_is_left_that_fits(task: Task) -> None:
    routes = solved(task, seed=3, iterations=150)
    assert list(faults(task, routes)) == []
    assert filled(task, routes) == routes
    begun = [kept(task, each, ()) for each in task.shifts]
    assert task.worth(routes) >= task.worth(filled(task, begun))


def test_the_same_question_has_the_same_answer_and_the_seed_is_the_only_chance() -> None:
    task = small_day(5, stations=14, inspectors=2, lunch=True)
    first, again = (solved(task, seed=7, iterations=300) for _ in range(2))
    assert first == again


def test_a_route_without_room_for_lunch_loses_what_is_worth_least() -> None:
    minutes = np.array([[0, 10, 10], [10, 0, 10], [10, 10, 0]])
    visits = (Visit(0, 0, 480, 700, 60), Visit(1, 1, 780, 1000, 60), *_late_lunch())
    shift = Shift(2, 480, 1020, np.array([True, True]))
    task = Task(visits, np.array([LEAST_PRIZE, GREATEST_PRIZE]), minutes, (shift,), None, ONE)
    assert kept(task, shift, (0, 1)) == (0, 2)
    without = Task(visits[:2], task.prizes, minutes, (shift,), None, ONE)
    assert kept(without, shift, (0, 1)) == ()
    early = Shift(2, 480, 760, np.array([True, True]))
    assert kept(without, early, (0,)) == (0,)


def _late_lunch() -> tuple[Visit, ...]:
    return (Visit(1, 1, 720, 780, 60 + BREAK, BEFORE),)


def test_nothing_to_visit_is_no_route() -> None:
    shift = Shift(0, 480, 1020, np.zeros(0, dtype=np.bool_))
    nothing = Task((), np.zeros(0, dtype=np.int64), np.zeros((1, 1), dtype=np.int64), (shift,))
    assert solved(nothing, seed=1, iterations=10) == [()]


class Given(Exception):  # noqa: N818 - it is no error
    """Raised by whoever is told of progress."""


def test_progress_is_told_and_may_end_the_work() -> None:
    seen: list[tuple[int, int]] = []
    task = small_day(5, stations=10)
    solved(task, seed=1, iterations=1_000, progress=lambda *done: seen.append(done))
    assert seen == [(256, 1000), (512, 1000), (768, 1000)]

    def end(*_: int) -> None:
        raise Given

    with pytest.raises(Given):
        solved(task, seed=1, iterations=1_000, progress=end)
