"""Why each action is in a plan: who gains, what it makes superfluous, and what instead."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stations.cube import bits, hours_text
from stations.hours.timetable import WEEK_HOURS
from stations.planning import instead
from stations.planning.effects import applied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.geodesy import FloatArray, IntArray
    from stations.cube.bits import Words
    from stations.planning.actions import Action
    from stations.planning.instead import RunnerUp
    from stations.planning.problem import Problem
    from stations.planning.solving import Solved

PER_YUAN = 10_000
MOST_NAMED = 20
"""Superfluous stations named."""


class Gainer(NamedTuple):
    """A site that gains by an action."""

    id: str
    name: str
    workers: int
    """Most workers who gain at any one hour; 1 for a site where nobody knows how many."""
    worker_hours: float
    """A week."""
    hours_zh: str
    hours_en: str


@dataclass(frozen=True)
class Reason:
    """Why one action is in the plan; worker-hours (site-hours) are a week's, when all is done."""

    action: str
    """Its id."""
    gain: float
    """Worker-hours it gains by itself, as things stand today; less what those it leaves lose."""
    loss: float
    """Worker-hours the finished plan loses without it, all else being done."""
    per_10000: float | None
    """``gain`` for 10,000 yuan; None where it costs nothing."""
    sites: tuple[Gainer, ...]
    """Who gains by it as things stand today, most worker-hours first, then by id."""
    hours_zh: str
    """The hours at which anybody does."""
    hours_en: str
    superfluous: tuple[str, ...]
    """Ids of stations in use that alone served somebody without it, and no longer do anybody."""
    runner_up: RunnerUp | None
    """What would come closest in its stead, at another place, for its money and what is left."""

    @property
    def workers(self) -> int:
        """Most workers who gain, site by site added up."""
        return sum(each.workers for each in self.sites)

    def as_dict(self, *, named: bool = True) -> dict[str, Any]:
        """Return the reason for JSON; without names nothing tells of a single site."""
        rounded = {"gain": round(self.gain, 3), "loss": round(self.loss, 3)}
        told: dict[str, Any] = {
            **rounded,
            "per_10000_yuan": None if self.per_10000 is None else round(self.per_10000, 3),
            "workers": self.workers,
            "sites_gaining": len(self.sites),
            "hours": {"zh": self.hours_zh, "en": self.hours_en},
        }
        if not named:
            return told
        return told | {
            "action": self.action,
            "sites": [
                each._asdict() | {"worker_hours": round(each.worker_hours, 3)}
                for each in self.sites
            ],
            "superfluous": list(self.superfluous),
            "runner_up": None if self.runner_up is None else self.runner_up._asdict(),
        }


def reasons_of(problem: Problem, solved: Solved, actions: Sequence[Action]) -> tuple[Reason, ...]:
    """Return the reasons of a plan's actions, in their order."""
    why = _Why(problem, solved)
    numbers = {problem.shelf.ids[number]: number for number, _ in solved.chosen}
    return tuple(why.reason(numbers[each.id]) for each in actions)


class _Why:
    """The finished plan, and what it would be without one action."""

    def __init__(self, problem: Problem, solved: Solved) -> None:
        self._problem, self._solved, self._demand = problem, solved, problem.demand
        self._chosen = [number for number, _ in solved.chosen]
        self._today = self._demand.supply.usable()
        self._after = self._usable(self._chosen)

    def reason(self, number: int) -> Reason:
        """Return the reason of one package."""
        package = self._problem.shelf.packages[number]
        places = [place for place in (package.at, package.ends) if place >= 0]
        spots = self._demand.spots_about(*places)
        wanted = self._demand.wanted[spots]
        without = self._usable([each for each in self._chosen if each != number])
        told = [
            bits.united(usable, *self._demand.reached_from(spots)) & wanted
            for usable in (self._today, self._usable([number]), self._after, without)
        ]
        today, alone, after, less = told
        value = self._demand.value[spots]
        gained = _worth(value, alone & ~today, self._demand.question.hours)
        gain = gained.sum() - _worth(value, today & ~alone, self._demand.question.hours).sum()
        loss = (
            _worth(value, after, self._demand.question.hours).sum()
            - _worth(value, less, self._demand.question.hours).sum()
        )
        said = self._said(gained.any(axis=0))
        return Reason(
            self._problem.shelf.ids[number],
            float(gain),
            float(loss),
            float(gain) / package.cost * PER_YUAN if package.cost > 0 else None,
            self._gainers(spots, gained),
            said.zh,
            said.en,
            self._superfluous(spots, without),
            instead.runner_up(self._problem, self._solved, number),
        )

    def _usable(self, chosen: Sequence[int]) -> Words:
        return applied(self._demand.supply, self._problem.shelf, chosen).usable()

    def _gainers(self, spots: IntArray, gained: FloatArray) -> tuple[Gainer, ...]:
        """List the sites that gain; ``gained`` is (spots, hours)."""
        site = self._demand.ground.site_of[spots]
        frame, found = self._demand.sites, []
        for each in np.unique(site[gained.any(axis=1)]).tolist():
            hours = gained[site == each].sum(axis=0)
            said = self._said(hours > 0)
            most = int(np.rint(hours.max()))
            record = frame.iloc[each]
            found.append(
                Gainer(str(frame.index[each]), str(record["name"]), most, float(hours.sum()), *said)
            )
        return tuple(sorted(found, key=lambda one: (-one.worker_hours, one.id)))

    def _superfluous(self, spots: IntArray, without: Words) -> tuple[str, ...]:
        """Name the stations that alone served somebody without the action, and now nobody."""
        member, begins = self._demand.reached_from(spots)
        spot = np.repeat(np.arange(spots.size), np.diff(begins))
        sole = bits.sole(without, member, begins) & self._demand.wanted[spots]
        had = np.unique(member[(without[member] & sole[spot]).any(axis=1)])
        standing = had[had < self._problem.offer.size]
        left = np.setdiff1d(standing, self._needed)
        still = left[self._after[left].any(axis=1)]
        return tuple(self._problem.offer.name(row) for row in still.tolist())

    @cached_property
    def _needed(self) -> IntArray:
        """Places that alone serve somebody when all is done."""
        ground = self._demand.ground
        sole = bits.sole(self._after, ground.station, ground.begins) & self._demand.wanted
        alone = (self._after[ground.station] & sole[ground.spot]).any(axis=1)
        found: IntArray = np.unique(ground.station[alone])
        return found

    def _said(self, hours: np.ndarray) -> hours_text.Words:
        week = np.zeros(WEEK_HOURS, dtype=np.bool_)
        first = self._demand.question.first_hour
        week[first : first + hours.size] = hours
        return hours_text.words(week)


def _worth(value: FloatArray, words: Words, hours: int) -> FloatArray:
    return value * bits.unpacked(words, hours)
