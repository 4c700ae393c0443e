"""The most a limited choice of columns can be worth, when each has its own worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from stations.siting.plan import BoolArray, FloatArray


class Picked(NamedTuple):
    """The best choice where one column may be taken in part."""

    worth: float
    share: FloatArray
    """How much of each column is taken, 0 to 1."""
    last: float
    """Worth per cost of the last column taken in full or in part; 0 where the limit is slack."""
    next: float
    """Worth per cost of the first one not taken in full; 0 where all are taken."""


def pick(worth: FloatArray, costs: FloatArray, limit: float) -> Picked:
    """Take the columns worth most per cost, up to the limit (the knapsack's relaxation)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(worth > 0, worth / costs, 0.0)
    order = np.argsort(-ratio, kind="stable")
    spent = np.cumsum(costs[order])
    fits = int(np.searchsorted(spent, limit, side="right"))
    share = np.zeros(len(worth))
    share[order[:fits]] = 1.0
    last, after = (ratio[order[fits - 1]] if fits else np.inf), 0.0
    if fits < len(order):
        at = order[fits]
        after = ratio[at]
        share[at] = (limit - (spent[fits - 1] if fits else 0.0)) / costs[at]
        last = after if share[at] > 0 else last
    else:
        last = 0.0
    share[worth <= 0] = 0.0
    return Picked(float((worth * share).sum()), share, float(last), float(after))


def never(worth: FloatArray, costs: FloatArray, picked: Picked, slack: float) -> BoolArray:
    """Tell columns that no choice better than ``slack`` below the relaxation's worth takes.

    With a price on cost at which the relaxation's worth does not change, taking a column that is
    worth less than it costs loses the difference (fixing by reduced costs).
    """
    price = picked.last if np.isfinite(picked.last) else picked.next
    useless: BoolArray = (picked.share == 0) & (price * costs - worth > slack)
    return useless
