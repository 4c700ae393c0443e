"""Most weight served where each column serves only so much (capacitated maximal covering)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from stations.siting import highs
from stations.siting.answer import answer
from stations.siting.reduce import only, same_rows

if TYPE_CHECKING:
    from stations.siting.clock import Clock
    from stations.siting.inputs import Choice
    from stations.siting.plan import BoolArray, FloatArray, IntArray, Plan
from stations.siting.reduce import Groups


def most_served(
    rows: sp.csr_array,
    weights: FloatArray,
    capacities: FloatArray,
    may: Choice,
    *,
    clock: Clock,
    seed: int,
) -> Plan:
    """Choose columns and share the rows' weight among them.

    Rows with the same columns are one; nothing else is made small: with capacities a column may be
    worth taking beside one that reaches all it reaches, and open columns serve only so much.
    """
    usable = np.union1d(may.open, may.free)
    groups = same_rows(rows)
    total = np.bincount(groups.of_row, weights, len(groups.first))
    few = only(rows, rows=groups.first, columns=usable)
    flow = _Flow(few, total, capacities[usable])
    chosen = _greedy(flow, may, usable)
    start = np.concatenate((chosen, flow.filled(chosen)))
    apart = clock.gap * float((start[len(usable) :] * flow.most).sum())
    model = flow.model(may, usable)
    solved = highs.solve(
        model, clock, start=start, seed=seed, apart=apart, told=highs.Told(0.0, -1.0)
    )
    inside = chosen > 0
    if solved.values is not None:
        found = solved.values[: len(usable)] > 0.5  # noqa: PLR2004  # 0 or 1
        inside = found if may.used(np.setdiff1d(usable[found], may.open)) <= may.limit else inside
    amounts = flow.best(inside | np.isin(usable, may.open))
    useful = np.bincount(flow.column, amounts, len(usable)) > 0
    objective = float(amounts.sum())
    return answer(
        may,
        np.setdiff1d(usable[inside & useful], may.open),
        objective=objective,
        bound=max(min(-solved.bound, float(total.sum())), objective),
        clock=clock,
        proven=solved.ending == "optimal",
        served=_by_row(
            flow, usable, amounts, groups=groups, weights=weights, columns=rows.shape[1]
        ),
    )


class _Flow:
    """Weight that runs from groups of rows to columns, one amount for each entry."""

    def __init__(self, rows: sp.csr_array, total: FloatArray, capacities: FloatArray) -> None:
        self.total, self.capacities = total, capacities
        entries = rows.tocoo()
        self.group, self.column = entries.row, entries.col
        self.shape = rows.shape

    def model(self, may: Choice, usable: IntArray) -> highs.Model:
        """Columns first, then the amounts as shares of the most each may be."""
        columns, amounts = len(usable), len(self.group)
        most = self.most
        ones = np.arange(amounts)
        out = sp.csr_array((most, (self.group, ones)), shape=(self.shape[0], amounts))
        into = sp.csr_array((most, (self.column, ones)), shape=(columns, amounts))
        opened = sp.csr_array((np.ones(amounts), (ones, self.column)), shape=(amounts, columns))
        is_open = np.isin(usable, may.open)
        costs = np.where(is_open, 0.0, may.costs[usable])
        scale = 1.0 if may.name == "sites" else 1e3 / max(may.limit, 1e-300)
        blocks = [
            [None, out],
            [-sp.diags_array(self.capacities), into],
            [-opened, sp.eye_array(amounts)],
            [sp.csr_array((costs * scale)[None, :]), None],
            [sp.csr_array(is_open.astype(float)[None, :]), None],
        ]
        matrix = sp.csr_array(sp.block_array(blocks, format="csr"))
        upper = (self.total, np.zeros(columns + amounts), [may.limit * scale, np.inf])
        lower = np.full(matrix.shape[0], -np.inf)
        lower[-1] = is_open.sum()
        return highs.Model(
            objective=np.concatenate((np.zeros(columns), -most)),
            rows=matrix,
            lower=lower,
            upper=np.concatenate(upper),
            whole=np.arange(columns + amounts) < columns,
        )

    @property
    def most(self) -> FloatArray:
        """The most each amount can be."""
        most: FloatArray = np.minimum(self.total[self.group], self.capacities[self.column])
        return most

    def filled(self, chosen: FloatArray) -> FloatArray:
        """Return shares of ``most`` that the chosen columns serve, filled one after the other."""
        left, room = self.total.copy(), self.capacities * chosen
        share = np.zeros(len(self.group))
        most = self.most
        for entry in np.flatnonzero((chosen[self.column] > 0) & (most > 0)).tolist():
            group, column = self.group[entry], self.column[entry]
            amount = min(left[group], room[column])
            left[group] -= amount
            room[column] -= amount
            share[entry] = amount / most[entry]
        return share

    def best(self, chosen: BoolArray) -> FloatArray:
        """Return amounts that serve as much as the chosen columns can."""
        used = np.flatnonzero(chosen[self.column] & (self.most > 0))
        most = self.most[used]
        place = np.arange(len(used))
        out = (most, (self.group[used], place))
        into = (most, (self.column[used], place))
        matrix = sp.vstack(
            [
                sp.csr_array(out, shape=(self.shape[0], len(used))),
                sp.csr_array(into, shape=(self.shape[1], len(used))),
            ],
            format="csr",
        )
        upper = np.concatenate((self.total, self.capacities))
        lower = np.full(len(upper), -np.inf)
        whole = np.zeros(len(used), bool)
        model = highs.Model(-most, sp.csr_array(matrix), lower, upper, whole)
        amounts = np.zeros(len(self.group))
        values = highs.flow(model)
        amounts[used] = values * most
        return amounts


def _greedy(flow: _Flow, may: Choice, usable: IntArray) -> FloatArray:
    """Take the column that serves most of what is left, per cost, while one fits."""
    chosen = np.isin(usable, may.open).astype(float)
    slack = may.limit
    costs = may.costs[usable]
    left = flow.total - _served(flow, flow.filled(chosen))
    while True:
        gain = np.bincount(flow.column, left[flow.group], flow.shape[1])
        gain = np.minimum(gain, flow.capacities)
        fits = np.flatnonzero((chosen == 0) & (costs <= slack) & (gain > 0))
        if not len(fits):
            return chosen
        with np.errstate(divide="ignore"):
            best = int(fits[np.argmax(gain[fits] / costs[fits])])
        chosen[best] = 1.0
        slack -= costs[best]
        left = flow.total - _served(flow, flow.filled(chosen))


def _served(flow: _Flow, share: FloatArray) -> FloatArray:
    return np.bincount(flow.group, share * flow.most, flow.shape[0])


def _by_row(
    flow: _Flow,
    usable: IntArray,
    amounts: FloatArray,
    *,
    groups: Groups,
    weights: FloatArray,
    columns: int,
) -> sp.csr_array:
    """Share each group's amounts among its rows, by their weights."""
    total = flow.total[flow.group]
    share = np.divide(amounts, total, out=np.zeros(len(total)), where=total > 0)
    place = (flow.group, usable[flow.column])
    by_group = sp.csr_array((share, place), shape=(flow.shape[0], columns))
    served = sp.csr_array(by_group[groups.of_row].multiply(weights[:, None]))
    served.eliminate_zeros()
    return served
