"""Where records lie, and the first ways in which that cannot be: the sea at 0° 0°, swapped axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geodata import boundaries
from geodata.geodesy import distance_m
from stations.audit.ruling import breaches

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray, IntArray
    from stations.audit.ruling import Context, Rule

_NULL_DEGREES = 0.02
_FAR_M, _HOME_M = 1_000_000.0, 300_000.0
_NUMBER = r"\s*[+-]?\d+(?:\.(\d*))?\s*"
_PAIR = rf"^{_NUMBER}[,，;\s]{_NUMBER}$"
_DEGREE_M = 111_320.0


class Lost(NamedTuple):
    """Rows whose position says nothing of the place meant."""

    null: BoolArray
    swapped: BoolArray

    @property
    def any(self) -> BoolArray:
        """Either."""
        return self.null | self.swapped


def county(context: Context) -> IntArray:
    """Return the county code of each position, 0 outside every county."""
    return boundaries.county_of(context.registry.lon, context.registry.lat)


def lost(context: Context) -> Lost:
    """Tell the rows at null island and those with swapped axes.

    Swapped: read the other way round the pair lies in a Chinese county and as it is in none; or,
    for a register abroad, it is over 1,000 km from the register's middle and the other way round
    within 300 km of it.
    """
    lon, lat = context.registry.lon, context.registry.lat
    null = (np.abs(lon) <= _NULL_DEGREES) & (np.abs(lat) <= _NULL_DEGREES)
    swapped = np.zeros(len(lon), dtype=np.bool_)
    outside = np.flatnonzero((context.derived(county) == 0) & ~null & (np.abs(lon) <= 90))  # noqa: PLR2004 - a latitude
    if outside.size:
        east, north = lat[outside], lon[outside]
        turned = boundaries.county_of(east, north) > 0
        middle = float(np.median(lon)), float(np.median(lat))
        away = distance_m(lon[outside], lat[outside], *_spread(middle, outside.size))
        home = distance_m(east, north, *_spread(middle, outside.size))
        swapped[outside] = turned | ((away > _FAR_M) & (home < _HOME_M))
    return Lost(null, swapped)


def _spread(middle: tuple[float, float], count: int) -> tuple[np.ndarray, np.ndarray]:
    return np.full(count, middle[0]), np.full(count, middle[1])


def null_island(context: Context, rule: Rule) -> pd.DataFrame:
    """Find positions within about 2 km of 0° 0°."""
    rows = np.flatnonzero(context.derived(lost).null)
    return breaches(rule, context.ids(rows), _where(context, rows))


def swapped_axes(context: Context, rule: Rule) -> pd.DataFrame:
    """Find pairs written latitude first; proposes the pair turned round."""
    rows = np.flatnonzero(context.derived(lost).swapped)
    lon, lat = context.registry.lon[rows], context.registry.lat[rows]
    turned = boundaries.county_of(lat, lon)
    declared = context.registry.stations["area_code"].iloc[rows].tolist()
    return breaches(
        rule,
        context.ids(rows),
        {**_where(context, rows), "declared": declared, "turned_in": turned.astype(str)},
        proposals=[{"lon": y, "lat": x} for x, y in zip(lon.tolist(), lat.tolist(), strict=True)],
    )


def truncated(context: Context, rule: Rule) -> pd.DataFrame:
    """Find pairs of which neither number has more than ``decimals`` decimals.

    Looks at the pair as it came; one that came on a grid, or in no readable pair, is passed over.
    """
    frame = context.registry.stations
    degrees = frame["datum_in"].isin(["wgs84", "cgcs2000", "gcj02", "bd09"])
    known = np.flatnonzero(degrees & (frame["position_in"] != "") & ~context.derived(lost).any)
    found = frame["position_in"].iloc[known].str.extract(_PAIR)
    pairs = frame["position_in"].iloc[known].str.fullmatch(_PAIR[1:-1]).to_numpy(dtype=bool)
    digits = np.column_stack([found[part].fillna("").str.len() for part in found])
    most = digits.max(axis=1, initial=0)
    chosen = pairs & (most <= rule.settings["decimals"])
    rows = known[chosen]
    facts = {"position_in": frame["position_in"].iloc[rows], "decimals": most[chosen]}
    off = np.round(_DEGREE_M * 10.0 ** -most[chosen] / 2)
    return breaches(rule, context.ids(rows), facts, beside={"off_m_up_to": off})


def piled_up(context: Context, rule: Rule) -> pd.DataFrame:
    """Find positions that at least ``least`` records share to the last digit."""
    lon, lat = context.registry.lon, context.registry.lat
    pairs = pd.MultiIndex.from_arrays([lon, lat])
    code = pd.factorize(pairs)[0]
    shared = np.bincount(code)[code] if len(code) else code
    rows = np.flatnonzero((shared >= rule.settings["least"]) & ~context.derived(lost).any)
    beside = {"records": shared[rows]}
    return breaches(rule, context.ids(rows), _where(context, rows), beside=beside)


def _where(context: Context, rows: IntArray) -> dict[str, np.ndarray]:
    return {"lon": context.registry.lon[rows], "lat": context.registry.lat[rows]}
