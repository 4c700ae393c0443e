"""``stations coverage`` of a file or folder of points, too many to import."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import geopandas as gpd
import pandas as pd

from geodata import boundaries, files
from geodata.errors import UsageError
from scripts.cli.output import percent, print_json, print_table, progress
from scripts.cli.reading import read_register
from stations import Registry, large
from stations.coverage import DIGITS, Terms, parse_hours
from stations.hours.clock import ZONE
from stations.store import Store

if TYPE_CHECKING:
    from typing import Any

    from stations.coverage import HourSet, Limit, Travel

SHOWN = 40
_WITH_SHAPES = (".gpkg", ".geojson", ".parquet", ".shp")

scheduler_option = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Count a file or folder of points on a Dask cluster, such as tcp://10.0.0.5:8786.",
)


def is_path(layer: str) -> bool:
    """Tell whether LAYER is a file or folder of points, and not the name of a layer.

    A plain word is a name, unless a folder with parts is called so.
    """
    path = Path(layer)
    if path.name != layer or path.suffix.lower() in large.SUFFIXES:
        return True
    return path.is_dir() and any(next(path.rglob(f"*{end}"), None) for end in large.SUFFIXES)


def tell(
    place: str,
    limit: Limit,
    needs: tuple[str, ...],
    by: str,
    *,
    hours: str | None,
    scheduler: str | None,
    travel: Travel,
    db: str,
    output: Path | None,
    as_json: bool,
) -> None:
    """Count the points of ``place``, and print or write their sums by area."""
    if by not in DIGITS:
        raise UsageError("a file of points is summed up by county, prefecture or province")
    if output is not None and output.suffix.lower() not in files.WRITTEN_SUFFIXES:
        raise UsageError(
            f"{output.name}: sums of a file of points are written as one of"
            f" {', '.join(files.WRITTEN_SUFFIXES)}"
        )
    layer = large.LargeLayer.open(place)
    with Store.open(db) as store:
        registry = read_register(store)
    reach = large.Reach.of(limit, travel)
    chosen = None if hours is None else parse_hours(hours)
    asked = _asked(registry, reach, needs, chosen)
    sums = _counted(layer, asked, scheduler)
    synthetic = bool(registry.stations["synthetic"].any())
    answer = large.Answer(layer.name, asked, sums, registry.revision, synthetic, chosen)
    if output is not None:
        files.write(_frame(answer, by, output), output)
    if as_json:
        print_json(answer.as_dict(by))
    else:
        print_answer(answer, by)


def _asked(
    registry: Registry, reach: large.Reach, needs: tuple[str, ...], hours: HourSet | None
) -> large.Asked:
    today = datetime.now(ZONE).date()
    if hours is None:
        return large.OnPaper.of(registry, reach, needs, on=today)
    return large.ByHour.of(registry, reach, [Terms(hours, on=today).question(needs)])


def _counted(layer: large.LargeLayer, asked: large.Asked, scheduler: str | None) -> large.Sums:
    with progress("points") as advance:
        if scheduler is None:
            return large.count(layer, asked, progress=advance)
        with large.connected(scheduler) as client:
            logging.getLogger("distributed.client").setLevel(
                logging.CRITICAL
            )  # we say it ourselves
            return large.count_on(client, layer, asked, progress=advance)


def _frame(answer: large.Answer, by: str, output: Path) -> pd.DataFrame:
    """Return one row an area; with its shape where the format holds shapes."""
    rows = pd.DataFrame(answer.rows(by)).drop(columns="by_hour", errors="ignore")
    rows = rows.set_index("code")
    if output.suffix.lower() not in _WITH_SHAPES:
        return rows
    shapes = boundaries.areas(by)["geometry"].reindex(rows.index)  # type: ignore[arg-type]
    frame: pd.DataFrame = gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326")
    return frame


def print_answer(answer: large.Answer, by: str) -> None:
    """Print the sums for people: areas that leave most out first, and the total."""
    rows = sorted(answer.rows(by), key=_left_out)
    headings = ["", "points", "covered", "workers", "in reach", "share"]
    total = answer.total()
    nobody = {} if answer.weighed else {"workers": None, "workers_covered": None}
    lines = [_line(row | nobody) for row in [*rows[:SHOWN], {**total, "name": "合计 total"}]]
    print_table(f"{answer.layer}: {_title(answer)}", headings, lines)
    if len(rows) > SHOWN:
        click.echo(f"(the {len(rows) - SHOWN} best rows are left out; --json gives all)")
    if unknown := total["workers_unknown"]:
        click.echo(f"人数未登记 workers unknown: {unknown:,} points, counted as none.")
    if answer.asked.described()["estimated"] == "all":
        click.echo("估计 estimated: minutes made from the straight distance, no road looked at.")
    if answer.synthetic:
        click.echo("合成演示数据 Synthetic demonstration data")


def _left_out(row: dict[str, Any]) -> tuple[int, int]:
    return row["workers_covered"] - row["workers"], row["covered"] - row["sites"]


def _title(answer: large.Answer) -> str:
    within = answer.asked.described()["within"]
    if answer.hours is None:
        return f"a station within {within}, whatever the hours"
    mean = ", mean over" if answer.asked.hours > 1 else " at"
    return f"a usable station within {within}{mean} {answer.hours.words.en}"


def _line(row: dict[str, Any]) -> list[object]:
    keys = ("name", "sites", "covered", "workers", "workers_covered")
    return [*(row[key] for key in keys), percent(row["share"])]
