"""A bound for programs that fall into parts joined by money only, part by part at a price of money.

Coverage at the end of year t is at most the best single-year plan's for all budgets up to t. With a
price on money that plan falls into parts (towns), each a small exact model, and whatever the
price, ``sum of the parts' best (weight - price x cost) + price x budget`` bounds it (Lagrangean
relaxation of the budget; Everett 1963). At the prices found so, the parts are asked once more for
all years together. Limits that join parts are left out: the bound holds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from stations.siting import highs
from stations.siting.program.model import Expanded, members
from stations.siting.program.task import narrowed, with_rows

if TYPE_CHECKING:
    from stations.siting.clock import Clock
    from stations.siting.plan import FloatArray, IntArray
    from stations.siting.program.task import Task

_SEARCHES = 20
"""Prices tried for each year at most."""
_NEAR = 5e-4
"""A year's search ends where the next price can lower its bound by no more than this share."""
_AROUND = 4.0
"""Columns count as used where some part chose them at most this far from a year's price."""
_SHARE = 0.6
"""Of a time limit, for the bound."""


class Answer(NamedTuple):
    """A part's best at a price."""

    price: float
    worth: float
    """No choice is worth more: weight less price times cost."""
    cost: float
    chosen: IntArray
    """Column numbers of the task."""


class Priced(NamedTuple):
    """What came out for all years together."""

    bound: float
    """Of the weight covered in the task's rows, each year's times its value."""
    used: IntArray
    """Columns of the task that some part chose at some price."""


def parts(task: Task) -> list[IntArray]:
    """Return the columns of each part: nothing but money and counts joins columns of two."""
    columns = len(task.names)
    needs = [np.array([column, *any_of]) for column, any_of in task.rules.requires]
    ended: dict[int, list[int]] = {}
    for column, base in task.rules.ends:
        ended.setdefault(base, []).append(column)
    ends = members([np.array(ended.get(b, []), int) for b in range(task.base.shape[1])], columns)
    joins = [task.rows + task.base @ ends, ends, members([*task.cliques, *needs], columns)]
    joined = sp.csr_array(sp.vstack(joins, format="csr"))
    graph = sp.block_array([[None, joined], [joined.T, None]], format="csr")
    _, label = connected_components(graph, directed=False)
    order = np.argsort(label[joined.shape[0] :], kind="stable")
    return np.split(order, np.flatnonzero(np.diff(label[joined.shape[0] :][order])) + 1)


def priced(task: Task, apart: float, clock: Clock, seed: int) -> Priced | None:
    """Return the bound; None: there is one part only, some year has no budget, or time ran out."""
    found = parts(task)
    if len(found) == 1 or not np.isfinite(task.budgets).all():
        return None
    sellers = [_Seller(task, columns, apart / len(found), clock, seed) for columns in found]
    alone = np.diff(task.base.indptr) > 0
    for seller in sellers:
        alone[seller.rows] = False
    market = _Market(sellers, clock)
    total, prices = float(task.weights[alone].sum() * task.value.sum()), []
    for value, budget in zip(task.value, np.cumsum(task.budgets), strict=True):
        best = market.search(float(budget))
        if best is None:
            return None
        total += float(value) * best.worth
        prices.append(best.price)
    joint = _joint(task, sellers, np.array(prices) * task.value, clock)
    if joint is not None:
        total = min(total, joint + float(task.weights[alone].sum() * task.value.sum()))
    near = min(prices) / _AROUND, max(prices) * _AROUND
    used = [a.chosen for s in sellers for a in s.known if near[0] <= a.price <= near[1]]
    return Priced(total, np.unique(np.concatenate([*used, np.zeros(0, np.int64)])))


def _joint(task: Task, sellers: list[_Seller], prices: FloatArray, clock: Clock) -> float | None:
    """Return the bound of all years in one, each year's money up to it at its price.

    What is taken stays taken: that is what the years one by one do not know.
    """
    bound = float(prices @ np.cumsum(task.budgets))
    for seller in sellers:
        if clock.over(_SHARE):
            return None
        bound += seller.years(task, prices)
    return bound


class _Market:
    """Looks for the price that bounds a year best; what was asked for one year serves all."""

    def __init__(self, sellers: list[_Seller], clock: Clock) -> None:
        self.sellers, self.clock = sellers, clock
        self._known: list[Answer] = []

    def search(self, budget: float) -> Answer | None:
        """Return the price, and in ``worth`` the bound of the year; None: out of time."""
        if not self._known and self._at(0.0) is None:
            return None
        for _ in range(_SEARCHES):
            low = max((a for a in self._known if a.cost > budget), key=_price, default=None)
            high = min((a for a in self._known if a.cost <= budget), key=_price, default=None)
            if low is None:
                break
            if high is None:
                price = 2.0 * low.price if low.price else max(low.worth, 1.0) / low.cost
            else:
                price = _crossing(low, high)
                floor = high.worth + high.cost * (high.price - price) + price * budget
                best = min(a.worth + a.price * budget for a in self._known)
                if best - floor <= _NEAR * best:
                    break
            if self._at(price) is None:
                return None
        best_at = min(self._known, key=lambda a: a.worth + a.price * budget)
        return best_at._replace(worth=best_at.worth + best_at.price * budget)

    def _at(self, price: float) -> Answer | None:
        worth = cost = 0.0
        for seller in self.sellers:
            if self.clock.over(_SHARE):
                return None
            answer = seller.at(price)
            worth, cost = worth + answer.worth, cost + answer.cost
        self._known.append(Answer(price, worth, cost, np.zeros(0, np.int64)))
        return self._known[-1]


def _price(answer: Answer) -> float:
    return answer.price


def _crossing(low: Answer, high: Answer) -> float:
    """Return the price at which both choices are worth the same."""
    weight = [one.worth + one.price * one.cost for one in (low, high)]
    return (weight[0] - weight[1]) / (low.cost - high.cost)


class _Seller:
    """One part: its best choice at any price, asked once for each."""

    def __init__(
        self, task: Task, columns: IntArray, apart: float, clock: Clock, seed: int
    ) -> None:
        self.columns, self.clock, self.seed, self.apart = columns, clock, seed, apart
        self.costs = task.costs[columns]
        self.rows = _rows_of(task, columns)
        few = narrowed(with_rows(task, self.rows), columns)
        rules = replace(few.rules, must=(), at_most=(), spend=())
        few = few._replace(budgets=np.array([np.inf]), value=np.ones(1), rules=rules)
        self._whole = float(few.weights.sum())
        self._model = Expanded(few)
        self._model.cover(0)
        goal = np.zeros(self._model.build.variables)
        goal[self._model.missed[0]] = few.weights
        self._made = self._model.build.model(goal, self._model.whole())
        self._start: FloatArray | None = None
        self.known: list[Answer] = []

    def years(self, task: Task, prices: FloatArray) -> float:
        """Return what no choice for all years is worth more than, less the money at its prices."""
        few = narrowed(with_rows(task, self.rows), self.columns)
        rules = replace(few.rules, must=(), at_most=(), spend=())
        model = Expanded(few._replace(budgets=np.full(few.years, np.inf), rules=rules))
        for year in range(few.years):
            model.cover(year)
        goal = np.zeros(model.build.variables)
        for value, missed in zip(few.value, model.missed, strict=True):
            goal[missed] = value * few.weights
        for price, taken in zip(prices, model.taken, strict=True):
            goal[taken] = price * few.costs
        made = model.build.model(goal, model.whole())
        solved = highs.solve(made, self.clock, seed=self.seed, apart=self.apart)
        bound = max(solved.bound, float(np.minimum(goal, 0.0).sum()))
        return float(few.weights.sum() * few.value.sum()) - bound

    def at(self, price: float) -> Answer:
        """Return the best at this price."""
        below = max((a for a in self.known if a.price <= price), key=_price, default=None)
        above = min((a for a in self.known if a.price >= price), key=_price, default=None)
        if below is not None and above is not None and below.cost == above.cost:
            share = (price - below.price) / max(above.price - below.price, 1e-300)
            worth = below.worth + share * (above.worth - below.worth)
            return Answer(price, worth, below.cost, below.chosen)
        goal = self._made.objective.copy()
        goal[self._model.taken[0]] = price * self.costs
        solved = highs.solve(
            replace(self._made, objective=goal),
            self.clock,
            seed=self.seed,
            start=self._start,
            apart=self.apart,
        )
        if solved.values is None:
            saved = float(np.minimum(price * self.costs, 0.0).sum())
            return Answer(price, self._whole - saved, 0.0, self.columns[:0])
        self._start = solved.values
        chosen = np.flatnonzero(solved.values[self._model.taken[0]] > 0.5)  # noqa: PLR2004
        cost = float(self.costs[chosen].sum())
        found = Answer(price, self._whole - solved.bound, cost, self.columns[chosen])
        self.known.append(found)
        return found


def _rows_of(task: Task, columns: IntArray) -> IntArray:
    """Return the rows these columns can cover or lose."""
    own = set(columns.tolist())
    ended = sorted({base for column, base in task.rules.ends if column in own})
    touched = np.diff(task.rows[:, columns].indptr) + np.diff(task.base[:, ended].indptr)
    return np.flatnonzero(touched > 0)
