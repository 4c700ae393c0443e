"""``stations roads``: build a road network, look at it, calibrate the estimate with it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from geodata.errors import UsageError
from geodata.roads import MODES, Calibration, RoadNetwork, calibrated
from geodata.roads import build as build_network
from geodata.roads import calibrate as calibrate_mode
from scripts.cli.output import (
    data_folder,
    json_option,
    percent,
    print_json,
    print_table,
    roads_option,
)
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MB = 1_000_000


@click.group("roads")
def roads_group() -> None:
    """Minutes by road: build a network from OpenStreetMap, and see what it covers.

    Example: stations roads build yunnan.osm.pbf
    """


@roads_group.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="STATIONS_ROADS",
    default=lambda: data_folder() / "roads",
    metavar="FOLDER",
    help="Where to keep it; roads in the data folder (var) if not given.",
)
@json_option
def build(*, file: Path, folder: Path, as_json: bool) -> None:
    """Build the road network of FILE, an .osm.pbf extract, and put it into use.

    Until it is whole the one in use stays so; a build broken off leaves it as it was. Servers
    that run take it up by themselves. Calibrations are kept if the map is the same one.

    Example: stations roads build yunnan-latest.osm.pbf
    """
    if str(folder) == "none" or str(folder).startswith(("http:", "https:")):
        raise UsageError("STATIONS_ROADS names no folder to build into; give --to FOLDER")
    before = calibrated(folder)
    with _stages() as advance:
        info = build_network(file, folder, progress=advance)
    found = _as_dict(RoadNetwork.open(info.where))
    after = [each["mode"] for each in found["calibrations"]]
    dropped = [mode for mode in before if mode not in after]
    _show(found | {"calibrations_dropped": dropped}, as_json=as_json)
    if dropped and not as_json:
        click.echo(
            f"another map than before: its calibration ({', '.join(dropped)}) is gone; measure "
            "again: stations roads calibrate"
        )


@roads_group.command()
@roads_option
@json_option
def status(*, roads: str, as_json: bool) -> None:
    """Show where the road network is kept, how big and how old it is, and which area it covers.

    Example: stations roads status --json
    """
    _show(_as_dict(_opened(roads)), as_json=as_json)


@roads_group.command()
@click.option("--mode", "modes", multiple=True, type=click.Choice(MODES), help="Only this mode.")
@click.option("--pairs", default=1000, show_default=True, help="Pairs of road points to measure.")
@click.option("--seed", default=1, show_default=True, help="The same seed, the same pairs.")
@roads_option
@json_option
def calibrate(*, modes: tuple[str, ...], pairs: int, seed: int, roads: str, as_json: bool) -> None:
    """Measure detour and speed on the network, for places and times without one.

    They are kept beside the network. Of estimates made with them as many are too long as too short.

    Example: stations roads calibrate --mode ebike
    """
    network = _opened(roads)
    made = [calibrate_mode(network, mode, pairs=pairs, seed=seed) for mode in modes or MODES]
    network.save(*made)
    if as_json:
        print_json({"network": network.info.id, "calibrations": [asdict(each) for each in made]})
        return
    _print_calibrations(made)


def _opened(place: str) -> RoadNetwork:
    where = Settings(roads=place, data=str(data_folder())).roads_place[0]
    if where is None:
        raise UsageError("no road network: --roads (or STATIONS_ROADS) says none")
    return RoadNetwork.open(where)


@contextmanager
def _stages() -> Iterator[Callable[[str, int, int], None]]:
    """Show the stage and a bar on standard error, only where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=None)

        def advance(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total)

        yield advance


def _as_dict(network: RoadNetwork) -> dict[str, Any]:
    info = network.info
    west, south, east, north = info.area.bounds
    return {
        "where": info.where,
        "id": info.id,
        "source": info.source,
        "built_at": info.built_at.isoformat() if info.built_at else None,
        "osm_at": info.osm_at.isoformat() if info.osm_at else None,
        "bytes": info.bytes,
        "nodes": info.nodes,
        "edges": info.edges,
        "engine": info.engine,
        "bbox": [west, south, east, north],
        "calibrations": [asdict(each) for each in network.calibrations.values()],
    }


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    click.echo(f"road network: {found['where']}")
    click.echo(f"from: {found['source']}, map of {_when(found['osm_at'])}")
    click.echo(f"built: {_when(found['built_at'])} with Valhalla {found['engine']}")
    if found["bytes"]:
        size = f"{found['bytes'] / _MB:,.1f} MB"
        click.echo(f"size: {size}, {found['nodes']:,} nodes, {found['edges']:,} edges")
    click.echo("area: {:.4f},{:.4f} to {:.4f},{:.4f}".format(*found["bbox"]))
    click.echo(f"id: {found['id'][:16]}")
    if found["calibrations"]:
        click.echo("calibrated: " + ", ".join(each["mode"] for each in found["calibrations"]))
    else:
        click.echo("not calibrated; stations roads calibrate")


def _when(text: str | None) -> str:
    if text is None:
        return "unknown date"
    then = datetime.fromisoformat(text)
    days = (datetime.now(UTC) - then).days
    return f"{then:%Y-%m-%d} ({days:,} days ago)"


def _print_calibrations(made: list[Calibration]) -> None:
    rows = [
        (
            each.mode,
            f"{each.detour:.2f}",
            f"{each.detours.p10:.2f} to {each.detours.p90:.2f}",
            f"{each.speed_kmh:.1f}",
            f"{each.minutes_per_m.p10 * 1000:.1f} to {each.minutes_per_m.p90 * 1000:.1f}",
            each.pairs,
            percent(each.unreachable),
        )
        for each in made
    ]
    headings = ["mode", "detour", "10–90 %", "km/h", "min/km straight", "pairs", "no way"]
    print_table("Straight metres × detour ÷ speed", headings, rows)
