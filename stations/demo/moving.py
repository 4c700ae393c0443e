"""Where the mobile stations stand when: at the pin for one part of the week, then elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stations.demo.chance import drawn
from stations.demo.frames import MARK
from stations.demo.places import Points, scattered
from stations.places import Place, apart, stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.geodesy import IntArray
    from stations.demo.chance import ObjectArray
    from stations.demo.facts import Moving


def build(
    rng: np.random.Generator, table: Moving, pins: Points, codes: IntArray, kind: ObjectArray
) -> list[object]:
    """Draw the cells of ``places``; ``codes`` are the counties, which no station leaves."""
    mobile = np.flatnonzero(kind == "mobile")
    count = round(table.share * len(mobile))
    rows = np.sort(mobile[drawn(rng, np.ones(len(mobile)), count)])
    rounds = [table.rounds[n] for n in rng.integers(len(table.rounds), size=count).tolist()]
    legs = np.repeat(rows, [len(hours) - 1 for hours in rounds])
    spread = np.full(len(legs), table.spread_m)
    others = scattered(rng, pins.at(legs), spread, codes[legs], spacing_m=table.spacing_m)
    away = iter(zip(others.lon.tolist(), others.lat.tolist(), strict=True))
    cells: list[object] = [""] * len(kind)
    for row, hours in zip(rows.tolist(), rounds, strict=True):
        where = [(float(pins.lon[row]), float(pins.lat[row])), *(next(away) for _ in hours[1:])]
        days = _days(rng, table)
        cells[row] = stored(apart(_round(rng, table, where, hours, days)))
    return cells


def _days(rng: np.random.Generator, table: Moving) -> tuple[str, str]:
    """Draw the first and last day of a round; most have none."""
    if rng.random() >= table.dated:
        return "", ""
    return table.first.isoformat(), table.last.isoformat()


def _round(
    rng: np.random.Generator,
    table: Moving,
    where: Sequence[tuple[float, float]],
    hours: Sequence[str],
    days: tuple[str, str],
) -> list[Place]:
    names = rng.permutation(np.array(table.names, dtype=object))[: len(hours)].tolist()
    return [
        Place(lon, lat, *days, hours=each, name=name + MARK)
        for (lon, lat), each, name in zip(where, hours, names, strict=True)
    ]
