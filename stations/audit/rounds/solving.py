"""The search for the best routes: PyVRP's iterated local search over a prize-collecting problem.

Each way to visit a candidate is an optional client of PyVRP; those of one candidate exclude each
other. The prize of a visit with lunch is raised so that it pays to have it, and a load of one keeps
it single. PyVRP starts from routes made by insertion and is stopped after a number of steps, never
by the clock.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
from pyvrp import (
    Client,
    ClientGroup,
    Depot,
    IteratedLocalSearchCallbacks,
    IteratedLocalSearchParams,
    Location,
    PenaltyParams,
    ProblemData,
    Solution,
    SolveParams,
    VehicleType,
)
from pyvrp import Route as Tour
from pyvrp import solve as search
from pyvrp.search import PerturbationParams
from pyvrp.stop import MaxIterations

from stations.audit.rounds.filling import filled, kept, swapped
from stations.audit.rounds.task import GREATEST_PRIZE, NO_LUNCH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geodata.geodesy import IntArray
    from stations.audit.rounds.task import Route, Shift, Task

    type Progress = Callable[[int, int], None]

_LUNCH_PRIZES = 2
"""What a lunch counts, in greatest prizes: more than what could be visited instead."""
_TARGET = 0.3
"""Share of the routes tried that may keep the rules; with the next two, measured in README.md."""
_MOST_CHANGES = 12
"""Visits put in or taken out at random in one step, at most."""
_A_MINUTE, _A_LOAD = 0.01, 2.0
"""What a minute too late, and a visit or lunch too many, cost at first, in greatest prizes."""
_MOST_PENALTY = 1e9
_TELL = 256
"""Steps between two reports."""


def solved(
    task: Task, *, seed: int, iterations: int, progress: Progress | None = None
) -> list[Route]:
    """Return a route for each shift, in order, empty where one stays at home.

    The same task, seed and number of iterations give the same routes. ``progress`` is told steps
    done and to do; an exception from it ends the work.
    """
    first = _settled(task, filled(task, [()] * len(task.shifts), spare=_spare(task)))
    if not task.visits or not any(first):
        return first
    found = _settled(task, _searched(task, first, seed, iterations, progress))
    return filled(task, swapped(task, max(found, first, key=task.worth)))


def _searched(
    task: Task, first: Sequence[Route], seed: int, iterations: int, progress: Progress | None
) -> list[Route]:
    """Return the best routes PyVRP finds, by its own rules."""
    data = _data(task)
    params = SolveParams(
        ils=IteratedLocalSearchParams(callbacks=_Told(progress, iterations)),
        penalty=_Penalties(target_feasible=_TARGET, max_penalty=_MOST_PENALTY),
        perturbation=PerturbationParams(max_perturbations=_MOST_CHANGES),
    )
    begun = [Tour(data, list(route), number) for number, route in enumerate(first) if route]
    found = search(
        data,
        MaxIterations(iterations),
        seed=seed,
        collect_stats=False,
        params=params,
        initial_solution=Solution(data, begun),
    )
    routes: list[Route] = [()] * len(task.shifts)
    for tour in found.best.routes():
        clients = [each.idx for each in tour.schedule() if each.is_client()]
        routes[tour.vehicle_type()] = tuple(clients)
    return routes


def _settled(task: Task, routes: Sequence[Route]) -> list[Route]:
    """Return routes that keep every rule, with what still fits into them."""
    sound = [kept(task, *each) for each in zip(task.shifts, routes, strict=True)]
    more = filled(task, sound)
    return [kept(task, *each) for each in zip(task.shifts, more, strict=True)]


def _spare(task: Task) -> int:
    """Return the minutes a break takes."""
    long = {visit.candidate: visit.service for visit in task.visits if visit.lunch != NO_LUNCH}
    short = {v.candidate: v.service for v in task.visits if v.lunch == NO_LUNCH}
    return max((long[each] - short[each] for each in long if each in short), default=0)


class _Penalties(PenaltyParams):
    """Begins with penalties in proportion to the prizes, not halfway to the greatest."""

    def midpoint_penalties(self, data: ProblemData) -> tuple[list[float], float, float]:
        """Return the penalties at the start: of each load, of a minute, of a metre."""
        loads = [_A_LOAD * GREATEST_PRIZE] * data.num_load_dimensions
        return loads, _A_MINUTE * GREATEST_PRIZE, _A_MINUTE * GREATEST_PRIZE


class _Told(IteratedLocalSearchCallbacks):
    """Passes on how far the search is."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def on_iteration(self, *_: object) -> None:
        """Count a step."""
        self._done += 1
        if self._progress is not None and self._done % _TELL == 0:
            self._progress(self._done, self._total)


def _data(task: Task) -> ProblemData:
    """Return PyVRP's problem: clients are the task's visits, in order; vehicle types its shifts."""
    groups: dict[int, list[int]] = defaultdict(list)
    for number, visit in enumerate(task.visits):
        groups[visit.candidate].append(number)
    who = {shift.allowed.tobytes(): shift for shift in task.shifts}
    tables: list[Any] = [_minutes(task, shift) for shift in who.values()]
    return ProblemData(
        [Location(0, 0) for _ in range(len(task.minutes))],
        _clients(task, {candidate: number for number, candidate in enumerate(groups)}),
        [Depot(shift.node) for shift in task.shifts],
        _vehicles(task, {key: number for number, key in enumerate(who)}),
        tables,
        tables,
        [ClientGroup(members, required=False) for members in groups.values()],
    )


def _clients(task: Task, group: Mapping[int, int]) -> list[Client]:
    bonus = _LUNCH_PRIZES * int(task.prizes.max())
    return [
        Client(
            visit.node,
            delivery=[1, int(visit.lunch != NO_LUNCH)],
            service_duration=visit.service,
            tw_early=visit.early,
            tw_late=visit.late,
            prize=int(task.prizes[visit.candidate]) + bonus * (visit.lunch != NO_LUNCH),
            required=False,
            group=group[visit.candidate],
        )
        for visit in task.visits
    ]


def _vehicles(task: Task, profile: Mapping[bytes, int]) -> list[VehicleType]:
    return [
        VehicleType(
            capacity=[len(task.visits) if task.most is None else task.most, 1],
            start_depot=number,
            end_depot=number,
            tw_early=shift.since,
            tw_late=shift.until,
            unit_distance_cost=0,
            unit_duration_cost=1,
            profile=profile[shift.allowed.tobytes()],
        )
        for number, shift in enumerate(task.shifts)
    ]


def _minutes(task: Task, shift: Shift) -> IntArray:
    """Return the table of ways of one who may not go everywhere."""
    table = task.minutes.copy()
    for visit in task.visits:
        if not shift.allowed[visit.candidate]:
            table[:, visit.node] = int(task.minutes.max(initial=0)) + shift.until + 1
    np.fill_diagonal(table, 0)
    return table
