"""A PostgreSQL server of its own for a trial, durable as one in use is."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]  # it has no stubs

from tests.postgres import Server, programs

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

_DURABLE = ("fsync", "full_page_writes", "synchronous_commit", "autovacuum")
"""What the tests' server does without, and nothing acknowledged may be lost without."""


class Postgres(Server):
    """A server whose processes can be killed."""

    def processes(self) -> list[psutil.Process]:
        """Return the first process and all it has begun."""
        number = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        first = psutil.Process(number)
        return [first, *first.children()]

    def kill_backend(self, dice: random.Random) -> bool:
        """Kill one process that serves a client, if there is one; the others begin anew."""
        backends = [each for each in self.processes()[1:] if _serves(each)]
        with suppress(psutil.NoSuchProcess):
            if backends:
                dice.choice(backends).kill()
                return True
        return False


def _serves(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return "[local]" in " ".join(process.cmdline())
    return False


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a server in a temporary folder; it goes with the block."""
    found = programs()
    if found is None:
        raise RuntimeError(
            "no PostgreSQL with PostGIS; as root: apt-get install postgresql-postgis"
        )
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    server = Postgres(found, folder)
    with (folder / "data" / "postgresql.conf").open("a") as conf:
        conf.writelines(f"{name} = on\n" for name in _DURABLE)
    server.start()
    try:
        yield server
    finally:
        with suppress(Exception):
            server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)
