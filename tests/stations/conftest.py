"""Registers for the tests of what is kept in a database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from tests.postgres import Server, postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy.engine import Connection

    type Behind = Callable[[], AbstractContextManager[Connection]]

__all__ = ["postgres"]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Lend the address of an empty register, in a file or in a database of a server."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/the register #1%.db"
        return
    server: Server = request.getfixturevalue("postgres")
    register = server.register()
    yield register
    server.give_back(register)


@pytest.fixture
def behind(url: str) -> Behind:
    """Return what opens the register's database behind the program's back, in a transaction."""

    @contextmanager
    def opened() -> Iterator[Connection]:
        place = make_url(url)
        if place.drivername == "postgresql":
            place = place.set(drivername="postgresql+psycopg")
        engine = create_engine(place, poolclass=NullPool)
        with engine.connect() as connection, connection.begin():
            if place.drivername == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    return opened
