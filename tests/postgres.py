"""A PostgreSQL server with PostGIS for the tests: in a folder that goes, on a Unix socket in it.

Each test process has its own, started when a test first asks for it. What a crash of the machine
would lose is not waited for (``fsync`` is off); what a killed server loses is tested nonetheless:
the system keeps what was written to files.
"""

from __future__ import annotations

import itertools
import os
import select
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from stations.store import Store
from stations.store._tables import meta, metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNER = "tests"
TEMPLATE = "register"
_SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "40",
}


class Server:
    """A server of our own."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self.folder, self._names = programs, folder, itertools.count(1)
        self._free: list[str] = []
        self._run("initdb", "-A", "trust", "-E", "UTF8", "--locale=C", "-U", OWNER, "--no-sync")
        lines = [f"{name} = {value}" for name, value in _SETTINGS.items()]
        lines.append(f"unix_socket_directories = '{folder}'")
        with (folder / "data" / "postgresql.conf").open("a") as conf:
            conf.write("\n".join(lines) + "\n")

    def _run(self, program: str, *words: str) -> None:
        before = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        place = ["-D", str(self.folder / "data")]
        command = [*before, str(self._programs / program), *place, *words]
        with (self.folder / "said").open("w") as said:
            subprocess.run(command, check=True, stdout=said, stderr=said, cwd=self.folder)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._run("pg_ctl", "start", "-w", "-l", str(self.folder / "log"))

    def stop(self, mode: str = "fast") -> None:
        """Stop it as ``pg_ctl`` does."""
        self._run("pg_ctl", "stop", "-w", "-m", mode)

    def kill(self) -> None:
        """Kill all its processes, as by ``kill -9``, and wait until they are gone."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        handles = [os.pidfd_open(process) for process in (first, *map(int, children))]
        for handle in handles:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        for handle in handles:
            select.select([handle], [], [])
            os.close(handle)
        for mark in ("data/postmaster.pid", ".s.PGSQL.5432.lock"):
            (self.folder / mark).unlink()  # nobody may have taken notice of its death yet

    def url(self, database: str, user: str = OWNER) -> str:
        """Return the address of a database as ``--db`` takes it."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def execute(self, *statements: str, database: str = "postgres", user: str = OWNER) -> list[str]:
        """Run SQL, each statement by itself; return the first column of the last one's rows."""
        found: list[str] = []
        with psycopg.connect(
            host=str(self.folder), dbname=database, user=user, autocommit=True
        ) as connection:
            for each in statements:
                cursor = connection.execute(each.encode())
                found = [str(row[0]) for row in cursor] if cursor.description else []
        return found

    def database(self, *, like: str = "template0") -> str:
        """Make a database, empty or like another; return its name."""
        name = f"d{next(self._names)}"
        strategy = "STRATEGY file_copy"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}" {strategy}')
        return name

    def register(self) -> str:
        """Return the address of an empty register: one given back, or a new one."""
        return self._free.pop() if self._free else self.url(self.database(like=TEMPLATE))

    def give_back(self, register: str) -> None:
        """Empty a register for the next test, which is quicker than a new database."""
        with psycopg.connect(register) as connection:
            connection.execute("SET session_replication_role = replica")
            for table in (*metadata.sorted_tables, "gis.sites"):
                if table is not meta:
                    connection.execute(f"DELETE FROM {table}".encode())
            connection.execute("UPDATE gis.seen SET revision = 0")
        self._free.append(register)

    def make_template(self) -> None:
        """Make the register the others begin as."""
        self.execute(f'CREATE DATABASE "{TEMPLATE}" TEMPLATE template0')
        Store.open(self.url(TEMPLATE), create=True).close()


def programs() -> Path | None:
    """Return the folder of the newest server's programs, None without it or without PostGIS."""
    for found in sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True):
        version = found.parts[-3]
        if Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists():
            return found.parent
    return None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Start a server; the test is skipped where PostgreSQL with PostGIS is not installed."""
    found = programs()
    if found is None:
        pytest.skip("no PostgreSQL with PostGIS; as root: apt-get install postgresql-postgis")
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    server = Server(found, folder)
    server.start()
    try:
        server.make_template()
        yield server
    finally:
        try:
            server.stop("immediate")
        finally:
            shutil.rmtree(folder)
