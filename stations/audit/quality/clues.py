"""What speaks for one reading of a pair over another: the evidence of the datum audit.

Each clue gives, for some readings, the logarithm of how likely what is seen would be if the pair
were in each datum, less that of the declared one. Clues that may stem from the same wrong datum
(an entrance beside its pin, an area code computed from it) can only speak against it: a file whose
entrances slipped with its pins shows them in good agreement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geodata import boundaries
from stations.audit.quality.counties import declared
from stations.audit.quality.maplist import matches
from stations.audit.quality.readings import DATUMS, Readings, read, readings
from stations.audit.quality.references import References, entrances, listed, sisters
from stations.audit.quality.uploads import batches

if TYPE_CHECKING:
    from geodata.geodesy import FloatArray, IntArray
    from stations.audit.ruling import Context

SPREAD_M = {"entrance": 40.0, "platform": 60.0, "sister": 60.0}
"""How far a sound position typically lies from each reference; assumed."""
ASTRAY, FIELD_M = 0.1, 3_000.0
"""One position in ten is off for another reason, then anywhere within so many metres; assumed."""
COUNTY_RIGHT = 0.95
"""Of sound positions with a declared code, those that lie in it; assumed, and low on purpose."""
ROAD_M, ROADLESS, SNAP_M = 30.0, 0.15, 500.0
"""A sound position is typically so near a road; one in seven is not; none is looked for further."""
PER_UPLOAD = 200
"""Records of an upload brought to the road: as many as are needed, and no more."""
LIST_UPLOADS, LIST_VOTES, LIST_CUT = 3, 2, float(np.log(1_000))
"""Uploads from which on a list can be outvoted; an upload does that with more than so many records,
each cut to the third number."""
_DISAGREE = 3.0
"""Beyond so many spreads a reference disagrees with a position."""


class Clue(NamedTuple):
    """One piece of evidence for some places in the readings; arrays of one length."""

    source: str
    place: IntArray
    gain: FloatArray
    """(m, 3) logarithm of the likelihood ratio of each datum over the declared one."""


def clues(context: Context) -> list[Clue]:
    """Gather all there is."""
    found = context.derived(readings)
    pieces = [_by_reference(found, entrances(context))]
    pieces += [
        _by_list(context, found),
        _by_sisters(context, found),
        _by_county(context, found),
        _by_roads(context, found),
    ]
    return [each for each in pieces if each.place.size]


def summed(code: IntArray, gain: FloatArray, count: int) -> FloatArray:
    """Add up rows (m, 3) of one code; shape (count, 3)."""
    total = np.zeros((count, len(DATUMS)))
    np.add.at(total, code, gain)
    return total


def places_of(found: Readings, rows: IntArray) -> IntArray:
    """Return the places of rows in the readings, -1 where they are not read."""
    at = np.searchsorted(found.row, rows)
    at[at == len(found.row)] = 0
    return np.where(found.row[at] == rows, at, -1) if len(found.row) else np.full(len(rows), -1)


def _by_reference(found: Readings, told: References) -> Clue:
    place = places_of(found, told.row)
    kept = place >= 0
    place = place[kept]
    metres = found.to(place, told.lon[kept], told.lat[kept])
    spread = SPREAD_M[told.source]
    gain = _gain(found, place, _point_likelihood(metres, spread))
    if told.source == "entrance":
        agrees = _of_declared(found, place, metres) <= _DISAGREE * spread
        gain[agrees] = 0.0
    return Clue(told.source, place, gain)


def _by_list(context: Context, found: Readings) -> Clue:
    """Weigh a platform's list, unless most uploads say that it is the list that is misread."""
    clue = _by_reference(found, listed(context))
    if clue.place.size and _list_misread(context):
        return Clue(clue.source, clue.place[:0], clue.gain[:0])
    return clue


def _list_misread(context: Context) -> bool:
    """Tell whether more than half of the uploads fit the list better if read in another datum.

    With fewer than `LIST_UPLOADS` uploads nobody can tell which of the two it is.
    """
    match, frame = context.derived(matches), context.platform
    if frame is None:
        return False
    lon, lat = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    found = read(frame["datum_in"], lon, lat, np.ones(len(frame), dtype=np.bool_))
    station, row = match.station[match.apart], match.row[match.apart]
    place = places_of(found, row)
    station, place = station[place >= 0], place[place >= 0]
    here = context.registry.lon[station], context.registry.lat[station]
    gain = _gain(found, place, _point_likelihood(found.to(place, *here), SPREAD_M["platform"]))
    uploads, at = np.unique(context.derived(batches).code[station], return_inverse=True)
    votes = summed(at, np.clip(gain, -LIST_CUT, LIST_CUT), len(uploads)) > LIST_VOTES * LIST_CUT
    return len(uploads) >= LIST_UPLOADS and bool((2 * votes.sum(axis=0) > len(uploads)).any())


def _by_sisters(context: Context, found: Readings) -> Clue:
    """Weigh sister records, unless the sister's own datum could be what is wrong.

    It could be if some other reading of the sister lies where this record is declared to lie.
    """
    told = sisters(context)
    place, other = places_of(found, told.row), places_of(found, told.other)
    kept = (place >= 0) & (other >= 0)
    place, other = place[kept], other[kept]
    here = np.arange(len(found.row)), found.declared
    lon, lat = found.lon[here], found.lat[here]
    theirs = found.to(other, lon[place], lat[place])
    near = _DISAGREE * SPREAD_M["sister"]
    blame = (theirs <= near).any(axis=1) & (_of_declared(found, other, theirs) > near)
    metres = found.to(place, lon[other], lat[other])
    gain = _gain(found, place, _point_likelihood(metres, SPREAD_M["sister"]))
    return Clue("sister", place[~blame], gain[~blame])


def _by_county(context: Context, found: Readings) -> Clue:
    """Weigh area codes, in uploads of which some record lies outside its own as declared.

    Where none does, the codes may have been computed from the positions.
    """
    said, batch = context.derived(declared), context.derived(batches)
    told = np.array([bool(heirs) for heirs in said.heirs], dtype=np.bool_)
    place = np.flatnonzero(told[said.code[found.row]])
    rows = found.row[place]
    inside = np.column_stack(
        [
            said.holds(rows, boundaries.county_of(found.lon[place, n], found.lat[place, n]))
            for n in range(len(DATUMS))
        ]
    )
    out = ~inside[np.arange(len(place)), found.declared[place]]
    speaks = np.bincount(batch.code[rows], weights=out, minlength=len(batch.names)) > 0
    likelihood = np.log(np.where(inside, COUNTY_RIGHT, 1 - COUNTY_RIGHT))
    gain = _gain(found, place, likelihood)
    kept = speaks[batch.code[rows]] & (gain != 0).any(axis=1)
    return Clue("county", place[kept], gain[kept])


def _by_roads(context: Context, found: Readings) -> Clue:
    """Weigh how near each reading is to a road one can walk, for some records of each upload."""
    roads = context.travel.roads
    if roads is None or not len(found.row):
        return Clue("road", np.empty(0, dtype=np.int64), np.empty((0, len(DATUMS))))
    code = context.derived(batches).code[found.row]
    order = np.argsort(code, kind="stable")
    count = np.bincount(code)[code[order]]
    rank = np.arange(len(order)) - np.searchsorted(code[order], code[order])
    place = np.sort(order[rank * PER_UPLOAD // count != (rank - 1) * PER_UPLOAD // count])
    shape = len(place), len(DATUMS)
    snapped = roads.snap(found.lon[place].ravel(), found.lat[place].ravel(), "walk")
    covered = snapped.inside.reshape(shape).all(axis=1)
    metres = np.nan_to_num(snapped.metres, nan=SNAP_M).reshape(shape)
    near = (1 - ROADLESS) / ROAD_M * np.exp(-metres / ROAD_M)
    gain = _gain(found, place, np.log(near + ROADLESS / SNAP_M))
    return Clue("road", place[covered], gain[covered])


def _point_likelihood(metres: FloatArray, spread_m: float) -> FloatArray:
    """Return the log density a square metre: a Gaussian about the reference, or anywhere around."""
    close = np.exp(-((metres / spread_m) ** 2) / 2) / (2 * np.pi * spread_m**2)
    far = 1 / (np.pi * FIELD_M**2)
    return np.asarray(np.log((1 - ASTRAY) * close + ASTRAY * far))


def _gain(found: Readings, place: IntArray, likelihood: FloatArray) -> FloatArray:
    return likelihood - _of_declared(found, place, likelihood)[:, None]


def _of_declared(found: Readings, place: IntArray, values: FloatArray) -> FloatArray:
    return values[np.arange(len(place)), found.declared[place]]
