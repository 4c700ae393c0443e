"""All evidence about a snapshot's stations, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pandas as pd

from geodata.errors import UsageError
from stations.trust._acts import inherited
from stations.trust._evidence import KINDS, OUTCOMES
from stations.trust._splicing import spliced

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from geodata.geodesy import BoolArray, FloatArray, IntArray

_DAY_S = 86_400
_FEW = 500
"""So many stations' evidence is put in between the others', which is not sorted anew."""
_BEIJING_S = 8 * 3600  # Asia/Shanghai, without summer time since 1991


@dataclass(frozen=True, eq=False)
class Ledger:
    """Pieces by station, then time, then kind, inspections last; made by `from_frame`.

    Nobody modifies the arrays: all threads share them.
    """

    stations: int
    """How many stations there are, with or without evidence."""
    station: IntArray
    """Row of each piece's station; this and all up to ``voice`` have shape (m,)."""
    kind: IntArray
    """Position in `KINDS`."""
    outcome: IntArray
    """Position in `OUTCOMES`; 0 worked."""
    at: FloatArray
    """Seconds since 1970, UTC."""
    since: FloatArray
    """From which second on it counts: its own, or that at which the station became its heir."""
    until: FloatArray
    """Before which second it counts: when it was taken back; infinity never."""
    named: BoolArray
    voice: IntArray
    """Pieces of one voice, station, kind and day that agree (worked or not) share a number."""
    voice_station: IntArray
    """Row of each voice's station; this and the next have one entry a voice."""
    voice_failed: BoolArray

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, ids: pd.Index[str]) -> Self:
        """Build it from an evidence frame and the ids of the snapshot's stations, in row order.

        Evidence about other stations is left out, but for that they are heirs to. A kind or outcome
        that is none raises `UsageError`. Days are those of Beijing.
        """
        frame = inherited(frame, ids)
        rows = ids.get_indexer(pd.Index(frame["station"]))
        known = frame[rows >= 0]
        station = rows[rows >= 0].astype(np.int64)
        kind, outcome = _codes(known["kind"], KINDS), _codes(known["outcome"], OUTCOMES)
        at = known["at"].dt.as_unit("us").astype("int64").to_numpy() / 1e6
        speaker = pd.factorize(_speakers(known), sort=True)[0]
        voice, first = _grouped(station, kind, outcome > 0, (at + _BEIJING_S) // _DAY_S, speaker)
        order = np.lexsort((outcome, voice, -kind, at, station))
        return cls(
            stations=len(ids),
            station=station[order],
            kind=kind[order],
            outcome=outcome[order],
            at=at[order],
            since=known["since"].to_numpy()[order],
            until=known["until"].to_numpy()[order],
            named=(known["who"] != "").to_numpy(dtype=bool)[order],
            voice=voice[order],
            voice_station=station[first],
            voice_failed=outcome[first] > 0,
        )

    def moved(self, to: IntArray, stations: int) -> Ledger:
        """Return it for a register of other stations.

        ``to``: row → where it is then; -1: nowhere, and what was said about it is left out.
        """
        return _joined(stations, [_part(self, to[self.station], to[self.voice_station])])

    def told_anew(self, rows: IntArray, about: Ledger) -> Ledger:
        """Return it with other evidence about some stations; ``about`` has them as 0, 1 and on."""
        if len(rows) <= _FEW and (np.diff(rows) > 0).all():
            return replace(self, **spliced(self, rows, about))
        other = np.ones(self.stations, dtype=np.bool_)
        other[rows] = False
        kept = np.where(other, np.arange(self.stations), -1)
        mine = _part(self, kept[self.station], kept[self.voice_station])
        fresh = _part(about, rows[about.station], rows[about.voice_station])
        return _joined(self.stations, [mine, fresh])

    @property
    def failed(self) -> BoolArray:
        """Tell which pieces say that the station did not work."""
        return self.outcome > 0

    def counting(self, second: float) -> BoolArray:
        """Tell which pieces count at an instant, seconds since 1970."""
        return (self.since <= second) & (second < self.until)

    def of(self, rows: IntArray) -> Ledger:
        """Return the evidence about some distinct stations, renumbered 0, 1, … in their order.

        What is computed from it equals what is computed from the whole, to the last bit.
        """
        first = np.searchsorted(self.station, rows)
        count = np.searchsorted(self.station, rows, side="right") - first
        station = np.repeat(np.arange(len(rows)), count)
        pieces = np.arange(len(station)) + np.repeat(first - np.cumsum(count) + count, count)
        voices, voice = np.unique(self.voice[pieces], return_inverse=True)
        voice_station = np.empty(len(voices), dtype=np.int64)
        voice_station[voice] = station
        return Ledger(
            stations=len(rows),
            station=station,
            kind=self.kind[pieces],
            outcome=self.outcome[pieces],
            at=self.at[pieces],
            since=self.since[pieces],
            until=self.until[pieces],
            named=self.named[pieces],
            voice=voice,
            voice_station=voice_station,
            voice_failed=self.voice_failed[voices],
        )


class _Part(NamedTuple):
    """Some pieces and voices of a ledger, with the stations they are about from now on."""

    ledger: Ledger
    pieces: IntArray
    station: IntArray
    voices: IntArray
    voice_station: IntArray


def _part(ledger: Ledger, station: IntArray, voice_station: IntArray) -> _Part:
    """Take the pieces and voices whose station is not -1."""
    pieces, voices = np.flatnonzero(station >= 0), np.flatnonzero(voice_station >= 0)
    return _Part(ledger, pieces, station[pieces], voices, voice_station[voices])


def _joined(stations: int, parts: Sequence[_Part]) -> Ledger:
    """Put parts together that have no station in common, station by station."""

    def joined(name: str, order: IntArray, of: str = "pieces") -> Any:  # noqa: ANN401 - its dtype
        return np.concatenate([getattr(p.ledger, name)[getattr(p, of)] for p in parts])[order]

    order, station = _by_station([part.station for part in parts])
    voice_order, voice_station = _by_station([part.voice_station for part in parts])
    number = np.empty(len(voice_order), dtype=np.int64)
    number[voice_order] = np.arange(len(voice_order))
    before = np.cumsum([0, *(len(part.voices) for part in parts)])
    voices = [
        before[n] + np.searchsorted(part.voices, part.ledger.voice[part.pieces])
        for n, part in enumerate(parts)
    ]
    return Ledger(
        stations=stations,
        station=station,
        kind=joined("kind", order),
        outcome=joined("outcome", order),
        at=joined("at", order),
        since=joined("since", order),
        until=joined("until", order),
        named=joined("named", order),
        voice=number[np.concatenate(voices)[order]],
        voice_station=voice_station,
        voice_failed=joined("voice_failed", voice_order, "voices"),
    )


def _by_station(parts: Sequence[IntArray]) -> tuple[IntArray, IntArray]:
    """Return what sorts parts by station, each one's own order kept, and the stations sorted."""
    station = np.concatenate(parts)
    order = np.argsort(station, kind="stable")
    return order, station[order]


def _grouped(*keys: npt.NDArray[Any]) -> tuple[IntArray, IntArray]:
    """Return a number for each combination of values, by their order, and where it comes first."""
    order = np.lexsort(keys[::-1])
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = np.logical_or.reduce([key[order[1:]] != key[order[:-1]] for key in keys])
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.cumsum(new) - 1
    return number, order[new]


def _speakers(frame: pd.DataFrame) -> pd.Series[str]:
    return ("who:" + frame["who"]).where(frame["who"] != "", "key:" + frame["key"])


def _codes(words: pd.Series[str], known: tuple[str, ...]) -> IntArray:
    codes = pd.Index(known).get_indexer(pd.Index(words))
    if (codes < 0).any():
        wrong = words.iloc[int(np.argmin(codes))]
        raise UsageError(f"{words.name} {wrong[:80]!r} is not one of {', '.join(known)}")
    return codes.astype(np.int64)
