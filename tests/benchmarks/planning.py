"""A plan for the demo province: all kinds of action, generated candidates, three years.

``scripts/bench planning``: parks by e-bike in 10 minutes with toilet and water, all the week. No
peer has years, money and hours in one model; `scripts/bench siting` has the peers of its parts.
``--budget`` is each year's, ``--seconds`` what the solver may take.
"""

from __future__ import annotations

import argparse
import time

from stations import demo, planning
from stations.coverage import parse_within
from stations.planning import KINDS, CostTable, Wish, candidates
from stations.registry import Layer, Registry
from tests.benchmarks._common import peak_mb

SEED = 7


def main() -> None:
    """Make the plan and print how good it is, and how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=int, default=2_955_000)
    parser.add_argument("--seconds", type=float, default=55)
    chosen = parser.parse_args()
    made = demo.build(SEED)
    layers = [Layer(info, made.sites[info.name]) for info in made.layers]
    registry = Registry.from_frames(made.stations, layers)
    limit = parse_within("10min", "ebike")
    wish = Wish(
        "parks",
        limit,
        ("toilet", "water"),
        actions=tuple(KINDS.terms),
        budgets=(chosen.budget,) * 3,
        time_limit_s=chosen.seconds,
    )
    wall, cpu = time.perf_counter(), time.process_time()
    found = candidates.generate(registry, wish.need, terms=wish.terms).frame
    scheme = planning.plan(registry, wish, candidates=found, costs=CostTable.default())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"{len(registry.stations):,} stations, {len(found):,} candidates, "
        f"{len(scheme.problem.shelf):,} packages: "
        f"{scheme.before['share']:.1%} -> {scheme.after['share']:.1%}, "
        f"{len(scheme.actions)} actions, {scheme.cost:,} yuan\n"
        f"{scheme.status}, gap {scheme.gap:.3%}, {wall:.1f} s ({cpu:.1f} s CPU), "
        f"peak {peak_mb():,.0f} MB"
    )


if __name__ == "__main__":
    main()
