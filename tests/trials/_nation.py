"""A country for a trial: stations and riders about its towns, years of evidence, a day's rates.

Everything is made up but the totals: 186,100 stations and 2.31 million visits a day (end of 2024,
the national union's figures). What is assumed beyond these is named here and explained in
`scripts/deploy/national.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import text

from geodata.boundaries import areas
from stations.store._chain import extend
from tests.benchmarks._register import large_register

if TYPE_CHECKING:
    from datetime import datetime

    import geopandas as gpd

    from geodata.geodesy import FloatArray, IntArray
    from stations.store import Store

STATIONS = 186_100
VISITS_A_DAY = 2_310_000
QUESTIONS_A_VISIT = 3.0
"""As if every visitor had asked first: the most there can be."""
WORDS_A_VISIT = 0.01
"""Check-ins and reports."""
SEASON = 1.5
"""Of the hottest weeks, to the year's mean."""
BURST = 2.0
"""Of the busiest second, to its hour: a message to all phones, a heat warning."""
HOURS = (
    *(0.5, 0.3, 0.2, 0.2, 0.3, 0.8, 2.0, 3.5, 3.5, 4.0, 5.0, 7.0),
    *(6.0, 6.5, 16.0, 17.0, 17.0, 3.0, 2.5, 2.0, 1.5, 0.6, 0.3, 0.3),
)
"""Shares of a day's visits by hour, in hundredths: half of them come from 14:00 to 17:00."""
TOWN_DEGREES = 0.05
"""How far stations and riders are scattered about a county's middle."""
LAST = 65
"""Xinjiang: the last province of the mainland by code."""
_CHUNK = 100_000


@dataclass(frozen=True)
class Nation:
    """Where people are: counties with their weights, by the rule that the n-th has 1/n."""

    codes: list[str]
    middles: FloatArray
    weights: FloatArray

    @classmethod
    def made(cls, seed: int = 7) -> Nation:
        """Give the mainland's counties weights: prefectures in a drawn order, n-th 1/n."""
        counties = areas("county")
        counties = counties[counties.index.str[:2].astype(int) <= LAST]
        middle = counties.representative_point()
        order = np.random.default_rng(seed).permutation(len(set(counties.index.str[:4])))
        prefecture, names = pd.factorize(counties.index.str[:4])
        weight = 1.0 / (1 + order[prefecture])
        weight /= np.bincount(prefecture, minlength=len(names))[prefecture]
        places = np.column_stack((middle.x, middle.y))
        return cls(counties.index.tolist(), places, weight / weight.sum())

    def places(self, number: int, dice: np.random.Generator) -> tuple[IntArray, FloatArray]:
        """Draw counties and positions in them."""
        county = dice.choice(len(self.codes), number, p=self.weights)
        return county, self.middles[county] + dice.normal(0, TOWN_DEGREES, (number, 2))

    def register(self, number: int, seed: int = 8) -> gpd.GeoDataFrame:
        """Make so many stations."""
        county, places = self.places(number, np.random.default_rng(seed))
        codes = np.array(self.codes)[county]
        frame = large_register(number).assign(area_code=pd.array(codes, dtype="str"))
        return frame.set_geometry(shapely.points(places), crs=frame.crs)


def rate_at(hour: int, scale: float = 1.0) -> float:
    """Return questions a second in an hour of the hottest weeks."""
    return VISITS_A_DAY * QUESTIONS_A_VISIT * SEASON * scale * HOURS[hour] / 100 / 3_600


def words_at(rate: float) -> float:
    """Return check-ins and reports a second beside so many questions a second."""
    return rate / QUESTIONS_A_VISIT * WORDS_A_VISIT


def heard(store: Store, pieces: int, stations: int, until: datetime) -> None:
    """Record so many pieces of evidence in SQLite, as old as they would be at the derived rate.

    SQL makes them: it is quicker than Python.
    """
    told = {"pieces": pieces, "stations": stations, "until": until.timestamp()}
    told["apart"] = 86_400 / (VISITS_A_DAY * WORDS_A_VISIT)
    for first in range(1, pieces + 1, _CHUNK):
        last = min(first + _CHUNK - 1, pieces)
        with store.transaction(writes=True) as connection:
            connection.execute(text(_PIECES), {**told, "first": first, "last": last})
            extend(connection, "evidence")


_PIECES = """
WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last),
said AS (
    SELECT i, i * 2654435761 % 4294967296 AS dice,
    strftime('%Y-%m-%d %H:%M:%S', :until - (:pieces - i) * :apart, 'unixepoch') || '.000000' AS at
    FROM n
)
INSERT INTO evidence (number, station, kind, outcome, at, who, note, "key", received)
SELECT i, printf('B%07d', dice % :stations),
    CASE WHEN dice / 7 % 100 < 85 THEN 'check_in'
        WHEN dice / 7 % 100 < 99 THEN 'report' ELSE 'inspection' END,
    CASE WHEN dice / 7 % 100 BETWEEN 85 AND 98 THEN 'cannot_enter' ELSE 'worked' END,
    at, CASE WHEN dice / 7 % 100 = 99 THEN '王芳' ELSE '' END, '', printf('%032x', i), at
FROM said"""
"""Of a hundred 85 are check-ins, 14 reports, one an inspection."""
