"""From what a solver found to the `Plan` the caller gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stations.siting.highs import ACCURACY
from stations.siting.plan import TOLERANCE, Plan

if TYPE_CHECKING:
    from stations.siting.clock import Clock
    from stations.siting.inputs import Choice
    from stations.siting.plan import IntArray, Matrix


def answer(
    may: Choice,
    added: IntArray,
    *,
    objective: float,
    bound: float,
    clock: Clock,
    proven: bool = False,
    assignment: IntArray | None = None,
    served: Matrix | None = None,
) -> Plan:
    """Return the plan; ``proven``: HiGHS said optimal, only its accuracy parts the two."""
    near = ACCURACY if proven else TOLERANCE
    if abs(bound - objective) <= near * abs(objective):
        bound = objective
    return Plan(
        tuple(np.union1d(may.open, added).tolist()),
        tuple(np.sort(added).tolist()),
        objective,
        bound,
        clock.status(objective, bound),
        assignment,
        served,
    )


def nothing_found(bound: float, clock: Clock) -> Plan:
    """Return the plan of a run that ended before it found any set."""
    worst = float("inf")
    return Plan((), (), worst, bound, clock.status(worst, bound))
