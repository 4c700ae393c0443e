"""What happened to a station, revision by revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stations.editing.differing import changes

if TYPE_CHECKING:
    from stations.editing.differing import Change
    from stations.store import Revision, Store


@dataclass(frozen=True)
class Touched:
    """A revision that touched a station."""

    revision: Revision
    before: dict[str, Any] | None
    """The record as `station_records` has it; None: there was none."""
    after: dict[str, Any] | None
    """None: it removed the station."""
    changes: list[Change]
    """Empty: it was recorded again as it was."""


def history(store: Store, id_: str) -> list[Touched]:
    """Return every revision that touched a station, oldest first.

    A station that never was raises `StationMissingError`.
    """
    touched, before = [], None
    for revision, after in store.history(id_):
        touched.append(Touched(revision, before, after, changes(before, after)))
        before = after
    return touched
