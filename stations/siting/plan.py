"""What the solver answers: a plan, how good it provably is, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

type Status = Literal["optimal", "gap reached", "time limit", "stopped", "infeasible"]
type FloatArray = npt.NDArray[np.float64]
type IntArray = npt.NDArray[np.int64]
type BoolArray = npt.NDArray[np.bool_]
type Matrix = Any
"""A dense array of two dimensions, or a scipy sparse one; scipy has no types."""
type Untyped = Any
"""What comes from a library without types."""

TOLERANCE = 1e-9
"""Objective and bound that differ by less than this share of the objective are equal."""


@dataclass(frozen=True)
class Blame:
    """Why a wish is impossible: these rows cannot be served together within these limits."""

    rows: tuple[int, ...]
    """Demand rows. Without any one of them the rest could be served."""
    limits: tuple[str, ...]
    """Arguments that would have to give way: ``sites``, ``budget``, ``forbidden``; none: no
    candidate reaches the rows at all, whatever is allowed."""
    smallest: bool = True
    """True: no smaller set of rows is impossible. False: that is not known, and if time ran out
    some rows may be more than are needed."""
    alone: tuple[int, ...] = ()
    """All rows that are impossible each on its own; ``rows`` names one of them."""


@dataclass(frozen=True)
class Plan:
    """A chosen set of columns, its worth, and what is proven about the best there is."""

    chosen: tuple[int, ...]
    """Columns in use, ascending: the open ones and those added. Empty when infeasible."""
    added: tuple[int, ...]
    """Those of ``chosen`` that were not open before."""
    objective: float
    """The plan's worth, measured on the matrix given; infinite when infeasible."""
    bound: float
    """No plan is better than this: not above it (max_cover), not below it (the others)."""
    status: Status
    """``optimal``: bound reached. ``gap reached``: as near as was asked. ``time limit`` and
    ``stopped`` (by the progress callback): the best found so far."""
    assignment: IntArray | None = field(default=None, compare=False)
    """For each row the chosen column that serves it, of equal ones the lowest; -1: none."""
    served: Any = field(default=None, compare=False)
    """With capacities: a sparse matrix of the weight of each row each column serves."""
    blame: Blame | None = None
    """What stands in the way, when infeasible."""

    @property
    def gap(self) -> float:
        """Distance of bound and objective as a share of the objective; infinite: nothing known."""
        return relative_gap(self.objective, self.bound)


def relative_gap(objective: float, bound: float) -> float:
    """Return |bound - objective| over |objective|; 0 where both are equal, infinite over 0."""
    if not np.isfinite(objective) or not np.isfinite(bound):
        return float("inf")
    if objective == bound:
        return 0.0
    if objective == 0:
        return float("inf")
    return abs(bound - objective) / abs(objective)


def infeasible(blame: Blame) -> Plan:
    """Return the plan that says no plan can be."""
    worst = float("inf")
    return Plan((), (), worst, worst, "infeasible", blame=blame)
