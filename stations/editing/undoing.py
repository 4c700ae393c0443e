"""Taking a change back: a new revision that restores the fields the old one changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from geodata.errors import UsageError
from stations.editing.bounds import require_reached
from stations.editing.differing import changes, columns_of, differing
from stations.editing.form import frame_of
from stations.editing.history import history
from stations.errors import RevisionMissingError, StoreConflictError
from stations.schema import STATION_COLUMNS, empty_frame
from stations.store import Changes, changed_rows, station_records

if TYPE_CHECKING:
    import geopandas as gpd

    from stations.editing.differing import Change
    from stations.editing.history import Touched
    from stations.editing.saving import By
    from stations.store import Revision, Store

    type Record = dict[str, Any]

_SHOWN = 5


@dataclass(frozen=True)
class Undone:
    """What taking a change back came to."""

    revision: Revision
    changes: list[Change]
    """Of one station; empty for a whole revision."""
    stations: int


def undo(store: Store, id_: str, number: int, base: int, by: By, *, anyway: bool = False) -> Undone:
    """Take back what revision ``number`` changed of a station.

    The fields it changed get the values they had before; others stay. Where one of them was
    changed again since, `StoreConflictError` says by whom, unless ``anyway``. What began the
    station is taken back by removing it. ``base`` is the newest revision the caller knew of.
    """
    newest = store.revision()
    told = history(store, id_)
    at = next((i for i, each in enumerate(told) if each.revision.number == number), None)
    if at is None:
        raise RevisionMissingError(f"revision {number} did not touch station {id_[:80]!r}")
    if told[-1].revision.number > base:
        raise StoreConflictError(
            f"station {id_[:80]!r} was changed in revision {told[-1].revision.number}, after "
            f"{base}; look at it again, then decide"
        )
    this, now = told[at], told[-1].after
    if not anyway:
        _refuse_if_changed_since(this, told[at + 1 :], now)
    then = _restored(this, now)
    if not differing(now, then):
        raise UsageError("nothing to take back: the register says so already")
    frame, removed = _changed(id_, now, then, by)
    made = store.commit(
        Changes(stations=frame, removed_stations=removed),
        who=by.who, why=by.why, at=by.at, base=newest,
    )  # fmt: skip
    return Undone(made, changes(now, then), 1)


def _refuse_if_changed_since(this: Touched, later: list[Touched], now: Record | None) -> None:
    if not _overlaid(this.before, this.after, now):
        return
    mine = {*differing(this.before, this.after)}
    by = [each for each in later if mine & {change.field for change in each.changes}] or later
    names = ", ".join(f"{each.revision.number} ({each.revision.who})" for each in by)
    fields = ", ".join(
        f"{each.title.zh} {each.title.en}"
        for each in changes(this.after, now)
        if each.field in mine or this.before is None or this.after is None
    )
    raise StoreConflictError(
        f"changed again since, in revision {names}: {fields}. Take that back first, or say that "
        "it is to be undone anyway"
    )


def _overlaid(before: Record | None, after: Record | None, now: Record | None) -> bool:
    """Tell whether something that changed between two records has become a third thing since."""
    if before is None or after is None or now is None:
        return bool(differing(after, now)) and bool(differing(before, now))
    newer = {*differing(after, now)} & {*differing(before, now)}
    return any(field in newer for field in differing(before, after))


def _restored(this: Touched, now: Record | None) -> Record | None:
    """Return the record with the fields as they were before; None: there is to be none."""
    before, after = this.before, this.after
    if before is None or after is None or now is None:
        return before
    fields = differing(before, after)
    old = {column: before[column] for field in fields for column in columns_of(field)}
    return now | old


def _changed(
    id_: str, now: Record | None, then: Record | None, by: By
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    nothing = empty_frame(STATION_COLUMNS)
    old = nothing if now is None else frame_of(now)
    if then is None:
        require_reached(old, old, by.reaches)
        return nothing, (id_,)
    new = frame_of(then)[list(old.columns)]
    require_reached(new, old, by.reaches)
    return new, ()


def undo_revision(store: Store, number: int, by: By) -> Undone:
    """Take back all that a revision changed of stations, such as an import.

    All or nothing: `StoreConflictError` if one of them was changed again since, in a field it had
    changed, `ForbiddenError` if one lies outside one's area. A revision that changed demand sites
    too is not taken back here (`UsageError`).
    """
    revision = next((each for each in store.revisions() if each.number == number), None)
    if revision is None:
        raise RevisionMissingError(f"no revision {number}; the newest is {store.revision()}")
    if any(revision.summary.get(name) for name in revision.summary if "stations" not in name):
        raise UsageError("it changed demand layers too; only changes of stations can be undone")
    newest = store.revision()
    before, after, now = (store.stations(each) for each in (number - 1, number, newest))
    touched = _touched(before, after)
    _refuse_if_any_changed(touched, before, after, now)
    frame, removed = _taken_back(touched, before, after, now)
    gone = now.loc[list(removed)]
    require_reached(gone, gone, by.reaches)
    require_reached(frame, now, by.reaches)
    if frame.empty and not removed:
        raise UsageError("nothing to take back: the register says so already")
    changed = Changes(stations=frame, removed_stations=removed)
    made = store.commit(changed, who=by.who, why=by.why, at=by.at, base=newest)
    return Undone(made, [], len(frame) + len(removed))


def _touched(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> list[str]:
    added, changed, _ = changed_rows(after, before)
    return sorted([*added, *changed, *before.index.difference(after.index)])


def _refuse_if_any_changed(
    ids: list[str], before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, now: gpd.GeoDataFrame
) -> None:
    """Look closely only at stations that are not as the revision left them."""
    apart = {*_touched(after, now)} & {*ids}
    records = [_records(frame, apart) for frame in (before, after, now)]
    newer = [id_ for id_ in sorted(apart) if _overlaid(*(each.get(id_) for each in records))]
    if newer:
        shown = ", ".join(newer[:_SHOWN])
        raise StoreConflictError(
            f"{len(newer)} of its {len(ids)} stations were changed again since, such as {shown}; "
            "take those changes back first, or undo station by station"
        )


def _taken_back(
    ids: list[str], before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, now: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return the rows to record and the ids to remove."""
    there, whole = now.index, before.loc[before.index.intersection(ids)]
    removed = tuple(id_ for id_ in ids if id_ not in before.index and id_ in there)
    mixed = {*_touched(after, now)} & {*whole.index} & {*there} & {*after.index}
    olds, thens, nows = (_records(frame, mixed) for frame in (before, after, now))
    rows = [whole.drop(list(mixed))]
    for id_ in sorted(mixed):
        fields = differing(olds[id_], thens[id_])
        columns = {column for field in fields for column in columns_of(field)}
        record = nows[id_] | {column: olds[id_][column] for column in columns}
        rows.append(frame_of(record)[list(now.columns)])
    frame = pd.concat(rows).sort_index()
    _, _, same = changed_rows(frame, now)
    return frame.drop(list(same)), removed


def _records(frame: gpd.GeoDataFrame, ids: set[str]) -> dict[str, Record]:
    wanted = frame.loc[frame.index.intersection(sorted(ids))]
    return {record["id"]: record for record in station_records(wanted)}
