"""A file becomes a preview with every fault; an accepted preview becomes one revision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.errors import Fault, FaultyDataError, UsageError
from stations.catalogue import catalogue
from stations.days import order_problem
from stations.errors import StoreConflictError
from stations.imports.merging import changed_fields, completed
from stations.imports.records import SITE, STATION, Options, read_records
from stations.schema import SITE_COLUMNS, LayerInfo, empty_frame
from stations.store import Changes, changed_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import geopandas as gpd

    from geodata.files import Table
    from stations.imports.records import Records
    from stations.store import Revision, Store

STATIONS = "stations"
_TRIES = 5
_OTHERS = 10_000
"""Where others recorded more stations meanwhile, a preview is made anew."""


@dataclass(frozen=True)
class Preview:
    """What an import would do, before it does it."""

    target: str
    """``stations`` or a layer's name."""
    frame: gpd.GeoDataFrame
    """The faultless records, as the register would keep them."""
    faults: tuple[Fault, ...]
    """Everything wrong, by row."""
    warnings: tuple[Fault, ...]
    """Texts kept as written though not understood, by row; their rows are in ``frame``, unless
    they have a fault too."""
    rows: int
    """How many records the file has."""
    left_out: tuple[int, ...]
    """The numbers of those with a fault; they are not in ``frame``."""
    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    layer: LayerInfo | None
    """The layer as it would be, or None for stations."""
    layer_changes: bool
    columns: Mapping[str, str]
    """Field → column, as recognised."""
    datum: str
    datum_by: str
    base: int
    """The revision the preview was made against."""
    changed_fields: Mapping[str, int]
    """Field → how many of the changed records differ in it."""
    ignored: tuple[str, ...]
    """Columns of the file that no field takes."""

    def refusal(self, *, partial: bool) -> str:
        """Say why nothing may be stored, with or without leave to store ``partial``; "" if it may.

        A fault of the whole file is never passed over, nor is there anything to store where no
        row is without fault.
        """
        if not self.faults:
            return ""
        whole_file = any(fault.row is None for fault in self.faults) or self.frame.empty
        if partial and not whole_file:
            return ""
        hint = "" if whole_file else "; --accept-partial stores the others and leaves these out"
        counts = f"faults: {len(self.faults)}, rows with faults: {len(self.left_out)}"
        return f"{counts}; nothing stored{hint}"

    def as_dict(self) -> dict[str, Any]:
        """Return the preview for JSON."""
        return {
            "target": self.target,
            "rows": self.rows,
            "added": len(self.added),
            "changed": len(self.changed),
            "changed_fields": dict(self.changed_fields),
            "unchanged": len(self.unchanged),
            "left_out": list(self.left_out),
            "columns": dict(self.columns),
            "ignored": list(self.ignored),
            "datum": self.datum,
            "datum_by": self.datum_by,
            "restricted": self.layer.restricted if self.layer else False,
            "faults": [vars(fault) for fault in self.faults],
            "warnings": [vars(fault) for fault in self.warnings],
        }


type Beyond = Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame], Mapping[str, tuple[str, str, str]]]
"""Of the faultless records and the register's: id → field, value and problem of those that are not
the caller's to change."""


def preview(
    table: Table, target: str, store: Store, options: Options, *, beyond: Beyond | None = None
) -> Preview:
    """Read ``table`` as records of ``target`` and compare them with the store's newest revision.

    Nothing is written. What is ``beyond`` the caller is a fault of its row. Faults of rows are
    collected, not raised; an unknown datum, a heading given
    for a column the file lacks, or a bad layer name raises `UsageError`.
    """
    base = store.revision()
    layer = _layer(target, store, options)
    found = read_records(table, STATION if layer is None else SITE, options)
    unread = {fault.row for fault in table.faults if fault.row is not None}
    frame, rows = _faultless(found, table)
    old = _old(target, store, layer)
    frame = completed(frame, old, found.said, datum_said=found.datum_by == "operator")
    backwards = _backwards(frame, rows, found.columns)
    frame = frame.drop(backwards.keys())
    outside = {} if beyond is None else beyond(frame, old)
    frame = frame.drop(outside.keys())
    faults = [*found.faults, *backwards.values()]
    faults += [Fault(rows[id_], *told) for id_, told in outside.items()]
    left_out = {*table.rows.tolist(), *unread} - {rows[id_] for id_ in frame.index}
    added, changed, unchanged = changed_rows(frame, old)
    return Preview(
        target=target,
        frame=frame,
        faults=_by_row(faults),
        warnings=_by_row(found.warnings),
        rows=len(table.rows) + len(unread),
        left_out=tuple(sorted(left_out)),
        added=tuple(added),
        changed=tuple(changed),
        unchanged=tuple(unchanged),
        layer=layer,
        layer_changes=layer is not None and layer not in store.layers(),
        columns=found.columns,
        datum=found.datum,
        datum_by=found.datum_by,
        base=base,
        changed_fields=changed_fields(frame, old, changed),
        ignored=found.ignored,
    )


def _faultless(found: Records, table: Table) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """Return the records without fault, by id, and the number of each one's row."""
    bad = {fault.row for fault in found.faults}
    whole_file = None in bad
    kept = np.array([not whole_file and row not in bad for row in table.rows.tolist()], dtype=bool)
    frame = found.frame[kept].set_index("id")
    rows = dict(zip(frame.index, table.rows[kept].tolist(), strict=True))
    return frame.sort_index(), rows


def _backwards(
    frame: gpd.GeoDataFrame, rows: Mapping[str, int], columns: Mapping[str, str]
) -> dict[str, Fault]:
    """Return the faults of sites that end before they begin, by id.

    As they would be kept: a file may say one of the days and the register know the other.
    """
    if "until" not in frame:
        return {}
    found = {}
    for id_, first, last in zip(frame.index, frame["from"], frame["until"], strict=True):
        if problem := order_problem(first, last):
            field = columns.get("until", columns.get("from", "until"))
            found[id_] = Fault(rows[id_], field, last, problem)
    return found


def _by_row(faults: list[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: (fault.row or 0, fault.field)))


def accept(
    made: Preview,
    store: Store,
    *,
    who: str,
    why: str,
    at: datetime,
    partial: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Revision | None:
    """Store a preview as one revision; None when it would change nothing.

    A preview with faults raises `FaultyDataError`, unless ``partial`` says that the rows without
    fault are wanted alone; a fault of the whole file is never passed over. What others recorded
    since the preview was made raises `StoreConflictError` if it is about one of its rows.
    """
    if refusal := made.refusal(partial=partial):
        raise FaultyDataError(refusal, made.faults)
    touched = made.frame.loc[[*made.added, *made.changed]].sort_index()
    if touched.empty and not made.layer_changes:
        return None
    if made.layer is None:
        changes = Changes(stations=touched)
    else:
        layers = (made.layer,) if made.layer_changes else ()
        changes = Changes(layers=layers, sites={made.target: touched})
    for left in reversed(range(_TRIES)):
        try:
            base = _base(made, store)
            return store.commit(changes, who=who, why=why, at=at, base=base, progress=progress)
        except StoreConflictError:
            if not left:
                raise
    raise AssertionError


def _base(made: Preview, store: Store) -> int:
    """Return the revision the preview is right for: the newest, if none since touched its rows."""
    newest = store.revision()
    if newest <= made.base:
        return made.base
    since = store.changed(made.base, newest, _OTHERS)
    if since is None:
        return made.base
    if made.layer is not None:
        return made.base if made.target in since.layers else newest
    others = since.removed.union(since.stations.index)
    return newest if others.isdisjoint(made.frame.index) else made.base


def _layer(target: str, store: Store, options: Options) -> LayerInfo | None:
    if target == STATIONS:
        if options.restricted is not None:
            raise UsageError("stations are public; only a layer can be restricted")
        return None
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", target):
        raise UsageError(
            f"{target[:80]!r} is no layer name; use up to 40 lower-case letters, digits and _, "
            "starting with a letter, such as work_sites"
        )
    known = {info.name: info for info in store.layers()}.get(target)
    if known is None:
        preset = catalogue().layers.get(target)
        known = LayerInfo(
            name=target,
            zh=preset.zh if preset else target,
            en=preset.en if preset else target,
            restricted=preset.restricted if preset else False,
        )
    restricted = known.restricted if options.restricted is None else options.restricted
    return LayerInfo(known.name, known.zh, known.en, restricted)


def _old(target: str, store: Store, layer: LayerInfo | None) -> gpd.GeoDataFrame:
    if layer is None:
        return store.stations()
    if target in {info.name for info in store.layers()}:
        return store.sites(target)
    return empty_frame(SITE_COLUMNS)
