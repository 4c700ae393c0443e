"""Registers of two schemas that were in use under their number before all of it was there.

The very first program called its schema 1, and had no evidence; for an hour schema 3 had tables
for visits and signatures that nothing could write into, and no accounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect

from stations.store._tables import accounts, evidence, signatures, visits

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_MARKS = {1: evidence, 3: accounts}
"""Schema → a table without which it is a draft, and counts as the one before."""
_UNUSED = {visits.name, signatures.name}


def settled(connection: Connection, said: int) -> int:
    """Return the schema of a register that says so of itself; a draft counts as the one before."""
    if said in _MARKS and not inspect(connection).has_table(_MARKS[said].name):
        return said - 1
    return said


def tables_there(connection: Connection) -> set[str]:
    """Return the names of the tables a register has: an older schema has fewer."""
    names = set(inspect(connection).get_table_names())
    return names if accounts.name in names else names - _UNUSED
