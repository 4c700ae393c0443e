"""A province's program of three years: all kinds of action, money, counties, spacing.

``scripts/bench siting_program``: a made-up province of the demo's size, solved by
`stations.siting.max_program`. No peer has years, money and hours in one model.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.spatial import cKDTree

from stations import siting
from tests.benchmarks._common import peak_mb

if TYPE_CHECKING:
    from stations.siting.plan import FloatArray, IntArray

HOURS = np.array([3.0, 2, 2, 2, 2, 1, 2, 1, 2, 2, 3, 2])
"""Hours in each class that is alike for all."""
DAY, LONG, ALL = np.arange(3, 7), np.arange(2, 9), np.arange(12)
KM, SPACING_KM = 3.0, 1.0


class Province(NamedTuple):
    """What `stations.siting.max_program` takes."""

    reach: sp.csr_array
    base: sp.csr_array
    weights: FloatArray
    groups: IntArray
    costs: FloatArray
    rules: siting.Rules


class _Towns:
    """Samples of demand, stations and candidate places scattered about a province's towns."""

    def __init__(self, seed: int, samples: int, stations: int, places: int, towns: int) -> None:
        self.draw = np.random.default_rng(seed)
        self.centre = self.draw.uniform(0, 600, (towns, 2))
        size = self.draw.dirichlet(np.full(towns, 0.8))
        self.sample_town, at = self._scatter(samples, size)
        self.station_town, self.station_at = self._scatter(stations, size / 2 + 0.5 / towns)
        self.place_town, self.place_at = self._scatter(places, size)
        tree = cKDTree(at)
        self.by_station = [np.sort(hit) for hit in tree.query_ball_point(self.station_at, KM)]
        self.by_place = [np.sort(hit) for hit in tree.query_ball_point(self.place_at, KM)]
        self.workers = np.round(self.draw.pareto(1.5, samples) * 20 + 1)

    def _scatter(self, count: int, size: FloatArray) -> tuple[IntArray, FloatArray]:
        town = self.draw.choice(len(size), count, p=size)
        return town, self.centre[town] + self.draw.normal(0, 4, (count, 2))


class _Actions:
    """Columns, added one by one."""

    def __init__(self) -> None:
        self.rows: list[IntArray] = []
        self.costs: list[float] = []
        self.town: list[int] = []

    def add(self, samples: IntArray, classes: IntArray, cost: float, town: int) -> int:
        """Add what serves these samples in these classes of hours; return its number."""
        self.rows.append((samples[:, None] * len(HOURS) + classes).ravel())
        self.costs.append(cost)
        self.town.append(town)
        return len(self.costs) - 1


def province(
    samples: int = 8_000,
    stations: int = 3_618,
    places: int = 2_000,
    towns: int = 129,
    seed: int = 0,
) -> Province:
    """Make a province: build, extend, add amenities, upgrade, move, close; per-county limits."""
    world = _Towns(seed, samples, stations, places, towns)
    draw, made = world.draw, _Actions()
    nothing = np.zeros(0, np.int64)
    exclusive: list[tuple[int, ...]] = []
    builds: list[tuple[int, ...]] = []
    ends: list[tuple[int, int]] = []
    standing = np.where(draw.random(stations) < 0.5, 0, np.where(draw.random(stations) < 0.6, 1, 2))
    lacks = draw.random(stations) < 0.4
    for place, near in enumerate(world.by_place):
        where = int(world.place_town[place])
        kinds = ((DAY, 60), (LONG, 75), (ALL, 150))
        dear = draw.uniform(0.8, 1.3)
        builds.append(tuple(made.add(near, h, round(cost * dear), where) for h, cost in kinds))
    exclusive.extend(builds)
    for station, near in enumerate(world.by_station):
        where, hours = int(world.station_town[station]), (DAY, LONG, ALL)[standing[station]]
        ways = []
        if lacks[station]:
            ways.append(made.add(near, hours, 20, where))
        if standing[station] == 0:
            ways.append(made.add(near, LONG, 32 if lacks[station] else 12, where))
        if standing[station] < 2:
            ways.append(made.add(near, ALL, 100, where))
        if draw.random() < 0.1:
            ways.append(made.add(nothing, nothing, -10, where))
            ends.append((ways[-1], station))
            for place in draw.choice(places, 2, replace=False).tolist():
                ways.append(made.add(world.by_place[place], hours, 15, where))
                ends.append((ways[-1], station))
        exclusive.append(tuple(ways))
    close = cKDTree(world.place_at).query_pairs(SPACING_KM, output_type="ndarray").tolist()
    columns, town = len(made.costs), np.array(made.town)
    built = np.array([c for group in builds for c in group])
    rules = siting.Rules(
        exclusive=tuple(group for group in exclusive if len(group) > 1),
        conflicts=tuple((a, b) for p, q in close for a in builds[p] for b in builds[q]),
        at_most=tuple((tuple(built[town[built] == t].tolist()), 6) for t in range(towns)),
        ends=tuple(ends),
    )
    size = samples * len(HOURS)
    base = [
        (near[:, None] * len(HOURS) + (DAY, LONG, ALL)[kind]).ravel() if not lack else nothing
        for near, kind, lack in zip(world.by_station, standing, lacks, strict=True)
    ]
    weights = (world.workers[:, None] * HOURS).ravel()
    groups = np.repeat(world.sample_town // 8, len(HOURS))
    return Province(
        _matrix(made.rows, size),
        _matrix(base, size),
        weights,
        groups,
        np.array(made.costs, float)[:columns],
        rules,
    )


def _matrix(rows: list[IntArray], size: int) -> sp.csr_array:
    pointer = np.concatenate(([0], np.cumsum([len(hit) for hit in rows])))
    ones = np.ones(pointer[-1], np.int8)
    place = np.concatenate(rows).astype(np.int64)
    return sp.csr_array(sp.csc_array((ones, place, pointer), shape=(size, len(rows))))


def main() -> None:
    """Solve it and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=8_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--gap", type=float, default=0.005)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--budget", type=float, default=3_000)
    parser.add_argument("--fair", action="store_true")
    chosen, _ = parser.parse_known_args()
    made = province(chosen.samples, seed=chosen.seed)
    print(
        f"{made.reach.shape[0]:,} rows, {made.reach.shape[1]:,} columns, {made.reach.nnz:,} reached"
    )
    wall, cpu = time.perf_counter(), time.process_time()
    plan = siting.max_program(
        made.reach,
        made.weights,
        made.costs,
        budgets=[chosen.budget] * 3,
        base=made.base,
        rules=made.rules,
        groups=made.groups,
        objective="worst_group_first" if chosen.fair else "most",
        gap=chosen.gap,
        time_limit_s=chosen.seconds,
    )
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"{plan.objective:,.0f} of at most {plan.bound:,.0f}, standing {plan.standing:,.0f}, gap "
        f"{plan.gap:.4%}, of the gain {plan.gap_of_gain:.3%}, {len(plan.chosen)} actions, "
        f"{plan.status}, {wall:.1f} s ({cpu:.1f} s CPU), peak {peak_mb():,.0f} MB"
    )


if __name__ == "__main__":
    main()
