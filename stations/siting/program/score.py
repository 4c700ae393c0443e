"""What a program is worth, what it costs, and whether it keeps the rules: on the caller's matrices.

A program is an array ``when``: for each column the year it is taken in, ``years`` for never.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    from stations.siting.plan import BoolArray, FloatArray, IntArray
    from stations.siting.program.task import Asked

SPARE = 1e-9
"""A sum may be above a budget by this share of it: what adding up may have lost."""


class Score(NamedTuple):
    """A program's worth."""

    served: tuple[float, ...]
    total: float
    worst: float
    """Least share of any group with any weight; 1 where there is none."""


def score(asked: Asked, when: IntArray) -> Score:
    """Measure a program."""
    covered = [covered_in(asked, when, year) for year in range(asked.years)]
    served = tuple(math.fsum(asked.weights[hit].tolist()) for hit in covered)
    total = math.fsum(
        value * sum_ for value, sum_ in zip(asked.value.tolist(), served, strict=True)
    )
    return Score(served, total, _worst(asked, covered))


def covered_in(asked: Asked, when: IntArray, year: int) -> BoolArray:
    """Tell the rows covered at the end of a year."""
    covered: BoolArray = _covering(asked, when, year) > 0
    return covered


def _covering(asked: Asked, when: IntArray, year: int) -> FloatArray:
    taken = (when <= year).astype(float)
    stands = np.ones(asked.base.shape[1])
    for column, base in asked.rules.ends:
        if taken[column]:
            stands[base] = 0.0
    found: FloatArray = asked.reach @ taken + asked.base @ stands
    return found


def spent(asked: Asked, when: IntArray) -> tuple[float, ...]:
    """Return what each year costs."""
    return tuple(math.fsum(asked.costs[when == year].tolist()) for year in range(asked.years))


def without_idle(asked: Asked, when: IntArray) -> IntArray:
    """Leave out columns that bring nothing, the highest first."""
    kept = when.copy()
    columns = sp.csc_array(asked.reach)
    times = _times(asked, kept)
    counts = (asked.weights > 0)[:, None] & (asked.value > 0)[None, :]
    ends = {column for column, _ in asked.rules.ends}
    for column in np.flatnonzero(when < asked.years)[::-1].tolist():
        year = int(when[column])
        hit = columns.indices[columns.indptr[column] : columns.indptr[column + 1]]
        alone = (times[hit, year:] == 1) & counts[hit, year:]
        if alone.any() and column not in ends:
            continue
        fewer = kept.copy()
        fewer[column] = asked.years
        now = _times(asked, fewer)
        if not ((times > 0) & (now == 0) & counts).any() and keeps(asked, fewer):
            kept, times = fewer, now
    return kept


def _times(asked: Asked, when: IntArray) -> IntArray:
    """Return how often each row is covered at the end of each year."""
    found = [_covering(asked, when, year) for year in range(asked.years)]
    times: IntArray = np.stack(found, axis=1).astype(np.int64)
    return times


def keeps(asked: Asked, when: IntArray) -> bool:
    """Whether a program keeps every rule and budget."""
    rules, never = asked.rules, asked.years
    taken = when < never
    return (
        all(taken[list(group)].sum() <= 1 for group in rules.exclusive)
        and not any(taken[a] and taken[b] for a, b in rules.conflicts)
        and all(when[list(any_of)].min(initial=never) <= when[k] for k, any_of in rules.requires)
        and all(taken[list(group)].sum() <= most for group, most in rules.at_most)
        and bool(taken[list(rules.must)].all())
        and not taken[list(rules.forbidden)].any()
        and _affordable(asked, when)
    )


def _affordable(asked: Asked, when: IntArray) -> bool:
    everything = np.ones(len(when), bool)
    limits = [(everything, asked.budgets)]
    for group, amounts in asked.rules.spend:
        some = np.zeros(len(when), bool)
        some[list(group)] = True
        limits.append((some, np.asarray(amounts, float)))
    return all(_within(asked, np.where(some, when, asked.years), most) for some, most in limits)


def _within(asked: Asked, when: IntArray, most: FloatArray) -> bool:
    costs = np.array(spent(asked, when))
    if asked.carry:
        costs, most = np.cumsum(costs), np.cumsum(most)
    return bool((costs <= most + SPARE * most).all())


def _worst(asked: Asked, covered: list[BoolArray]) -> float:
    members = np.flatnonzero(asked.groups >= 0)
    if not len(members):
        return 1.0
    group, weight = asked.groups[members], asked.weights[members]
    whole = np.bincount(group, weight) * asked.value.sum()
    got = np.zeros(len(whole))
    for value, hit in zip(asked.value.tolist(), covered, strict=True):
        got += value * np.bincount(group, weight * hit[members], len(whole))
    counted = whole > 0
    return float((got[counted] / whole[counted]).min(initial=1.0))
