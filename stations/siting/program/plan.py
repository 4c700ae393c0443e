"""What a program of several years answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stations.siting.plan import relative_gap

if TYPE_CHECKING:
    from stations.siting.plan import Status


@dataclass(frozen=True)
class Obstacle:
    """Why a program is impossible: these wishes cannot be met together within these limits."""

    rows: tuple[int, ...]
    """Demand rows to be covered."""
    must: tuple[int, ...]
    """Columns to be taken. Without any one of these rows and columns the rest could be met."""
    limits: tuple[tuple[str, int], ...]
    """What would have to give way: an argument or a field of `Rules`, and which entry of it
    (``budgets``: the year; ``forbidden``: the column). None of them is there in vain. Empty: no
    column reaches the rows at all, whatever is allowed."""
    smallest: bool = True
    """True: no smaller set of rows and columns is impossible. False: that is not known."""
    alone: tuple[int, ...] = ()
    """All rows no column that may be taken reaches; ``rows`` names one of them."""


@dataclass(frozen=True)
class ProgramPlan:
    """What is taken in which year, its worth, and what is proven about the best there is."""

    chosen: tuple[tuple[int, int], ...]
    """(column, year), ascending. Empty when infeasible."""
    objective: float
    """Weight covered at the end of each year times the year's value, added up (max_program), or
    cost (min_program); measured on the matrices given; infinite when infeasible."""
    bound: float
    """No plan is better than this; where the worst group counts first: no plan whose worst group
    is served at least as well."""
    status: Status
    """As in `Plan`."""
    served: tuple[float, ...] = ()
    """Weight covered at the end of each year."""
    spent: tuple[float, ...] = ()
    """What each year costs; below 0 where closing saves more than is spent."""
    standing: float = 0.0
    """The objective if nothing is done."""
    worst: float | None = None
    """Least share of any group, over all years by their value; None: not asked for."""
    worst_bound: float | None = None
    """No plan has a greater one."""
    blame: Obstacle | None = None
    """What stands in the way, when infeasible."""

    @property
    def gap(self) -> float:
        """Distance of objective and bound as a share of the objective; infinite: nothing known.

        Where the worst group counts first, the greater of its gap and the sum's.
        """
        whole = relative_gap(self.objective, self.bound)
        if self.worst is None or self.worst_bound is None:
            return whole
        return max(whole, relative_gap(self.worst, self.worst_bound))

    @property
    def gap_of_gain(self) -> float:
        """Distance of objective and bound as a share of what the plan adds to what stands."""
        return relative_gap(self.objective - self.standing, self.bound - self.standing)


def impossible(blame: Obstacle) -> ProgramPlan:
    """Return the plan that says no plan can be."""
    worst = float("inf")
    return ProgramPlan((), worst, worst, "infeasible", blame=blame)
