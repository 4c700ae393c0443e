"""Recording one revision, inside the transaction the caller has begun."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from itertools import batched
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from geodata.errors import MissingError
from stations.errors import (
    LayerMissingError,
    StationMissingError,
    StoreClockError,
    StoreConflictError,
)
from stations.schema import SITE_COLUMNS, STATION_COLUMNS
from stations.store._bulk import insert_rows
from stations.store._door import in_turn
from stations.store._frames import rows_of
from stations.store._queries import layers_at, newest, newest_number, present, revision_of
from stations.store._tables import layer_versions, revisions, site_versions, station_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection

    from stations.store._records import Changes, Revision

_BATCH = 2000
_FEW = 5000
"""So many ids are looked up rather than the whole register read."""


def record(
    connection: Connection,
    changes: Changes,
    *,
    who: str,
    why: str,
    at: datetime,
    base: int | None,
    progress: Callable[[int, int], None] | None,
) -> Revision:
    """Write ``changes`` as the next revision; what is wrong is refused before the first row."""
    current = newest_number(connection)
    _refuse_stale(current, base)
    dated = _dated(connection, current, at)
    summary = _summary(connection, current, changes)
    number = current + 1
    told = {"number": number, "at": dated, "who": who, "why": why, "summary": summary}
    connection.execute(insert(revisions), told)
    _write(connection, changes, number, progress or _silent)
    row = connection.execute(select(revisions).where(revisions.c.number == number)).one()
    return revision_of(row)


def _silent(done: int, total: int) -> None:
    """Report to nobody."""


def _refuse_stale(current: int, base: int | None) -> None:
    if base is not None and base != current:
        raise StoreConflictError(
            f"the register is at revision {current}, these changes were made for {base}; "
            "read it again and work them out anew"
        )


def _dated(connection: Connection, current: int, at: datetime) -> datetime:
    """Return what time the revision gets; none is before the one it follows."""
    latest = connection.execute(
        select(revisions.c.at).where(revisions.c.number == current)
    ).scalar()
    dated = in_turn(at, latest)
    if latest is not None and dated is None:
        raise StoreClockError(
            f"expected a time not before the newest revision's, {latest.isoformat()}"
        )
    return dated or at


def _summary(connection: Connection, current: int, changes: Changes) -> dict[str, int]:
    """Count what changes; a layer or id that should be there and is not is refused."""
    there = _present(connection, current, changes)
    for key in changes.removed_stations:
        if key not in there:
            raise StationMissingError(f"no station {key[:80]!r} to remove")
    counts = Counter(_counts("stations", changes.stations.index, changes.removed_stations, there))
    counts.update(sites_added=0, sites_changed=0, sites_removed=0, layers=len(changes.layers))
    layers = {info.name for info in (*layers_at(connection, current), *changes.layers)}
    for layer in sorted(changes.sites.keys() | changes.removed_sites.keys()):
        if layer not in layers:
            raise LayerMissingError(f"no layer {layer[:80]!r}; a revision describes it first")
        counts.update(_site_counts(connection, current, changes, layer))
    return dict(counts)


def _present(connection: Connection, current: int, changes: Changes) -> set[str]:
    """Return the stations there are: of many changes all, of few those they are about."""
    asked = {*changes.stations.index, *changes.removed_stations}
    if len(asked) < _FEW:
        return present(connection, asked)
    query = select(station_versions.c.id).where(newest(station_versions, current))
    return set(connection.execute(query).scalars())


def _site_counts(
    connection: Connection, current: int, changes: Changes, layer: str
) -> dict[str, int]:
    query = select(site_versions.c.id).where(
        site_versions.c.layer == layer, newest(site_versions, current)
    )
    there = set(connection.execute(query).scalars())
    removed = changes.removed_sites.get(layer, ())
    for key in removed:
        if key not in there:
            raise MissingError(f"no site {key[:80]!r} in layer {layer!r} to remove")
    kept = changes.sites[layer].index if layer in changes.sites else ()
    return _counts("sites", kept, removed, there)


def _counts(
    what: str, kept: Collection[str], removed: Collection[str], there: set[str]
) -> dict[str, int]:
    changed = sum(key in there for key in kept)
    return {
        f"{what}_added": len(kept) - changed,
        f"{what}_changed": changed,
        f"{what}_removed": len(removed),
    }


def _rows(changes: Changes) -> Iterator[tuple[Table, Iterable[dict[str, Any]]]]:
    """Yield every row of history the changes make, by the table it goes to."""
    yield layer_versions, ({**asdict(info), "deleted": False} for info in changes.layers)
    yield station_versions, rows_of(changes.stations, STATION_COLUMNS)
    yield station_versions, _ends(changes.removed_stations)
    for layer, sites in changes.sites.items():
        yield site_versions, rows_of(sites, SITE_COLUMNS, layer=layer)
    for layer, removed in changes.removed_sites.items():
        yield site_versions, _ends(removed, layer=layer)


def _ends(ids: Iterable[str], **keys: str) -> Iterator[dict[str, Any]]:
    return ({"id": id_, "deleted": True, **keys} for id_ in ids)


def _write(
    connection: Connection, changes: Changes, revision: int, report: Callable[[int, int], None]
) -> None:
    done, total = 0, changes.count
    for table, rows in _rows(changes):
        of_revision = ({**row, "revision": revision} for row in rows)
        for batch in batched(of_revision, _BATCH):
            insert_rows(connection, table, batch)
            done += len(batch)
            report(done, total)
