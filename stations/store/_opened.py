"""Opening a register, beginning and ending what is done with it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from stations.errors import StoreBusyError
from stations.store._accounts import Accounts
from stations.store._credentials import Credentials
from stations.store._database import open_database
from stations.store._identities import Identities
from stations.store._versions import SCHEMA_VERSION, bring_up, version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

    from sqlalchemy.engine import Connection

    from stations.store._database import Database


class Opened:
    """A register in a database; what can be done with it is told by the classes that build on it.

    Safe to share between threads, not to take through a fork.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._in_vain = False

    @classmethod
    def open(cls, url: str, *, create: bool = False, busy_s: float = 5.0) -> Self:
        """Open the register at ``url``, or make it there if ``create``.

        ``url`` is ``sqlite:///path`` or ``postgresql://user@host/database``; README.md has what
        else it may say. ``busy_s`` is how long to wait, in seconds, for another writer. Raises
        `StoreMissingError` (nothing there), `StoreForeignError` (not a register; left as it is),
        `StoreVersionError` (from a newer program) or another `StoreError`.
        """
        return cls(open_database(url, create=create, busy_s=busy_s))

    @property
    def files(self) -> Path:
        """The folder of what belongs to the register but is in no table, such as photos.

        It need not be there. A PostgreSQL URL that names none raises `UsageError`.
        """
        return self._database.files

    def follow(self, told: Callable[[], object], every_s: float) -> None:
        """Call ``told`` soon after whoever records something, from a thread, until `close`.

        Also when the database is gone, and when it is back. SQLite cannot tell: there it is called
        every ``every_s`` seconds and has to look whether something is new.
        """
        self._database.follow(told, every_s)

    def schema(self) -> tuple[int, int]:
        """Return the version of the schema the register follows, and the newest one."""
        with self.transaction(writes=False) as connection:
            return version_of(connection), SCHEMA_VERSION

    def upgrade(self) -> tuple[int, int]:
        """Bring the tables to this program's schema, as the first change would; return both."""
        with self.transaction(writes=False) as connection:
            before = version_of(connection)
        with self.transaction(writes=True) as connection:
            return before, version_of(connection)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def accounts(self) -> Accounts:
        """People's accounts: no part of the history."""
        return Accounts(self.transaction)

    @property
    def credentials(self) -> Credentials:
        """The sessions and tokens of accounts."""
        return Credentials(self.transaction)

    @property
    def identities(self) -> Identities:
        """Who accounts are at a provider of sign-in."""
        return Identities(self.transaction)

    @contextmanager
    def transaction(self, *, writes: bool, patient: bool = True) -> Iterator[Connection]:
        """Begin a transaction that ends with the block: committed, or undone by an exception.

        For what this package builds on it. Not ``patient``: `StoreBusyError` at once if somebody
        else is writing. Nor is anybody after one has waited in vain, until a turn is had: while
        somebody writes for long, not everybody who comes need wait.
        """
        patient = patient and not (writes and self._in_vain)
        try:
            with self._database.transaction(writes=writes, patient=patient) as connection:
                if writes:
                    self._in_vain = False
                    bring_up(connection)
                yield connection
        except StoreBusyError:
            self._in_vain = self._in_vain or (writes and patient)
            raise
