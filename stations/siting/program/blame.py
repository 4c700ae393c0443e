"""Why a program is impossible: the smallest set of wishes to blame, and the limits in their way.

Wishes are rows to be covered and columns to be taken. The smallest set of them that cannot be met
together is a least hitting set of what every possible program leaves out (as in `blame`); where
that takes long, a set none of which can be spared. Then limits are left out likewise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp

from stations.siting import highs
from stations.siting.blame import least_hitting
from stations.siting.explain import explained
from stations.siting.program.model import Expanded, picks
from stations.siting.program.plan import Obstacle
from stations.siting.program.task import task

if TYPE_CHECKING:
    from stations.siting.clock import Clock
    from stations.siting.plan import IntArray
    from stations.siting.program.task import Asked

    type Limit = tuple[str, int]

_SECONDS = 20.0
_ROUNDS, _MANY_ROUNDS, _MANY = 60, 5, 100
"""Rounds in which the smallest set is looked for; fewer where there are many wishes."""
_LISTS = ("exclusive", "conflicts", "requires", "at_most", "spend", "ends")


class Wishes(NamedTuple):
    """Rows to be covered and columns to be taken."""

    rows: IntArray
    must: IntArray


def obstacle(asked: Asked, rows: IntArray, clock: Clock, seed: int) -> Obstacle:
    """Return what stands in the way of covering these rows, and of what must be taken.

    Under a time limit it takes some seconds of its own where none are left.
    """
    clock = clock.at_least(_SECONDS)
    alone = unreached(asked, rows)
    if len(alone):
        wishes, smallest = Wishes(alone[:1], np.zeros(0, np.int64)), True
    else:
        wishes, smallest = _Search(asked, rows, clock, seed).run()
    limits, proven = _in_the_way(asked, wishes, clock, seed)
    return Obstacle(
        tuple(wishes.rows.tolist()),
        tuple(wishes.must.tolist()),
        limits,
        smallest and proven,
        tuple(alone.tolist()),
    )


class _Search:
    """Looks for the smallest set of wishes that cannot be met."""

    def __init__(self, asked: Asked, rows: IntArray, clock: Clock, seed: int) -> None:
        self.asked, self.clock, self.seed = asked, clock, seed
        wanted = np.zeros(len(asked.weights), bool)
        wanted[rows] = True
        self._rows = task(asked, wanted).origin
        self._must = np.unique(np.array(asked.rules.must, np.int64))

    def run(self) -> tuple[Wishes, bool]:
        """Return the wishes, and whether no fewer are impossible."""
        count = len(self._rows) + len(self._must)
        left_out: list[IntArray] = []
        for _ in range(_ROUNDS if count <= _MANY else _MANY_ROUNDS):
            hard = least_hitting(left_out, count, self.clock, self.seed)
            missed = self._leftovers(hard)
            if missed is None:
                return self._wishes(hard), True
            if not len(missed) or self.clock.over():
                break
            left_out.append(missed)
        return self._wishes(self._spared(count)), False

    def _wishes(self, places: IntArray) -> Wishes:
        rows = places[places < len(self._rows)]
        must = places[places >= len(self._rows)] - len(self._rows)
        return Wishes(np.sort(self._rows[rows]), self._must[must])

    def _leftovers(self, hard: IntArray) -> IntArray | None:
        """Meet these wishes and as many others as can be; None: they cannot be met."""
        wishes = self._wishes(hard)
        if _possible(self.asked, wishes, self.clock, self.seed) is False:
            return None
        wanted = np.zeros(len(self.asked.weights), bool)
        wanted[self._rows] = True
        small = task(_with(self.asked, self.asked.rules.must), wanted)
        small = small._replace(rules=replace(small.rules, must=()))
        model = Expanded(small)
        model.cover(small.years - 1)
        musts = np.searchsorted(small.names, self._must)
        spared = model.build.new(len(musts))
        model.build.add(
            (picks(musts, len(small.names)), model.taken[-1]),
            (sp.eye_array(len(musts), format="csr"), spared),
            lower=np.ones(len(musts)),
        )
        missed = np.concatenate((model.missed[0], spared))
        model.build.add((picks(hard, len(missed)), missed), upper=np.zeros(len(hard)))
        goal = np.zeros(model.build.variables)
        goal[missed] = 1.0
        made = model.build.model(goal, model.whole())
        found = highs.solve(made, self.clock, seed=self.seed, nodes=1)
        if found.values is None:
            found = highs.solve(made, self.clock, seed=self.seed)
        if found.values is None:
            return np.zeros(0, np.int64)
        return np.flatnonzero(found.values[missed] > 0.5)  # noqa: PLR2004  # 0 or 1

    def _spared(self, count: int) -> IntArray:
        """Return wishes that cannot be met, none of which can be spared."""

        def impossible(places: list[int]) -> bool:
            wishes = self._wishes(np.array(places, np.int64))
            return _possible(self.asked, wishes, self.clock, self.seed) is False

        return np.array(explained(list(range(count)), impossible, self.clock), np.int64)


def _in_the_way(
    asked: Asked, wishes: Wishes, clock: Clock, seed: int
) -> tuple[tuple[Limit, ...], bool]:
    """Return limits that make the wishes impossible, none of them in vain."""
    unknown = False

    def impossible(limits: list[Limit]) -> bool:
        nonlocal unknown
        found = _possible(_only(asked, limits), wishes, clock, seed)
        unknown = unknown or found is None
        return found is False

    found = explained(_limits(asked, _near(asked, wishes)), impossible, clock)
    return tuple(sorted(found)), not unknown and not clock.over()


def _near(asked: Asked, wishes: Wishes) -> IntArray:
    """Return the columns that matter: that serve the wishes, enable what does, or save money."""
    near = np.zeros(asked.reach.shape[1], bool)
    near[asked.reach[wishes.rows].indices] = True
    near[wishes.must] = True
    near |= asked.costs < 0
    while True:
        enabling = [any_of for column, any_of in asked.rules.requires if near[column]]
        more = np.array([column for any_of in enabling for column in any_of], int)
        if near[more].all():
            return np.flatnonzero(near)
        near[more] = True


def _limits(asked: Asked, near: IntArray) -> list[Limit]:
    """List the limits these columns meet; those that are kept rather than others come last."""
    rules, inside = asked.rules, set(near.tolist())
    bound: dict[str, list[tuple[int, ...]]] = {
        "exclusive": list(rules.exclusive),
        "conflicts": list(rules.conflicts),
        "ends": [(column,) for column, _ in rules.ends],
        "requires": [(column,) for column, _ in rules.requires],
        "at_most": [members for members, _ in rules.at_most],
        "spend": [members for members, _ in rules.spend],
    }
    together = {"exclusive": 2, "conflicts": 2}
    listed = [
        (name, n)
        for name, groups in bound.items()
        for n, members in enumerate(groups)
        if len(inside.intersection(members)) >= together.get(name, 1)
    ]
    barred = [("forbidden", column) for column in sorted(inside & set(rules.forbidden))]
    years = [("budgets", int(year)) for year in np.flatnonzero(np.isfinite(asked.budgets))]
    return listed + barred + years


def _only(asked: Asked, limits: list[Limit]) -> Asked:
    """Return the question with these limits and no others."""
    kept = set(limits)
    budgets = asked.budgets.copy()
    for year in range(asked.years):
        if ("budgets", year) not in kept:
            budgets[year] = np.inf
    rules = asked.rules
    lists = {
        name: tuple(one for n, one in enumerate(getattr(rules, name)) if (name, n) in kept)
        for name in _LISTS
    }
    barred = tuple(column for column in rules.forbidden if ("forbidden", column) in kept)
    return replace(asked, budgets=budgets, rules=replace(rules, forbidden=barred, **lists))


def _with(asked: Asked, must: tuple[int, ...]) -> Asked:
    return replace(asked, rules=replace(asked.rules, must=must))


def _possible(asked: Asked, wishes: Wishes, clock: Clock, seed: int) -> bool | None:
    """Whether the wishes can be met within the limits; None: not known in time."""
    wanted = np.zeros(len(asked.weights), bool)
    wanted[wishes.rows] = True
    small = task(_with(asked, tuple(wishes.must.tolist())), wanted, _near(asked, wishes))
    model = Expanded(small)
    model.cover(small.years - 1, all_of_them=True)
    made = model.build.model(np.zeros(model.build.variables), model.whole())
    found = highs.solve(made, clock, seed=seed)
    if found.ending == "infeasible":
        return False
    return None if found.values is None else True


def unreached(asked: Asked, rows: IntArray) -> IntArray:
    """Return those of the rows that neither what stands nor what may be taken reaches."""
    barred = np.array(asked.rules.forbidden, int)
    free = np.setdiff1d(np.arange(asked.reach.shape[1]), barred)
    reached = np.diff(asked.reach[:, free].indptr) + np.diff(asked.base.indptr) > 0
    none: IntArray = rows[~reached[rows]]
    return none
