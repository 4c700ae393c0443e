"""A few stations' part of a ledger replaced: all the rest is copied in long slices.

In a ledger the pieces of a station are together, and so are its voices' numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geodata.geodesy import IntArray
    from stations.trust._ledger import Ledger

_OF_PIECES = ("kind", "outcome", "at", "since", "until", "named")


class _Cut(NamedTuple):
    """Where a station's items are, and where those are that take their place."""

    begin: int
    end: int
    first: int
    last: int


def spliced(ledger: Ledger, rows: IntArray, about: Ledger) -> dict[str, Any]:
    """Return the arrays of ``ledger`` with ``about`` for ``rows``, which are ascending."""
    pieces = _cuts(ledger.station, about.station, rows)
    voices = _cuts(ledger.voice_station, about.voice_station, rows)
    found = {name: _put(getattr(ledger, name), getattr(about, name), pieces) for name in _OF_PIECES}
    found["station"] = _put(ledger.station, rows[about.station], pieces)
    found["voice"] = _renumbered(ledger.voice, about.voice, pieces, voices)
    found["voice_station"] = _put(ledger.voice_station, rows[about.voice_station], voices)
    found["voice_failed"] = _put(ledger.voice_failed, about.voice_failed, voices)
    return found


def _cuts(station: IntArray, other: IntArray, rows: IntArray) -> list[_Cut]:
    own = np.arange(len(rows))
    ends = (
        *(np.searchsorted(station, rows), np.searchsorted(station, rows, side="right")),
        *(np.searchsorted(other, own), np.searchsorted(other, own, side="right")),
    )
    return [_Cut(*each) for each in np.transpose(ends).tolist()]


def _put(old: NDArray[Any], new: NDArray[Any], cuts: list[_Cut]) -> NDArray[Any]:
    parts, done = [], 0
    for cut in cuts:
        parts += [old[done : cut.begin], new[cut.first : cut.last]]
        done = cut.end
    return np.concatenate([*parts, old[done:]])


def _renumbered(old: IntArray, new: IntArray, pieces: list[_Cut], voices: list[_Cut]) -> IntArray:
    """Put the voices' numbers together: all after a station move by as many as it has more."""
    parts, done, more = [], 0, 0
    for piece, voice in zip(pieces, voices, strict=True):
        parts.append(old[done : piece.begin] + more)
        parts.append(new[piece.first : piece.last] + (voice.begin + more - voice.first))
        more += (voice.last - voice.first) - (voice.end - voice.begin)
        done = piece.end
    return np.concatenate([*parts, old[done:] + more])
