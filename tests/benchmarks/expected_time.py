"""What the expected-time order saves against nearest-first, in a world where the model holds.

Riders on e-bikes set out near random stations at random minutes of a week, need a toilet and a
socket, and stay 20 minutes. A station whose hours say open through the stay fails a rider as often
as its trust says; unknown hours turn out open half the time. At a shut door the rider goes on once:
to the fallback, or by nearest-first to the nearest station from there. After two shut doors, or
rather than ride more than half an hour to a door, the rider gives up, which costs the model's half
an hour. Synthetic register and evidence, seeded.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geodata.geodesy import LonLat
from stations import demo, nearest
from stations.demo.evidence import evidence
from stations.hours import State
from stations.nearest import PENALTY_MIN, UNKNOWN_SHARE
from stations.registry import Registry
from stations.trust import Ledger, evidence_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    type Plan = list[tuple[int, float]]

RIDERS = 2_000
SEED = 7
START = datetime(2026, 11, 22, 16, tzinfo=UTC)  # Monday 23 November, 00:00 in Beijing
WEEK_MIN = 7 * 1440
SCATTER_DEGREES = 0.02
NEEDS = ("toilet", "charging")
STAY_MIN = 20.0


class Rider(NamedTuple):
    """One rider; the seed is the luck that decides about each door, whoever plans."""

    origin: LonLat
    at: datetime
    seed: int


class World:
    """The demonstration register, its evidence, and what its doors do."""

    def __init__(self) -> None:
        stations = demo.build(1).stations
        assert stations is not None
        registry = Registry.from_frames(stations)
        ids = registry.stations.index
        frame = evidence_frame(evidence(1, list(ids)))
        self.registry = registry.with_ledger(Ledger.from_frame(frame, ids))
        self.hours = self.registry.timetable_for(NEEDS)

    def riders(self) -> list[Rider]:
        """Draw the riders."""
        draw = np.random.default_rng(SEED)
        near = draw.integers(0, len(self.registry.lon), RIDERS)
        places = np.column_stack((self.registry.lon[near], self.registry.lat[near]))
        places += draw.normal(0, SCATTER_DEGREES, places.shape)
        minutes = draw.integers(0, WEEK_MIN, RIDERS).tolist()
        return [
            Rider(LonLat(*place), START + timedelta(minutes=minute), seed)
            for seed, (place, minute) in enumerate(zip(places.tolist(), minutes, strict=True))
        ]

    def lets_in(self, rider: Rider, row: int, after_min: float) -> bool:
        """Tell whether a door opens to a rider on arrival."""
        told = self.hours.open_through(rider.at, STAY_MIN, rows=[row], after_min=after_min)[0]
        hours, door = np.random.default_rng((rider.seed, row)).random(2)
        if told == State.CLOSED or (told == State.UNKNOWN and hours >= UNKNOWN_SHARE):
            return False
        return bool(door < self.registry.trust(rider.at)[row])

    def nearest_first(self, rider: Rider) -> Plan:
        """Plan to try the nearest station, then the nearest from there."""
        return self._plan(rider, "any")

    def nearest_open(self, rider: Rider) -> Plan:
        """Plan likewise among those open on arrival by their hours; trust plays no part."""
        return self._plan(rider, "arrival")

    def _plan(self, rider: Rider, open_: nearest.Open) -> Plan:
        plan: Plan = []
        origin, at = rider.origin, rider.at
        for _ in range(2):
            hits = nearest.find(
                self.registry,
                origin,
                limit=2,
                needs=NEEDS,
                at=at,
                open_=open_,
                mode="ebike",
                stay=STAY_MIN,
                by="distance",
            )
            rows = [(self.registry.position_of(hit.station["id"]), hit) for hit in hits]
            fresh = [(row, hit) for row, hit in rows if row not in {old for old, _ in plan}]
            if fresh:
                row, hit = fresh[0]
                plan.append((row, hit.minutes))
                origin = LonLat(hit.station["lon"], hit.station["lat"])
                at += timedelta(minutes=hit.minutes)
        return plan

    def expected(self, rider: Rider) -> Plan:
        """Plan to try the answer with the least expected minutes, then its fallback."""
        hits = nearest.find(
            self.registry,
            rider.origin,
            limit=1,
            needs=NEEDS,
            at=rider.at,
            open_="arrival",
            mode="ebike",
            stay=STAY_MIN,
        )
        plan = [(self.registry.position_of(hit.station["id"]), hit.minutes) for hit in hits]
        for hit in hits:
            if hit.visit is not None and hit.visit.fallback is not None:
                other = hit.visit.fallback
                plan.append((self.registry.position_of(other["id"]), other["minutes"]))
        return plan


def _ridden(world: World, rider: Rider, plan: Plan) -> tuple[float, float]:
    """Return all minutes, and those after the first door, shut, was reached."""
    spent = first = 0.0
    for number, (row, minutes) in enumerate(plan):
        if minutes > PENALTY_MIN:
            break
        spent += minutes
        first = first if number else spent
        if world.lets_in(rider, row, spent):
            return spent, spent - first
    return spent + PENALTY_MIN, spent + PENALTY_MIN - first if spent else 0.0


def main() -> None:
    """Print the table."""
    world = World()
    riders = world.riders()
    plans: dict[str, Callable[[Rider], Plan]] = {
        "nearest first, whatever its hours": world.nearest_first,
        "nearest open by its hours": world.nearest_open,
        "least expected time, and fallback": world.expected,
    }
    print(f"{RIDERS:,} riders by e-bike, needs {', '.join(NEEDS)}, {STAY_MIN:.0f} minutes' stay")
    print(f"{'minutes a rider':36}{'in all':>8}{'lost at shut doors':>20}{'found one shut':>16}")
    for name, plan in plans.items():
        ridden = np.array([_ridden(world, rider, plan(rider)) for rider in riders])
        shut = (ridden[:, 1] > 0).mean()
        total, lost = ridden.mean(axis=0)
        print(f"{name:36}{total:8.1f}{lost:20.1f}{shut:16.1%}")


if __name__ == "__main__":
    main()
