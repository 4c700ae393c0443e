"""Who has a station within reach, and who has none: demand layers, county by county.

This is coverage *on paper*: the register alone, straight distances, no hours. A point is covered
when a station in use that offers what is needed is at most the limit away (inclusive). An area is
covered when any part of it is; its workers are taken to be spread evenly, so those covered are its
share of area in reach, rounded to whole people. All sums are of whole numbers and add up exactly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geodata import boundaries
from geodata.errors import UsageError
from stations import reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

    from geodata.geodesy import FloatArray, IntArray, PointIndex
    from stations.registry import Registry
    from stations.schema import LayerInfo

DIGITS: Mapping[str, int] = {"county": 6, "prefecture": 4, "province": 2}
"""How many digits of a site's area code make the group."""
GROUPINGS = ("county", "prefecture", "province", "site")
OUTSIDE = "县域以外 outside every county"
FARTHEST_M = 20_100_000.0
_SUMS = ("sites", "covered", "workers", "workers_covered")


def parse_within(text: str) -> float:
    """Read a limit such as ``1000m`` or ``1.5km`` into metres; anything else is a `UsageError`."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)\s*(km|m|min)", text.strip().casefold())
    if not match:
        raise UsageError(
            f"a limit is a number with its unit, such as 1000m or 1.5km, not {text[:40]!r}"
        )
    number, unit = float(match[1]), match[2]
    if unit == "min":
        raise UsageError(
            "minutes need a road network, which this version does not have; give metres: 1000m"
        )
    metres = number * (1_000 if unit == "km" else 1)
    if metres > FARTHEST_M:
        raise UsageError(f"no two places on Earth are {text[:40]} apart; at most 20,100 km")
    return metres


@dataclass(frozen=True)
class Need:
    """A question to coverage."""

    layer: str
    within_m: float
    """Inclusive; straight geodesic metres."""
    needs: tuple[str, ...] = ()
    """Amenity codes a station must have, all of them."""


@dataclass(frozen=True)
class Coverage:
    """The answer to one `Need` on one revision."""

    need: Need
    layer: LayerInfo
    revision: int
    sites: gpd.GeoDataFrame
    """One row per site, indexed by id: ``name``, ``workers``, ``area_code``, ``covered``,
    ``nearest_id``, ``nearest_name``, ``nearest_m`` (NaN: no station at all), ``share`` (of the
    area, 0 or 1 for a point), ``workers_covered``, ``synthetic`` and the geometry."""
    synthetic: bool
    """Whether any site or station that went into it is made up."""

    @cached_property
    def weighed(self) -> bool:
        """Whether shares are of workers; of sites where the layer knows no workers at all."""
        return bool(self.sites["workers"].notna().any())

    def total(self) -> dict[str, Any]:
        """Return the sums over all sites, and the share covered (None when there is nothing)."""
        sums = {str(name): int(value) for name, value in self._counts().sum().items()}
        return {
            **self._with_share(sums),
            "workers_unknown": int(self.sites["workers"].isna().sum()),
        }

    def rows(self, by: str) -> list[dict[str, Any]]:
        """Return the sums by ``county``, ``prefecture``, ``province`` or ``site``, in code order.

        Sites in no county stand in a row of their own, with the code "". The rows add up to
        `total`. Another ``by`` raises `UsageError`.
        """
        if by == "site":
            return self._site_rows()
        if by not in DIGITS:
            raise UsageError(f"group by one of {', '.join(GROUPINGS)}, not {by[:40]!r}")
        codes = self.sites["area_code"].str.slice(0, DIGITS[by])
        sums = self._counts().groupby(codes.to_numpy()).sum()
        return [
            {"code": code, "name": _area_name(code), **self._with_share(row)}
            for code, row in zip(sums.index, _records(sums), strict=True)
        ]

    def gaps(self) -> gpd.GeoDataFrame:
        """Return the sites not wholly in reach: most workers left out first, then farthest, by id.

        Besides the columns of `sites` there is ``workers_left``.
        """
        left = self.sites[self.sites["share"] < 1].copy()
        left["workers_left"] = left["workers"].fillna(0).astype(int) - left["workers_covered"]
        order = np.lexsort(
            (left.index.to_numpy(), -left["nearest_m"].fillna(np.inf), -left["workers_left"])
        )
        return left.iloc[order]

    def as_dict(self, by: str) -> dict[str, Any]:
        """Return the answer for JSON: ``total``, ``rows``, and how they were made."""
        return {
            "layer": self.layer.name,
            "total": self.total(),
            "rows": self.rows(by),
            "method": {
                "within_m": self.need.within_m,
                "needs": list(self.need.needs),
                "distance": "geodesic, straight line",
                "hours": "not considered",
                "share_of": "workers" if self.weighed else "sites",
            },
            "revision": self.revision,
            "synthetic": self.synthetic,
        }

    def _counts(self) -> pd.DataFrame:
        workers = self.sites["workers"].fillna(0).astype(int)
        counts = pd.DataFrame(
            {"sites": 1, "covered": self.sites["covered"].astype(int), "workers": workers}
        )
        counts["workers_covered"] = self.sites["workers_covered"]
        return counts

    def _with_share(self, sums: dict[str, Any]) -> dict[str, Any]:
        part, whole = ("workers_covered", "workers") if self.weighed else ("covered", "sites")
        return {**sums, "share": sums[part] / sums[whole] if sums[whole] else None}

    def _site_rows(self) -> list[dict[str, Any]]:
        shown = self.sites.drop(columns="geometry")
        rows = zip(shown.index, _records(shown), _records(self._counts()), strict=True)
        return [
            {
                "id": id_,
                "name": row["name"],
                "area_code": row["area_code"],
                **counts,
                "share": row["share"],
                "nearest_id": row["nearest_id"],
                "nearest_name": row["nearest_name"],
                "nearest_m": round(row["nearest_m"], 3) if row["nearest_id"] else None,
            }
            for id_, row, counts in rows
        ]


def measure(registry: Registry, need: Need) -> Coverage:
    """Answer ``need`` from ``registry``.

    An unknown layer raises `LayerMissingError`, an unknown amenity `UnknownAmenityError`, and a
    limit that is negative or NaN `UsageError`.
    """
    if not need.within_m >= 0:
        raise UsageError(f"a limit is zero or more metres, not {need.within_m}")
    layer = registry.layer(need.layer)
    related = reach.by_distance(registry, layer.sites, need.within_m, need.needs)
    sites = layer.sites[["name", "workers", "area_code", "synthetic", "geometry"]].copy()
    row, metres = related.nearest
    sites["covered"] = metres <= need.within_m
    some = len(related.station_rows) > 0
    nearest = registry.stations.iloc[related.station_rows[row]] if some else None
    sites["nearest_id"] = "" if nearest is None else nearest.index.to_numpy()
    sites["nearest_name"] = "" if nearest is None else nearest["name"].to_numpy()
    sites["nearest_m"] = np.where(np.isfinite(metres), metres, np.nan)
    sites["share"] = related.share
    workers = sites["workers"].fillna(0).to_numpy(dtype=float)
    sites["workers_covered"] = np.rint(workers * related.share).astype(int)
    synthetic = bool(layer.sites["synthetic"].any()) or bool(
        registry.stations["synthetic"].iloc[related.station_rows].any()
    )
    return Coverage(need, layer.info, registry.revision, sites, synthetic)


def points_by_county(
    chunks: Iterable[tuple[FloatArray, FloatArray, IntArray | None]],
    index: PointIndex,
    within_m: float,
) -> pd.DataFrame:
    """Count points by county, for layers too large to keep: one pass over ``chunks``.

    A chunk is (lon, lat, workers or None) in WGS 84. ``index`` holds the stations. The result is
    indexed by county code (int, 0: outside every county) with the columns ``sites``, ``covered``,
    ``workers`` and ``workers_covered``; without workers those two are 0. Memory does not grow with
    the number of chunks, and the chunking does not change the result.
    """
    sums: dict[str, IntArray] = {name: np.zeros(0, dtype=np.int64) for name in _SUMS}
    for lon, lat, workers in chunks:
        codes = boundaries.county_of(lon, lat)
        covered = index.any_within(lon, lat, within_m)
        part: dict[str, Any] = {"sites": None, "covered": covered}
        if workers is not None:
            part |= {"workers": workers, "workers_covered": workers * covered}
        for name, weights in part.items():
            sums[name] = _added(sums[name], _count(codes, weights))
    length = len(sums["sites"])
    table = pd.DataFrame({name: _added(np.zeros(length, np.int64), sums[name]) for name in _SUMS})
    return table[table["sites"] > 0].rename_axis("code")


def _count(codes: IntArray, weights: Any) -> IntArray:  # noqa: ANN401
    """Sum whole-number weights by code, exactly (float64 holds whole numbers up to 2**53)."""
    return np.bincount(codes, weights=weights).astype(np.int64)


def _added(a: IntArray, b: IntArray) -> IntArray:
    total = np.zeros(max(len(a), len(b)), dtype=np.int64)
    total[: len(a)] += a
    total[: len(b)] += b
    return total


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as dicts of plain Python values."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _area_name(code: str) -> str:
    return boundaries.name_of(code) if code else OUTSIDE
