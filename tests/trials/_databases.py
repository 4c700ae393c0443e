"""The database goes and comes back: PostgreSQL stopped and killed, SQLite's file taken away."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from stations.store import Store, backup
from tests.trials._postgres import Postgres, postgres
from tests.trials._scene import Rules, Scene
from tests.trials._server import Server, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.trials._scene import Told

STATIONS = 2_000
ALL = ("edit", "report", "upload", "photo")
FILES = ("", "-wal", "-shm")
LONG_S = 10.0


@contextmanager
def _on_postgres() -> Iterator[tuple[Server, Postgres]]:
    with postgres() as held, tempfile.TemporaryDirectory() as folder:
        db = f"{held.url(held.database())}&files={folder}"
        with served(Path(folder), STATIONS, 2, db) as server:
            yield server, held


def postgres_stopped() -> Told:
    """Stop PostgreSQL, and start it again."""
    with _on_postgres() as (server, held):
        return Scene(server, ALL).play("PostgreSQL stopped and started", held.stop, held.start)


def postgres_killed() -> Told:
    """Kill all of PostgreSQL, and start it again."""
    with _on_postgres() as (server, held):
        return Scene(server, ALL).play("PostgreSQL killed and started", held.kill, held.start)


@contextmanager
def _on_sqlite() -> Iterator[tuple[Server, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "register").mkdir()
        db = Path(folder) / "register" / "stations.db"
        with served(Path(folder), STATIONS, 2, f"sqlite:///{db}") as server:
            yield server, db


def _move(place: Path, to: Path) -> None:
    for end in FILES:
        if (there := Path(f"{place}{end}")).exists():
            there.rename(f"{to}{end}")


def file_moved() -> Told:
    """Move SQLite's file away and back."""
    with _on_sqlite() as (server, db):
        away = db.parent.with_name("away.db")
        return Scene(server, ALL).play(
            "SQLite's file moved away and back", lambda: _move(db, away), lambda: _move(away, db)
        )


def file_replaced() -> Told:
    """Put an older backup in the place of SQLite's file, while it is served."""
    with _on_sqlite() as (server, db):
        away, older = db.parent.with_name("away.db"), db.parent.with_name("older.db")
        with Store.open(f"sqlite:///{db}") as store:
            backup(store, older)

        def hurt() -> None:
            _move(db, away)
            shutil.copy(older, db)

        scene = Scene(server, ALL)
        rules = Rules(refused=None, ready=True, kept=False, statuses=(404, 503))
        name = "SQLite's file replaced by an older backup"
        told = scene.play(name, hurt, lambda: None, rules)
        revision = scene.server.ask("GET", "/api/v1/register")[1]["revision"]
        with Store.open(f"sqlite:///{db}") as store:
            if revision != store.revision():
                told.faults.append(f"answered from {revision}, not from {store.revision()}")
        return told


def file_locked() -> Told:
    """Have another process write to SQLite's file for long."""
    with _on_sqlite() as (server, db), closing(sqlite3.connect(db, autocommit=True)) as other:
        scene = Scene(server, ALL)
        return scene.play(
            "SQLite's file locked by a writer",
            lambda: other.execute("BEGIN IMMEDIATE"),
            lambda: other.execute("ROLLBACK"),
            Rules(ready=True, bound_s=7.0),
            during_s=LONG_S,
        )


FAULTS = (postgres_stopped, postgres_killed, file_moved, file_replaced, file_locked)
