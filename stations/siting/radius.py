"""The radius formulation of p-median: how far a row's nearest column is, level by level.

For each row with distinct costs D1 < D2 < ... a variable z_k says that no column nearer than D_k
is chosen; the row costs D1 + sum (D_k - D_(k-1)) z_k. The chain "z_(k+1) + columns at D_k >= z_k"
keeps the model as small as the matrix. Formulation: Cornuejols, Nemhauser and Wolsey 1980; the
chain: Elloumi 2010; leaving out levels a good plan cannot need: Garcia, Labbe and Marin 2011.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from stations.siting import highs

if TYPE_CHECKING:
    from stations.siting.interchange import Ways
    from stations.siting.plan import FloatArray


def radius_model(problem: Ways, farthest: FloatArray) -> tuple[highs.Model, float]:
    """Return the model, columns first, and what to add to its objective.

    A row whose fallback is not beyond ``farthest`` may be left to it; the others must be served.
    """
    order = np.lexsort((problem.column, problem.cost, problem.row))
    row, cost = problem.row[order], problem.cost[order]
    new = np.ones(len(row), bool)
    new[1:] = (row[1:] != row[:-1]) | (cost[1:] != cost[:-1])
    level = np.cumsum(new) - 1
    level_row, level_cost = row[new], cost[new]
    levels = len(level_row)
    first, last = np.ones(levels, bool), np.ones(levels, bool)
    first[1:] = last[:-1] = level_row[1:] != level_row[:-1]
    fallback = problem.fallback[level_row]
    optional = last & (fallback <= farthest[level_row])
    onward = ~last | optional
    """Levels after which a row may still be unserved: each has a variable."""
    beyond = np.where(last, fallback, np.append(level_cost[1:], 0.0))
    step = (beyond - level_cost)[onward]
    columns, chains = len(problem.names), int(onward.sum())
    number = columns + np.cumsum(onward) - 1
    later = np.flatnonzero(~first)
    at = np.concatenate((level, np.flatnonzero(onward), later))
    what = np.concatenate((problem.column[order], number[onward], number[later - 1]))
    sign = np.concatenate((np.ones(len(level) + chains), -np.ones(len(later))))
    rows = sp.csr_array((sign, (at, what)), shape=(levels, columns + chains))
    scale = 1.0 if (problem.costs == 1).all() else 1e3 / max(problem.limit, 1e-300)
    spent = np.concatenate((problem.costs * scale, np.zeros(chains)))
    alone = np.ones(len(problem.rows), bool)
    alone[level_row] = False
    offset = float(level_cost[first].sum() + problem.fallback[alone].sum())
    model = highs.Model(
        objective=np.concatenate((np.zeros(columns), step)),
        rows=sp.csr_array(sp.vstack([rows, spent[None, :]], format="csr")),
        lower=np.append(first.astype(float), -np.inf),
        upper=np.append(np.full(levels, np.inf), problem.limit * scale),
        whole=np.arange(columns + chains) < columns,
        integral=problem.integral,
    )
    return model, offset
