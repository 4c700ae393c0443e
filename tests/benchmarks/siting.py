"""Sites chosen from matrices, ours beside spopt in the same run where spopt can.

``scripts/bench siting``: 10,000 x 500 beside spopt with CBC and with HiGHS, large and hard ones
alone. ``--quick`` leaves out the hard cities, ``--peer-s S`` is how long spopt may solve.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.spatial import cKDTree

from stations import siting
from tests.benchmarks._common import Line, peak_mb, show

if TYPE_CHECKING:
    from stations.siting.plan import FloatArray


class Instance(NamedTuple):
    """Who reaches whom, the weights, and how many sites."""

    reach: sp.csr_array
    weights: FloatArray
    sites: int


def square(rows: int, columns: int, sites: int, radius: float, seed: int = 0) -> Instance:
    """Make demand and candidates spread evenly over a square of side 1."""
    draw = np.random.default_rng(seed)
    demand, candidates = draw.random((rows, 2)), draw.random((columns, 2))
    return Instance(_within(demand, candidates, radius), _weights(draw, rows), sites)


def city(points: int, sites: int, share: float, seed: int = 0) -> Instance:
    """Make a clustered city; each point is a candidate that reaches ``share`` of all, about."""
    draw = np.random.default_rng(seed)
    towns, spread = draw.uniform(0, 10, (40, 2)), draw.uniform(0.1, 0.8, 40)
    town = draw.choice(40, points, p=draw.dirichlet(np.full(40, 2.0)))
    place = towns[town] + draw.normal(0, 1, (points, 2)) * spread[town][:, None]
    sample = draw.choice(points, 300)
    near, _ = cKDTree(place).query(place[sample], k=[int(share * points)])
    return Instance(_within(place, place, float(near.mean())), _weights(draw, points), sites)


def _weights(draw: np.random.Generator, rows: int) -> FloatArray:
    return draw.integers(1, 100, rows).astype(float)


def _within(demand: FloatArray, candidates: FloatArray, radius: float) -> sp.csr_array:
    tree = cKDTree(demand)
    hit = [np.sort(np.array(tree.query_ball_point(c, radius), np.int32)) for c in candidates]
    pointer = np.concatenate(([0], np.cumsum([len(rows) for rows in hit])))
    shape = (len(demand), len(candidates))
    ones = np.ones(pointer[-1], np.int8)
    return sp.csr_array(sp.csc_array((ones, np.concatenate(hit), pointer), shape=shape))


def ours(what: str, instance: Instance, seconds: float | None) -> tuple[float, siting.Plan]:
    """Solve, print a line, and return the seconds with the plan."""
    wall, cpu = time.perf_counter(), time.process_time()
    plan = siting.max_cover(
        instance.reach, instance.weights, sites=instance.sites, time_limit_s=seconds
    )
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"{what:44}{plan.objective:12,.0f} of at most {plan.bound:12,.0f}  gap {plan.gap:.4%}  "
        f"{plan.status:11}{wall:7.2f} s ({cpu:.2f} s CPU), peak {peak_mb():,.0f} MB",
        flush=True,
    )
    return wall, plan


def peer(instance: Instance, solver: str, seconds: float) -> tuple[float, float]:
    """Return spopt's seconds, model and all, and what it covers."""
    import pulp  # noqa: PLC0415 - the tests use this file's instances, without the peers
    from spopt.locate import MCLP  # noqa: PLC0415

    begin = time.perf_counter()
    costs = 1.0 - instance.reach.toarray()
    model = MCLP.from_cost_matrix(
        costs, instance.weights, service_radius=0.5, p_facilities=instance.sites
    )
    made = pulp.getSolver(solver, msg=False, timeLimit=seconds)
    model.solve(made, results=False)
    return time.perf_counter() - begin, float(pulp.value(model.problem.objective))


def beside(seconds: float) -> None:
    """Compare on the one size spopt can build in a reasonable time."""
    instance = square(10_000, 500, 50, 0.03)
    mine, plan = ours("10,000 x 500, p = 50", instance, None)
    lines = []
    for solver in ("PULP_CBC_CMD", "HiGHS"):
        theirs, worth = peer(instance, solver, seconds)
        print(f"spopt with {solver}: {worth:,.0f} in {theirs:.1f} s, ours {plan.objective:,.0f}")
        lines.append(Line(f"beside {solver}", mine, theirs, 50))
    show("10,000 x 500, p = 50, end to end", lines, "spopt")


def main() -> None:
    """Print all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peer-s", type=float, default=120)
    chosen, _ = parser.parse_known_args()
    ours("1,000,000 x 100, p = 10", square(1_000_000, 100, 10, 0.1), 10)
    ours("1,000,000 x 1,000, p = 100", square(1_000_000, 1_000, 100, 0.03), 40)
    ours("100,000 x 1,000, p = 100", square(100_000, 1_000, 100, 0.03), 25)
    beside(chosen.peer_s)
    if chosen.quick:
        return
    for points, sites, share in ((2_700, 50, 0.01), (5_000, 80, 0.006), (7_700, 100, 0.003)):
        ours(f"city of {points:,}, p = {sites}", city(points, sites, share), 60)


if __name__ == "__main__":
    main()
