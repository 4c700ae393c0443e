"""Every row covered by fewest or cheapest columns (location set covering)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stations.siting.answer import answer, nothing_found
from stations.siting.blame import blame_limit, blame_unreached
from stations.siting.covering import covering, least_cover, unreached
from stations.siting.entry import entry
from stations.siting.inputs import pattern
from stations.siting.most import first_server, reached
from stations.siting.plan import infeasible
from stations.siting.reduce import only

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from stations.siting.clock import Progress
    from stations.siting.plan import Matrix, Plan


def set_cover(
    reach: Matrix,
    *,
    sites: int | None = None,
    budget: float | None = None,
    site_costs: npt.ArrayLike | None = None,
    open_: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    time_limit_s: float | None = None,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Plan:
    """Choose fewest columns (cheapest, with ``site_costs``) that together reach every row.

    ``reach`` as in `max_cover`. The objective is the number, or cost, of what is added.
    With ``sites`` or ``budget`` it must stay within; ``infeasible`` and a `Blame` where it cannot,
    or where no column reaches a row. Raises ``UsageError`` for anything else amiss.
    """
    rows = pattern(reach)
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
        limited=False,
    )
    left = np.flatnonzero(~reached(rows, may.open))
    part = only(rows, rows=left, columns=may.free)
    hopeless = left[unreached(part)]
    if len(hopeless):
        return infeasible(blame_unreached(rows, hopeless, may))
    problem = covering(part, may.costs[may.free], may.free)
    found = least_cover(problem, may.limit, clock, seed)
    if found.chosen is None and found.ending == "infeasible":
        blame = blame_limit(problem, may.limit, may.name, clock, seed)
        return infeasible(replace(blame, rows=tuple(left[list(blame.rows)].tolist())))
    if found.chosen is None:
        return nothing_found(found.bound, clock)
    spent = may.used(found.chosen)
    return answer(
        may,
        found.chosen,
        objective=spent,
        bound=min(found.bound, spent),
        clock=clock,
        proven=found.ending == "optimal",
        assignment=first_server(rows, np.union1d(may.open, found.chosen)),
    )
