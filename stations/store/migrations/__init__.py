"""How a register of each earlier schema becomes one of the next: Alembic's scripts.

A script changes tables only and knows none of the program's: what it makes is as it was released,
whatever becomes of it later. Which schema a register follows is told by ``meta``, as it was before
there were scripts; there is no second place that says so. ``_versions.py`` runs them.
"""

from __future__ import annotations

from alembic import op


def append_only(*tables: str) -> None:
    """Have SQLite refuse what would change or remove a row of history."""
    for table in tables:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
            )
