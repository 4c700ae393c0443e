"""The questions both reading and recording put to the history tables."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, select

from stations.errors import RevisionMissingError
from stations.schema import LayerInfo
from stations.store._door import askable
from stations.store._records import Revision
from stations.store._tables import layer_versions, revisions, station_versions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import ColumnElement, FromClause, Table
    from sqlalchemy.engine import Connection, Row

_BATCH = 1000


def newest(table: Table, as_of: int) -> ColumnElement[bool]:
    """Choose the rows of a history table that are the register at revision ``as_of``."""
    later: FromClause = table.alias()
    keys = [column for column in table.primary_key if column.name != "revision"]
    superseded = exists().where(
        *(later.c[key.name] == key for key in keys),
        later.c.revision > table.c.revision,
        later.c.revision <= as_of,
    )
    return and_(table.c.revision <= as_of, ~table.c.deleted, ~superseded)


def newest_number(connection: Connection) -> int:
    """Return the newest revision's number, 0 before the first."""
    return connection.execute(select(func.max(revisions.c.number))).scalar() or 0


def known_number(connection: Connection, as_of: int | None) -> int:
    """Return ``as_of``, or the newest revision for None; one that is not there is refused."""
    number = newest_number(connection)
    if as_of is None:
        return number
    if not 0 <= as_of <= number:
        raise RevisionMissingError(f"no revision {as_of}; the register has 0 (empty) to {number}")
    return as_of


def present(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Return which of some ids are stations of the newest revision."""
    mine = station_versions.c.id
    asked = newest(station_versions, newest_number(connection))
    found: set[str] = set()
    for batch in batched(askable(ids), _BATCH):
        found.update(connection.execute(select(mine).where(mine.in_(batch), asked)).scalars())
    return found


def areas_of(connection: Connection, numbers: Collection[int]) -> dict[int, set[str]]:
    """Return number → area codes of the stations a revision recorded, or removed."""
    table, before, between = station_versions, station_versions.alias(), station_versions.alias()
    last = select(func.max(between.c.revision)).where(
        between.c.id == table.c.id, between.c.revision < table.c.revision
    )
    ended = table.join(
        before, and_(before.c.id == table.c.id, before.c.revision == last.scalar_subquery())
    )
    found: dict[int, set[str]] = {number: set() for number in numbers}
    for batch in batched(sorted(found), _BATCH):
        mine = table.c.revision.in_(batch)
        kept = select(table.c.revision, table.c.area_code).where(mine, ~table.c.deleted)
        gone = select(table.c.revision, before.c.area_code).select_from(ended)
        for query in (kept, gone.where(mine, table.c.deleted)):
            for number, code in connection.execute(query.distinct()):
                found[number].add(code)
    return found


def layers_at(connection: Connection, as_of: int) -> list[LayerInfo]:
    """Return the layers at a revision, by name."""
    columns = [layer_versions.c[name] for name in ("name", "zh", "en", "restricted")]
    query = select(*columns).where(newest(layer_versions, as_of)).order_by(layer_versions.c.name)
    return [LayerInfo(*row) for row in connection.execute(query)]


def revision_of(row: Row[Any]) -> Revision:
    """Read a row of ``revisions``."""
    return Revision(row.number, row.at, row.who, row.why, row.summary)
