"""Registers written before a column was: read as they are, brought up to date when written to.

A register says in ``meta`` which schema it follows. The first transaction that writes runs the
scripts of ``migrations`` that it lacks, and adds the hashes of what is there if it had none: rows
of history are never touched. A column then holds NULL in the rows recorded before it was there, and
`stations.store._legacy` says what these mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import null, select, update

from stations.store._chain import begin
from stations.store._drafts import settled
from stations.store._tables import meta, site_versions, station_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.engine import Connection

SCHEMA_VERSION = 4
_ADDED: Mapping[int, Mapping[Table, tuple[str, ...]]] = {
    1: {
        station_versions: (
            *("calendar", "host_hours", "amenity_hours", "closures", "access_hours", "door_asks"),
            *("ebike_parking", "truck_bays", "entrance_lon", "entrance_lat"),
        )
    },
    2: {site_versions: ("from", "until"), station_versions: ("places",)},
}
"""Version → the columns it added."""
EVIDENCE_SINCE = 1
"""The version that added evidence."""
FINDINGS_SINCE = 2
"""The version that added the steps of findings, the chain, and the indexes it walks along."""
VISITS_SINCE = 3
"""The version that added visits and signatures."""
ACCOUNTS_SINCE = 3
"""The version that added accounts."""
ACTIVITIES_SINCE = 4
"""The version that added the steps of activities."""
IDENTITIES_SINCE = 4
"""The version that added who accounts are at a provider of sign-in."""


def version_of(connection: Connection) -> int:
    """Return the schema the register follows now; another program may have brought it up."""
    found = connection.execute(select(meta.c.value).where(meta.c.key == "schema_version"))
    return settled(connection, int(found.scalar_one()))


def columns_of(
    connection: Connection, table: Table, names: Iterable[str]
) -> list[ColumnElement[Any]]:
    """Return columns to select, NULL for those the register has not got yet."""
    lacking = _lacking(version_of(connection), table)
    return [_nothing(name) if name in lacking else table.c[name] for name in names]


def _nothing(name: str) -> ColumnElement[Any]:
    return null().label(name)


def bring_up(connection: Connection) -> None:
    """Add what a register of an older version lacks, in the transaction begun."""
    version = version_of(connection)
    if version >= SCHEMA_VERSION:
        return
    from stations.store._migrating import migrate  # noqa: PLC0415 - for old registers only

    migrate(connection, version, SCHEMA_VERSION)
    if version < FINDINGS_SINCE:
        begin(connection)
    told = update(meta).where(meta.c.key == "schema_version")
    connection.execute(told.values(value=str(SCHEMA_VERSION)))


def _lacking(version: int, table: Table) -> set[str]:
    return {name for since, by in _ADDED.items() if since > version for name in by.get(table, ())}
