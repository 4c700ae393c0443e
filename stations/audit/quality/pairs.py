"""Records that may be one station: pairs drawn up by place, name and telephone, then weighed.

No record is compared with all others. A pair is drawn up if the two lie within ``near_m``, or
share the telling end of a telephone number, or the whole core of a name. It is weighed as Fellegi
and Sunter do: each thing the two agree or differ in adds the logarithm of how much likelier that is
for one station told twice than for two stations; the numbers are in the rule's settings. What many
records share (a union's hotline, a chain's name) tells little: an equal name or number that f of N
records have weighs log(N / f²), from 0 to ``rare``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from geodata.geodesy import PointIndex, distance_m
from stations.audit.quality import names
from stations.audit.quality.places import lost
from stations.audit.ruling import breaches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.audit.quality.names import Texts
    from stations.audit.ruling import Context, Rule

    type Settings = Mapping[str, Any]

MOST_PAIRS = 20_000_000
"""More pairs within ``near_m`` than this are not drawn up: the radius is made smaller."""
BLOCK = 40
"""Records that share a name or number; of more, only those nearby are paired."""


class Told(NamedTuple):
    """What tells records apart, row by row of the register."""

    core: Texts
    numbers: Texts
    sides: IntArray
    """A bit for each word of `names.OPPOSITES` in the name: 男 or 女, 上行 or 下行."""
    host: Texts
    phone: Texts


class Pairs(NamedTuple):
    """Pairs of rows, ``left`` below ``right``; arrays of one length, sorted by them."""

    left: IntArray
    right: IntArray
    metres: FloatArray
    name: FloatArray
    """Likeness of the names' cores, 0 to 1; NaN where one has none."""
    host: FloatArray
    same_phone: FloatArray
    """1 the same, 0 not, NaN where one has none."""
    score: FloatArray
    """Logarithm of the likelihood ratio, one station over two."""


def told(context: Context) -> Told:
    """Read names, hosts and telephones of the register."""
    frame = context.registry.stations
    core = names.cores(frame["name"], frame["area_code"])
    numbers = names.numbers_in(core)
    sides = names.sides(core)
    return Told(core, numbers, sides, names.host_cores(frame["host"]), names.phones(frame["phone"]))


def weighed(context: Context, settings: Settings) -> Pairs:
    """Draw up and weigh the pairs of the stations that are not closed for good."""
    frame = context.registry.stations
    rows = np.flatnonzero((frame["status"] != "closed") & ~context.derived(lost).any)
    known = context.derived(told)
    left, right = _drawn_up(context, known, rows, settings)
    lon, lat = context.registry.lon, context.registry.lat
    metres = distance_m(lon[left], lat[left], lon[right], lat[right])
    name = _likeness(known.core, left, right)
    host = _likeness(known.host, left, right)
    phone = _same_phone(known.phone, left, right)
    score = np.interp(metres, settings["metres"], settings["metres_weigh"])
    score += _alike(name, settings, "name", _rarity(known.core, left, right, settings))
    score += _alike(host, settings, "host", np.full(len(left), settings["host_same"]))
    score += _phones(phone, settings, _rarity(known.phone, left, right, settings))
    score += np.where(_numbered_apart(known, left, right), settings["numbers_differ"], 0.0)
    return Pairs(left, right, metres, name, host, phone, score)


def _drawn_up(
    context: Context, known: Told, rows: IntArray, settings: Settings
) -> tuple[IntArray, IntArray]:
    lon, lat = context.registry.lon[rows], context.registry.lat[rows]
    phone = names.tails(known.phone[rows])
    found = [
        _near(lon, lat, settings["near_m"]),
        _sharing(phone, lon, lat, settings),
        _sharing(known.core[rows], lon, lat, settings),
    ]
    size = len(rows)
    keys = np.unique(np.concatenate([pair.min(0) * size + pair.max(0) for pair in found]))
    return rows[keys // size], rows[keys % size]


def _near(lon: FloatArray, lat: FloatArray, radius_m: float) -> IntArray:
    """Return the pairs (2, k) within a radius, each once."""
    index = PointIndex(lon, lat)
    about = index.pairs_about(lon, lat, radius_m) if lon.size else 0.0
    if about > MOST_PAIRS:
        radius_m *= float(np.sqrt(MOST_PAIRS / about))
    found = index.within(lon, lat, radius_m)
    once = found.query < found.row
    return np.stack((found.query[once], found.row[once]))


def _sharing(texts: Texts, lon: FloatArray, lat: FloatArray, settings: Settings) -> IntArray:
    """Return the pairs (2, k) that share a text; of a text of many records, those not far apart."""
    code, _ = pd.factorize(texts)
    code[texts == ""] = -1
    count = np.bincount(code[code >= 0], minlength=1)
    order = np.argsort(code, kind="stable")
    order = order[code[order] >= 0]
    few = order[count[code[order]] <= BLOCK]
    found = [np.empty((2, 0), dtype=np.int64)]
    for step in range(1, min(BLOCK, len(few))):
        same = np.flatnonzero(code[few[:-step]] == code[few[step:]])
        found.append(np.stack((few[same], few[same + step])))
        if not same.size:
            break
    many = order[count[code[order]] > BLOCK]
    groups = np.split(many, np.flatnonzero(np.diff(code[many])) + 1) if many.size else []
    found += [group[_near(lon[group], lat[group], settings["shared_m"])] for group in groups]
    return np.concatenate(found, axis=1)


def _likeness(texts: Texts, left: IntArray, right: IntArray) -> FloatArray:
    """Compare texts letter by letter: 1 equal, 0 nothing in common, NaN where one is empty."""
    mine, its = texts[left], texts[right]
    like = process.cpdist(mine.tolist(), its.tolist(), scorer=fuzz.ratio, dtype=np.float64) / 100
    return np.where((mine == "") | (its == ""), np.nan, like)


def _same_phone(phones: Texts, left: IntArray, right: IntArray) -> FloatArray:
    mine, its = phones[left], phones[right]
    same = names.same_number(mine, its).astype(np.float64)
    return np.where((mine == "") | (its == ""), np.nan, same)


def _rarity(texts: Texts, left: IntArray, right: IntArray, settings: Settings) -> FloatArray:
    """Weigh an equal text by how few records have it."""
    code, _ = pd.factorize(texts)
    count = np.bincount(code, minlength=1)[code]
    most = np.maximum(count[left], count[right]).astype(np.float64)
    return np.clip(np.log(len(texts) / np.maximum(most, 1.0) ** 2), 0.0, settings["rare"])


def _alike(like: FloatArray, settings: Settings, what: str, equal: FloatArray) -> FloatArray:
    """Weigh a likeness; an unknown one weighs nothing."""
    close, loose = settings["alike"]
    grades = [np.isnan(like), like == 1, like >= close, like >= loose]
    weights = [0.0, equal, settings[f"{what}_close"], settings[f"{what}_loose"]]
    return np.select(grades, weights, settings[f"{what}_other"])


def _phones(same: FloatArray, settings: Settings, equal: FloatArray) -> FloatArray:
    return np.select([np.isnan(same), same == 1], [0.0, equal], settings["phone_other"])


def _numbered_apart(known: Told, left: IntArray, right: IntArray) -> BoolArray:
    """Tell the pairs whose names count differently, 1号站 and 2号站, or name opposite sides."""
    counted = names.counted_apart(known.numbers[left], known.numbers[right])
    return counted | names.opposite(known.sides[left], known.sides[right])


def ranks(context: Context) -> IntArray:
    """Return each row's rank among records of one station: 0 stays before 1.

    More evidence first, then more cells filled, then the lower id.
    """
    frame, ledger = context.registry.stations, context.registry.ledger
    pieces = np.bincount(ledger.station, minlength=len(frame))
    text = frame.select_dtypes("str")
    filled = (text != "").sum(axis=1).to_numpy() + frame["capacity"].notna().to_numpy()
    rank = np.empty(len(frame), dtype=np.int64)
    rank[np.lexsort((np.arange(len(frame)), -filled, -pieces))] = np.arange(len(frame))
    return rank


def duplicates(context: Context, rule: Rule) -> pd.DataFrame:
    """Find records that tell of a station another record tells of; proposes which one stays.

    The one that ranks lower is flagged, once, for the partner that ranks highest.
    """
    found = weighed(context, rule.settings)
    rank = context.derived(ranks)
    over = np.flatnonzero(found.score >= rule.settings["least_score"])
    left, right = found.left[over], found.right[over]
    first = rank[left] < rank[right]
    stays, goes = np.where(first, left, right), np.where(first, right, left)
    order = np.lexsort((rank[stays], goes))
    chosen = order[np.unique(goes[order], return_index=True)[1]]
    ids, at = context.registry.stations.index, over[chosen]
    kept = ids[stays[chosen]].tolist()
    return breaches(
        rule,
        ids[goes[chosen]].tolist(),
        {"same_as": kept},
        beside={
            "metres": found.metres[at].round(1),
            "name_likeness": found.name[at].round(2),
            "host_likeness": found.host[at].round(2),
            "same_phone": found.same_phone[at],
            "score": found.score[at].round(2),
        },
        proposals=[{"merge_into": each} for each in kept],
    )
