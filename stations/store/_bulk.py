"""Rows into a table, many at a time, inside the transaction the caller has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection

MANY = 100
"""From so many rows on PostgreSQL is sent them by COPY: fewer are as quick by INSERT."""


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[Any, Any]]) -> None:
    """Add rows that all say the same columns; what the database refuses it refuses either way."""
    if connection.dialect.name == "postgresql" and len(rows) >= MANY:
        _copy(connection, table, rows)
    elif rows:
        connection.execute(insert(table), rows)


def _copy(connection: Connection, table: Table, rows: Sequence[Mapping[Any, Any]]) -> None:
    names = list(rows[0])
    quoted = connection.dialect.identifier_preparer
    listed = ", ".join(quoted.format_column(table.c[name]) for name in names)
    columns = [_held(connection, table, rows, name) for name in names]
    cursor: Any = connection.connection.cursor()  # psycopg's own
    with cursor, cursor.copy(f"COPY {quoted.format_table(table)} ({listed}) FROM STDIN") as copying:
        for row in zip(*columns, strict=True):
            copying.write_row(row)


def _held(
    connection: Connection, table: Table, rows: Sequence[Mapping[Any, Any]], name: str
) -> list[Any]:
    """Return a column's cells as SQLAlchemy would send them."""
    dialect = connection.dialect
    kind = table.c[name].type.dialect_impl(dialect)
    send: Callable[[Any], Any] | None = kind.bind_processor(dialect)
    cells = [row[name] for row in rows]
    return cells if send is None else [send(cell) for cell in cells]
