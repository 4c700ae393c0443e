"""Coverage in truth: place x hour x amenity, and why it is lost. See ``README.md``."""

from __future__ import annotations

from stations.cube.backup import backup, leaning
from stations.cube.catchment import SLOW, Access, e2sfca
from stations.cube.dates import there_on
from stations.cube.fairness import (
    Fairness,
    Lorenz,
    gini,
    lorenz,
    over_areas,
    over_types,
    worst_mean,
)
from stations.cube.gaps import gaps
from stations.cube.ground import Ground
from stations.cube.grounds import ground_of
from stations.cube.losses import difference, grid, orderless, table
from stations.cube.measure import CAUSES, PARTS, STEPS, Cube, measure
from stations.cube.points import PointSums, PointSupply, combine, cube_of_points, partial
from stations.cube.profiles import Profile, profile_of, profiles
from stations.cube.question import Question
from stations.cube.supply import Condition, Supply
from stations.cube.trend import Trend, compare
from stations.cube.workers import worker_types

__all__ = [
    "CAUSES",
    "PARTS",
    "SLOW",
    "STEPS",
    "Access",
    "Condition",
    "Cube",
    "Fairness",
    "Ground",
    "Lorenz",
    "PointSums",
    "PointSupply",
    "Profile",
    "Question",
    "Supply",
    "Trend",
    "backup",
    "combine",
    "compare",
    "cube_of_points",
    "difference",
    "e2sfca",
    "gaps",
    "gini",
    "grid",
    "ground_of",
    "leaning",
    "lorenz",
    "measure",
    "orderless",
    "over_areas",
    "over_types",
    "partial",
    "profile_of",
    "profiles",
    "table",
    "there_on",
    "worker_types",
    "worst_mean",
]
