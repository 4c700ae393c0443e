"""``stations import`` and ``stations export``."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
import pandas as pd

from geodata import files
from geodata.errors import UsageError
from scripts.cli.output import (
    USAGE_EXIT,
    db_option,
    default_who,
    json_option,
    output_option,
    print_json,
    print_table,
    progress,
)
from stations import imports
from stations.errors import StoreMissingError
from stations.hours.clock import ZONE, check_year
from stations.places import told
from stations.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geodata.errors import Fault
    from stations.store import Revision

SHOWN = 20


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "target", required=True, metavar="stations|LAYER", help="What its rows are.")
@click.option("--restricted", is_flag=True, help="Keep the layer from everybody but staff.")
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
    help="Write faults and warnings as a sheet to work through (.xlsx, .csv).",
)
@click.option("--who", help="Who is changing the register; your user name if not given.")
@click.option("--why", help="Why; the file's name if not given.")
@db_option
@json_option
def import_(
    *,
    file: Path,
    target: str,
    restricted: bool,
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
    Nothing is stored unless every row is well. The same file again changes nothing. Opening hours
    in words nobody can be sure of are kept as written, unknown to every answer, with a warning.

    Example: stations import 驿站台账.xlsx --as stations --datum gcj02 --map id=站点编号 --dry-run
    """
    options = imports.Options(
        datum=datum,
        columns=_pairs(mapping),
        make_ids=make_ids,
        restricted=restricted or None,
        synthetic=synthetic,
    )
    with progress("reading"):
        table = imports.read(file, target, encoding=encoding, part=part, tags=tags)
    with progress("checking"), _register(db) as store:
        made = imports.preview(table, target, store, options)
    if faults_file is not None:
        files.write(_sheet(made), faults_file)
    revision, refusal = None, made.refusal(partial=accept_partial)
    if not (dry_run or refusal):
        with progress("storing") as advance, Store.open(db, create=True) as store:
            revision = imports.accept(
                made,
                store,
                who=who or default_who(),
                why=why or f"import {file.name}",
                at=datetime.now(UTC),
                partial=accept_partial,
                progress=advance,
            )
    _report(made, revision, dry_run=dry_run, as_json=as_json)
    if refusal:
        click.echo(f"Error: {refusal}", err=True)
        raise SystemExit(USAGE_EXIT)


@contextmanager
def _register(db: str) -> Iterator[Store]:
    """Open the register to compare with; where there is none yet, an empty one for the moment."""
    try:
        store = Store.open(db)
    except StoreMissingError:
        with (
            TemporaryDirectory() as folder,
            Store.open(f"sqlite:///{folder}/empty.db", create=True) as empty,
        ):
            yield empty
        return
    with store:
        yield store


def _sheet(made: imports.Preview) -> pd.DataFrame:
    rows = [("fault", each) for each in made.faults] + [("warning", each) for each in made.warnings]
    columns = ["severity", "row", "field", "value", "problem"]
    return pd.DataFrame([{"severity": kind, **vars(each)} for kind, each in rows], columns=columns)


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
    if made.ignored:
        click.echo("columns not used: " + ", ".join(made.ignored))
    if made.changed_fields:
        click.echo("changed: " + ", ".join(f"{k} ({n:,})" for k, n in made.changed_fields.items()))
    if made.layer is not None and made.layer.restricted:
        click.echo("a restricted layer: staff only")
    _print_faults("faults", made.faults)
    _print_faults("warnings, kept as written", made.warnings)
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


def _print_faults(title: str, faults: tuple[Fault, ...]) -> None:
    if not faults:
        return
    rows = [("" if f.row is None else str(f.row), f.field, f.value, f.problem) for f in faults]
    print_table(f"{len(faults):,} {title}", ["row", "field", "value", "problem"], rows[:SHOWN])
    if len(rows) > SHOWN:
        click.echo(f"({len(rows) - SHOWN:,} more; --faults FILE.xlsx writes all)")


@click.command()
@click.argument("what", metavar="stations|LAYER")
@output_option(".gpkg, .geojson, .parquet, .shp, .csv or .xlsx", required=True)
@click.option("--as-of", metavar="REVISION|ISO TIME", help="As the register was then.")
@db_option
def export(what: str, output: Path, as_of: str | None, db: str) -> None:
    """Write the stations or a layer to a file, as they are or as they were.

    Example: stations export stations -o stations.xlsx --as-of 2026-06-30T00:00+08:00
    """
    with Store.open(db) as store:
        number = None if as_of is None else revision_at(store, as_of)
        frame = store.stations(number) if what == imports.STATIONS else store.sites(what, number)
    if "places" in frame:
        frame["places"] = frame["places"].map(told)
    if output.suffix.lower() == ".shp":
        frame = frame.rename(columns=imports.SHAPEFILE_NAMES)
    files.write(frame, output)
    click.echo(f"{len(frame):,} records written to {output}")
    if bool(frame["synthetic"].any()):
        click.echo("合成演示数据 Synthetic demonstration data")


def revision_at(store: Store, text: str) -> int:
    """Return the revision meant by a number or an ISO time, a bare day meaning its end.

    Without a zone it is Beijing time. One before the first revision is refused.
    """
    if text.isdecimal():
        return int(text[:18])
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"expected a revision number or an ISO time such as 2026-06-30T00:00+08:00, "
            f"got {text[:40]!r}"
        ) from None
    check_year(moment)
    if moment.time() == time.min and "T" not in text and " " not in text:
        moment += timedelta(days=1, microseconds=-1)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
    number = store.revision_at(moment)
    if not number and (made := store.revisions()):
        begun = made[0].at.astimezone(ZONE)
        raise UsageError(f"this register begins on {begun:%Y-%m-%d %H:%M}, after {text}")
    return number
