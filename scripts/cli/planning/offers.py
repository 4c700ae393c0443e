"""What a plan chooses from and pays: candidates and prices, to be edited and given back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from geodata import files
from scripts.cli import cover
from scripts.cli.output import (
    db_option,
    json_option,
    output_option,
    print_json,
    roads_option,
)
from scripts.cli.planning import shown
from scripts.cli.planning.asking import AUTO, asking, candidates_of, travel_of
from scripts.cli.planning.group import site
from scripts.cli.reading import read_register
from scripts.cli.truth import terms_of
from stations.catalogue import catalogue
from stations.coverage import ReachCache, parse_within
from stations.planning import CostTable, Wish
from stations.store import Store


@site.command()
@click.option("--costs", type=click.Path(path_type=Path), metavar="FILE", help="Your own list.")
@output_option("Write it to edit: .xlsx, .csv or .toml.")
@json_option
def prices(*, costs: Path | None, output: Path | None, as_json: bool) -> None:
    """Show the price list, or write it to a sheet to be edited and given back with --costs.

    Example: stations site prices -o 价目.xlsx
    """
    table = CostTable.default() if costs is None else CostTable.read(costs)
    if output is not None:
        table.write(output)
    if as_json:
        print_json({"prices": table.as_records(), "fingerprint": table.fingerprint})
    else:
        shown.show_prices(table)


@site.command()
@asking
@output_option(
    ".gpkg, .geojson, .csv, .xlsx: may be edited and given back with --candidates.", required=True
)
@roads_option
@db_option
@json_option
def candidates(*, output: Path, roads: str, db: str, as_json: bool, **asked: Any) -> None:  # noqa: ANN401 - the options of `asking`
    """Write the places a plan for LAYER would choose from.

    Example: stations site candidates parks --within 10min --mode ebike -o 候选.xlsx
    """
    limit = parse_within(asked["within"], asked["mode"])
    needs = catalogue().amenities.parse(asked["needs"])
    terms = terms_of(asked["hours"], asked)
    wish = Wish(asked["layer"], limit, needs, terms, cover_all=True)
    with Store.open(db) as store:
        registry = read_register(store)
    by, cache = travel_of(wish, roads), ReachCache(cover.CACHE_FOLDER)
    found = candidates_of({**asked, "candidates": AUTO, "datum": None}, registry, wish, by, cache)
    files.write(found.frame, output)
    notes = [note._asdict() for note in found.notes]
    if as_json:
        print_json({"candidates": len(found.frame), "notes": notes})
    else:
        click.echo(f"{len(found.frame):,} candidates written to {output}")
        for note in found.notes:
            click.echo(f"{note.zh} {note.en}")
