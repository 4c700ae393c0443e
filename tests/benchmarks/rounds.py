"""A round of 200 candidates around Kunming, beside a peer who drives to whatever is best next.

The peer knows the same ways, doors, prizes and minutes: from where it is it goes to the station
that gathers most for each minute spent until it is left, as long as it gets home in time.
"""

from __future__ import annotations

import time
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np

from geodata import LonLat
from stations import Registry, demo
from stations.audit import findings as loop
from stations.audit import rounds
from stations.audit.rounds.choosing import problem_of, shortlist
from stations.audit.rounds.solving import solved
from stations.hours.clock import aware
from stations.registry import Layer
from stations.store._findings import steps_frame
from stations.travel import Travel
from tests.benchmarks._common import peak_mb
from tests.benchmarks._register import large_register

if TYPE_CHECKING:
    from stations.audit.rounds.task import Shift, Task

SECONDS, GATHERED = 30.0, 1.0
DAY, HERE = date(2026, 11, 24), LonLat(102.7183, 25.0389)
LARGE = 200_000
AT = aware(datetime(2026, 11, 24, 8, 30))  # noqa: DTZ001 - wall time


def main() -> None:
    """Print the figures beside the promises."""
    made = demo.build(1)
    infos = {info.name: info for info in made.layers}
    layers = [Layer(infos[name], frame) for name, frame in made.sites.items()]
    registry = Registry.from_frames(made.stations, layers)
    for lunch_min in (0, 60):
        _day(registry, lunch_min)
    _ranking("3,618", registry)
    _ranking(f"{LARGE:,}", Registry.from_frames(large_register(LARGE), layers))
    print(f"peak memory {peak_mb():.0f} MB")


def _day(registry: Registry, lunch_min: int) -> None:
    names = ("王芳", "李明")
    who = tuple(rounds.Inspector(name, HERE, 510, 1050) for name in names)
    ask = rounds.Ask(DAY, who, "5301", lunch_min=lunch_min)
    standing = loop.standing(steps_frame([]), AT)
    cpu, wall = time.process_time(), time.perf_counter()
    ranked = rounds.candidates(registry, standing, AT, area=ask.area)
    made = rounds.plan(registry, ranked, ask)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    listed = shortlist(registry, ranked, ask, lambda _: 35)
    priorities = ranked.frame["priority"].loc[list(listed.ids)].tolist()
    task = problem_of(registry, listed, priorities, ask, travel=Travel()).task
    ours = task.worth(solved(task, seed=ask.seed, iterations=ask.iterations))[0]
    peer = nearest_best(task, lunch_min)
    visits = sum(len(route.stops) for route in made.routes)
    print(
        f"{made.candidates} candidates, 2 inspectors, lunch {lunch_min} min: {visits} visits; "
        f"{cpu:.1f} s of processor, {wall:.1f} s by the clock (promise {SECONDS:.0f} s); "
        f"gathered {ours / task.prizes.sum():.1%} of the priority, "
        f"{ours / peer:.3f} x the peer's (promise {GATHERED})"
    )


def _ranking(size: str, registry: Registry) -> None:
    standing = loop.standing(steps_frame([]), AT)
    start = time.process_time()
    rounds.candidates(registry, standing, AT)
    print(f"ranking {size} stations: {time.process_time() - start:.2f} s of processor")


def nearest_best(task: Task, spare: int) -> int:
    """Return what the peer gathers; it has its lunch at home, at the end of a shorter day."""
    done: set[int] = set()
    return sum(
        _driven(task, shift._replace(until=shift.until - spare), done) for shift in task.shifts
    )


def _driven(task: Task, shift: Shift, done: set[int]) -> int:
    candidate, node, early, late, service, lunch = task.columns
    at, here, gathered = shift.since, shift.node, 0
    while True:
        begin = np.maximum(at + task.minutes[here, node], early)
        leave = begin + service
        fits = (begin <= late) & (leave + task.minutes[node, shift.node] <= shift.until)
        fits &= shift.allowed[candidate] & (lunch == 0) & ~np.isin(candidate, list(done))
        if not fits.any():
            return gathered
        score = np.where(fits, task.prizes[candidate] / (leave - at), -1.0)
        best = int(score.argmax())
        done.add(int(candidate[best]))
        gathered += int(task.prizes[candidate[best]])
        at, here = int(leave[best]), int(node[best])


if __name__ == "__main__":
    main()
