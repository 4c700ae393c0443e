"""A map platform's list, as the commands that audit take it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stations import imports
from stations.audit.quality import maplist

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd


def platform_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take a map platform's list: ``platform`` and ``platform_datum``."""
    listed = click.option(
        "--platform",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="A map platform's list of stations, to see what is missing there.",
    )
    datum = click.option(
        "--platform-datum",
        metavar="DATUM",
        help="What that list's positions are in: gcj02 "
        "for Amap and Tencent, bd09 for Baidu; what the file says if not given.",
    )
    return listed(datum(command))


def read_platform(path: Path | None, datum: str | None) -> gpd.GeoDataFrame | None:
    """Read the list, if there is one."""
    return None if path is None else maplist.read(imports.read(path, "stations"), datum=datum)
