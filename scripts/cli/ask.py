"""``stations nearest`` and ``stations coverage``."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from geodata import datum as datum_module
from geodata import files
from geodata.geodesy import LonLat
from scripts.cli.output import db_option, json_option, percent, print_json, print_table
from stations import Registry
from stations import coverage as coverage_module
from stations import nearest as nearest_module
from stations.catalogue import catalogue
from stations.store import Store

SHOWN = 40
DEGREES = ("wgs84", "cgcs2000", "gcj02", "bd09")

needs_option = click.option(
    "--needs", default="", metavar="A,B", help="Amenities a station must have, such as toilet,充电."
)


def _registry(db: str) -> Registry:
    with Store.open(db) as store:
        return Registry.load(store)


def _place(text: str, reference: str) -> LonLat:
    """Read a point in degrees of a datum; the answer is WGS 84."""
    pair = LonLat.parse(text)
    lon, lat = datum_module.to_wgs84(np.array([pair.lon]), np.array([pair.lat]), reference)
    return LonLat(float(lon[0]), float(lat[0]))


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("origin", metavar="LON,LAT")
@click.option("--limit", type=click.IntRange(1, 1000), default=5, show_default=True)
@needs_option
@click.option("--datum", type=click.Choice(DEGREES), default="wgs84", help="Datum of LON,LAT.")
@db_option
@json_option
def nearest(*, origin: str, limit: int, needs: str, datum: str, db: str, as_json: bool) -> None:
    """Find the stations nearest to a point: in use, with what is needed, straight distance.

    Example: stations nearest 102.7183,25.0389 --needs toilet,charging
    """
    place = _place(origin, datum)
    codes = catalogue().amenities.parse(needs)
    hits = nearest_module.find(_registry(db), place, limit=limit, needs=codes)
    if as_json:
        print_json({"stations": [hit.as_dict() for hit in hits]})
        return
    rows = [
        (hit.distance_m, hit.station["id"], hit.station["name"], hit.station["opening_hours"])
        for hit in hits
    ]
    print_table(f"Nearest to {place.lon:.6f},{place.lat:.6f}", ["m", "id", "name", "hours"], rows)
    if any(hit.station["synthetic"] for hit in hits):
        click.echo("合成演示数据 Synthetic demonstration data")


@click.command()
@click.argument("layer")
@click.option("--within", required=True, help="Limit, such as 1000m or 1.5km (inclusive).")
@needs_option
@click.option("--by", type=click.Choice(coverage_module.GROUPINGS), default="county")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also write the sites: .gpkg, .geojson, .parquet, .xlsx or .csv.",
)
@db_option
@json_option
def coverage(
    *,
    layer: str,
    within: str,
    needs: str,
    by: str,
    output: Path | None,
    db: str,
    as_json: bool,
) -> None:
    """Tell which sites of LAYER have a station within reach, and sum it up.

    Example: stations coverage parks --within 1000m --needs toilet,water -o parks.xlsx
    """
    need = coverage_module.Need(
        layer, coverage_module.parse_within(within), catalogue().amenities.parse(needs)
    )
    answer = coverage_module.measure(_registry(db), need)
    if output is not None:
        files.write(answer.sites, output)
    if as_json:
        print_json(answer.as_dict(by))
    else:
        print_coverage(answer, by)


def print_coverage(answer: coverage_module.Coverage, by: str) -> None:
    """Print a coverage answer for people: its rows, worst first, and the total."""
    rows = sorted(answer.rows(by), key=lambda row: row["workers_covered"] - row["workers"])
    total = answer.total()
    lines = [_line(row) for row in rows[:SHOWN]] + [_line({**total, "name": "合计 total"})]
    title = (
        f"{answer.layer.zh} {answer.layer.en}: a station at most "
        f"{answer.need.within_m:,.0f} m away"
        + (f" with {', '.join(answer.need.needs)}" if answer.need.needs else "")
    )
    headings = ["", "sites", "covered", "workers", "in reach", "share"]
    print_table(title, headings, lines)
    if len(rows) > SHOWN:
        click.echo(f"(the {len(rows) - SHOWN} best rows are left out; --json gives all)")
    if answer.synthetic:
        click.echo("合成演示数据 Synthetic demonstration data")


def _line(row: dict[str, object]) -> list[object]:
    numbers = [row[name] for name in ("sites", "covered", "workers", "workers_covered")]
    return [row["name"], *numbers, percent(row["share"])]  # type: ignore[arg-type]
