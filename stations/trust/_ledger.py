"""All evidence about a snapshot's stations, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from geodata.errors import UsageError
from stations.trust._acts import inherited
from stations.trust._evidence import KINDS, OUTCOMES

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray, FloatArray, IntArray

_DAY_S = 86_400
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
        table = pd.DataFrame(
            {
                "station": rows[rows >= 0].astype(np.int64),
                "kind": _codes(known["kind"], KINDS),
                "outcome": _codes(known["outcome"], OUTCOMES),
                "at": known["at"].dt.as_unit("us").astype("int64").to_numpy() / 1e6,
                "since": known["since"].to_numpy(),
                "until": known["until"].to_numpy(),
                "named": (known["who"] != "").to_numpy(dtype=bool),
                "speaker": pd.factorize(_speakers(known), sort=True)[0],
            }
        )
        return cls._sorted(table, len(ids))

    @classmethod
    def _sorted(cls, table: pd.DataFrame, stations: int) -> Self:
        table["day"] = (table["at"] + _BEIJING_S) // _DAY_S
        table["failed"] = table["outcome"] > 0
        voices = ["station", "kind", "failed", "day", "speaker"]
        table["voice"] = table.groupby(voices, sort=True).ngroup()
        table = table.sort_values(
            ["station", "at", "kind", "voice", "outcome"], ascending=[True, True, False, True, True]
        )
        each = table.drop_duplicates("voice").sort_values("voice")
        return cls(
            stations=stations,
            station=table["station"].to_numpy(),
            kind=table["kind"].to_numpy(),
            outcome=table["outcome"].to_numpy(),
            at=table["at"].to_numpy(),
            since=table["since"].to_numpy(),
            until=table["until"].to_numpy(),
            named=table["named"].to_numpy(),
            voice=table["voice"].to_numpy(dtype=np.int64),
            voice_station=each["station"].to_numpy(),
            voice_failed=each["failed"].to_numpy(),
        )

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


def _speakers(frame: pd.DataFrame) -> pd.Series[str]:
    return ("who:" + frame["who"]).where(frame["who"] != "", "key:" + frame["key"])


def _codes(words: pd.Series[str], known: tuple[str, ...]) -> IntArray:
    codes = pd.Index(known).get_indexer(pd.Index(words))
    if (codes < 0).any():
        wrong = words.iloc[int(np.argmin(codes))]
        raise UsageError(f"{words.name} {wrong[:80]!r} is not one of {', '.join(known)}")
    return codes.astype(np.int64)
