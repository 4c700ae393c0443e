"""What stands for somebody who signed in: sessions and tokens, known by a hash only."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from geodata.errors import MissingError
from stations.store._accounts import Entry, note
from stations.store._tables import account_sessions, account_tokens
from stations.store._versions import ACCOUNTS_SINCE, version_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Table

    from stations.store._accounts import Transaction


@dataclass(frozen=True)
class Session:
    """Somebody signed in, in one browser."""

    id: str
    """Names it; gives nothing away of what opens it."""
    account: str
    stamp: str
    """What it was signed in with; other than that now, it is over."""
    created: datetime
    used: datetime
    expires: datetime


@dataclass(frozen=True)
class Token:
    """What a program of somebody's may do."""

    id: str
    account: str
    label: str
    scopes: str
    """Words, a blank between."""
    created: datetime
    expires: datetime
    used: datetime | None = None


_SESSION = tuple(each.name for each in fields(Session))
_TOKEN = tuple(each.name for each in fields(Token))


class Credentials:
    """The sessions and tokens of one store. A register of an older schema has none."""

    def __init__(self, transaction: Transaction) -> None:
        """Take what begins a transaction: `Store` does."""
        self._transaction = transaction

    def begin(self, session: Session, hash_: str, *, instead: str | None) -> None:
        """Keep a session, in place of the one of another hash; what has expired goes."""
        table = account_sessions
        with self._transaction(writes=True) as connection:
            gone = (table.c.expires <= session.created) | (table.c.hash == instead)
            connection.execute(delete(table).where(gone))
            connection.execute(insert(table), {**vars(session), "hash": hash_})
            note(connection, Entry(session.created, session.account, session.account, "signed_in"))

    def session(self, hash_: str) -> Session | None:
        """Return the session of a hash, expired or not."""
        with self._transaction(writes=False) as connection:
            if version_of(connection) < ACCOUNTS_SINCE:
                return None
            columns = [account_sessions.c[name] for name in _SESSION]
            found = select(*columns).where(account_sessions.c.hash == hash_)
            row = connection.execute(found).first()
            return None if row is None else Session(**row._mapping)  # noqa: SLF001 - public

    def sessions(self, account: str) -> list[Session]:
        """Return the sessions of an account, the newest first."""
        with self._transaction(writes=False) as connection:
            if version_of(connection) < ACCOUNTS_SINCE:
                return []
            table = account_sessions
            found = select(*(table.c[name] for name in _SESSION)).where(table.c.account == account)
            rows = connection.execute(found.order_by(table.c.created.desc(), table.c.id))
            return [Session(**row._mapping) for row in rows]  # noqa: SLF001 - its public name

    def end(self, account: str, id_: str, *, who: str, at: datetime) -> None:
        """End a session of an account; `MissingError` if it has none of that id."""
        self._remove(account_sessions, account, id_, Entry(at, who, account, "signed_out"))

    def add_token(self, token: Token, hash_: str, *, who: str) -> None:
        """Keep a token."""
        with self._transaction(writes=True) as connection:
            connection.execute(insert(account_tokens), {**vars(token), "hash": hash_})
            told = f"{token.id}: {token.scopes}"
            note(connection, Entry(token.created, who, token.account, "token_made", told))

    def token(self, hash_: str) -> Token | None:
        """Return the token of a hash, expired or not."""
        with self._transaction(writes=False) as connection:
            if version_of(connection) < ACCOUNTS_SINCE:
                return None
            columns = [account_tokens.c[name] for name in _TOKEN]
            found = select(*columns).where(account_tokens.c.hash == hash_)
            row = connection.execute(found).first()
            return None if row is None else Token(**row._mapping)  # noqa: SLF001 - public

    def tokens(self, account: str) -> list[Token]:
        """Return the tokens of an account, the newest first."""
        with self._transaction(writes=False) as connection:
            if version_of(connection) < ACCOUNTS_SINCE:
                return []
            table = account_tokens
            found = select(*(table.c[name] for name in _TOKEN)).where(table.c.account == account)
            rows = connection.execute(found.order_by(table.c.created.desc(), table.c.id))
            return [Token(**row._mapping) for row in rows]  # noqa: SLF001 - its public name

    def revoke(self, account: str, id_: str, *, who: str, at: datetime) -> None:
        """Do away with a token of an account; `MissingError` if it has none of that id."""
        self._remove(account_tokens, account, id_, Entry(at, who, account, "token_revoked", id_))

    def used(self, thing: Session | Token, at: datetime) -> None:
        """Take down that a session or token is in use; `StoreBusyError` rather than wait."""
        table = account_sessions if isinstance(thing, Session) else account_tokens
        with self._transaction(writes=True, patient=False) as connection:
            connection.execute(update(table).where(table.c.id == thing.id).values(used=at))

    def _remove(self, table: Table, account: str, id_: str, told: Entry) -> None:
        with self._transaction(writes=True) as connection:
            mine = (table.c.account == account) & (table.c.id == id_)
            if connection.execute(delete(table).where(mine)).rowcount != 1:
                raise MissingError("no such session or token")
            note(connection, told)
