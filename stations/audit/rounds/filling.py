"""Routes by plain insertion: where the search begins, and what it left room for.

The visit that gathers most for each minute it adds goes in where it adds least, again and again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stations.audit.rounds.task import NO_LUNCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.geodesy import IntArray
    from stations.audit.rounds.task import Route, Shift, Task


class _Best(NamedTuple):
    """An insertion: the better ones compare greater."""

    score: float
    number: int
    shift: int
    place: int


def filled(
    task: Task, routes: Sequence[Route], spare: int = 0, without: int | None = None
) -> list[Route]:
    """Insert visits without lunch until none fits; ties go to the first shift, place and visit.

    ``spare`` minutes are left at the end of each day; who has them to spare for lunch may be out
    late without one. ``without``: a candidate that is not put in.
    """
    made = list(routes)
    taken = {task.visits[number].candidate for route in made for number in route}
    taken |= set() if without is None else {without}
    while True:
        found = [
            best
            for number in range(len(task.shifts))
            if (best := _best(task, (number, made[number]), taken, spare)) is not None
        ]
        if not found:
            return made
        best = max(found, key=lambda each: each.score)
        route = made[best.shift]
        made[best.shift] = (*route[: best.place], best.number, *route[best.place :])
        taken.add(task.visits[best.number].candidate)


def _best(task: Task, of: tuple[int, Route], taken: set[int], spare: int) -> _Best | None:
    """Return a shift's best insertion; rows below are places in the route, columns visits."""
    number, route = of
    shift = task.shifts[number]
    if task.most is not None and len(route) >= task.most:
        return None
    free = shift.allowed.copy()
    free[list(taken)] = False
    candidate, node, early, late, service, lunch = task.columns
    some = np.flatnonzero((lunch == NO_LUNCH) & free[candidate])
    end = shift.until - spare if spare else task.end_of(shift, route)
    nodes, leaves, latest = _margins(task, shift, route, end)
    before, after = nodes[:-1, None], nodes[1:, None]
    begin = np.maximum(leaves[:, None] + task.minutes[before, node[some]], early[some])
    arrive = begin + service[some] + task.minutes[node[some], after]
    fits = (begin <= late[some]) & (arrive <= latest[:, None])
    if not fits.any():
        return None
    added = arrive - (leaves[:, None] + task.minutes[before, after])
    score = np.where(fits, task.prizes[candidate[some]] / np.maximum(added, 1), -1.0)
    place, column = np.unravel_index(int(score.argmax()), score.shape)
    return _Best(float(score[place, column]), int(some[column]), number, int(place))


def _margins(
    task: Task, shift: Shift, route: Route, end: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Return a route's nodes, when all but the last are left, and all but the first due."""
    visits = [task.visits[number] for number in route]
    nodes = [shift.node, *(visit.node for visit in visits), shift.node]
    run = task.run(shift, route)
    begins = () if run is None else run.begins
    leaves = [shift.since, *(b + v.service for b, v in zip(begins, visits, strict=True))]
    latest = [end]
    for visit, after in zip(reversed(visits), reversed(nodes[2:]), strict=True):
        due = latest[0] - int(task.minutes[visit.node, after]) - visit.service
        latest.insert(0, min(visit.late, due))
    return np.array(nodes), np.array(leaves), np.array(latest)


def swapped(task: Task, routes: Sequence[Route]) -> list[Route]:
    """Take a visit out for what then fits in, anywhere, as long as that makes the routes better.

    The first stop that can be bettered goes first. The routes keep every rule before and after.
    """
    best = list(routes)
    while (better := _one_swapped(task, best)) is not None:
        best = better
    return best


def _one_swapped(task: Task, routes: Sequence[Route]) -> list[Route] | None:
    worth = task.worth(routes)
    for number, route in enumerate(routes):
        for place, gone in enumerate(route):
            less = list(routes)
            less[number] = kept(task, task.shifts[number], (*route[:place], *route[place + 1 :]))
            made = filled(task, less, without=task.visits[gone].candidate)
            made = [kept(task, *each) for each in zip(task.shifts, made, strict=True)]
            if task.worth(made) > worth:
                return made
    return None


def kept(task: Task, shift: Shift, route: Route) -> Route:
    """Return the stops of a route in their order so that `Task.keeps` it, and back the earliest.

    In which span each is visited and where lunch is had is chosen anew. Where that cannot be, the
    visit worth least goes, and so on.
    """
    stops = [(task.visits[number].candidate, task.visits[number].node) for number in route]
    while (made := _earliest(task, shift, stops)) is None:
        worth = [int(task.prizes[candidate]) for candidate, _ in stops]
        del stops[worth.index(min(worth))]
    return made


def _earliest(task: Task, shift: Shift, stops: Sequence[tuple[int, int]]) -> Route | None:
    """Return the best choice of a visit for each stop; earlier is never worse at the next door."""
    best: dict[bool, tuple[int, Route]] = {False: (shift.since, ())}
    node = shift.node
    for stop in stops:
        reached: dict[bool, tuple[int, Route]] = {}
        for number in task.beside[stop]:
            visit = task.visits[number]
            way, lunch = int(task.minutes[node, visit.node]), visit.lunch != NO_LUNCH
            for had, (at, before) in best.items():
                begin = max(at + way, visit.early)
                known = reached.get(had or lunch)
                end = begin + visit.service
                if begin > visit.late or (had and lunch) or (known and known[0] <= end):
                    continue
                reached[had or lunch] = end, (*before, number)
        best, node = reached, stop[1]
    made = [route for _, route in best.values() if task.keeps(shift, route)]
    runs = [(run.back, route) for route in made if (run := task.run(shift, route)) is not None]
    return min(runs)[1] if runs else None
