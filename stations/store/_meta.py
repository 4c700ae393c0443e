"""What a register says of itself, and whether this program can use it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from stations.errors import StoreForeignError, StoreVersionError
from stations.store._tables import meta, metadata
from stations.store._versions import SCHEMA_VERSION

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

APPLICATION = "worker-stations"
APPLICATION_ID = 0x57525354
"""SQLite's mark of whose file this is, in its header: "WRST"."""


def make_tables(connection: Connection) -> None:
    """Make the tables of an empty register, and have it say whose and which it is."""
    metadata.create_all(connection, checkfirst=False)
    rows = {"application": APPLICATION, "schema_version": str(SCHEMA_VERSION)}
    connection.execute(insert(meta), [{"key": k, "value": v} for k, v in rows.items()])


def require_ours(connection: Connection, name: str) -> None:
    """Refuse what is not a register, or a newer program's; ``name`` is what people know it by."""
    facts = {row.key: row.value for row in connection.execute(select(meta))}
    version = str(facts.get("schema_version"))
    if facts.get("application") != APPLICATION or not re.fullmatch("[0-9]{1,9}", version):
        raise StoreForeignError(f"{name}: this database is not a station register")
    if int(version) > SCHEMA_VERSION:
        raise StoreVersionError(
            f"{name}: written by a newer version of this program (schema {version}, "
            f"this one knows {SCHEMA_VERSION}); use that version or a newer one"
        )
