"""Demand layers of millions of points, here or on a Dask cluster. See ``README.md``."""

from __future__ import annotations

from stations.large.answer import Answer
from stations.large.cluster import connected, count_on
from stations.large.errors import ClusterError
from stations.large.layer import SUFFIXES, Block, LargeLayer, Part
from stations.large.local import count
from stations.large.question import Asked, ByHour, OnPaper, Reach
from stations.large.sums import Progress, Sums

__all__ = [
    "SUFFIXES",
    "Answer",
    "Asked",
    "Block",
    "ByHour",
    "ClusterError",
    "LargeLayer",
    "OnPaper",
    "Part",
    "Progress",
    "Reach",
    "Sums",
    "connected",
    "count",
    "count_on",
]
