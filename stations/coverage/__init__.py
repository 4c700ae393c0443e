"""Who has a station within reach, and who has none: demand layers, county by county.

`measure` is coverage *on paper*: the register alone, no hours. Reach is straight metres or minutes
of travel (`stations.reach`). A point is covered when a station in use that offers what is needed is
at most the limit away (inclusive). An area is covered when any part of it is; its workers are
taken to be spread evenly, so those covered are its share of area in reach, rounded to whole
people. All sums are of whole numbers and add up exactly.

`truth` is coverage *in truth*: hour by hour, with amenities and trust, and why it is lost; see
README.md beside this file.
"""

from __future__ import annotations

from stations.coverage.answer import GROUPINGS, Coverage, Need
from stations.coverage.asking import truth
from stations.coverage.counting import points_by_county
from stations.coverage.earlier import revision_before
from stations.coverage.flips import CHANGE, changed, flip_counts, flip_rows, flips
from stations.coverage.hour_sets import HourSet, parse_hours
from stations.coverage.paper import measure
from stations.coverage.real import Truth
from stations.coverage.relation import Relation, relate
from stations.coverage.supposing import ClosedRoad, Supposed, parse_what_if
from stations.coverage.terms import Terms
from stations.cube.losses import DIGITS
from stations.reach import Limit, ReachCache, parse_within
from stations.travel import Travel

__all__ = [
    "CHANGE",
    "DIGITS",
    "GROUPINGS",
    "ClosedRoad",
    "Coverage",
    "HourSet",
    "Limit",
    "Need",
    "ReachCache",
    "Relation",
    "Supposed",
    "Terms",
    "Travel",
    "Truth",
    "changed",
    "flip_counts",
    "flip_rows",
    "flips",
    "measure",
    "parse_hours",
    "parse_what_if",
    "parse_within",
    "points_by_county",
    "relate",
    "revision_before",
    "truth",
]
