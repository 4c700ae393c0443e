"""Accounts in the register's database: beside its history, not of it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from geodata.errors import MissingError, StoreError, UsageError
from stations.errors import StoreBusyError, StoreConflictError
from stations.store import Account, Entry, Session, Store, Token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.stations.conftest import Behind

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
ANNA = Account("anna", "安娜", "editor", "5301", AT, "hash")
SESSION = Session("s1", "anna", "stamp", AT, AT, AT + timedelta(hours=1))
TOKEN = Token("t1", "anna", "export", "read", AT, AT + timedelta(days=1))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url, create=True) as made:
        made.accounts.add(ANNA, who="test")
        made.credentials.begin(SESSION, "hash of s1", instead=None)
        made.credentials.add_token(TOKEN, "hash of t1", who="anna")
        yield made


def test_what_was_kept_comes_back(store: Store) -> None:
    assert store.accounts.get("anna") == ANNA
    assert store.accounts.all() == [ANNA]
    assert store.credentials.session("hash of s1") == SESSION
    assert store.credentials.session("hash of s2") is None
    assert store.credentials.token("hash of t1") == TOKEN
    assert store.credentials.token("hash of s1") is None
    assert "hash" not in repr(ANNA).replace("hash of", "")


def test_accounts_are_no_part_of_the_history(store: Store) -> None:
    before = store.verify()
    store.accounts.change("anna", {"area": ""}, who="test", at=AT)
    assert store.verify() == before
    assert store.revision() == 0


@pytest.mark.parametrize("name", ["nobody", "a\0", "\ud800", ""])
def test_who_is_not_there(store: Store, name: str) -> None:
    with pytest.raises(MissingError, match="no account"):
        store.accounts.get(name)


def test_names_are_taken_for_good(store: Store) -> None:
    store.accounts.change("anna", {"active": False}, who="test", at=AT)
    with pytest.raises(StoreConflictError, match="already"):
        store.accounts.add(ANNA, who="test")
    assert store.credentials.session("hash of s1") is None
    assert store.credentials.token("hash of t1") is None


@pytest.mark.parametrize("changes", [{}, {"password": "x"}, {"name": "b"}])
def test_only_so_much_can_be_changed(store: Store, changes: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="can be changed"):
        store.accounts.change("anna", changes, who="test", at=AT)


def test_the_log_only_grows(store: Store, behind: Behind) -> None:
    store.accounts.note(Entry(AT, "x", "bernd", "told"))
    assert [each.event for each in store.accounts.log(limit=9)] == [
        "told", "token_made", "signed_in", "account_made",
    ]  # fmt: skip
    assert [each.number for each in store.accounts.log(limit=1, account="anna")] == [3]
    for statement in ("DELETE FROM account_log", "UPDATE account_log SET who = 'nobody'"):
        with pytest.raises(IntegrityError, match="append-only"), behind() as raw:
            raw.exec_driver_sql(statement)


def test_many_tries_at_once_are_counted_one_by_one(store: Store) -> None:
    told: list[datetime | None] = []

    def delay(failures: int) -> timedelta:
        return timedelta(minutes=1 if failures >= 3 else 0)

    def attempt() -> None:
        told.append(store.accounts.attempt("door", AT, delay))

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count(None) == 3
    assert told.count(AT + timedelta(minutes=1)) == 5
    assert store.accounts.attempt("another", AT, delay) is None
    store.accounts.succeed("door")
    assert store.accounts.attempt("door", AT, delay) is None


def test_what_has_expired_goes_with_the_next_sign_in(store: Store) -> None:
    later = SESSION.expires
    new = Session("s2", "anna", "", later, later, later + timedelta(hours=1))
    store.credentials.begin(new, "hash of s2", instead=None)
    assert store.credentials.session("hash of s1") is None
    again = Session("s3", "anna", "", later, later, later + timedelta(hours=1))
    store.credentials.begin(again, "hash of s3", instead="hash of s2")
    assert [each.id for each in store.credentials.sessions("anna")] == ["s3"]


def test_ending_what_is_another_s(store: Store) -> None:
    for end in (store.credentials.end, store.credentials.revoke):
        for account, id_ in (("bernd", "s1"), ("bernd", "t1"), ("anna", "none")):
            with pytest.raises(MissingError, match="no such"):
                end(account, id_, who="x", at=AT)
    assert store.credentials.session("hash of s1") == SESSION


def test_use_is_not_waited_for(store: Store, url: str) -> None:
    later = AT + timedelta(minutes=5)
    with Store.open(url) as writer, writer.transaction(writes=True), pytest.raises(StoreBusyError):
        store.credentials.used(SESSION, later)
    store.credentials.used(SESSION, later)
    store.credentials.used(TOKEN, later)
    assert store.credentials.session("hash of s1").used == later  # type: ignore[union-attr]
    assert store.credentials.token("hash of t1").used == later  # type: ignore[union-attr]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_register_from_before_has_no_accounts_till_it_is_written_to(
    store: Store, behind: Behind
) -> None:
    tables = ("tokens", "sessions", "tries", "log")
    with behind() as raw:
        others = ("accounts", "visits", "signatures", "activity_steps", "account_identities")
        for name in (*(f"account_{each}" for each in tables), *others):
            raw.exec_driver_sql(f"DROP TABLE {name}")
        raw.exec_driver_sql("DROP INDEX steps_by_station")
        raw.exec_driver_sql("UPDATE meta SET value = '2' WHERE key = 'schema_version'")
    assert store.accounts.all() == []
    assert store.accounts.log(limit=9) == []
    assert store.credentials.session("x") is None
    assert store.credentials.token("x") is None
    assert store.credentials.tokens("anna") == []
    assert store.credentials.sessions("anna") == []
    with pytest.raises(MissingError):
        store.accounts.get("anna")
    store.accounts.add(ANNA, who="test")
    assert store.accounts.all() == [ANNA]
    with pytest.raises(IntegrityError, match="append-only"), behind() as raw:
        raw.exec_driver_sql("DELETE FROM account_log")


def test_a_token_of_nobody_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="rule of the register"):
        store.credentials.add_token(Token("t2", "nobody", "", "", AT, AT), "h", who="x")


def test_a_new_password_ends_the_sessions_but_not_the_tokens(store: Store) -> None:
    store.accounts.set_password("anna", "another", who="test", at=AT, until=AT)
    assert store.credentials.session("hash of s1") is None
    assert store.credentials.token("hash of t1") == TOKEN
    account = store.accounts.get("anna")
    assert (account.password, account.password_until) == ("another", AT)
