"""What to do about gaps, for how much money, with proof and reasons. See ``README.md``.

`plan` answers a `Wish` with a `Scheme`: actions with their years and costs, chosen by
`stations.siting` from everything on offer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stations.planning.actions import Action
from stations.planning.costs import CostTable
from stations.planning.frontier import Frontier, Next, Point, Sensitivity, Shaken
from stations.planning.instead import RunnerUp
from stations.planning.kinds import BUILDS, KINDS
from stations.planning.obstacles import Blame
from stations.planning.problem import Problem
from stations.planning.reasons import Gainer, Reason
from stations.planning.scheme import Scheme
from stations.planning.solving import solve
from stations.planning.wish import OBJECTIVES, Wish
from stations.travel import Travel

if TYPE_CHECKING:
    import geopandas as gpd

    from stations.planning.solving import Progress as Solving
    from stations.reach import ReachCache
    from stations.reach.pairs import Progress
    from stations.registry import Registry

__all__ = [
    "BUILDS",
    "KINDS",
    "OBJECTIVES",
    "Action",
    "Blame",
    "CostTable",
    "Frontier",
    "Gainer",
    "Next",
    "Point",
    "Reason",
    "RunnerUp",
    "Scheme",
    "Sensitivity",
    "Shaken",
    "Wish",
    "plan",
]

STRAIGHT = Travel()


def plan(
    registry: Registry,
    wish: Wish,
    *,
    candidates: gpd.GeoDataFrame,
    costs: CostTable,
    travel: Travel = STRAIGHT,
    cache: ReachCache | None = None,
    relating: Progress | None = None,
    progress: Solving | None = None,
) -> Scheme:
    """Return the best plan for a wish.

    ``candidates``: points (WGS 84) indexed by id, with ``name``, ``host``, ``area_code`` and, if
    known, ``opening_hours`` (the host's) and ``restricted``. ``relating`` is told road pairs asked
    and to ask, ``progress`` the solver's steps (`stations.siting.Step`): returning False stops
    with the best so far. A wish nothing can meet is a scheme with status ``infeasible`` and a
    ``blame``. `UsageError` for a wish that cannot be meant, `LayerMissingError` for no such layer.
    """
    problem = Problem.of(
        registry, wish, candidates, costs, travel=travel, cache=cache, progress=relating
    )
    return Scheme(problem, solve(problem, progress=progress), travel)
