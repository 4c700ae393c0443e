"""The datum audit (坐标基准稽核): which datum an upload, or one record, behaves like.

An upload is decided on as a whole: the logarithms of the likelihood ratios of its records are
summed, each cut to ±`CUT`, and the upload behaves like another datum if the sum reaches the
logarithm of `LIKELIHOOD` for the better of the two others, at least `RECORDS` records speak for
it, and three for each one against. If the model of `clues` holds, a sound upload passes with a
probability below 2 in `LIKELIHOOD`. A single record of another upload has to pass it by itself.
Nothing is applied: the correction is a proposal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from stations.audit.quality.clues import clues, summed
from stations.audit.quality.readings import DATUMS, readings
from stations.audit.quality.rows import shifted
from stations.audit.quality.uploads import batches
from stations.audit.ruling import breaches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.audit.quality.clues import Clue
    from stations.audit.ruling import Context, Rule

LIKELIHOOD = 1_000.0
"""Odds at which an upload, or a single record, is said to be in another datum."""
RECORDS = 3
"""Records that must speak for it, of an upload."""
_MAJORITY = 3
CUT = float(np.log(10_000))
"""No single record weighs more than this in the sum of an upload."""
_SPEAKS = 1.0


class Weighed(NamedTuple):
    """The clues summed up; places are those of the readings."""

    gain: FloatArray
    """(k, 3) of each place, all clues together."""
    by_source: dict[str, IntArray]
    """Source → places it spoke about."""


class Verdicts(NamedTuple):
    """What each upload behaves like; arrays with one entry an upload."""

    datum: IntArray
    """Position in `DATUMS`, -1 where it behaves as declared or nothing is known."""
    odds: FloatArray
    """Logarithm to base 10 of the likelihood ratio of the better other datum; 0 without clues."""
    speaking: IntArray
    """Records with clues."""
    pro: IntArray
    """Those for the better other datum."""
    contra: IntArray


def weigh(context: Context) -> Weighed:
    """Sum the clues of each record; rows that hold their neighbour's position are left out."""
    found = context.derived(readings)
    off = np.isin(found.row, context.derived(shifted).row)
    gain = np.zeros((len(found.row), len(DATUMS)))
    pieces: Sequence[Clue] = clues(context)
    for each in pieces:
        np.add.at(gain, each.place, each.gain)
    gain[off] = 0.0
    return Weighed(gain, {each.source: each.place for each in pieces})


def verdicts(context: Context) -> Verdicts:
    """Decide on every upload."""
    found, batch = context.derived(readings), context.derived(batches)
    gain = np.clip(context.derived(weigh).gain, -CUT, CUT)
    code, count = batch.code[found.row], len(batch.names)
    sums = summed(code, gain, count)
    own = np.zeros(count, dtype=np.int64)
    own[code] = found.declared
    sums[np.arange(count), own] = -np.inf
    best = np.argmax(sums, axis=1)
    mine = gain[np.arange(len(code)), best[code]]
    pro = np.bincount(code[mine > _SPEAKS], minlength=count)
    contra = np.bincount(code[mine < -_SPEAKS], minlength=count)
    speaking = np.bincount(code[(gain != 0).any(axis=1)], minlength=count)
    total = sums[np.arange(count), best]
    enough = (total >= np.log(LIKELIHOOD)) & (pro >= RECORDS) & (pro >= _MAJORITY * contra)
    return Verdicts(np.where(enough, best, -1), total / np.log(10), speaking, pro, contra)


def slips(context: Context) -> tuple[IntArray, IntArray]:
    """Return the places of records in a wrong datum, and which they behave like.

    All of an upload that does, but for records that speak against it; of other uploads, single
    records sure enough by themselves.
    """
    found, batch = context.derived(readings), context.derived(batches)
    upload = context.derived(verdicts).datum[batch.code[found.row]]
    gain = context.derived(weigh).gain.copy()
    places = np.arange(len(found.row))
    against = gain[places, np.maximum(upload, 0)] < -_SPEAKS
    gain[places, found.declared] = -np.inf
    single = np.argmax(gain, axis=1)
    alone = (gain[places, single] >= np.log(LIKELIHOOD)) & (upload < 0)
    like = np.where(upload >= 0, np.where(against, -1, upload), np.where(alone, single, -1))
    chosen = np.flatnonzero(like >= 0)
    return chosen, like[chosen]


def slipped(context: Context) -> IntArray:
    """Return the rows of the register that are in a wrong datum, by upload or alone."""
    places, _ = context.derived(slips)
    return context.derived(readings).row[places]


def datum_upload(context: Context, rule: Rule) -> pd.DataFrame:
    """Find the records of uploads that behave like another datum; proposes the pair so read."""
    return _rulings(context, rule, whole=True)


def datum_record(context: Context, rule: Rule) -> pd.DataFrame:
    """Find single records that behave like another datum than their upload."""
    return _rulings(context, rule, whole=False)


def _rulings(context: Context, rule: Rule, *, whole: bool) -> pd.DataFrame:
    found, batch = context.derived(readings), context.derived(batches)
    known = context.derived(verdicts)
    places, like = context.derived(slips)
    of_upload = known.datum[batch.code[found.row[places]]] >= 0
    places, like = places[of_upload == whole], like[of_upload == whole]
    rows = found.row[places]
    code = batch.code[rows]
    lon, lat = found.lon[places, like].round(7), found.lat[places, like].round(7)
    names = [DATUMS[number] for number in like.tolist()]
    facts = {
        "declared": [DATUMS[number] for number in found.declared[places].tolist()],
        "behaves_like": names,
        "position_in": context.registry.stations["position_in"].iloc[rows],
    }
    odds = context.derived(weigh).gain[places, like] / np.log(10)
    beside = {"metres": found.metres()[places, like].round(1), "log10_odds": odds.round(1)}
    if whole:
        facts |= {"upload": [batch.names[number] for number in code.tolist()]}
        beside |= {
            "upload_log10_odds": known.odds[code].round(1),
            "records_for": known.pro[code],
            "records_against": known.contra[code],
        }
    proposals = [
        {"lon": x, "lat": y, "datum_in": name}
        for x, y, name in zip(lon.tolist(), lat.tolist(), names, strict=True)
    ]
    ids = context.ids(rows)
    return breaches(rule, ids, facts, beside=beside, proposals=proposals)


def audit_datums(context: Context) -> pd.DataFrame:
    """Return the audit of every upload with records in mainland China, one row each.

    Columns: upload, declared, behaves_like ("" as declared, or nothing known), records, speaking,
    pro, contra, log10_odds (of the better other datum over the declared one), metres (the median
    correction; NaN without one), and how many records each source of clues spoke about.
    """
    found, batch = context.derived(readings), context.derived(batches)
    known, weight = context.derived(verdicts), context.derived(weigh)
    code, count = batch.code[found.row], len(batch.names)
    own = np.zeros(count, dtype=np.int64)
    own[code] = found.declared
    frame = pd.DataFrame(
        {
            "upload": batch.names,
            "declared": [DATUMS[number] for number in own.tolist()],
            "behaves_like": [DATUMS[n] if n >= 0 else "" for n in known.datum.tolist()],
            "records": np.bincount(code, minlength=count),
            "speaking": known.speaking,
            "pro": known.pro,
            "contra": known.contra,
            "log10_odds": known.odds.round(1),
            "metres": _median_metres(found.metres(), code, known.datum),
        }
    )
    for source, places in weight.by_source.items():
        frame[source] = np.bincount(code[np.unique(places)], minlength=count)
    return frame[frame["records"] > 0].reset_index(drop=True)


def _median_metres(metres: FloatArray, code: IntArray, datum: IntArray) -> FloatArray:
    found = np.full(len(datum), np.nan)
    wrong: BoolArray = datum[code] >= 0
    chosen = metres[np.flatnonzero(wrong), datum[code[wrong]]]
    medians = pd.Series(chosen).groupby(code[wrong]).median().round(1)
    found[medians.index.to_numpy(dtype=np.int64)] = medians.to_numpy()
    return found
