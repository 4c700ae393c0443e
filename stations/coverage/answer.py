"""The answer of coverage: its sums, rows, gaps, and how they were made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geodata import boundaries
from geodata.errors import UsageError
from stations.cube.losses import DIGITS
from stations.cube.measure import PIECES
from stations.travel import STRAIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import geopandas as gpd

    from geodata.roads import NetworkInfo
    from stations.reach import Limit
    from stations.schema import LayerInfo

GROUPINGS = ("county", "prefecture", "province", "site")
OUTSIDE = "县域以外 outside every county"


@dataclass(frozen=True)
class Need:
    """A question to coverage."""

    layer: str
    limit: Limit
    needs: tuple[str, ...] = ()
    """Amenity codes a station must have, all of them."""


@dataclass(frozen=True)
class Coverage:
    """The answer to one `Need` on one revision."""

    need: Need
    layer: LayerInfo
    revision: int
    sites: gpd.GeoDataFrame
    """One row per site, indexed by id: ``name``, ``workers``, ``from``, ``until``,
    ``area_code``, ``covered``, ``nearest_id``, ``nearest_name``, ``nearest_m`` (straight metres
    to it; NaN: no station at all), ``nearest_min`` (NaN: no way there, or only metres were asked),
    ``estimated`` (minutes made from the straight distance), ``unreachable`` (no road leads from
    here to any station), ``share`` (of the area, 0 or 1 for a point), ``workers_covered``,
    ``synthetic`` and the geometry. By minutes the nearest is the nearest by road, or the
    estimate's."""
    synthetic: bool
    """Whether any site or station that went into it is made up."""
    roads: NetworkInfo | None = None
    """The network minutes were taken from, if one was asked."""
    sampling: Mapping[str, str] | None = None
    """How areas were sampled: ``method`` and ``error``; None where none was."""
    days: tuple[date, ...] = ()
    """Stations that move count at the places they have on any of these; none: at all, or none
    moves."""

    @cached_property
    def weighed(self) -> bool:
        """Whether shares are of workers; of sites where the layer knows no workers at all."""
        return bool(self.sites["workers"].notna().any())

    @property
    def by_time(self) -> bool:
        """Whether the limit is in minutes."""
        return self.need.limit.unit == "min"

    @property
    def estimated(self) -> str:
        """Whether ``all``, ``some`` or ``none`` of the sites' figures are estimates."""
        if self.by_time and self.roads is None:
            return "all"
        flags = self.sites["estimated"]
        return "none" if not flags.any() else "all" if flags.all() else "some"

    def total(self) -> dict[str, Any]:
        """Return the sums over all sites, and the share covered (None when there is nothing).

        Of sites where the layer knows no workers at all: the mean of their shares, in 1 / `PIECES`.
        ``estimated`` tells whether any site's figures are; ``unreachable`` counts sites, and
        ``workers_unknown`` those whose workers nobody knows: in the sums they count as 0.
        """
        sums = _record(self._counts().sum())
        return self._with_share(sums)

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

        Farthest in minutes where those were asked; no way at all is the farthest. Besides the
        columns of `sites` there is ``workers_left``.
        """
        left = self.sites[self.sites["share"] < 1].copy()
        left["workers_left"] = left["workers"].fillna(0).astype(int) - left["workers_covered"]
        far = left["nearest_min" if self.by_time else "nearest_m"].fillna(np.inf)
        order = np.lexsort((left.index.to_numpy(), -far, -left["workers_left"]))
        return left.iloc[order]

    def as_dict(self, by: str) -> dict[str, Any]:
        """Return the answer for JSON: ``total``, ``rows``, and how they were made."""
        return {
            "layer": self.layer.name,
            "total": self.total(),
            "rows": self.rows(by),
            "method": self.method(),
            "revision": self.revision,
            "synthetic": self.synthetic,
        }

    def method(self) -> dict[str, Any]:
        """Return how the figures were made."""
        limit = self.need.limit
        return {
            "within": limit.text,
            "unit": limit.unit,
            "mode": limit.mode if self.by_time else STRAIGHT,
            "within_m": None if self.by_time else limit.value,
            "estimated": self.estimated,
            "roads": _network(self.roads),
            "sampling": None if self.sampling is None else dict(self.sampling),
            "places_on": _span(self.days),
            "needs": list(self.need.needs),
            "distance": self._distance(),
            "hours": "not considered",
            "share_of": "workers" if self.weighed else "sites",
        }

    def _distance(self) -> str:
        if not self.by_time:
            return "geodesic, straight line"
        if self.roads is None:
            return "minutes estimated from the straight line"
        return "minutes over roads, walked to and from them"

    def _counts(self) -> pd.DataFrame:
        columns = {"sites": 1, "covered": self.sites["covered"].astype(int)}
        columns["workers"] = self.sites["workers"].fillna(0).astype(int)
        columns["workers_covered"] = self.sites["workers_covered"]
        columns["pieces"] = np.rint(self.sites["share"] * PIECES).astype(int)
        columns["workers_unknown"] = self.sites["workers"].isna().astype(int)
        columns["unreachable"] = self.sites["unreachable"].astype(int)
        columns["estimated"] = self.sites["estimated"].astype(int)
        return pd.DataFrame(columns)

    def _with_share(self, sums: dict[str, Any]) -> dict[str, Any]:
        pieces = sums.pop("pieces")
        part, whole = pieces / PIECES, sums["sites"]
        if self.weighed:
            part, whole = sums["workers_covered"], sums["workers"]
        return {
            **sums,
            "estimated": sums["estimated"] > 0,
            "share": part / whole if whole else None,
        }

    def _site_rows(self) -> list[dict[str, Any]]:
        shown = self.sites.drop(columns="geometry")
        counts = _records(self._counts().drop(columns="pieces"))
        rows = zip(shown.index, _records(shown), counts, strict=True)
        return [
            {
                "id": id_,
                "name": row["name"],
                "area_code": row["area_code"],
                **counts,
                "estimated": row["estimated"],
                "share": row["share"],
                "nearest_id": row["nearest_id"],
                "nearest_name": row["nearest_name"],
                "nearest_m": _rounded(row["nearest_m"]),
                "nearest_min": _rounded(row["nearest_min"]),
            }
            for id_, row, counts in rows
        ]


def _rounded(value: float) -> float | None:
    """Return millimetres or thousandths of a minute; None for NaN."""
    return None if np.isnan(value) else round(value, 3)


def _span(days: tuple[date, ...]) -> str | None:
    """Return days in ISO 8601, several as an interval; None for none."""
    return "/".join(dict.fromkeys((days[0].isoformat(), days[-1].isoformat()))) if days else None


def _network(info: NetworkInfo | None) -> dict[str, Any] | None:
    if info is None:
        return None
    times = {"built_at": info.built_at, "osm_at": info.osm_at}
    return {"source": info.title, **{name: _iso(at) for name, at in times.items()}}


def _iso(at: Any) -> str | None:  # noqa: ANN401
    return None if at is None else at if isinstance(at, str) else at.isoformat()


def _record(sums: pd.Series[Any]) -> dict[str, Any]:
    return {str(name): int(value) for name, value in sums.items()}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as dicts of plain Python values."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _area_name(code: str) -> str:
    return boundaries.name_of(code) if code else OUTSIDE
