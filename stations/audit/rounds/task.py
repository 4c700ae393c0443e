"""A day's round as numbers alone: what may be visited when, who goes, what it is worth.

Times are minutes of one day. A route is a sequence of visits, from a shift's node and back to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.geodesy import BoolArray, IntArray

    type Route = tuple[int, ...]
    """Numbers of visits, in order."""

NO_LUNCH, AFTER, BEFORE = 0, 1, 2
GREATEST_PRIZE, LEAST_PRIZE = 1_000_000, 2_000
"""The most urgent candidate's prize, and what any is worth: more than the minutes of a day."""


class Visit(NamedTuple):
    """One way to visit a candidate: at one place, in one span of its hours, with lunch or not."""

    candidate: int
    node: int
    early: int
    """First minute it may begin; who comes sooner waits."""
    late: int
    """Last minute it may begin, inclusive."""
    service: int
    """Minutes until one leaves."""
    lunch: int = NO_LUNCH
    """Whether the break is part of it: `AFTER` the work there, or `BEFORE`."""


class Shift(NamedTuple):
    """One inspector's day."""

    node: int
    since: int
    until: int
    allowed: BoolArray
    """(candidates,)."""


class Run(NamedTuple):
    """When a route is where."""

    begins: tuple[int, ...]
    """Of each visit."""
    back: int


@dataclass(frozen=True, eq=False)
class Task:
    """Which visits to make: as many prizes as possible, then as short days as possible."""

    visits: tuple[Visit, ...]
    prizes: IntArray
    """(candidates,), from `LEAST_PRIZE` to `GREATEST_PRIZE`; each taken once at most."""
    minutes: IntArray
    """(nodes, nodes)."""
    shifts: tuple[Shift, ...]
    most: int | None = None
    """Visits of a route at most."""
    lunch_by: int | None = None
    """Who began before and is out after this minute has had lunch by then; None: no lunch."""

    def run(self, shift: Shift, route: Sequence[int]) -> Run | None:
        """Return the earliest run of a route by its hours and the shift's; None if there is none.

        Whether it has its lunch, may go there at all, and visits nobody twice is `keeps`.
        """
        at, node, begins = shift.since, shift.node, []
        for number in route:
            visit = self.visits[number]
            begin = max(at + int(self.minutes[node, visit.node]), visit.early)
            if begin > visit.late:
                return None
            begins.append(begin)
            at, node = begin + visit.service, visit.node
        back = at + int(self.minutes[node, shift.node])
        return Run(tuple(begins), back) if back <= shift.until else None

    def lunches(self, route: Sequence[int]) -> int:
        """Count the breaks of a route."""
        return sum(self.visits[number].lunch != NO_LUNCH for number in route)

    def end_of(self, shift: Shift, route: Sequence[int]) -> int:
        """Return when a route must be back: sooner if it has no lunch."""
        if self.lunch_by is None or shift.since >= self.lunch_by or self.lunches(route):
            return shift.until
        return min(shift.until, self.lunch_by)

    def keeps(self, shift: Shift, route: Sequence[int]) -> bool:
        """Tell whether a shift can make a route, by every rule."""
        run = self.run(shift, route)
        known = [self.visits[number].candidate for number in route]
        return (
            run is not None
            and run.back <= self.end_of(shift, route)
            and self.lunches(route) <= 1
            and len(set(known)) == len(known)
            and bool(shift.allowed[known].all())
            and (self.most is None or len(route) <= self.most)
        )

    def worth(self, routes: Sequence[Sequence[int]]) -> tuple[int, int]:
        """Return what routes gather, and minus their minutes: the greater is the better."""
        prizes = sum(int(self.prizes[self.visits[each].candidate]) for r in routes for each in r)
        runs = [self.run(shift, r) for shift, r in zip(self.shifts, routes, strict=True) if r]
        return prizes, -sum(run.back for run in runs if run is not None)

    @cached_property
    def beside(self) -> dict[tuple[int, int], tuple[int, ...]]:
        """Candidate and node → the visits there."""
        found: dict[tuple[int, int], tuple[int, ...]] = {}
        for number, each in enumerate(self.visits):
            key = each.candidate, each.node
            found[key] = (*found.get(key, ()), number)
        return found

    @cached_property
    def columns(self) -> tuple[IntArray, ...]:
        """The visits' fields as arrays, in the order of `Visit`."""
        table = np.array(self.visits, dtype=np.int64).reshape(-1, len(Visit._fields))
        return tuple(table.T)
