"""Who an account is at a provider of sign-in: the provider's own mark of a person, its *subject*.

An account has one identity at most at each provider, which is known by its issuer's address, and a
subject has one account. Until the subject is known, an identity may be *awaited*: whoever comes
first with its e-mail address, for a time, is it from then on.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from geodata.errors import MissingError
from stations.errors import StoreConflictError
from stations.store._accounts import Account, Entry, note
from stations.store._door import NOT_TEXT
from stations.store._tables import account_identities, account_sessions, accounts
from stations.store._versions import IDENTITIES_SINCE, version_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection

    from stations.store._accounts import Transaction


@dataclass(frozen=True)
class Identity:
    """Who an account is at one provider."""

    account: str
    issuer: str
    made: datetime
    subject: str | None = None
    """None: awaited, by ``email`` and till ``until``; both are None once it is known."""
    email: str | None = None
    until: datetime | None = None


_IDENTITY = tuple(each.name for each in fields(Identity))
_TABLE = account_identities


class Identities:
    """The identities of the accounts of one store. A register of an older schema has none."""

    def __init__(self, transaction: Transaction) -> None:
        """Take what begins a transaction: `Store` does."""
        self._transaction = transaction

    def of_account(self, account: str) -> list[Identity]:
        """Return an account's identities, by issuer."""
        return self._where(_TABLE.c.account == account)

    def of_issuer(self, issuer: str) -> list[Identity]:
        """Return every identity at a provider, by account."""
        return self._where(_TABLE.c.issuer == issuer)

    def of_subject(self, issuer: str, subject: str) -> Identity | None:
        """Return the identity that a subject of a provider is; None: nobody's."""
        if NOT_TEXT.search(subject):
            return None
        same = (_TABLE.c.issuer == issuer) & (_TABLE.c.subject == subject)
        return next(iter(self._where(same)), None)

    def awaited(self, issuer: str, email: str, now: datetime) -> list[Identity]:
        """Return the identities that wait for an e-mail address, by account."""
        if NOT_TEXT.search(email):
            return []
        mine = (_TABLE.c.issuer == issuer) & (_TABLE.c.email == email) & (_TABLE.c.until > now)
        return self._where(mine)

    def link(self, identity: Identity, *, who: str) -> None:
        """Keep an identity in place of the account's before, whose sessions end.

        `StoreConflictError` where the subject has another account already.
        """
        with self._transaction(writes=True) as connection:
            _put(connection, identity)
            told = f"at {identity.issuer}, " + ("awaited" if identity.subject is None else "known")
            note(connection, Entry(identity.made, who, identity.account, "identity_linked", told))

    def join(self, account: Account, identity: Identity) -> None:
        """Make an account for somebody whom a provider knows, both or nothing.

        `StoreConflictError` where the name is taken, or the subject has an account.
        """
        with self._transaction(writes=True) as connection:
            same = select(accounts.c.name).where(accounts.c.name == account.name)
            if connection.execute(same).first():
                raise StoreConflictError(f"there is an account {account.name!r} already")
            connection.execute(insert(accounts), vars(account))
            _put(connection, identity)
            told = f"at {identity.issuer}, waiting"
            note(connection, Entry(identity.made, "", account.name, "account_asked", told))

    def unlink(self, account: str, issuer: str, *, who: str, at: datetime) -> None:
        """Forget an identity; the account's sessions end. `MissingError` if there is none."""
        with self._transaction(writes=True) as connection:
            if not _remove(connection, account, issuer):
                raise MissingError(f"account {account!r} is nobody at {issuer}")
            note(connection, Entry(at, who, account, "identity_unlinked", f"at {issuer}"))

    def bind(self, awaited: Identity, subject: str, *, at: datetime) -> bool:
        """Make an awaited identity known; False if it no longer waits."""
        mine = (_TABLE.c.account == awaited.account) & (_TABLE.c.issuer == awaited.issuer)
        mine &= (_TABLE.c.subject.is_(None)) & (_TABLE.c.email == awaited.email)
        known = {"subject": subject, "email": None, "until": None}
        with self._transaction(writes=True) as connection:
            _require_free(connection, awaited.issuer, subject)
            if connection.execute(update(_TABLE).where(mine).values(**known)).rowcount != 1:
                return False
            told = f"at {awaited.issuer}, by e-mail"
            note(connection, Entry(at, awaited.account, awaited.account, "identity_known", told))
        return True

    def _where(self, condition: ColumnElement[bool]) -> list[Identity]:
        with self._transaction(writes=False) as connection:
            if version_of(connection) < IDENTITIES_SINCE:
                return []
            asked = select(*(_TABLE.c[name] for name in _IDENTITY)).where(condition)
            rows = connection.execute(asked.order_by(_TABLE.c.account, _TABLE.c.issuer))
            return [Identity(**row._mapping) for row in rows]  # noqa: SLF001 - its public name


def _put(connection: Connection, identity: Identity) -> None:
    _remove(connection, identity.account, identity.issuer)
    if identity.subject is not None:
        _require_free(connection, identity.issuer, identity.subject)
    connection.execute(insert(_TABLE), vars(identity))


def _remove(connection: Connection, account: str, issuer: str) -> bool:
    mine = (_TABLE.c.account == account) & (_TABLE.c.issuer == issuer)
    connection.execute(delete(account_sessions).where(account_sessions.c.account == account))
    return connection.execute(delete(_TABLE).where(mine)).rowcount == 1


def _require_free(connection: Connection, issuer: str, subject: str) -> None:
    same = (_TABLE.c.issuer == issuer) & (_TABLE.c.subject == subject)
    if connection.execute(select(_TABLE.c.account).where(same)).first():
        raise StoreConflictError("this person of the provider has an account already")
