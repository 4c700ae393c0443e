"""A day's round: the most urgent stations, in the order and at the times they can be visited."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from stations.audit.rounds import telling
from stations.audit.rounds.answer import LeftOut, Lunch, Round, Route, Stop, Way
from stations.audit.rounds.choosing import problem_of, shortlist
from stations.audit.rounds.doors import written
from stations.audit.rounds.task import AFTER, BEFORE, NO_LUNCH
from stations.audit.rounds.terms import terms
from stations.nearest.facts import facts
from stations.travel import Travel

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from stations.audit.rounds.asking import Ask
    from stations.audit.rounds.choosing import Problem, Shortlist
    from stations.audit.rounds.priority import Candidates
    from stations.audit.rounds.task import Route as Numbers
    from stations.audit.rounds.task import Run
    from stations.registry import Registry
    from stations.travel import Mode

    type Report = Callable[[str, int, int], None]

WAYS, SEARCH = "ways", "search"
"""Stages of the work."""
_TOLD = ("id", "name", "area_code", "host", "phone")


def plan(
    registry: Registry,
    ranked: Candidates,
    ask: Ask,
    *,
    travel: Travel | None = None,
    questions: Callable[[str], float] | None = None,
    named: Collection[str] | None = None,
    progress: Report | None = None,
) -> Round:
    """Plan a round among ``ranked`` stations of the same snapshot.

    The routes gather as much priority as the search finds, then end as early as it finds; README.md
    says how good that is. Each visit lies within one span of the day's hours as a whole.
    ``travel``: estimates if None. ``questions``: how many the form of a station, by its id, has;
    `Terms.questions` for all if None. ``named``:
    layers that may be named as the source of workers; None: all. ``progress`` is told the stage,
    what is done and what there is; an exception from it ends the work. The same input gives the
    same round.
    """
    travel = travel or Travel()
    listed = shortlist(registry, ranked, ask, questions or _usual)
    priorities = ranked.frame["priority"].loc[list(listed.ids)].tolist()
    problem = problem_of(
        registry, listed, priorities, ask, travel=travel, progress=_staged(progress, WAYS)
    )
    from stations.audit.rounds.solving import solved  # noqa: PLC0415 - PyVRP, for who plans

    routes = solved(
        problem.task, seed=ask.seed, iterations=ask.iterations, progress=_staged(progress, SEARCH)
    )
    maker = _Maker(registry, ranked, ask, listed, problem, travel.mode(ask.mode), named)
    network = travel.network(ask.mode)
    info = None if network is None else network.info
    estimated = problem.legs.method
    return Round(
        ask=ask,
        mode=travel.mode(ask.mode),
        routes=tuple(maker.route(number, route) for number, route in enumerate(routes)),
        left_out=tuple(maker.left_out(routes)),
        stations=len(ranked.frame),
        candidates=len(listed.ids),
        wanted=float(np.sum(priorities)),
        estimated=estimated,
        roads=None if info is None else {"id": info.id[:16], "source": info.title},
        revision=registry.revision,
        synthetic=bool(registry.stations["synthetic"].iloc[ranked.frame["row"]].any()),
        at=ranked.at,
        notes=telling.notes(ask, estimated, asked_forms=questions is not None),
    )


def _usual(_: str) -> float:
    return terms().questions


def _staged(progress: Report | None, stage: str) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda done, total: progress(stage, done, total)


@dataclass(frozen=True, eq=False)
class _Maker:
    """Turns numbers of visits into what people are told."""

    registry: Registry
    ranked: Candidates
    ask: Ask
    listed: Shortlist
    problem: Problem
    mode: Mode
    named: Collection[str] | None

    def route(self, number: int, route: Numbers) -> Route:
        """Tell one inspector's day."""
        who, shift = self.ask.inspectors[number], self.problem.task.shifts[number]
        run = self.problem.task.run(shift, route)
        if run is None or not route:
            return Route(who, (), who.since, Way(0, None), who.since, None)
        visits = [self.problem.task.visits[each] for each in route]
        nodes = [shift.node, *(visit.node for visit in visits), shift.node]
        ways = [self._way(*pair) for pair in pairwise(nodes)]
        leave = run.begins[0] - ways[0].minutes
        stops = tuple(self._stops(route, run, ways, leave))
        return Route(who, stops, leave, ways[-1], run.back, self._lunch(route, run))

    def left_out(self, routes: Sequence[Numbers]) -> Iterator[LeftOut]:
        """Tell whom nobody visits, the most urgent first."""
        task, ids = self.problem.task, self.listed.ids
        visited = {ids[task.visits[each].candidate] for route in routes for each in route}
        reasons = dict.fromkeys((each for each in ids if each not in visited), "full")
        reasons |= {ids[candidate]: reason for candidate, reason in self.problem.hopeless}
        reasons |= dict(self.listed.left_out)
        frame = self.ranked.frame
        for id_ in frame.index[frame.index.isin(list(reasons))].tolist():
            cells = self.ranked.cells(id_)
            about = self.registry.record(int(cells["row"]))
            yield LeftOut(
                id_,
                about["name"],
                about["area_code"],
                float(cells["priority"]),
                int(cells["findings"]),
                reasons[id_],
            )

    def _way(self, start: int, end: int) -> Way:
        legs = self.problem.legs
        metres = None if legs.estimated(start, end) else float(legs.metres[start, end])
        return Way(int(legs.minutes[start, end]), metres)

    def _stops(self, route: Numbers, run: Run, ways: list[Way], at: int) -> Iterator[Stop]:
        for place, (number, begin, way) in enumerate(zip(route, run.begins, ways, strict=False), 1):
            visit = self.problem.task.visits[number]
            offer, span = self.problem.offers[number]
            id_, service = self.listed.ids[offer.candidate], self.listed.services[offer.candidate]
            arrive = at + way.minutes
            at = begin + visit.service
            work = at - service if visit.lunch == BEFORE else begin
            lunch = 0 if visit.lunch == NO_LUNCH else self.ask.lunch_min
            yield Stop(
                number=place,
                station=self._station(offer.stand),
                way=way,
                arrive=arrive,
                begin=work,
                leave=at,
                visit_min=service,
                wait_min=at - arrive - service - lunch,
                open="open" if span.sure(work, work + service) else "unknown",
                hours=written(offer.spans),
                priority=float(self.ranked.cells(id_)["priority"]),
                why=telling.why(self.registry, self.ranked, id_, self.named),
                findings=telling.findings_at(self.ranked.findings, id_),
            )

    def _station(self, stand: int) -> dict[str, Any]:
        record = self.registry.stand(stand)
        links = facts(self.registry).links(stand, self.mode)
        place = record.get("place") or {}
        told = {name: record[name] for name in _TOLD}
        where = {"lon": record["lon"], "lat": record["lat"], "place": place.get("name") or None}
        return {**told, **where, "links": list(links)}

    def _lunch(self, route: Numbers, run: Run) -> Lunch | None:
        minutes = self.ask.lunch_min
        for place, (number, begin) in enumerate(zip(route, run.begins, strict=True), 1):
            visit = self.problem.task.visits[number]
            if visit.lunch == NO_LUNCH:
                continue
            after = visit.lunch == AFTER
            since = begin + visit.service - minutes if after else begin
            return Lunch(since, since + minutes, place if after else place - 1)
        return None
