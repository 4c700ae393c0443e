"""What stands in the way when not every row can be covered: the smallest set of rows to blame.

The smallest set of rows that cannot be covered within the limit holds, for every choice of columns
within it, a row which that choice leaves out. So it is a least hitting set, built up choice by
choice (implicit hitting sets; Ignatiev, Previti, Liffiton and Marques-Silva 2015): take the least
set of rows that hits all leftovers so far; if it can be covered, extend that cover to leave out as
few other rows as possible, and its leftovers are one more set to hit; if not, it is the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from stations.siting.covering import any_cover, covering, least_cover
from stations.siting.plan import Blame
from stations.siting.reduce import only

if TYPE_CHECKING:
    from stations.siting.clock import Clock
    from stations.siting.covering import Covering
    from stations.siting.inputs import Choice
    from stations.siting.plan import BoolArray, IntArray


_ROUNDS = 300


def blame_unreached(rows: sp.csr_array, hopeless: IntArray, may: Choice) -> Blame:
    """Blame one of these rows, which no column that may be used reaches; name them all."""
    limits = [_what_bars(rows, row, may) for row in hopeless.tolist()]
    worst = min(range(len(limits)), key=lambda place: (len(limits[place]), place))
    return Blame((int(hopeless[worst]),), limits[worst], alone=tuple(hopeless.tolist()))


def blame_limit(problem: Covering, limit: float, name: str, clock: Clock, seed: int) -> Blame:
    """Return the smallest set of rows that cannot be covered within the limit.

    Where it is not found in time or in some hundred rounds: one from which no row can be spared,
    or what is left of all rows when time ran out.
    """
    left_out: list[IntArray] = []
    for _ in range(_ROUNDS):
        wanted = least_hitting(left_out, problem.rows.shape[0], clock, seed)
        chosen, ending = _cover_of(problem, wanted, limit, clock, seed)
        if ending == "infeasible":
            return Blame(_rows(problem, wanted), (name,))
        if chosen is None or clock.over():
            break
        left_out.append(np.flatnonzero(~_grown(problem, chosen, limit)))
    return Blame(_rows(problem, _spared(problem, limit, clock, seed)), (name,), smallest=False)


def _rows(problem: Covering, places: IntArray) -> tuple[int, ...]:
    return tuple(np.sort(problem.origin[places]).tolist())


def _what_bars(rows: sp.csr_array, row: int, may: Choice) -> tuple[str, ...]:
    """Return the limits that must give way before any column reaches this row."""
    columns = rows.indices[rows.indptr[row] : rows.indptr[row + 1]]
    if not len(columns):
        return ()
    barred, dear = may.forbidden[columns], may.costs[columns] > may.limit
    if not (barred & dear).all() and barred.any() and (barred | dear).all():
        return ("forbidden",) if (barred & ~dear).any() else (may.name,)
    return (may.name,) if not barred.any() else ("forbidden", may.name)


def least_hitting(left_out: list[IntArray], count: int, clock: Clock, seed: int) -> IntArray:
    """Return a least set of places, of so many, that has one of each of these."""
    if not left_out:
        return np.zeros(0, np.int64)
    sizes = [len(rows) for rows in left_out]
    pointer = np.concatenate(([0], np.cumsum(sizes)))
    columns = np.concatenate(left_out)
    hits = sp.csr_array((np.ones(len(columns)), columns, pointer), shape=(len(sizes), count))
    problem = covering(hits, np.ones(count), np.arange(count))
    found = least_cover(problem, np.inf, clock, seed).chosen
    return np.arange(count) if found is None else found


def _cover_of(
    problem: Covering, wanted: IntArray, limit: float, clock: Clock, seed: int
) -> tuple[IntArray | None, str]:
    if not len(wanted):
        return np.zeros(0, np.int64), "optimal"
    names = np.arange(problem.rows.shape[1])
    part = covering(only(problem.rows, rows=wanted), problem.costs, names)
    found = any_cover(part, limit, clock, seed)
    return found.chosen, found.ending


def _grown(problem: Covering, chosen: IntArray, limit: float) -> BoolArray:
    """Add columns while one fits and covers more; tell the rows covered then."""
    columns = problem.rows.T.tocsr()
    inside = np.zeros(len(problem.costs))
    inside[chosen] = 1.0
    while True:
        covered: BoolArray = problem.rows @ inside > 0
        gain = columns @ (~covered).astype(float)
        slack = limit - problem.costs @ inside
        fits = np.flatnonzero((gain > 0) & (problem.costs <= slack))
        if not len(fits):
            return covered
        inside[fits[np.argmax(gain[fits])]] = 1.0


def _spared(problem: Covering, limit: float, clock: Clock, seed: int) -> IntArray:
    """Leave out row after row as long as the rest cannot be covered."""
    kept = np.arange(problem.rows.shape[0])
    for row in kept.tolist():
        if clock.over():
            break
        rest = kept[kept != row]
        if _cover_of(problem, rest, limit, clock, seed)[1] == "infeasible":
            kept = rest
    return kept
