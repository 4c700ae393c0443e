"""``stations copy``, ``backup``, ``restore`` and ``upgrade``: a register as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from geodata.errors import MissingError
from scripts.cli.files_kept import back_up, bring_back
from scripts.cli.output import (
    db_option,
    json_option,
    output_option,
    print_json,
    progress,
)
from stations.store import Store, backup, copy

if TYPE_CHECKING:
    from stations.store import Verdict


def _report(verdict: Verdict, said: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"links": verdict.links, "head": verdict.head})
    else:
        click.echo(f"{said}: {verdict.links:,} links verified, hash {verdict.head}")


@click.command("copy")
@click.option("--from", "source", required=True, metavar="URL", help="The register to copy.")
@click.option("--to", "target", required=True, metavar="URL", help="Where nothing is yet.")
@json_option
def copy_(*, source: str, target: str, as_json: bool) -> None:
    """Copy a register into another database, with its whole history, and verify it there.

    Revisions, their numbers and the hash chain stay the same, and accounts go along. The register
    copied may be in use. Photos are files: copy their folder as well.

    Example: stations copy --from sqlite:///stations.db --to postgresql://stations@/stations
    """
    with (
        Store.open(source) as old,
        Store.open(target, create=True) as new,
        progress("copying") as advance,
    ):
        verdict = copy(old, new, advance)
    _report(verdict, "copied", as_json=as_json)


@click.command("backup")
@output_option("A file that is not there yet.", required=True)
@db_option
@json_option
def backup_(*, output: Path, db: str, as_json: bool) -> None:
    """Write the whole register into a file, while it is in use, and verify it there.

    The file is a register itself: every command reads it with --db sqlite:///FILE, and `stations
    restore` puts it into a database. It holds accounts and restricted layers: keep it as safe as
    the register. Photos and planners' plans go into the folder FILE.files beside it.

    Example: stations backup -o backups/2026-11-22.db
    """
    with Store.open(db) as store, progress("writing") as advance:
        verdict = backup(store, output, advance)
        kept = back_up(store, output)
    _report(verdict, f"written to {output}, {kept} files beside it", as_json=as_json)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@db_option
@json_option
def restore(*, file: Path, db: str, as_json: bool) -> None:
    """Put a backup into a database that holds nothing yet, and verify it there.

    A register that is there is left alone: move it away first, or name another database.

    Example: stations restore backups/2026-11-22.db --db postgresql://stations@/stations
    """
    if not file.is_file():
        raise MissingError(f"{file}: no such file")
    with (
        Store.open(f"sqlite:///{file}") as old,
        Store.open(db, create=True) as new,
        progress("restoring") as advance,
    ):
        verdict = copy(old, new, advance)
        kept = bring_back(file, new)
    _report(verdict, f"restored from {file}, with {kept} files", as_json=as_json)


@click.command("upgrade")
@click.option("--create", is_flag=True, help="Make an empty register where there is none.")
@db_option
@json_option
def upgrade(*, create: bool, db: str, as_json: bool) -> None:
    """Bring the register's tables to the schema of this program, as the first change would.

    In PostgreSQL it takes the tables' owner to do so: run it before the servers start anew. No row
    of history is touched.

    Example: stations upgrade --db postgresql://owner@/stations
    """
    with Store.open(db, create=create) as store:
        before, now = store.upgrade()
    if as_json:
        print_json({"before": before, "schema": now})
    else:
        click.echo(f"schema {now}" + (f", was {before}" if before != now else ", nothing to do"))
