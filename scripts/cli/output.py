"""What the command prints: one JSON document, or words and tables for people."""

from __future__ import annotations

import getpass
import json
import os
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from geodata.errors import MissingError, UsageError
from geodata.roads import RoadNetwork
from stations.hours.clock import ZONE, check_year
from stations.travel import Travel
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

USAGE_EXIT = 2
_TRUCK = "STATIONS_TRUCK_"


def print_json(document: Any) -> None:  # noqa: ANN401 - anything JSON can hold
    """Print the one JSON document of a ``--json`` run."""
    click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))


def print_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows as a table; numbers stand right, with thousands separated."""
    table = Table(title=title, title_justify="left")
    for position, heading in enumerate(headings):
        numeric = any(isinstance(row[position], int | float) for row in rows)
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    Console(width=None if sys.stdout.isatty() else 120).print(table)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


def people(row: dict[str, Any]) -> list[int | None]:
    """Return the workers of a coverage row, and those covered; None where no site knows any."""
    if row["workers_unknown"] == row["sites"]:
        return [None, None]
    return [row["workers"], row["workers_covered"]]


def percent(share: float | None) -> str:
    """Write a share as people read it; a part that is not all is never shown as 100 %."""
    if share is None:
        return "–"
    shown = round(share * 100, 1)
    if share < 1:
        shown = min(shown, 99.9)
    return f"{shown:.1f} %"


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error, only where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance


def data_folder() -> Path:
    """Return the folder of all that is not said to be elsewhere: ``STATIONS_DATA``."""
    return Path(os.environ.get("STATIONS_DATA", "").strip() or Settings().data).absolute()


db_option = click.option(
    "--db",
    metavar="URL",
    envvar="STATIONS_DB",
    default=lambda: f"sqlite:///{data_folder() / 'stations.db'}",
    help="The register's store, such as sqlite:///my.db; the default is the data folder's.",
)
roads_option = click.option(
    "--roads",
    metavar="FOLDER|URL",
    envvar="STATIONS_ROADS",
    default="",
    help="The road network: a folder of `stations roads build`, or a Valhalla server; none: "
    "minutes are estimates. The default is the data folder's, where there is one.",
)
_FILE = click.Path(dir_okay=False, path_type=Path)


def output_option[F: Callable[..., Any]](told: str, *, required: bool = False) -> Callable[[F], F]:
    """Return ``-o FILE``, the parameter ``output``."""
    return click.option("-o", "--output", required=required, type=_FILE, metavar="FILE", help=told)


def outputs_option[F: Callable[..., Any]](told: str) -> Callable[[F], F]:
    """Return ``-o FILE`` that may be repeated, the parameter ``outputs``."""
    return click.option(
        "-o", "--output", "outputs", multiple=True, type=_FILE, metavar="FILE", help=told
    )


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def travel(place: str) -> Travel:
    """Open the road network that ``--roads`` names; trucks are as ``STATIONS_TRUCK_*`` says."""
    trucks = {name: value for name, value in os.environ.items() if name.startswith(_TRUCK)}
    settings = replace(Settings.from_env(trucks), roads=place, data=str(data_folder()))
    where, required = settings.roads_place
    try:
        return Travel() if where is None else Travel(RoadNetwork.open(where, truck=settings.truck))
    except MissingError:
        if required:
            raise
        return Travel()


def instant_of(text: str, name: str) -> datetime:
    """Read the instant an option ``name`` gives: ISO 8601, without a zone Beijing time.

    Raises `UsageError` for what is none, and for years before 1902 or after 9000.
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{name}: expected an instant such as 2026-11-24T02:00 (Beijing time), "
            f"got {text[:40]!r}"
        ) from None
    try:
        check_year(read)
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None
    return read if read.tzinfo else read.replace(tzinfo=ZONE)


def instant(_: click.Context, option: click.Parameter, text: str | None) -> datetime | None:
    """Read an option's instant, as its ``callback``."""
    return None if text is None else instant_of(text, f"--{option.name}")


def default_who() -> str:
    """Return the name a change is recorded under when none is given."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"
