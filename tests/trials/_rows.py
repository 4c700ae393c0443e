"""Every row of a register as its database holds it, read by the database's own driver.

Nothing of ours is asked: so what our own reading and writing would get wrong alike shows.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import make_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    type Row = tuple[Any, ...]

TOLD = 3
"""Rows of one table that are named when they differ."""
_AS_TEXT = {
    "boolean": "{}::int",
    "json": "{}::text",
    "timestamp with time zone": "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
}
"""What of PostgreSQL's columns SQLite holds in another form, as which."""


@dataclass(frozen=True)
class Held:
    """One table's rows, in no order, cells by column."""

    columns: tuple[str, ...]
    rows: list[Row]

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def only(self, columns: Iterable[str]) -> list[Row]:
        """Return the rows with some of their cells."""
        places = [self.columns.index(name) for name in columns]
        return [tuple(row[place] for place in places) for row in self.rows]

    def where(self, column: str, holds: Callable[[Any], bool]) -> Held:
        """Return the rows whose cell is so."""
        place = self.columns.index(column)
        return Held(self.columns, [row for row in self.rows if holds(row[place])])


def read(url: str) -> dict[str, Held]:
    """Return all tables of a register by name, `meta` too, as one moment has them."""
    return _of_sqlite(url) if url.startswith("sqlite") else _of_postgresql(url)


def _of_sqlite(url: str) -> dict[str, Held]:
    path = make_url(url).database
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)) as raw:
        raw.execute("BEGIN")
        names = raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return {name: _of_sqlite_table(raw, name) for (name,) in names}


def _of_sqlite_table(raw: sqlite3.Connection, name: str) -> Held:
    columns = sorted(row[1] for row in raw.execute(f"PRAGMA table_info({name})"))
    wanted = ", ".join(f'"{each}"' for each in columns)
    return Held(tuple(columns), raw.execute(f"SELECT {wanted} FROM {name}").fetchall())


def _of_postgresql(url: str) -> dict[str, Held]:
    plain = make_url(url).difference_update_query(["files"])
    with psycopg.connect(plain.render_as_string(hide_password=False)) as raw:
        raw.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        found = raw.execute(
            "SELECT c.table_name, c.column_name, c.data_type"
            " FROM information_schema.columns AS c JOIN information_schema.tables AS t"
            " USING (table_schema, table_name)"
            " WHERE table_schema = current_schema() AND t.table_type = 'BASE TABLE'"
            " AND c.is_generated = 'NEVER' AND c.table_name <> 'spatial_ref_sys'"
        ).fetchall()
        tables: dict[str, list[tuple[str, str]]] = {}
        for table, column, kind in sorted(found):
            wanted = _AS_TEXT.get(kind, "{}").format(f'"{column}"')
            tables.setdefault(table, []).append((column, wanted))
        return {name: _of_postgresql_table(raw, name, each) for name, each in tables.items()}


def _of_postgresql_table(
    raw: psycopg.Connection, name: str, columns: list[tuple[str, str]]
) -> Held:
    wanted = ", ".join(each for _, each in columns)
    with raw.cursor(binary=True) as cursor:
        rows = cursor.execute(f"SELECT {wanted} FROM {name}".encode()).fetchall()
    return Held(tuple(column for column, _ in columns), rows)


def differences(
    before: Mapping[str, Held], after: Mapping[str, Held], *, added: Iterable[str] = ()
) -> list[str]:
    """Say in words where ``after`` is not ``before``, row for row; [] where it is.

    Columns that only ``after`` has must be empty in every row, tables that only it has be empty
    too but for those ``added``. ``meta`` says which schema it is, and is not compared.
    """
    faults = []
    for name, held in before.items():
        if name != "meta":
            faults += _table_differences(name, held, after.get(name))
    new = sorted(after.keys() - before.keys() - set(added))
    return faults + [f"{name} has {len(after[name])} rows" for name in new if len(after[name])]


def _table_differences(name: str, before: Held, after: Held | None) -> list[str]:
    if after is None:
        return [f"{name} is gone"]
    if lost := set(before.columns) - set(after.columns):
        return [f"{name} has no {', '.join(sorted(lost))} any more"]
    faults = [
        f"{name}.{column} says something"
        for column in sorted(set(after.columns) - set(before.columns))
        if any(cell is not None for (cell,) in after.only([column]))
    ]
    mine, theirs = Counter(before.rows), Counter(after.only(before.columns))
    for what, rows in (("lost", mine - theirs), ("there and were not", theirs - mine)):
        if rows:
            some = "; ".join(repr(row)[:300] for row in list(rows)[:TOLD])
            faults.append(f"{name}: {rows.total()} rows are {what}: {some}")
    return faults
