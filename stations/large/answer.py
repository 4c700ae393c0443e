"""The answer about a large layer: its sums by area, for people and programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata import boundaries
from geodata.errors import UsageError
from stations.coverage import DIGITS
from stations.coverage.answer import OUTSIDE

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray, IntArray
    from stations.coverage import HourSet
    from stations.large.question import Asked
    from stations.large.sums import Sums

COUNTY_DIGITS = DIGITS["county"]


@dataclass(frozen=True, eq=False)
class Answer:
    """The sums of a layer, and what was asked."""

    layer: str
    """The name of the file or folder."""
    asked: Asked
    sums: Sums
    revision: int
    synthetic: bool
    """Whether any station is made up."""
    hours: HourSet | None = None
    """Which hours of those counted are asked about; None: all, or a question on paper."""

    @property
    def weighed(self) -> bool:
        """Whether shares are of workers; of points where no one's workers are known."""
        return self.sums.unknown < int(self.sums.points.sites.sum())

    def total(self, plane: int = 0) -> dict[str, Any]:
        """Return the sums over all points; keys as in `rows`, and ``workers_unknown``."""
        everything = np.zeros(len(self.sums.points.codes), dtype=np.int64)
        row = self._figures(everything, 1, plane)[0]
        return {**row, "workers_unknown": self.sums.unknown}

    def rows(self, by: str, plane: int = 0) -> list[dict[str, Any]]:
        """Return the sums by ``county``, ``prefecture`` or ``province``, in code order.

        ``sites`` (points), ``covered``, ``workers``, ``workers_covered`` and ``share``. Of several
        hours ``covered`` and ``workers_covered`` are the mean over the hours, in whole numbers,
        ``share`` is of all hours, ``site_hours_covered`` and ``worker_hours_covered`` are the sums
        over the hours, and ``by_hour`` has both figures hour by hour. What lies outside every
        county has the code "". The rows add up to `total`, but for the rounding of means.
        """
        if by not in DIGITS:
            raise UsageError(
                f"points too many to list are grouped by one of {', '.join(DIGITS)}, not {by[:40]}"
            )
        codes, group = np.unique(
            self.sums.points.codes // 10 ** (COUNTY_DIGITS - DIGITS[by]), return_inverse=True
        )
        figures = self._figures(group, len(codes), plane)
        names = [("", OUTSIDE) if not c else (str(c), boundaries.name_of(str(c))) for c in codes]
        return [
            {"code": code, "name": name, **row}
            for (code, name), row in zip(names, figures, strict=True)
        ]

    def as_dict(self, by: str, plane: int = 0) -> dict[str, Any]:
        """Return the answer for JSON, as `stations.coverage.Coverage.as_dict`."""
        method = self.asked.described() | {"share_of": "workers" if self.weighed else "sites"}
        if self.hours is not None:
            method["hours"] = self.hours.text
        return {
            "layer": self.layer,
            "total": self.total(plane),
            "rows": self.rows(by, plane),
            "method": method,
            "revision": self.revision,
            "synthetic": self.synthetic,
        }

    def _figures(self, group: IntArray, groups: int, plane: int) -> list[dict[str, Any]]:
        points = self.sums.points
        sites, workers = (_summed(each, group, groups) for each in (points.sites, points.workers))
        hourly = (points.covered[:, plane], points.workers_covered[:, plane])
        covered, served = (_summed(each[:, self._chosen], group, groups) for each in hourly)
        return [
            self._row(int(sites[at]), int(workers[at]), covered[at], served[at])
            for at in range(groups)
        ]

    @property
    def _chosen(self) -> slice | BoolArray:
        """Which hours are asked about."""
        chosen = None if self.hours is None else self.hours.chosen
        return slice(None) if chosen is None else np.array(chosen, dtype=np.bool_)

    def _row(
        self, sites: int, workers: int, covered: IntArray, workers_covered: IntArray
    ) -> dict[str, Any]:
        hours = len(covered)
        sums = (int(covered.sum()), int(workers_covered.sum()))
        part, whole = (sums[1], workers) if self.weighed else (sums[0], sites)
        row: dict[str, Any] = {
            "sites": sites,
            "covered": round(sums[0] / hours),
            "workers": workers,
            "workers_covered": round(sums[1] / hours),
            "share": part / (whole * hours) if whole else None,
        }
        if hours > 1:
            row |= {"site_hours_covered": sums[0], "worker_hours_covered": sums[1]}
            row["by_hour"] = {
                "covered": covered.tolist(),
                "workers_covered": workers_covered.tolist(),
            }
        return row


def _summed(values: IntArray, group: IntArray, groups: int) -> IntArray:
    """Add up (n, …) by group."""
    out = np.zeros((groups, *values.shape[1:]), dtype=np.int64)
    np.add.at(out, group, values)
    return out
