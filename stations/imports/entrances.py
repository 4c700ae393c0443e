"""The door beside the pin: two columns, in the datum of the file's positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geodata import datum
from geodata.files import coordinates
from geodata.geodesy import distance_m
from stations.imports.positions import GEOGRAPHIC

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stations.imports.positions import Positions, Problem

FIELDS = ("entrance_lon", "entrance_lat")
FARTHEST_M = 1_000
"""A door farther from its pin is in another datum, swapped, or another place's."""


@dataclass(frozen=True)
class Entrances:
    """The door of each row in WGS 84 degrees, <NA> where none is given or it has a problem."""

    lon: pd.Series[Any]
    lat: pd.Series[Any]
    problems: list[Problem]


def entrances(frame: pd.DataFrame, columns: Mapping[str, str], where: Positions) -> Entrances:
    """Read and convert the doors; one farther than `FARTHEST_M` from its pin is a problem."""
    texts = [_texts(frame, columns.get(field)) for field in FIELDS]
    given = np.flatnonzero([bool(x.strip() or y.strip()) for x, y in zip(*texts, strict=True)])
    x, y, problems = _numbers([[text[row] for row in given] for text in texts], where.datum_in)
    lon, lat = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    fine = np.isfinite(x) & np.isfinite(y)
    rows = given[fine]
    lon[rows], lat[rows] = datum.to_wgs84(x[fine], y[fine], where.datum_in)
    found = {int(given[position]): problem for position, problem in problems.items()}
    found |= dict.fromkeys(_far(rows, lon, lat, where.geometry), _TOO_FAR)
    bad = list(found)
    lon[bad], lat[bad] = np.nan, np.nan
    shown = columns.get(FIELDS[0], FIELDS[0])
    return Entrances(
        pd.Series(lon, dtype="Float64"),
        pd.Series(lat, dtype="Float64"),
        [(row, shown, f"{texts[0][row]},{texts[1][row]}", found[row]) for row in sorted(found)],
    )


_TOO_FAR = f"no entrance within {FARTHEST_M:,} m of the position; same datum, and not swapped?"


def _texts(frame: pd.DataFrame, column: str | None) -> list[str]:
    return [""] * len(frame) if column is None else list(frame[column])


def _numbers(
    texts: list[list[str]], reference: str
) -> tuple[np.ndarray, np.ndarray, dict[int, str]]:
    """Return x and y, NaN where they are no position, and the problem of each such pair."""
    (x, bad_x), (y, bad_y) = (coordinates.parse_numbers(column) for column in texts)
    problems = dict([*bad_y, *bad_x])
    if reference in GEOGRAPHIC:
        problems = dict(coordinates.check_range(x, y)) | problems
    x[list(problems)] = np.nan
    return x, y, problems


def _far(rows: np.ndarray, lon: np.ndarray, lat: np.ndarray, pins: np.ndarray) -> list[int]:
    """Return those of ``rows`` whose door is on no map, or far from a pin that is."""
    pin_lon, pin_lat = _lonlat(pins[rows])
    away = np.full(len(rows), np.inf)
    on_earth = (np.abs(lon[rows]) <= 180) & (np.abs(lat[rows]) <= 90)  # noqa: PLR2004
    pinned = np.isfinite(pin_lon) & np.isfinite(pin_lat)
    both = on_earth & pinned
    away[both] = distance_m(lon[rows][both], lat[rows][both], pin_lon[both], pin_lat[both])
    return [int(row) for row in rows[~(away <= FARTHEST_M) & (pinned | ~on_earth)]]


def _lonlat(pins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return NaN for what is no point."""
    return shapely.get_x(pins), shapely.get_y(pins)
