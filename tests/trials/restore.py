"""A backup taken while changes go in, restored elsewhere and compared row for row.

Riders, edits, imports, reports and photos go on meanwhile. The databases' own drivers note every
row right before the backup and right after it: what is restored must hold all of the first, and be
the second as far as it goes. It goes into both databases; there the history must verify, and
`export --as-of` write what was exported at that moment. ``--database`` is what is backed up.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from operator import ge
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.trials._acts import Acts, settle, told
from tests.trials._postgres import Postgres, postgres
from tests.trials._rows import Held, differences, read
from tests.trials._server import COMMAND, Server, served
from tests.trials.load import Riders, spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COUNTED = ("number", "revision")
"""Columns that number what is recorded, in the tables of history."""


@dataclass
class Sizes:
    """How much of everything."""

    stations: int
    seconds: float
    """Of each of the two halves; the backup is in the second."""
    rate: float
    edits: int
    imports: int
    reports: int
    photos: int


@dataclass
class Noted:
    """What is known of the register without asking our own program."""

    at: datetime
    """When nothing was going in, between the halves."""
    revision: int
    export: Path
    """What was exported then."""
    before: dict[str, Held] = field(default_factory=dict)
    after: dict[str, Held] = field(default_factory=dict)
    photos: set[str] = field(default_factory=set)
    """Those acknowledged before the backup began."""
    head: str = ""


def command(*words: str) -> tuple[float, Any]:
    """Run ``stations``; return seconds and what it printed, as JSON where asked for that."""
    began = time.monotonic()
    done = subprocess.run([COMMAND, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"stations {' '.join(words)}: {done.stderr[-500:]}")
    return time.monotonic() - began, json.loads(done.stdout) if "--json" in words else done.stdout


@contextmanager
def going_on(acts: Acts, riders: Riders, sizes: Sizes, first: int) -> Iterator[None]:
    """Have riders ask and people change things while the block is at work, for `seconds`."""
    with ThreadPoolExecutor(6) as people:
        ride = riders.ride(sizes.rate, sizes.seconds, first, sizes.stations)
        begun = [people.submit(asyncio.run, ride)]
        for act, number in (
            (acts.import_, sizes.imports),
            (acts.edit, sizes.edits),
            (acts.report, sizes.reports),
            (acts.photo, sizes.photos),
        ):
            begun.append(people.submit(spread, act, number, sizes.seconds, first))
        yield
        for each in begun:
            each.result()


def taken(server: Server, sizes: Sizes, backup: Path) -> tuple[Noted, list[str]]:
    """Change the register, note a moment, change on and back it up; return what is known of it."""
    acts, riders = Acts(server), Riders(server.port)
    db = server.db
    with going_on(acts, riders, sizes, 10_000):
        pass
    export = server.folder / "then.csv"
    command("export", "stations", "-o", str(export), "--db", db)
    noted = Noted(datetime.now(UTC), _newest(read(db)["revisions"], "number"), export)
    with going_on(acts, riders, sizes, 20_000):
        time.sleep(sizes.seconds / 4)
        noted.photos = {each for each in acts.acknowledged if each.startswith("photo-")}
        noted.before = read(db)
        seconds, said = command("backup", "-o", str(backup), "--db", db, "--json")
        noted.after, noted.head = read(db), said["head"]
    size = backup.stat().st_size / 1e6
    print(
        f"  {told(acts)}\n  riders: p99 {riders.percentile(0.99):.0f} ms\n"
        f"  backup while served: {seconds:.1f} s, {size:.0f} MB, {said['links']} links"
    )
    return noted, settle(acts) + [f"{n} × {what}" for what, n in riders.errors.items()]


def restored(noted: Noted, backup: Path, db: str, name: str) -> list[str]:
    """Restore the backup and compare; return every fault in words."""
    seconds, _ = command("restore", str(backup), "--db", db)
    verified, _ = command("verify", "--db", db, "--noted", noted.head)
    there = read(db)
    faults = compared(noted, there)
    export = noted.export.with_name(f"{name}.csv")
    command("export", "stations", "-o", str(export), "--db", db, "--as-of", noted.at.isoformat())
    if export.read_bytes() != noted.export.read_bytes():
        faults.append(f"{export.name}: not what was exported at {noted.at}")
    faults += moment_differs(export, there["station_versions"], noted.revision)
    rows = sum(len(held) for held in there.values())
    print(
        f"  into {name}: {seconds:.1f} s, verified in {verified:.1f} s; "
        f"{rows:,} rows of {len(there)} tables compared"
    )
    return [f"{name}: {each}" for each in faults]


def compared(noted: Noted, there: Mapping[str, Held]) -> list[str]:
    """Say what of a restored register is not what was noted."""
    faults = differences(cut(noted.after, there), there)
    for name, held in noted.before.items():
        lost = Counter(held.rows) - Counter(there[name].rows)
        if lost and name != "meta":
            faults.append(f"{name}: {lost.total()} rows from before the backup are not in it")
    return faults


def cut(noted: Mapping[str, Held], there: Mapping[str, Held]) -> dict[str, Held]:
    """Return what was noted, as far as the restored register goes: history only ever grew."""
    found = dict(noted)
    for name, held in noted.items():
        for column in COUNTED:
            if column in held.columns and name != "account_log":
                by = "revisions" if column == "revision" else name
                newest = _newest(there[by], "number")
                found[name] = held.where(column, partial(ge, newest))
    return found


def _newest(held: Held, column: str) -> int:
    return max((cell for (cell,) in held.only([column])), default=0)


def moment_differs(export: Path, versions: Held, revision: int) -> list[str]:
    """Compare an export with the rows of history it must be made of, read without our program."""
    kept: dict[str, tuple[int, bool, str, str]] = {}
    for id_, number, *facts in versions.only(["id", "revision", "deleted", "name", "phone"]):
        if number <= revision and (id_ not in kept or kept[id_][0] < number):
            kept[id_] = (number, bool(facts[0]), facts[1], facts[2])
    expected = {id_: (name, phone) for id_, (_, gone, name, phone) in kept.items() if not gone}
    with export.open(encoding="utf-8-sig", newline="") as file:
        found = {row["id"]: (row["name"], row["phone"]) for row in csv.DictReader(file)}
    ids = sorted(expected.keys() | found.keys())
    wrong = [each for each in ids if expected.get(each) != found.get(each)]
    return [f"{export.name}: {len(wrong)} stations are not as then: {wrong[:3]}"] if wrong else []


def photos_lost(noted: Noted, place: Path) -> list[str]:
    """Say which photos that were acknowledged before the backup a restored folder has not."""
    lost = [mark for mark in sorted(noted.photos) if not _whole(place / "photos", mark[6:])]
    return [f"{mark} is lost" for mark in lost]


def _whole(photos: Path, sent: str) -> bool:
    note = photos / "sent" / sent[:2] / f"{sent}.json"
    kept = json.loads(note.read_bytes())["kept"] if note.is_file() else ""
    file = photos / kept[:2] / f"{kept}.jpg"
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == kept


def run(folder: Path, sizes: Sizes, database: Postgres, source: str) -> list[str]:
    """Run the trial with a register in one database; return every fault in words."""
    db = f"{database.url(database.database())}&files={folder}" if source == "postgresql" else ""
    backup = folder / "yesterday.db"
    with served(folder, sizes.stations, 2, db) as server:
        noted, faults = taken(server, sizes, backup)
    for name in ("sqlite", "postgresql"):
        place = folder / f"restored-{name}"
        place.mkdir()
        there = f"sqlite:///{place / 'stations.db'}"
        if name == "postgresql":
            there = f"{database.url(database.database())}&files={place}"
        faults += restored(noted, backup, there, name)
        faults += [f"{name}: {each}" for each in photos_lost(noted, place)]
    return faults


def main() -> None:
    """Run the trial; leave with 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--stations", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=40, help="of each half")
    parser.add_argument("--rate", type=float, default=20, help="riders' questions a second")
    parser.add_argument("--edits", type=int, default=20)
    parser.add_argument("--imports", type=int, default=4)
    parser.add_argument("--reports", type=int, default=200)
    parser.add_argument("--photos", type=int, default=20)
    asked = vars(parser.parse_args())
    which = asked.pop("database")
    faults = []
    for source in ("sqlite", "postgresql") if which == "both" else (which,):
        print(f"{asked['stations']:,} stations in {source}")
        with tempfile.TemporaryDirectory() as folder, postgres() as database:
            faults += run(Path(folder), Sizes(**asked), database, source)
    print("\n".join(faults[:40]) or "  every row, every photo and the moment are as noted")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
