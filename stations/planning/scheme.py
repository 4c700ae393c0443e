"""The answer of planning: what to do, in which year, for whom, and how good that provably is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from stations.planning import figures, frontier, obstacles, reasons
from stations.planning.actions import Action
from stations.planning.effects import applied
from stations.planning.kits import kits
from stations.planning.limits import codes_of
from stations.planning.telling import told
from stations.schema import WGS84

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.cube import Cube
    from stations.planning.costs import CostTable
    from stations.planning.frontier import Frontier, Next, Sensitivity
    from stations.planning.obstacles import Blame
    from stations.planning.problem import Problem
    from stations.planning.reasons import Reason
    from stations.planning.solving import Solved
    from stations.planning.wish import Wish
    from stations.registry import Registry
    from stations.siting.plan import Status
    from stations.travel import Travel

ACTION_COLUMNS = (
    "kind", "year", "cost", "name", "host", "area_code", "county", "station", "place", "into",
    "opening_hours", "amenities", "zh", "en",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Scheme:
    """A plan; nobody modifies what it hands out. What is dear is computed when first asked for."""

    problem: Problem
    solved: Solved
    travel: Travel

    @property
    def wish(self) -> Wish:
        """What was asked."""
        return self.problem.wish

    @property
    def registry(self) -> Registry:
        """The register it was made on."""
        return self.problem.offer.registry

    @property
    def candidates(self) -> gpd.GeoDataFrame:
        """The candidates it chose from."""
        return self.problem.offer.candidates

    @property
    def costs(self) -> CostTable:
        """The prices."""
        return self.problem.offer.costs

    @property
    def revision(self) -> int:
        """The register's revision."""
        return self.registry.revision

    @property
    def restricted(self) -> bool:
        """Whether the layer is, or any candidate comes from one that is.

        Then positions and names leave to nobody without the role.
        """
        drawn = "restricted" in self.candidates and bool(self.candidates["restricted"].any())
        return drawn or self.registry.layer(self.wish.layer).info.restricted

    @property
    def synthetic(self) -> bool:
        """Whether any site or station that went into it is made up."""
        frames = (self.problem.demand.sites, self.registry.stations)
        return any(bool(frame["synthetic"].any()) for frame in frames)

    @property
    def objective(self) -> float:
        """Worker-hours a week gained, added up over the years; yuan where all are covered."""
        return self.solved.objective

    @property
    def bound(self) -> float:
        """No plan within the wish is better."""
        return self.solved.bound

    @property
    def gap(self) -> float:
        """Distance of objective and bound, as a share of the objective."""
        return self.solved.gap

    @property
    def status(self) -> Status:
        """``optimal``, ``gap reached``, ``time limit``, ``stopped`` or ``infeasible``."""
        return self.solved.status

    @property
    def cost(self) -> int:
        """Yuan, all years together."""
        return sum(each.cost for each in self.actions)

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        """What is done, by year, then as packages are listed: stations, then candidates."""
        codes = codes_of(self.problem.offer, self.problem.shelf)
        chosen = sorted(self.solved.chosen, key=lambda each: (each[1], each[0]))
        return tuple(_action(self.problem, *each, codes[each[0]]) for each in chosen)

    @cached_property
    def blame(self) -> Blame | None:
        """What stands in the way; None unless infeasible."""
        return obstacles.explain(self.problem, self.solved)

    @property
    def cube_before(self) -> Cube:
        """Who is served today, areas by their samples."""
        return self.problem.demand.today

    @cached_property
    def cube_after(self) -> Cube:
        """Who is served when all is done."""
        return self.cube_at(self.wish.years)

    def cube_at(self, year: int) -> Cube:
        """Return who is served at the end of a year, 1 being the first; 0 is today."""
        demand = self.problem.demand
        done = [number for number, when in self.solved.chosen if when < year]
        if not done:
            return demand.today
        return demand.over(applied(demand.supply, self.problem.shelf, done))

    @cached_property
    def before(self) -> dict[str, Any]:
        """Coverage today: `figures.total`."""
        return figures.total(self.cube_before)

    @cached_property
    def after(self) -> dict[str, Any]:
        """Coverage when all is done: `figures.total`."""
        return figures.total(self.cube_after)

    @cached_property
    def sites(self) -> gpd.GeoDataFrame:
        """One row a site, before and after: `figures.site_frame`."""
        return figures.site_frame(self.cube_before, self.cube_after)

    def rows(self, by: str) -> list[dict[str, Any]]:
        """Return before and after by county, prefecture or province: ``{code, name, …}``."""
        pairs = zip(
            figures.by_area(self.cube_before, by), figures.by_area(self.cube_after, by), strict=True
        )
        return [
            {"code": old["code"], "name": old["name"], "before": old, "after": new}
            for old, new in pairs
        ]

    def reasons(self) -> tuple[Reason, ...]:
        """Return why each action is in the plan, in their order."""
        return self._reasons

    @cached_property
    def _reasons(self) -> tuple[Reason, ...]:
        return reasons.reasons_of(self.problem, self.solved, self.actions)

    def frontier(self, budgets: Sequence[int] | None = None) -> Frontier:
        """Return what each of some budgets (yuan in all) would gain, and where the knee is."""
        return frontier.frontier_of(self.problem, self.solved, budgets)

    def next_yuan(self, yuan: int = 100_000) -> Next:
        """Return what so much more money would buy on top of the plan."""
        return frontier.next_of(self.problem, self.solved, yuan)

    def sensitivity(self, share: float = 0.2) -> Sensitivity:
        """Return which actions stay when prices rise or fall by a share, kind by kind."""
        return frontier.sensitivity_of(self.problem, self.solved, share)

    def frame(self) -> gpd.GeoDataFrame:
        """Return the actions as points, indexed by id, for files; one row each."""
        rows = [each.as_dict() for each in self.actions]
        data = {name: [row[name] for row in rows] for name in ACTION_COLUMNS}
        data["amenities"] = [";".join(each) for each in data["amenities"]]
        where = shapely.points([[each.lon, each.lat] for each in self.actions] or np.empty((0, 2)))
        ids = [each.id for each in self.actions]
        return gpd.GeoDataFrame(data, geometry=where, crs=WGS84, index=ids).rename_axis("id")

    def as_dict(
        self, *, restricted_allowed: bool = True, with_reasons: bool = True
    ) -> dict[str, Any]:
        """Return the plan for JSON.

        Unless ``restricted_allowed`` nothing tells where a restricted site is or what it is called:
        of a plan for such a layer actions have their kind, cost, year and county only.
        """
        return told(self, open_=restricted_allowed, with_reasons=with_reasons)


def _action(problem: Problem, number: int, year: int, code: str) -> Action:
    """Return one package of the plan as an action."""
    offer, package = problem.offer, problem.shelf.packages[number]
    kind, new = package.kinds[0], package.at >= offer.size
    where = package.at if package.ends < 0 or kind == "move" else package.station
    frame, row = (offer.candidates, where - offer.size) if new else (offer.registry.stations, where)
    record, point = frame.iloc[row], frame.geometry.iloc[row]
    kit = kits().get(kind)
    return Action(
        id=problem.shelf.ids[number],
        kind=kind,
        kinds=package.kinds,
        place=offer.name(package.at) if new else "",
        station=offer.name(package.station) if package.station >= 0 else "",
        into=offer.name(package.at) if package.ends >= 0 else "",
        name=str(record["name"]),
        host=str(record["host"]),
        lon=float(point.x),
        lat=float(point.y),
        area_code=code,
        year=year + 1,
        cost=package.cost,
        opening_hours=package.door.expression if package.door is not None else "",
        amenities=package.added,
        station_kind=kit.kind if kit else "smart" if kind == "upgrade_24h" else "",
        restricted=bool(new and record.get("restricted", False)),
    )
