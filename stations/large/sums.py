"""Sums of points, added up in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from stations import cube
from stations.large.reading import points_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stations.cube import PointSums
    from stations.large.layer import Block
    from stations.large.question import Asked


class Progress(Protocol):
    """Told how many points are done and how many there are; raising stops the counting."""

    def __call__(self, done: int, total: int, /) -> object:
        """Take note."""


class Sums(NamedTuple):
    """The counts of some points."""

    points: PointSums
    unknown: int
    """Points whose workers are not known."""


def sums_of(block: Block, asked: Asked) -> Iterator[Sums]:
    """Count a block, batch by batch."""
    for points in points_of(block):
        found = asked.partial(points.lon, points.lat, points.workers)
        yield Sums(found, points.unknown)


def nothing(asked: Asked) -> Sums:
    """Return the sums of no point."""
    none = np.zeros(0)
    return Sums(asked.partial(none, none, None), 0)


def plus(one: Sums, other: Sums) -> Sums:
    """Add up two."""
    return Sums(cube.combine(one.points, other.points), one.unknown + other.unknown)
