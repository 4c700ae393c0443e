"""Registers made by this repository's own earlier versions, brought to today's schema.

Of each commit that changed the register's tables the program of that day is taken out of the
repository; it makes its demonstration register, changes it and says what it reads of it. Then
`stations upgrade`: the history must verify, every row be what it was, today's program say what the
old one said, and a copy in PostgreSQL hold the same rows. Needs the repository's history.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.trials._postgres import postgres
from tests.trials._rows import differences, read
from tests.trials._server import CHECKOUT, COMMAND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.trials._postgres import Postgres

TABLES = "stations/store/_tables.py", "stations/schema.py"
"""What says which tables a version's register has."""
THEN = str(Path(__file__).with_name("_then.py"))
SHELL = "from scripts.cli import main; main()"
NEW = {"links", "account_log"}
"""Tables an upgrade may put rows into: the chain, of a register that had none."""


@dataclass(frozen=True)
class Version:
    """The program as it was at a commit, in a folder of its own."""

    commit: str
    told: str
    """Its date and subject."""
    folder: Path

    def run(self, *words: str, **settings: str) -> str:
        """Run Python with its packages, and ours where it has none; return what it printed."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("STATIONS_")}
        path = {"PYTHONPATH": str(self.folder), "STATIONS_ROADS": "none"}
        command = [sys.executable, "-P", *words]
        done = subprocess.run(
            command, cwd=self.folder, env={**kept, **path, **settings}, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{self.commit}: {' '.join(words)}: {done.stderr[-500:]}")
        return done.stdout


def _git(*words: str) -> bytes:
    return subprocess.run(
        ["git", "-C", str(CHECKOUT), *words], check=True, capture_output=True
    ).stdout


def whole_history() -> bool:
    """Tell whether this is a checkout with all its commits."""
    try:
        return _git("rev-parse", "--is-shallow-repository").strip() == b"false"
    except (OSError, subprocess.CalledProcessError):
        return False


def versions(folder: Path) -> list[Version]:
    """Take out the program of each commit that changed the tables, oldest first."""
    found, seen = [], set()
    for line in _git("log", "--reverse", "--format=%h %as %s", "--", *TABLES).decode().splitlines():
        commit, told = line.split(" ", 1)
        marks = tuple(_git("ls-tree", commit, "--", *TABLES).split(b"\n"))
        if len(marks) <= len(TABLES) or marks in seen:  # both files, and the end of the last line
            continue
        seen.add(marks)
        place = folder / commit
        with tarfile.open(fileobj=io.BytesIO(_git("archive", commit))) as archive:
            archive.extractall(place, filter="data")
        found.append(Version(commit, told, place))
    return found


def upgraded(version: Version, folder: Path, database: Postgres) -> list[str]:
    """Put one version's register through all of it; return every fault in words."""
    db = f"sqlite:///{folder / f'{version.commit}.db'}"
    demo = ("-c", SHELL, "demo", "--no-serve", "--db", db)
    version.run(*demo, STATIONS_DATA=str(folder / "data"))
    version.run(THEN, "change", db)
    before, told = read(db), json.loads(version.run(THEN, "tell", db))
    said = _stations("upgrade", "--db", db, "--json")
    after = read(db)
    faults = differences(before, after, added=NEW)
    faults += disagreements(told, json.loads(_ours(db)))
    verdict = _stations("verify", "--db", db, "--json")
    there = database.url(database.database())
    _stations("copy", "--from", db, "--to", there)
    faults += [f"in PostgreSQL: {each}" for each in differences(after, read(there))]
    count = sum(len(held) for held in before.values())
    same = f"{len(faults)} faults" if faults else "the same"
    print(
        f"{version.commit} {version.told[:72]}\n  schema {said['before']} → {said['schema']}, "
        f"{count:,} rows in {len(before)} tables, {len(told['revisions'])} revisions, "
        f"{verdict['links']} links verified: {same}"
    )
    return [f"{version.commit}: {each}" for each in faults]


def _stations(*words: str) -> Any:
    done = subprocess.run([COMMAND, *words], capture_output=True, text=True, check=True)
    return json.loads(done.stdout) if "--json" in words else None


def _ours(db: str) -> str:
    return Version("today", "", CHECKOUT).run(THEN, "tell", db)


def disagreements(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Say where today's program reads something else than the old one said, of all that it said.

    Columns that came later are not asked for; nor are lists that were empty then.
    """
    faults = []
    for what, old in then.items():
        new = now.get(what)
        if isinstance(old, dict) and isinstance(new, dict):
            faults += _rows_disagree(what, old, new)
        elif old != new:
            faults.append(f"{what}: {str(new)[:200]}, was {str(old)[:200]}")
    return faults


def _rows_disagree(what: str, then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    if list(then) != list(now):
        return [f"{what}: {len(now)} keys, were {len(then)}"]
    return [
        f"{what}: {key}: {name} is {now[key].get(name)!r}, was {cell!r}"
        for key, cells in then.items()
        for name, cell in cells.items()
        if now[key].get(name) != cell
    ]


def main() -> None:
    """Run the trial; leave with 1 if anything is not what it was."""
    if not whole_history():
        print("this checkout has no history to take old versions from; git fetch --unshallow")
        return
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder, postgres() as database:
        for version in versions(Path(folder)):
            faults += upgraded(version, Path(folder), database)
    print("\n".join(faults[:40]) or "no row lost, none changed")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
