"""From ranked stations to a task: which can be visited at all that day, when, and what it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stations.audit.rounds.doors import spans_of, visit_min
from stations.audit.rounds.legs import NO_WAY, legs_between
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
from stations.audit.rounds.terms import terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from geodata.geodesy import BoolArray
    from stations.audit.rounds.asking import Ask
    from stations.audit.rounds.doors import Span
    from stations.audit.rounds.legs import Legs, Progress
    from stations.audit.rounds.priority import Candidates
    from stations.registry import Registry
    from stations.travel import Travel


class Place(NamedTuple):
    """Where a candidate stands that day, and when its door may be open."""

    candidate: int
    stand: int
    """Row of ``registry.stands``."""
    spans: tuple[Span, ...]


@dataclass(frozen=True, eq=False)
class Shortlist:
    """The candidates, and what was left out before they were weighed."""

    ids: tuple[str, ...]
    """The candidates, the most urgent first."""
    services: tuple[int, ...]
    """Minutes of a visit to each."""
    places: tuple[Place, ...]
    allowed: BoolArray
    """(inspectors, candidates)."""
    left_out: tuple[tuple[str, str], ...]
    """Id and reason of more urgent ones nobody can visit that day; as many as candidates at
    most."""


def shortlist(
    registry: Registry, ranked: Candidates, ask: Ask, questions: Callable[[str], float]
) -> Shortlist:
    """Take the most urgent stations that are open, long enough, to somebody who may go there.

    ``questions``: how many the form of a station, by its id, has.
    """
    chosen: list[tuple[str, int]] = []
    places: list[Place] = []
    who: list[list[bool]] = []
    left_out: list[tuple[str, str]] = []
    areas = [each.area for each in ask.inspectors]
    frame, codes = ranked.frame, registry.stations["area_code"]
    cells = zip(frame.index, frame["row"].tolist(), frame["findings"].tolist(), strict=True)
    for id_, row, count in cells:
        may = [codes.iloc[row].startswith(area) for area in areas]
        found = list(_places(registry, ask, row, len(chosen)))
        reason, service = _hindrance(ask, found, may), 0
        if not reason:
            service = visit_min(questions(id_), count)
            reason = "brief" if _longest(ask, found, may) < service else ""
        if not reason:
            chosen.append((id_, service))
            places += found
            who.append(may)
        elif len(left_out) < ask.candidates:
            left_out.append((id_, reason))
        if len(chosen) == ask.candidates:
            break
    allowed = np.array(who, dtype=np.bool_).reshape(-1, len(areas)).T
    ids, services = tuple(zip(*chosen, strict=True)) or ((), ())
    return Shortlist(ids, services, tuple(places), allowed, tuple(left_out))


def _places(registry: Registry, ask: Ask, row: int, candidate: int) -> Iterator[Place]:
    stands = registry.stands
    for stand in stands.of_station(row).tolist():
        place = stands.place(stand)
        if place is None or place.on(ask.day):
            spans = spans_of(stands.timetable.posted(stand), ask.day)
            yield Place(candidate, stand, spans)


def _hindrance(ask: Ask, places: Sequence[Place], may: Sequence[bool]) -> str:
    """Say why nobody can visit a station that day whatever the way; "" if nothing is known."""
    if not any(may):
        return "nobody"
    return "" if _longest(ask, places, may) > 0 else "closed"


def _longest(ask: Ask, places: Sequence[Place], may: Sequence[bool]) -> int:
    """Return the minutes for which a door is longest open to somebody at work."""
    shifts = [each for each, able in zip(ask.inspectors, may, strict=True) if able]
    lasting = [
        min(span.until, shift.until) - max(span.since, shift.since)
        for place in places
        for span in place.spans
        for shift in shifts
    ]
    return max(lasting, default=0)


@dataclass(frozen=True, eq=False)
class Problem:
    """A task, and what its numbers stand for."""

    task: Task
    legs: Legs
    offers: tuple[tuple[Place, Span], ...]
    """By visit of the task."""
    hopeless: tuple[tuple[int, str], ...]
    """Candidates nobody can get to and back, with the reason; none of the visits is theirs."""


def problem_of(
    registry: Registry,
    listed: Shortlist,
    priorities: Sequence[float],
    ask: Ask,
    *,
    travel: Travel,
    progress: Progress | None = None,
) -> Problem:
    """Measure the ways and put down every way to visit every candidate."""
    stands = [place.stand for place in listed.places]
    ends = registry.stands.destinations.wgs84[stands].reshape(-1, 2)
    starts = np.array([each.start for each in ask.inspectors], dtype=np.float64)
    lon, lat = np.concatenate((ends, starts)).T
    legs = legs_between(lon, lat, len(stands), travel=travel, code=ask.mode, progress=progress)
    shifts = tuple(
        Shift(len(stands) + number, each.since, each.until, listed.allowed[number])
        for number, each in enumerate(ask.inspectors)
    )
    pairs = [
        (visit, (place, span))
        for node, place in enumerate(listed.places)
        for span in place.spans
        for visit in _visits(ask, place.candidate, node, span, listed.services[place.candidate])
    ]
    whole = Task(
        tuple(visit for visit, _ in pairs),
        _prizes(priorities),
        legs.minutes,
        shifts,
        ask.visits,
        terms().lunch[1] if ask.lunch_min else None,
    )
    hopeless = dict(_hopeless(whole, len(listed.ids)))
    kept = [(visit, offer) for visit, offer in pairs if visit.candidate not in hopeless]
    task = Task(
        tuple(visit for visit, _ in kept),
        whole.prizes,
        whole.minutes,
        shifts,
        whole.most,
        whole.lunch_by,
    )
    return Problem(task, legs, tuple(offer for _, offer in kept), tuple(hopeless.items()))


def _prizes(priorities: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return whole prizes in proportion, but for the least."""
    values = np.asarray(priorities, dtype=np.float64)
    most = values.max(initial=0.0)
    whole = np.rint(values / (most if most > 0 else 1.0) * GREATEST_PRIZE)
    return np.maximum(whole, LEAST_PRIZE).astype(np.int64)


def _visits(ask: Ask, candidate: int, node: int, span: Span, service: int) -> Iterator[Visit]:
    """Yield the ways to visit in a span: without lunch, and with it after or before the work.

    Where the door shuts before lunch may begin, or opens long after it, one waits.
    """
    since, until = span.since, span.until - service
    ways = [(since, until, service, NO_LUNCH)]
    if ask.lunch_min:
        earliest, latest = terms().lunch
        long = service + ask.lunch_min
        after = max(since, earliest - service), min(until, latest - service)
        before = max(since - ask.lunch_min, earliest), min(until - ask.lunch_min, latest)
        ways += [(*after, long, AFTER), (*before, long, BEFORE)]
        if span.until < earliest:
            ways.append((until, until, long + earliest - span.until, AFTER))
        if since - ask.lunch_min > latest:
            ways.append((latest, latest, since - latest + service, BEFORE))
    for early, late, minutes, lunch in ways:
        if early <= late:
            yield Visit(candidate, node, early, late, minutes, lunch)


def _hopeless(task: Task, candidates: int) -> Iterator[tuple[int, str]]:
    """Yield the candidates nobody can visit even if it is the only visit of the day."""
    by_candidate: list[list[int]] = [[] for _ in range(candidates)]
    for number, visit in enumerate(task.visits):
        by_candidate[visit.candidate].append(number)
    for candidate, numbers in enumerate(by_candidate):
        shifts = [shift for shift in task.shifts if shift.allowed[candidate]]
        if any(task.keeps(shift, (number,)) for shift in shifts for number in numbers):
            continue
        nodes = {task.visits[number].node for number in numbers}
        ways = [task.minutes[shift.node, node] for shift in shifts for node in nodes]
        blocked = min(ways, default=0) >= NO_WAY
        yield candidate, "unreachable" if blocked else "too_far"
