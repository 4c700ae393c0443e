"""Which columns of a matrix to choose: four models and a program of years, solved to proof.

Knows matrices only: rows are demand, columns candidates. What they stand for, where they lie and
what they cost to build is the caller's. The models, what makes them small and what ``bound`` means
are told in the README beside.
"""

from __future__ import annotations

from stations.siting.center import p_center
from stations.siting.clock import Step
from stations.siting.least import set_cover
from stations.siting.median import p_median
from stations.siting.most import max_cover
from stations.siting.plan import Blame, Plan
from stations.siting.program import max_program, min_program
from stations.siting.program.plan import Obstacle, ProgramPlan
from stations.siting.program.rules import Rules

__all__ = [
    "Blame",
    "Obstacle",
    "Plan",
    "ProgramPlan",
    "Rules",
    "Step",
    "max_cover",
    "max_program",
    "min_program",
    "p_center",
    "p_median",
    "set_cover",
]
