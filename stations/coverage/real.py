"""The answer of `truth`: from paper to real, hour by hour, and why coverage is lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from stations import cube as cubes
from stations.coverage import figures, remedies, told
from stations.coverage.method import method_of
from stations.cube import bits
from stations.cube.supply import EVERY

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.geodesy import BoolArray
    from stations.coverage.answer import Coverage, Need
    from stations.coverage.terms import Terms
    from stations.cube import Cube, Fairness, Trend
    from stations.reach import Reach
    from stations.registry import Registry
    from stations.schema import LayerInfo
    from stations.travel import Mode


class Backup(NamedTuple):
    """What hangs on a single station, or a single host: frames of `cube.backup`, `cube.leaning`."""

    sites: pd.DataFrame
    stations: pd.DataFrame
    hosts: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Truth:
    """The answer to one `Need` on some `Terms`; nobody modifies what it hands out.

    Worker-hours are site-hours where the layer knows no workers at all (`weighed` False).
    """

    need: Need
    terms: Terms
    paper: Coverage
    """Coverage by the register alone, whatever is needed: nearest stations, roads, sampling."""
    cube: Cube
    """Every hour there is, asked about or not."""
    registry: Registry
    mode: Mode | None
    """How minutes are spent; None for a limit in metres."""
    others: tuple[Truth, ...] = ()
    """The same asked of other layers, to compare types of worker."""
    earlier: Truth | None = None
    """The same asked of the register as it was, to tell what changed."""
    reach: Reach | None = None
    """What gaps are told the ways beyond the limit from."""

    @property
    def layer(self) -> LayerInfo:
        """The layer; one that is restricted leaves to nobody without the role for it."""
        return self.paper.layer

    @property
    def revision(self) -> int:
        """The register's revision."""
        return self.paper.revision

    @property
    def synthetic(self) -> bool:
        """Whether any site or station that went into it is made up."""
        return self.paper.synthetic

    @property
    def weighed(self) -> bool:
        """Whether workers are counted; sites where the layer knows none at all."""
        return self.cube.weighed

    @cached_property
    def chosen(self) -> BoolArray:
        """(hours,): which hours are asked about."""
        hours = self.terms.hours.chosen
        return np.ones(self.cube.hours, dtype=np.bool_) if hours is None else np.array(hours)

    @cached_property
    def asked(self) -> Cube:
        """The cube in which nobody is there at hours not asked about."""
        return replace(self.cube, there=self.cube.there & self.chosen)

    def total(self) -> dict[str, Any]:
        """Return the sums over all sites.

        ``sites``; ``covered``: of these, with some part covered at every hour asked about, and
        ``covered_sometimes`` at any; ``workers``, ``workers_covered``: on average over their hours,
        whole people; ``workers_unknown``: sites whose workers nobody knows; ``not_there``: sites
        left out of all these, by their dates; ``worker_hours``
        present; ``steps``: of these, covered on ``paper``, with
        ``hours``, ``amenities``, ``trust``; ``lost`` by cause, adding up with ``steps["trust"]`` to
        ``worker_hours``; ``share``: real of present, None without anybody; ``unreachable`` and
        ``estimated`` as in `Coverage.total`.
        """
        return figures.record(self._by_site.sum())

    def rows(self, by: str) -> list[dict[str, Any]]:
        """Return `total`'s figures by ``county``, ``prefecture``, ``province``, ``site``, ``hour``.

        In code, id or hour order; sites in no county have a row with the code "". Areas and sites
        add up to `total`; of hours only worker-hours, steps and losses do. Another ``by`` is a
        `UsageError`.
        """
        if by == "hour":
            return figures.hour_rows(self.asked, self.chosen)
        if by == "site":
            return figures.site_rows(self.paper.sites, self._by_site)
        return figures.area_rows(self.cube.sites["area_code"], self._by_site, by)

    def waterfall(self, by: str = "all") -> pd.DataFrame:
        """Return worker-hours from paper to real: `figures.WATERFALL`'s columns, indexed as `rows`.

        ``present``, the four steps, then the losses by cause; ``by`` also ``all``, one row.
        """
        frame = figures.waterfall(cubes.table(self.asked, by))
        return self._by_clock(frame) if by == "hour" else frame

    def hours(self) -> pd.DataFrame:
        """Return `waterfall` for every hour there is, asked about or not; 0 is Monday 00:00.

        For an instant one row, with its hour of the week.
        """
        return self._by_clock(figures.waterfall(cubes.table(self.cube, "hour")))

    def _by_clock(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give hours their number in the week."""
        return frame.set_axis(frame.index + self.cube.question.first_hour).rename_axis("hour")

    def gaps(self, limit: int | None = None) -> gpd.GeoDataFrame:
        """Return the sites where somebody is left out, most worker-hours first; `remedies.gaps`."""
        return remedies.gaps(self, limit)

    def fairness(self, by: str = "county") -> Fairness:
        """Return how evenly real coverage is spread over areas (or sites): Gini, worst tenth."""
        return cubes.over_areas(self.asked, by)

    def types(self) -> Fairness | None:
        """Return how evenly real coverage is spread over types of worker.

        Types are those that sites' records name, and layers: this one and `others`. None where all
        are of one. `UsageError` where some layers know workers and others none.
        """
        every = (self, *self.others)
        titles = Counter(each.layer.zh for each in every)
        names = [each.layer.zh if titles[each.layer.zh] == 1 else each.layer.name for each in every]
        found = cubes.over_types(dict(zip(names, (each.asked for each in every), strict=True)))
        return found if len(found.groups) > 1 else None

    def access(self) -> pd.Series[float] | None:
        """Return places in reach for each worker of each site (E2SFCA); None without workers.

        By the register: open or not. A station whose capacity nobody knows counts with none, as
        `method` says; one that is here some of the hours asked about with as large a part.
        """
        if not self.weighed:
            return None
        supply, limit = self.cube.supply, self.need.limit.value
        capacity = self.registry.stations["capacity"].fillna(0).reindex(supply.ids)
        here = bits.unpacked(supply.there, supply.hours)[:, self.chosen].mean(axis=1)
        workers = self.cube.sites["workers"].fillna(0).to_numpy(dtype=float)
        places = capacity.to_numpy(dtype=float) * here
        found = cubes.e2sfca(self.cube.ground, workers, places, limit)
        return pd.Series(found.sites, self.cube.sites.index, name="places_per_worker")

    def backup(self) -> Backup:
        """Return which coverage hangs on a single station or a single host."""
        return self._backup

    @cached_property
    def _backup(self) -> Backup:
        lean = (cubes.leaning(self.asked, of) for of in ("station", "host"))
        return Backup(cubes.backup(self.asked), *lean)

    def orderless(self, by: str = "all") -> pd.DataFrame:
        """Return the losses of hours, amenity and trust whatever their order; `cube.orderless`."""
        return cubes.orderless(self.asked, by)

    def since(self, before: Truth) -> Trend:
        """Return what changed real coverage since another answer of the same need and hours."""
        return cubes.compare(before.asked, self.asked)

    def trend(self) -> Trend | None:
        """Return what changed since `earlier`; None where that was not asked."""
        return self._trend

    @cached_property
    def _trend(self) -> Trend | None:
        return None if self.earlier is None else self.since(self.earlier)

    @cached_property
    def sites(self) -> gpd.GeoDataFrame:
        """One row a site, with geometry, for files: its figures and what would help most there."""
        return remedies.site_frame(self, self._by_site)

    def as_dict(self, by: str) -> dict[str, Any]:
        """Return the answer for JSON: sums, rows, hours, evenness, backup, change, method."""
        if by not in self._told:
            self._told[by] = self._tell(by)
        return self._told[by]

    @cached_property
    def _told(self) -> dict[str, dict[str, Any]]:
        return {}

    def _tell(self, by: str) -> dict[str, Any]:
        return {
            "layer": self.layer.name,
            "total": self.total(),
            "rows": self.rows(by),
            "hours": figures.hour_shares(self.hours()),
            "fairness": told.fairness(self),
            "backup": told.backup(self),
            "since": told.since(self),
            "orderless": told.orderless(self.orderless()),
            "method": self.method(),
            "revision": self.revision,
            "synthetic": self.synthetic,
        }

    def method(self) -> dict[str, Any]:
        """Return how the figures were made, what they leave out, and the state of the data."""
        return method_of(self)

    @cached_property
    def _by_site(self) -> pd.DataFrame:
        return figures.by_site(self.asked, self.asked.share[EVERY], self.paper.sites)
