"""Running Alembic's scripts in a transaction that others have begun."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def migrate(connection: Connection, version: int, upto: int) -> None:
    """Run the scripts that make a register of one schema one of another, in their order."""
    scripts = ScriptDirectory(str(files("stations.store.migrations")))
    steps = list(scripts.iterate_revisions(str(upto), str(version)))
    with Operations.context(MigrationContext.configure(connection)):
        for step in reversed(steps):
            step.module.upgrade()
