"""Acts: pieces that say something about other pieces. Nothing is changed or deleted by them.

A *withdrawal* takes back one piece of the same station, whose key it names: from its own time on
the piece does not count. A *merger* says that a record went into another (``station``; ``note`` is
the id that went): from its own time on, whatever was or will be said about the one that went counts
for the one that stays, as long as the register holds no record of the former id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stations.trust._evidence import ACTS, MERGED, TAKEN_BACK, Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from geodata.geodesy import FloatArray

WITHDRAWAL, MERGER = ACTS


def withdrawal(station: str, key: str, at: datetime, who: str, note: str = "") -> Evidence:
    """Return what takes back the piece with a key of a station, from ``at`` on."""
    return Evidence(station, WITHDRAWAL, "", at, who, note, TAKEN_BACK + key)


def merger(keep: str, drop: str, at: datetime, who: str, mark: str) -> Evidence:
    """Return what makes ``keep`` the heir of ``drop`` from ``at`` on; ``mark`` tells mergers apart.

    The same record may come and go more than once.
    """
    return Evidence(keep, MERGER, "", at, who, drop, MERGED + mark)


def inherited(evidence: pd.DataFrame, held: pd.Index[str] | None = None) -> pd.DataFrame:
    """Return the pieces of an evidence frame as they count once all acts in it are done.

    `EVIDENCE_COLUMNS`, the station being the one a piece counts for, and ``since`` and ``until``:
    the seconds (since 1970, UTC) from which on and before which it does. Acts are no rows of it.
    ``held`` are the ids of the register: who is among them passes nothing on.
    """
    acts = evidence[evidence["kind"].isin(ACTS)]
    pieces = evidence[~evidence["kind"].isin(ACTS)] if len(acts) else evidence
    at = _seconds(pieces["at"])
    if acts.empty:
        return pieces.assign(since=at, until=np.inf)
    taken = acts[acts["kind"] == WITHDRAWAL]
    ends = _withdrawn(pieces, taken)
    heirs = heirs_in(acts, held)
    passed = pieces["station"].map({name: heir for name, (heir, _) in heirs.items()})
    from_s = pieces["station"].map({name: second for name, (_, second) in heirs.items()})
    since = np.fmax(at, from_s.to_numpy(dtype=np.float64))
    station = passed.astype("str").where(passed.notna(), pieces["station"]).astype("str")
    return pieces.assign(station=station, since=since, until=ends)


def _withdrawn(pieces: pd.DataFrame, taken: pd.DataFrame) -> FloatArray:
    """Return the second at which each piece was taken back; infinity: it was not."""
    keys = taken["key"].str.removeprefix(TAKEN_BACK)
    marks = pd.MultiIndex.from_arrays([taken["station"], keys])
    ends = pd.Series(_seconds(taken["at"]), marks).groupby(level=[0, 1]).min()
    mine = pd.MultiIndex.from_arrays([pieces["station"], pieces["key"]])
    return np.asarray(ends.reindex(mine).fillna(np.inf), dtype=np.float64)


def heirs_in(evidence: pd.DataFrame, held: pd.Index[str] | None) -> dict[str, tuple[str, float]]:
    """Return id that went → the id its evidence counts for at last, and the second from which on.

    The newest merger of an id is the one that counts. A chain ends at an id that is ``held``.
    """
    mergers = evidence[evidence["kind"] == MERGER]
    steps = dict(
        zip(
            mergers["note"],
            zip(mergers["station"], _seconds(mergers["at"]).tolist(), strict=True),
            strict=True,
        )
    )
    present = set() if held is None else set(held[held.isin([*steps])])
    found: dict[str, tuple[str, float]] = {}
    for name in steps:
        heir, second, passed = name, -np.inf, {name}
        while heir in steps and heir not in present:
            heir, at = steps[heir]
            second = max(second, at)
            if heir in passed:  # in a circle, and none of them is held
                break
            passed.add(heir)
        if heir != name:
            found[name] = heir, second
    return found


def related(evidence: pd.DataFrame, ids: Iterable[str]) -> set[str]:
    """Return ids with all that mergers in ``evidence`` tie to them, whoever is held or passes on.

    What is said about others makes no difference to them.
    """
    mergers = evidence[evidence["kind"] == MERGER]
    pairs = [*zip(mergers["station"], mergers["note"], strict=True)]
    found, size = set(ids), -1
    while pairs and len(found) > size:
        size = len(found)
        for pair in pairs:
            if not found.isdisjoint(pair):
                found.update(pair)
    return found


def _seconds(times: pd.Series[pd.Timestamp]) -> FloatArray:
    seconds: FloatArray = times.dt.as_unit("us").astype("int64").to_numpy() / 1e6
    return seconds
