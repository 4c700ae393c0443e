"""What to take in which year: most weight covered within budgets, or every row at least cost."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from geodata.errors import UsageError
from stations.siting import highs
from stations.siting.entry import started
from stations.siting.inputs import pattern
from stations.siting.plan import TOLERANCE, relative_gap
from stations.siting.program.blame import obstacle, unreached
from stations.siting.program.plan import ProgramPlan, impossible
from stations.siting.program.rules import Rules
from stations.siting.program.score import score, spent, without_idle
from stations.siting.program.solve import Question
from stations.siting.program.task import asked, task

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from stations.siting.clock import Clock, Progress
    from stations.siting.plan import IntArray, Matrix
    from stations.siting.program.solve import Found
    from stations.siting.program.task import Asked

    type Objective = Literal["most", "worst_group_first"]

_NOTHING = Rules()


def max_program(
    reach: Matrix,
    weights: npt.ArrayLike | None = None,
    costs: npt.ArrayLike | None = None,
    *,
    budgets: Sequence[float] | None = None,
    base: Matrix | None = None,
    rules: Rules = _NOTHING,
    groups: npt.ArrayLike | None = None,
    objective: Objective = "most",
    value: Sequence[float] | None = None,
    carry: bool = False,
    time_limit_s: float | None = None,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> ProgramPlan:
    """Choose columns, each with its year, so that the rows covered weigh most.

    ``reach`` as in `max_cover`: a column taken serves its rows from its year to the end. ``base``:
    rows by what stands today; it serves its rows until a column that ends it is taken. Each year
    counts the weight covered at its end, times ``value`` (1 each). As many years as ``budgets`` or
    ``value`` have, else one. A year's costs stay within its budget; with ``carry`` what is unspent
    may be spent later. ``costs`` may be below 0: closing saves, in its own year. A column that
    brings nothing is not taken.

    ``worst_group_first``: the least share of any of the ``groups`` (a row's number, -1: none) is
    as great as can be, then the sum. ``gap`` is a share of the
    gain, of what the plan adds to what stands; ``time_limit_s`` and ``progress`` as in `max_cover`.
    ``infeasible`` and an `Obstacle` where what must be taken cannot be. Raises ``UsageError`` for
    anything that cannot be meant.
    """
    if objective not in {"most", "worst_group_first"}:
        raise UsageError(f"objective must be most or worst_group_first, got {objective!r}")
    clock = started(time_limit_s, gap, seed, progress)
    wish = asked(
        reach,
        weights,
        costs,
        budgets=budgets,
        base=base,
        rules=rules,
        groups=groups,
        value=value,
        carry=carry,
    )
    small = task(wish, wish.weights > 0)
    fair = objective == "worst_group_first"
    if fair and not (wish.groups >= 0).any():
        raise UsageError("worst_group_first needs groups=, a number for each row")
    question = Question(wish, small, clock, seed)
    found = question.fairest() if fair else question.most()
    if found.ending == "infeasible":
        return impossible(obstacle(wish, np.zeros(0, np.int64), clock, seed))
    return _most(wish, found, clock, fair=fair)


def min_program(
    reach: Matrix,
    weights: npt.ArrayLike | None = None,
    costs: npt.ArrayLike | None = None,
    *,
    budgets: Sequence[float] | None = None,
    base: Matrix | None = None,
    rules: Rules = _NOTHING,
    carry: bool = False,
    time_limit_s: float | None = None,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> ProgramPlan:
    """Choose columns so that every row is covered at the end of the last year, at least cost.

    As `max_program`; rows of weight 0 need not be covered, ``costs`` are 1 each if not given, and
    the objective is the cost of all years together, as many as there are ``budgets``, else 1.
    ``infeasible`` and an `Obstacle` where some rows cannot be covered.
    """
    clock = started(time_limit_s, gap, seed, progress)
    reach = pattern(reach)
    prices = np.ones(reach.shape[1]) if costs is None else costs
    wish = asked(
        reach,
        weights,
        prices,
        budgets=budgets,
        base=base,
        rules=rules,
        groups=None,
        value=None,
        carry=carry,
    )
    rows = np.flatnonzero(wish.weights > 0)
    hopeless = unreached(wish, rows)
    if len(hopeless):
        return impossible(obstacle(wish, rows, clock, seed))
    found = Question(wish, task(wish, wish.weights > 0), clock, seed).cheapest()
    if found.ending == "infeasible":
        return impossible(obstacle(wish, rows, clock, seed))
    return _least(wish, found, clock)


def _most(wish: Asked, found: Found, clock: Clock, *, fair: bool) -> ProgramPlan:
    """Return the plan of the greatest worth, measured on what was given."""
    standing = score(wish, np.full(wish.reach.shape[1], wish.years)).total
    if found.when is None:
        return ProgramPlan((), -math.inf, found.bound, clock.status(-math.inf, found.bound))
    when = without_idle(wish, found.when)
    got = score(wish, when)
    everything = float(wish.weights.sum() * wish.value.sum())
    bound = _settled(got.total, max(found.bound, got.total), found.ending, everything)
    chosen, costs = _chosen(wish, when), spent(wish, when)
    plan = ProgramPlan(chosen, got.total, bound, "optimal", got.served, costs, standing)
    if not fair:
        return replace(plan, status=clock.ended(plan.gap_of_gain))
    worst = _settled(got.worst, max(found.worst_bound, got.worst), found.ending, 1.0)
    plan = replace(plan, worst=got.worst, worst_bound=worst)
    share = relative_gap(got.worst, worst)
    return replace(plan, status=clock.ended(max(plan.gap_of_gain, share)))


def _least(wish: Asked, found: Found, clock: Clock) -> ProgramPlan:
    """Return the plan of least cost."""
    if found.when is None:
        return ProgramPlan((), math.inf, found.bound, clock.status(math.inf, found.bound))
    costs = spent(wish, found.when)
    objective = math.fsum(wish.costs[found.when < wish.years].tolist())
    everything = float(np.abs(wish.costs).sum())
    bound = _settled(objective, min(found.bound, objective), found.ending, everything)
    served = score(wish, found.when).served
    status = clock.status(objective, bound)
    chosen = _chosen(wish, found.when)
    return ProgramPlan(chosen, objective, bound, status, served, costs)


def _chosen(wish: Asked, when: IntArray) -> tuple[tuple[int, int], ...]:
    taken = np.flatnonzero(when < wish.years)
    return tuple(zip(taken.tolist(), when[taken].tolist(), strict=True))


def _settled(objective: float, bound: float, ending: highs.Ending, whole: float) -> float:
    """Return the bound, or the objective where only accuracy parts the two.

    ``whole``: the sum of all there is to add up.
    """
    near = (highs.ACCURACY if ending == "optimal" else TOLERANCE) * abs(objective)
    return objective if abs(bound - objective) <= max(near, 1e-12 * whole) else bound
