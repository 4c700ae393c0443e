"""More money, less money, other prices: the same problem asked again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geodata.errors import UsageError
from stations.planning.solving import Change, solve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.planning.problem import Problem
    from stations.planning.solving import Progress, Solved

SHARES = (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
"""Of the plan's money: where a frontier looks if nobody says."""


class Point(NamedTuple):
    """What so much money gains."""

    budget: int
    """Yuan, all years together."""
    cost: int
    gain: float
    """Worker-hours a week gained, added up over the years' ends."""
    bound: float
    """No plan for that money gains more."""
    actions: int


@dataclass(frozen=True)
class Frontier:
    """Gain against money."""

    points: tuple[Point, ...]
    """By money, ascending; no point gains less than one before. Budgets too small for what must
    be done are left out."""
    knee: int | None
    """The budget after which money gains less than it did on average: the point farthest above
    the line from the first to the last; of equal ones the cheapest. None: no point is above it."""

    def as_dict(self) -> dict[str, Any]:
        """Return the frontier for JSON."""
        return {"points": [each._asdict() for each in self.points], "knee": self.knee}


class Next(NamedTuple):
    """What more money buys on top of a plan."""

    yuan: int
    """How much more, besides what the plan leaves of its last year."""
    left: int
    """What that is."""
    actions: tuple[str, ...]
    """Ids, in addition to the plan's."""
    cost: int
    gain: float
    """Worker-hours a week."""


class Shaken(NamedTuple):
    """The plan at other prices of one kind of action."""

    kind: str
    factor: float
    gain: float
    kept: tuple[str, ...]
    """Ids of the plan's actions that are in it still."""


@dataclass(frozen=True)
class Sensitivity:
    """Which actions do not hang on a price."""

    shaken: tuple[Shaken, ...]
    stable: tuple[str, ...]
    """Ids of the actions that stay whatever price changes."""

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "shaken": [each._asdict() | {"kept": list(each.kept)} for each in self.shaken],
            "stable": list(self.stable),
        }


def frontier_of(
    problem: Problem,
    solved: Solved,
    budgets: Sequence[int] | None,
    progress: Progress | None = None,
) -> Frontier:
    """Ask for plans of some budgets; years share each as they share the wish's."""
    whole = sum(problem.wish.budgets or (_cost(problem, solved),))
    asked = sorted({int(share * whole) for share in SHARES} if budgets is None else set(budgets))
    if any(money < 0 for money in asked):
        raise UsageError(f"a budget is 0 yuan or more, not {asked[0]}")
    points: list[Point] = []
    for money in asked:
        amounts = _shared(problem, money)
        same = problem.wish.budgets is not None and money == whole and not problem.wish.cover_all
        found = solved if same else solve(problem, Change(budgets=amounts, most=True), progress)
        if not math.isfinite(found.objective):
            continue
        point = _point(problem, money, found, found.bound)
        if sum(solved.gained) > point.gain and _affords(problem, solved, amounts):
            point = _point(problem, money, solved, found.bound)
        if points and point.gain < points[-1].gain:  # a cheaper plan is a plan for more money too
            point = points[-1]._replace(budget=money, bound=point.bound)
        points.append(point)
    points = _bounded(problem, solved, points)
    return Frontier(tuple(points), _knee(points))


def _point(problem: Problem, money: int, found: Solved, bound: float) -> Point:
    cost, size = _cost(problem, found), len(found.chosen)
    return Point(money, cost, sum(found.gained), bound, size)


def _affords(problem: Problem, solved: Solved, budgets: Sequence[float]) -> bool:
    """Tell whether a plan keeps to other budgets; not asked where fairness comes first."""
    spent = np.zeros(problem.wish.years)
    for number, year in solved.chosen:
        spent[year] += problem.shelf.packages[number].cost
    return problem.wish.objective == "most" and bool((spent <= budgets).all())


def _bounded(problem: Problem, solved: Solved, points: list[Point]) -> list[Point]:
    """Lower each bound to that of more money; a wish without a budget bounds them all."""
    wish = problem.wish
    if wish.objective != "most":
        return points
    free = wish.budgets is None and not wish.cover_all
    least, found = solved.bound if free else math.inf, []
    for point in reversed(points):
        least = min(least, point.bound)
        found.append(point._replace(bound=max(least, point.gain)))
    return found[::-1]


def next_of(problem: Problem, solved: Solved, yuan: int, progress: Progress | None = None) -> Next:
    """Keep the plan and ask what else more money buys, in its last year."""
    if not yuan > 0:
        raise UsageError(f"the next yuan are more than 0, not {yuan}")
    taken, last = {number for number, _ in solved.chosen}, problem.wish.years - 1
    spent = sum(problem.shelf.packages[n].cost for n, year in solved.chosen if year == last)
    budgets = problem.wish.budgets
    left = 0 if budgets is None else int(budgets[last]) - spent
    money = _cost(problem, solved) + left + yuan
    found = solve(
        problem,
        Change(budgets=(float(max(money, 0)),), must=tuple(sorted(taken)), gap=0.0, most=True),
        progress,
    )
    more = [number for number, _ in found.chosen if number not in taken]
    gain = max(found.gained[-1] - solved.gained[-1], 0.0) if found.gained else 0.0
    cost = sum(problem.shelf.packages[number].cost for number in more)
    return Next(yuan, left, tuple(problem.shelf.ids[number] for number in more), cost, gain)


def sensitivity_of(
    problem: Problem, solved: Solved, share: float, progress: Progress | None = None
) -> Sensitivity:
    """Ask for plans with each kind of action of the plan cheaper, then dearer, by a share."""
    if not 0 < share < 1:
        raise UsageError(f"prices change by a share from 0 to 1, not {share}")
    mine = [problem.shelf.ids[number] for number, _ in solved.chosen]
    kinds = dict.fromkeys(
        kind for number, _ in solved.chosen for kind in problem.shelf.packages[number].kinds
    )
    shaken = []
    for kind in kinds:
        for factor in (1 - share, 1 + share):
            found = solve(problem, Change(costs=_at(problem, kind, factor)), progress)
            other = {problem.shelf.ids[number] for number, _ in found.chosen}
            kept = tuple(each for each in mine if each in other)
            shaken.append(Shaken(kind, round(factor, 6), found.objective, kept))
    stable = tuple(each for each in mine if all(each in one.kept for one in shaken))
    return Sensitivity(tuple(shaken), stable)


def _at(problem: Problem, kind: str, factor: float) -> np.ndarray:
    """Return the packages' costs with the price of one kind changed, in whole yuan."""
    return np.array(
        [
            sum(
                round(price * factor) if each == kind else price
                for each, price in zip(package.kinds, package.prices, strict=True)
            )
            for package in problem.shelf.packages
        ],
        dtype=np.float64,
    )


def _cost(problem: Problem, solved: Solved) -> int:
    return sum(problem.shelf.packages[number].cost for number, _ in solved.chosen)


def _shared(problem: Problem, money: int) -> tuple[float, ...]:
    """Share money among the years as the wish does; what rounding leaves goes to the last."""
    budgets = problem.wish.budgets or (1,)
    whole = sum(budgets)
    if not whole:
        return (*(0.0 for _ in budgets[1:]), float(money))
    shares = [money * each // whole for each in budgets[:-1]]
    return (*map(float, shares), float(money - sum(shares)))


def _knee(points: Sequence[Point]) -> int | None:
    if not points:
        return None
    first, last = points[0], points[-1]
    run, rise = last.budget - first.budget, last.gain - first.gain
    above = [
        (each.gain - first.gain) * run - rise * (each.budget - first.budget) for each in points
    ]
    best = int(np.argmax(above)) if run else 0
    return points[best].budget if above[best] > 1e-9 * abs(rise * run) else None
