"""Most weight covered (maximal covering location; Church and ReVelle 1974)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stations.siting.answer import answer
from stations.siting.capacity import most_served
from stations.siting.cover import cover
from stations.siting.entry import entry
from stations.siting.inputs import capacities_of, pattern, weights_of
from stations.siting.maximise import Maximiser
from stations.siting.reduce import only

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import scipy.sparse as sp

    from stations.siting.clock import Progress
    from stations.siting.plan import BoolArray, FloatArray, IntArray, Matrix, Plan


def max_cover(
    reach: Matrix,
    weights: npt.ArrayLike | None = None,
    *,
    sites: int | None = None,
    budget: float | None = None,
    site_costs: npt.ArrayLike | None = None,
    open_: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    capacities: npt.ArrayLike | None = None,
    time_limit_s: float | None = None,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Plan:
    """Choose columns so that the rows they reach weigh most.

    ``reach``: rows demand, columns candidates; sparse: each stored entry counts, a stored 0 too
    (False does not), dense: what is not 0. At most ``sites`` columns are added to the open ones, or
    as many as ``budget`` pays for at ``site_costs``; a column that brings nothing is not added.
    With ``capacities`` a column serves at most that much weight, and a row's weight may be shared.
    ``time_limit_s`` returns the best found by then, ``gap`` stops at that share of the objective.
    Raises ``UsageError`` for anything that cannot be meant.
    """
    rows = pattern(reach)
    weight = weights_of(weights, rows.shape[0])
    may, clock = entry(
        rows.shape[1],
        sites=sites,
        budget=budget,
        site_costs=site_costs,
        open_=open_,
        forbidden=forbidden,
        time_limit_s=time_limit_s,
        gap=gap,
        seed=seed,
        progress=progress,
    )
    if capacities is not None:
        room = capacities_of(capacities, rows.shape[1])
        return most_served(rows, weight, room, may, clock=clock, seed=seed)
    covered = reached(rows, may.open)
    left, free = rows, may.free
    if covered.any():
        left = left[np.flatnonzero(~covered)]
    if len(free) < rows.shape[1]:
        left = left[:, free]
    problem = cover(left, weight[~covered], may.costs[free], may.limit, free)
    run = Maximiser(problem, clock, seed)
    run.offset = float(weight[covered].sum())
    run.run()
    added = _needed(rows, weight, covered, run.chosen)
    server = first_server(rows, np.union1d(may.open, added))
    objective = float(weight[server >= 0].sum())
    bound = max(run.offset + run.bound, objective)
    return answer(may, added, objective=objective, bound=bound, clock=clock, assignment=server)


def reached(rows: sp.csr_array, columns: IntArray) -> BoolArray:
    """Tell the rows that at least one of the columns reaches."""
    if not len(columns):
        return np.zeros(rows.shape[0], bool)
    found: BoolArray = np.diff(rows[:, columns].indptr) > 0
    return found


def first_server(rows: sp.csr_array, chosen: IntArray) -> IntArray:
    """Return for each row the lowest of the chosen columns that reaches it; -1: none does."""
    part = rows[:, chosen]
    part.sort_indices()
    served = np.diff(part.indptr) > 0
    server = np.full(rows.shape[0], -1, np.int64)
    server[served] = chosen[part.indices[part.indptr[:-1][served]]]
    return server


def _needed(
    rows: sp.csr_array, weight: FloatArray, covered: BoolArray, chosen: IntArray
) -> IntArray:
    """Return the chosen columns without those that bring nothing, the highest left out first."""
    part = only(rows, columns=chosen)
    counts = part[~covered & (weight > 0)].T.tocsr()
    times = counts.sum(axis=0)
    keep = np.ones(len(chosen), bool)
    for place in range(len(chosen) - 1, -1, -1):
        hit = counts.indices[counts.indptr[place] : counts.indptr[place + 1]]
        if (times[hit] > 1).all():
            times[hit] -= 1
            keep[place] = False
    return np.sort(chosen[keep])
