"""Who serves whom, once columns are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import scipy.sparse as sp

    from stations.siting.plan import FloatArray, IntArray


class Service(NamedTuple):
    """By which of the chosen columns each row is served, and at what cost."""

    server: IntArray
    """Of equally near ones the lowest; -1: none."""
    cost: FloatArray
    """0 where there is none."""


def nearest(costs: sp.csr_array, chosen: IntArray) -> Service:
    """Return the nearest chosen column of each row."""
    part = costs[:, chosen].tocoo()
    order = np.lexsort((part.col, part.data, part.row))
    row, first = np.unique(part.row[order], return_index=True)
    server = np.full(costs.shape[0], -1, np.int64)
    server[row] = chosen[part.col[order][first]]
    cost = np.zeros(costs.shape[0])
    cost[row] = part.data[order][first]
    return Service(server, cost)
