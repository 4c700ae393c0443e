"""The register's tables: one schema for SQLite and PostgreSQL (`postgresql.sql` adds to that).

History is append-only: a change adds rows and touches none. What the register was at a revision
is, for each key, the newest row whose ``revision`` is not later; ``deleted`` marks the end of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    event,
)

from stations.schema import SITE_COLUMNS, STATION_COLUMNS
from stations.store._types import TEXT, Number, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.types import TypeEngine


_TYPES: Mapping[str, TypeEngine[Any] | type[TypeEngine[Any]]] = {
    "str": TEXT,
    "Int64": BigInteger,
    "Float64": Number,
    "bool": Boolean,
}
_PLACED = """deleted OR (name IS NOT NULL AND lon IS NOT NULL AND lat IS NOT NULL
    AND lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90)"""


def _of_schema(columns: Mapping[str, str]) -> list[Column[Any]]:
    return [Column(name, _TYPES[kind]) for name, kind in columns.items()]


def _history(keys: Iterable[str], *columns: Column[Any]) -> list[Column[Any]]:
    """Columns every history table has, around its own; the newest row of a key is found by it."""
    return [
        *(Column(key, TEXT, primary_key=True) for key in keys),
        Column("revision", Integer, ForeignKey("revisions.number"), primary_key=True),
        Column("deleted", Boolean, nullable=False),
        *columns,
    ]


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", TEXT, primary_key=True),
    Column("value", TEXT, nullable=False),
)
revisions = Table(
    "revisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", TEXT, nullable=False),
    Column("why", TEXT, nullable=False),
    Column("summary", JSON, nullable=False),
)
station_versions = Table(
    "station_versions",
    metadata,
    *_history(["id"], *_of_schema(STATION_COLUMNS), Column("lon", Number), Column("lat", Number)),
    CheckConstraint(_PLACED, name="placed"),
    sqlite_with_rowid=False,
)
layer_versions = Table(
    "layer_versions",
    metadata,
    *_history(["name"], Column("zh", TEXT), Column("en", TEXT), Column("restricted", Boolean)),
    CheckConstraint("deleted OR restricted IS NOT NULL", name="told"),
    sqlite_with_rowid=False,
)
site_versions = Table(
    "site_versions",
    metadata,
    *_history(
        ["layer", "id"],
        *_of_schema(SITE_COLUMNS),
        Column("lon", Number),
        Column("lat", Number),
        Column("geometry", LargeBinary),
    ),
    CheckConstraint(f"{_PLACED[:-1]} AND geometry IS NOT NULL)", name="placed"),
    sqlite_with_rowid=False,
)
evidence = Table(
    "evidence",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("station", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("outcome", TEXT, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", TEXT, nullable=False),
    Column("note", TEXT, nullable=False),
    Column("key", TEXT, nullable=False),
    Column("received", UtcDateTime, nullable=False),
    UniqueConstraint("station", "key", name="once"),
)
finding_steps = Table(
    "finding_steps",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("finding", Integer, nullable=False, index=True),
    Column("step", TEXT, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", TEXT, nullable=False),
    Column("why", TEXT, nullable=False),
    Column("details", TEXT, nullable=False),
    Column("rule", TEXT),
    Column("station", TEXT),
    Column("fact", TEXT),
    UniqueConstraint("rule", "station", "fact", name="opened_once"),
    CheckConstraint(
        "(finding = number) = (rule IS NOT NULL AND station IS NOT NULL AND fact IS NOT NULL)",
        name="opening",
    ),
)
steps_by_station = Index("steps_by_station", finding_steps.c.station)
links = Table(
    "links",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", TEXT, nullable=False),
    Column("last", Integer, nullable=False),
    Column("hash", TEXT, nullable=False),
    UniqueConstraint("kind", "last", name="linked_once"),
)
visits = Table(
    "visits",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("station", TEXT, nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", TEXT, nullable=False),
    Column("received", UtcDateTime, nullable=False),
    Column("key", TEXT, nullable=False),
    Column("form", TEXT, nullable=False),
    Column("outcome", TEXT, nullable=False),
    Column("lon", Number),
    Column("lat", Number),
    Column("accuracy_m", Number),
    Column("distance_m", Number),
    Column("answers", TEXT, nullable=False),
    Column("photos", TEXT, nullable=False),
    Column("note", TEXT, nullable=False),
    Column("told", TEXT, nullable=False),
    UniqueConstraint("station", "key", name="visited_once"),
)
signatures = Table(
    "signatures",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", TEXT, nullable=False),
    Column("about", TEXT, nullable=False),
    Column("document", TEXT, nullable=False),
)
activity_steps = Table(
    "activity_steps",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("activity", Integer, nullable=False, index=True),
    Column("step", TEXT, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", TEXT, nullable=False),
    Column("why", TEXT, nullable=False),
    Column("details", TEXT, nullable=False),
    Column("key", TEXT, nullable=False),
    Column("station", TEXT, index=True),
    UniqueConstraint("key", name="told_once"),
    CheckConstraint("(activity = number) = (station IS NOT NULL)", name="planned"),
)
accounts = Table(
    "accounts",
    metadata,
    Column("name", TEXT, primary_key=True),
    Column("title", TEXT, nullable=False),
    Column("role", TEXT, nullable=False),
    Column("area", TEXT, nullable=False),
    Column("password", TEXT, nullable=False),
    Column("password_until", UtcDateTime),
    Column("active", Boolean, nullable=False),
    Column("created", UtcDateTime, nullable=False),
)
account_tokens = Table(
    "account_tokens",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("hash", TEXT, nullable=False, unique=True),
    Column("account", TEXT, ForeignKey("accounts.name"), nullable=False, index=True),
    Column("label", TEXT, nullable=False),
    Column("scopes", TEXT, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("used", UtcDateTime),
)
account_identities = Table(
    "account_identities",
    metadata,
    Column("account", TEXT, ForeignKey("accounts.name"), primary_key=True),
    Column("issuer", TEXT, primary_key=True),
    Column("subject", TEXT),
    Column("email", TEXT),
    Column("until", UtcDateTime),
    Column("made", UtcDateTime, nullable=False),
    UniqueConstraint("issuer", "subject", name="one_account"),
    CheckConstraint(
        "(subject IS NULL) = (email IS NOT NULL AND until IS NOT NULL)", name="known_or_awaited"
    ),
)
account_sessions = Table(
    "account_sessions",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("hash", TEXT, nullable=False, unique=True),
    Column("account", TEXT, nullable=False, index=True),
    Column("stamp", TEXT, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("used", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
)
account_tries = Table(
    "account_tries",
    metadata,
    Column("mark", TEXT, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
account_log = Table(
    "account_log",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", TEXT, nullable=False),
    Column("account", TEXT, nullable=False, index=True),
    Column("event", TEXT, nullable=False),
    Column("details", TEXT, nullable=False),
)
by_revision = (
    Index("stations_by_revision", station_versions.c.revision, station_versions.c.id),
    Index("sites_by_revision", site_versions.c.revision, site_versions.c.layer, site_versions.c.id),
)
"""The rows of one revision, in the order the chain takes them."""

_append_only = (
    *(revisions, station_versions, layer_versions, site_versions),
    *(evidence, finding_steps, visits, signatures, activity_steps, links, account_log),
)
for _table in _append_only:
    for _change in ("UPDATE", "DELETE"):
        event.listen(
            _table,
            "after_create",
            DDL(  # type: ignore[no-untyped-call]  # SQLAlchemy left it out
                f"CREATE TRIGGER {_table.name}_no_{_change.lower()} BEFORE {_change} "
                f"ON {_table.name} BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
            ).execute_if(dialect="sqlite"),
        )
