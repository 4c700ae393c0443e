"""Off-by-one rows (错行): names and codes of one row, the position of the row before or after.

The rows of an upload are taken in the order of their ids. Each row says for a shift by one: yes, if
its position fits what the neighbour declares and not what it declares itself; no, if the other way
round; nothing otherwise. What it declares is its area code and, where there are some, its entrance
and its row on a map platform's list. A yes or no weighs `WEIGHT`, the logarithm of its likelihood
ratio; the run of rows with the greatest sum is the shifted part of the upload, if that sum is over
the logarithm of `LIKELIHOOD` times the number of rows it was chosen from.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geodata.geodesy import distance_m
from stations.audit.quality.counties import declared
from stations.audit.quality.places import county, lost
from stations.audit.quality.references import entrances, listed
from stations.audit.quality.uploads import batches
from stations.audit.ruling import breaches

if TYPE_CHECKING:
    import pandas as pd

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.audit.ruling import Context, Rule

WEIGHT = float(np.log(0.97 / 0.015))
"""A row of a shifted upload says yes in 97 of 100, one of a sound upload in 1.5."""
NEAR_M = 150.0
"""A position this near to a reference fits it."""
SHIFTS = (1, -1)
LIKELIHOOD = 1_000.0
_LEAST_YES = 3


class Runs(NamedTuple):
    """Rows whose position is another row's; arrays of one length."""

    row: IntArray
    neighbour: IntArray
    """The row whose position it has."""
    said: IntArray
    """How many rows of its run said yes."""
    against: IntArray


def shifted(context: Context) -> Runs:
    """Find the shifted runs of all uploads, at odds of 1,000 to 1."""
    batch, gone = context.derived(batches), context.derived(lost).any
    order = batch.order[~gone[batch.order]]
    ends = np.flatnonzero(np.diff(batch.code[order]))
    starts = np.concatenate(([0], ends + 1, [len(order)])).tolist()
    votes = [WEIGHT * _votes(context, order, shift) for shift in SHIFTS]
    found = [
        run
        for start, stop in itertools.pairwise(starts)
        if (run := _run(order[start:stop], [each[start:stop] for each in votes])) is not None
    ]
    parts = zip(*found, strict=True) if found else [[np.empty(0, dtype=np.int64)]] * 4
    return Runs(*(np.concatenate(part) for part in parts))


def _run(rows: IntArray, weights: list[FloatArray]) -> Runs | None:
    """Return the better of the two shifts of one upload, if it is good enough."""
    best, least = None, np.log(LIKELIHOOD * max(len(rows), 1))
    for shift, weight in zip(SHIFTS, weights, strict=True):
        part = slice(1, None) if shift == 1 else slice(0, -1)
        first, last, total = _greatest_run(weight[part])
        first, last = (each + (shift == 1) for each in (first, last))
        yes, no = int((weight[first:last] > 0).sum()), int((weight[first:last] < 0).sum())
        if total >= least and yes >= _LEAST_YES:
            least = total
            run = np.arange(first, last)
            told = np.full(len(run), yes), np.full(len(run), no)
            best = Runs(rows[run], rows[run - shift], *told)
    return best


def _greatest_run(weight: FloatArray) -> tuple[int, int, float]:
    """Return first, end and sum of the run with the greatest sum, and the silent rows around it."""
    sums = np.concatenate(([0.0], np.cumsum(weight)))
    gain = sums - np.minimum.accumulate(sums)
    end = int(np.argmax(gain))
    first = int(np.argmin(sums[: end + 1]))
    loud = np.flatnonzero(weight)
    before, after = loud[loud < first], loud[loud >= end]
    start = int(before[-1]) + 1 if before.size else 0
    stop = int(after[0]) if after.size else len(weight)
    return start, stop, float(gain[end])


def _votes(context: Context, order: IntArray, shift: int) -> FloatArray:
    """Return 1 for yes, -1 for no, 0 for nothing, for each row of the uploads, in their order.

    The neighbour is ``shift`` places before; across the end of an upload it tells nothing.
    """
    code = context.derived(batches).code
    mine, its = order, np.roll(order, shift)
    said, here = context.derived(declared), context.derived(county)
    told = np.array([bool(heirs) for heirs in said.heirs], dtype=np.bool_)
    own = said.holds(mine, here[mine])
    other = said._replace(code=said.code[its]).holds(np.arange(len(mine)), here[mine])
    votes = np.where(told[said.code[mine]] & told[said.code[its]], _vote(own, other), 0.0)
    for reference, circular in ((entrances, True), (listed, False)):
        told_at = context.derived(reference)
        lon, lat = np.full(len(here), np.nan), np.full(len(here), np.nan)
        lon[told_at.row], lat[told_at.row] = told_at.lon, told_at.lat
        own = _near(context, mine, lon[mine], lat[mine])
        other = _near(context, mine, lon[its], lat[its])
        vote = np.where(np.isnan(lon[mine]) | np.isnan(lon[its]), 0.0, _vote(own, other))
        votes += np.maximum(vote, 0.0) if circular else vote
    return np.where(code[mine] == code[its], np.clip(votes, -1.0, 1.0), 0.0)


def _vote(own: BoolArray, other: BoolArray) -> FloatArray:
    return np.where(other & ~own, 1.0, np.where(own & ~other, -1.0, 0.0))


def _near(context: Context, rows: IntArray, lon: FloatArray, lat: FloatArray) -> BoolArray:
    known = np.flatnonzero(~np.isnan(lon))
    near = np.zeros(len(rows), dtype=np.bool_)
    here = context.registry.lon[rows[known]], context.registry.lat[rows[known]]
    near[known] = distance_m(*here, lon[known], lat[known]) <= NEAR_M
    return near


def off_by_one(context: Context, rule: Rule) -> pd.DataFrame:
    """Find rows that hold the position of the row beside them; proposes nothing: bring the file."""
    found = context.derived(shifted)
    batch = context.derived(batches)
    return breaches(
        rule,
        context.ids(found.row),
        {
            "upload": [batch.names[code] for code in batch.code[found.row]],
            "position_of": context.ids(found.neighbour),
        },
        beside={"rows_for": found.said, "rows_against": found.against},
    )
