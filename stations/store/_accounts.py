"""People's accounts, what was tried at their doors, and the log of both.

None of it is part of the register's history: accounts change, sessions end. The log only grows.
Nothing here knows a password, a session's secret or a token: only hashes come in.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from geodata.errors import MissingError, UsageError
from stations.errors import StoreConflictError
from stations.store._door import NOT_TEXT
from stations.store._tables import (
    account_log,
    account_sessions,
    account_tokens,
    account_tries,
    accounts,
)
from stations.store._versions import ACCOUNTS_SINCE, version_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.engine import Connection

    type Transaction = Callable[..., AbstractContextManager[Connection]]

REMEMBERED = timedelta(days=1)
"""How long failures count."""


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in; what roles there are is not known here."""

    name: str
    title: str
    role: str
    area: str
    """Leading digits of the area codes it is responsible for; empty: everywhere."""
    created: datetime
    password: str = field(default="", repr=False)
    """A hash; empty: nobody signs in by password."""
    password_until: datetime | None = None
    """A password somebody else made works until then, and must be changed; None: its owner's."""
    active: bool = True


@dataclass(frozen=True)
class Entry:
    """A line of the log."""

    at: datetime
    who: str
    """Who did it; empty: nobody known."""
    account: str
    """Whom it is about; empty: no account."""
    event: str
    details: str = ""
    number: int = 0


_ACCOUNT = tuple(each.name for each in fields(Account))
_ENTRY = tuple(each.name for each in fields(Entry))


class Accounts:
    """The accounts of one store. A register of an older schema has none."""

    def __init__(self, transaction: Transaction) -> None:
        """Take what begins a transaction: `Store` does."""
        self._transaction = transaction

    def all(self) -> list[Account]:
        """Return every account, by name."""
        with self._transaction(writes=False) as connection:
            if version_of(connection) < ACCOUNTS_SINCE:
                return []
            columns = [accounts.c[name] for name in _ACCOUNT]
            rows = connection.execute(select(*columns).order_by(accounts.c.name))
            return [Account(**row._mapping) for row in rows]  # noqa: SLF001 - its public name

    def get(self, name: str) -> Account:
        """Return an account; one that is not there raises `MissingError`."""
        with self._transaction(writes=False) as connection:
            return _found(connection, name)

    def add(self, account: Account, *, who: str) -> None:
        """Make an account; `StoreConflictError` if the name is taken, even by one not active."""
        with self._transaction(writes=True) as connection:
            same = select(accounts.c.name).where(accounts.c.name == account.name)
            if connection.execute(same).first():
                raise StoreConflictError(f"there is an account {account.name!r} already")
            connection.execute(insert(accounts), vars(account))
            details = f"{account.role} {account.area or 'everywhere'}"
            note(connection, Entry(account.created, who, account.name, "account_made", details))

    def change(self, name: str, changes: dict[str, Any], *, who: str, at: datetime) -> Account:
        """Change title, role, area or whether it is active; its sessions end, and return it.

        The tokens of one no longer active go as well.
        """
        if not changes or not changes.keys() <= {"title", "role", "area", "active"}:
            raise UsageError("an account's title, role, area or active can be changed")
        with self._transaction(writes=True) as connection:
            _found(connection, name)
            connection.execute(update(accounts).where(accounts.c.name == name).values(**changes))
            connection.execute(delete(account_sessions).where(account_sessions.c.account == name))
            if changes.get("active") is False:
                connection.execute(delete(account_tokens).where(account_tokens.c.account == name))
            told = ", ".join(f"{key}={value}" for key, value in sorted(changes.items()))
            note(connection, Entry(at, who, name, "account_changed", told))
            return _found(connection, name)

    def set_password(
        self, name: str, password: str, *, who: str, at: datetime, until: datetime | None = None
    ) -> None:
        """Set the hash of a password; every session of the account ends."""
        with self._transaction(writes=True) as connection:
            _found(connection, name)
            changed = update(accounts).where(accounts.c.name == name)
            connection.execute(changed.values(password=password, password_until=until))
            connection.execute(delete(account_sessions).where(account_sessions.c.account == name))
            note(connection, Entry(at, who, name, "password_set", "by another" if until else ""))

    def attempt(
        self, mark: str, now: datetime, delay: Callable[[int], timedelta]
    ) -> datetime | None:
        """Count a try at the door ``mark``; one that comes too early is not counted.

        Returns until when none may be made, None: go on, and `succeed` if it was right. It is
        counted before it is known to be wrong, so that many at once are no more than one.
        """
        with self._transaction(writes=True) as connection:
            tries = account_tries
            connection.execute(delete(tries).where(tries.c.last < now - REMEMBERED))
            row = connection.execute(select(tries).where(tries.c.mark == mark)).first()
            if row is not None and now < row.until:
                return row.until  # type: ignore[no-any-return]
            failures = 1 + (row.failures if row is not None else 0)
            connection.execute(delete(tries).where(tries.c.mark == mark))
            values = {"mark": mark, "failures": failures, "last": now}
            connection.execute(insert(tries), {**values, "until": now + delay(failures)})
        return None

    def succeed(self, mark: str) -> None:
        """Forget the failures at a door."""
        with self._transaction(writes=True) as connection:
            connection.execute(delete(account_tries).where(account_tries.c.mark == mark))

    def note(self, entry: Entry) -> None:
        """Add a line to the log; its number is the next."""
        with self._transaction(writes=True) as connection:
            note(connection, entry)

    def log(self, *, limit: int, account: str | None = None) -> list[Entry]:
        """Return the newest lines, about one account or about all, newest first."""
        with self._transaction(writes=False) as connection:
            if version_of(connection) < ACCOUNTS_SINCE:
                return []
            asked = select(*(account_log.c[name] for name in _ENTRY))
            if account is not None:
                asked = asked.where(account_log.c.account == account)
            rows = connection.execute(asked.order_by(account_log.c.number.desc()).limit(limit))
            return [Entry(**row._mapping) for row in rows]  # noqa: SLF001 - its public name


def note(connection: Connection, entry: Entry) -> None:
    """Add a line to the log, in the transaction begun."""
    values = {name: getattr(entry, name) for name in _ENTRY if name != "number"}
    newest = connection.execute(select(func.max(account_log.c.number))).scalar() or 0
    told = {**values, "number": newest + 1, "at": entry.at.astimezone(UTC)}
    connection.execute(insert(account_log), told)


def _found(connection: Connection, name: str) -> Account:
    missing = MissingError(f"no account {name[:80]!r}")
    if NOT_TEXT.search(name) or version_of(connection) < ACCOUNTS_SINCE:
        raise missing
    columns = [accounts.c[each] for each in _ACCOUNT]
    row = connection.execute(select(*columns).where(accounts.c.name == name)).first()
    if row is None:
        raise missing
    return Account(**row._mapping)  # noqa: SLF001 - its public name
