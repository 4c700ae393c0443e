"""Columns that are all in each other's way, found from pairs: one limit says it for all of them.

"At most one of these" for a whole clique holds the relaxation closer than one limit for each pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.siting.plan import IntArray


def cliques(
    exclusive: Sequence[Sequence[int]], conflicts: Sequence[tuple[int, int]]
) -> tuple[IntArray, ...]:
    """Return groups, at most one of each may be taken, that say all the pairs do.

    Groups are grown from the lowest pair not yet said, by the lowest columns that fit; columns
    with the same neighbours (packages at one place) go together.
    """
    near = _neighbours(exclusive, conflicts)
    twins: dict[frozenset[int], list[int]] = {}
    for column in sorted(near):
        twins.setdefault(frozenset(near[column] | {column}), []).append(column)
    members = {same[0]: same for same in twins.values()}
    among = {one: near[one] & members.keys() for one in members}
    grown = _grown(among)
    alone = [[one] for one in members if not among[one]]
    every = (np.array(sorted(c for one in group for c in members[one])) for group in grown + alone)
    return tuple(group for group in every if len(group) > 1)


def _neighbours(
    exclusive: Sequence[Sequence[int]], conflicts: Sequence[tuple[int, int]]
) -> dict[int, set[int]]:
    near: dict[int, set[int]] = {}
    for group in exclusive:
        for column in group:
            near.setdefault(column, set()).update(group)
    for one, other in conflicts:
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    for column, others in near.items():
        others.discard(column)
    return near


def _grown(near: dict[int, set[int]]) -> list[list[int]]:
    """Return cliques that hold every pair of neighbours."""
    open_pairs = {one: set(others) for one, others in near.items()}
    found: list[list[int]] = []
    for one in sorted(near):
        while open_pairs[one]:
            group, fits = [one], set(near[one])
            first = min(open_pairs[one])
            while fits:
                fresh = fits & open_pairs[one]
                take = first if len(group) == 1 else min(fresh or fits)
                group.append(take)
                fits &= near[take]
            for member in group:
                open_pairs[member].difference_update(group)
            found.append(group)
    return found
