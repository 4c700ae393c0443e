"""``stations import`` and ``stations export``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pandas as pd

from geodata import files
from geodata.errors import FaultyDataError, UsageError
from scripts.cli.output import (
    USAGE_EXIT,
    db_option,
    default_who,
    json_option,
    print_json,
    print_table,
    progress,
)
from stations import imports
from stations.store import Store

if TYPE_CHECKING:
    from geodata.errors import Fault
    from stations.store import Revision

SHOWN = 20


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "target", required=True, metavar="stations|LAYER", help="What its rows are.")
@click.option("--restricted/--public", default=None, help="Whether the layer may leave the house.")
@click.option(
    "--datum", help="wgs84, gcj02, bd09, cgcs2000 or EPSG:n; what the file says if not given."
)
@click.option(
    "--map", "mapping", multiple=True, metavar="FIELD=COLUMN", help="Where a field stands."
)
@click.option("--encoding", help="The text's encoding, where it is not found by itself.")
@click.option("--part", help="The sheet or layer to read, of a file that has several.")
@click.option("--make-ids", is_flag=True, help="Make ids from name and position.")
@click.option(
    "--osm", "tags", multiple=True, metavar="KEY=VALUE", help="Tags to take from a .osm.pbf."
)
@click.option("--synthetic", is_flag=True, help="Mark every record as made up.")
@click.option("--dry-run", is_flag=True, help="Only show what would happen.")
@click.option(
    "--accept-partial", is_flag=True, help="Store the rows without fault, leave out the rest."
)
@click.option(
    "--faults",
    "faults_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the faults as a sheet to work through (.xlsx, .csv).",
)
@click.option("--who", help="Who is changing the register; your user name if not given.")
@click.option("--why", help="Why; the file's name if not given.")
@db_option
@json_option
def import_(
    *,
    file: Path,
    target: str,
    restricted: bool | None,
    datum: str | None,
    mapping: tuple[str, ...],
    encoding: str | None,
    part: str | None,
    make_ids: bool,
    tags: tuple[str, ...],
    synthetic: bool,
    dry_run: bool,
    accept_partial: bool,
    faults_file: Path | None,
    who: str | None,
    why: str | None,
    db: str,
    as_json: bool,
) -> None:
    """Read FILE into the register: stations, or a demand layer such as parks or border_posts.

    CSV, XLSX, GeoJSON, GeoPackage, GeoParquet, Shapefile, JSON records, or an .osm.pbf extract.
    Nothing is stored unless every row is well. The same file again changes nothing.

    Example: stations import 驿站台账.xlsx --as stations --datum gcj02 --map id=站点编号 --dry-run
    """
    options = imports.Options(
        datum=datum,
        columns=_pairs(mapping),
        make_ids=make_ids,
        restricted=restricted,
        synthetic=synthetic,
    )
    with progress("reading"):
        table = imports.read(file, target, encoding=encoding, part=part, tags=tags)
    with Store.open(db, create=not dry_run) as store:
        with progress("checking"):
            made = imports.preview(table, target, store, options)
        if faults_file is not None:
            files.write(pd.DataFrame([vars(fault) for fault in made.faults]), faults_file)
        revision, refusal = None, None
        if not dry_run:
            try:
                with progress("storing") as advance:
                    revision = imports.accept(
                        made,
                        store,
                        who=who or default_who(),
                        why=why or f"import {file.name}",
                        at=datetime.now(UTC),
                        partial=accept_partial,
                        progress=advance,
                    )
            except FaultyDataError as error:
                refusal = str(error)
    _report(made, revision, dry_run=dry_run, as_json=as_json)
    if refusal or (dry_run and made.faults):
        click.echo(f"Error: {refusal or f'{len(made.faults)} faults'}", err=True)
        raise SystemExit(USAGE_EXIT)


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        field, equals, column = text.partition("=")
        if not (field and equals and column):
            raise UsageError(f"--map takes FIELD=COLUMN, such as id=站点编号, not {text[:80]!r}")
        pairs[field] = column
    return pairs


def _report(
    made: imports.Preview, revision: Revision | None, *, dry_run: bool, as_json: bool
) -> None:
    number = revision.number if revision else None
    if as_json:
        print_json({**made.as_dict(), "dry_run": dry_run, "revision": number})
        return
    click.echo(
        f"{made.target}: {len(made.added):,} new, {len(made.changed):,} changed, "
        f"{len(made.unchanged):,} unchanged, {len(made.left_out):,} rows with faults"
    )
    click.echo(f"positions: {made.datum} ({_DATUM_BY[made.datum_by]})")
    click.echo("columns: " + ", ".join(f"{k}={v}" for k, v in made.columns.items()))
    _print_faults(made.faults)
    if revision:
        click.echo(f"stored as revision {number}")
    elif dry_run:
        click.echo("nothing stored: --dry-run")
    elif not made.faults:
        click.echo("nothing stored: the register already says so")


_DATUM_BY = {
    "operator": "as you said",
    "file": "as the file says",
    "assumed": "assumed; if that is wrong, say --datum gcj02, bd09 or EPSG:n",
}


def _print_faults(faults: tuple[Fault, ...]) -> None:
    if not faults:
        return
    rows = [("" if f.row is None else str(f.row), f.field, f.value, f.problem) for f in faults]
    print_table(f"{len(faults):,} faults", ["row", "field", "value", "problem"], rows[:SHOWN])
    if len(rows) > SHOWN:
        click.echo(f"({len(rows) - SHOWN:,} more; --faults FILE.xlsx writes all)")


@click.command()
@click.argument("what", metavar="stations|LAYER")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=".gpkg, .geojson, .parquet, .shp, .csv or .xlsx",
)
@click.option("--as-of", metavar="REVISION|ISO TIME", help="As the register was then.")
@db_option
def export(what: str, output: Path, as_of: str | None, db: str) -> None:
    """Write the stations or a layer to a file, as they are or as they were.

    Example: stations export stations -o stations.xlsx --as-of 2026-06-30T00:00+08:00
    """
    with Store.open(db) as store:
        number = None if as_of is None else _revision(store, as_of)
        frame = store.stations(number) if what == imports.STATIONS else store.sites(what, number)
    files.write(frame, output)
    click.echo(f"{len(frame):,} records written to {output}")
    if bool(frame["synthetic"].any()):
        click.echo("合成演示数据 Synthetic demonstration data")


def _revision(store: Store, text: str) -> int:
    if text.isdecimal():
        return int(text[:18])
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--as-of takes a revision number or an ISO time such as 2026-06-30T00:00+08:00, "
            f"not {text[:40]!r}"
        ) from None
    return store.revision_at(moment if moment.tzinfo else moment.astimezone())
