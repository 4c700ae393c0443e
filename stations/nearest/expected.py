"""The model on bare arrays: what a door is worth, which other one to try next.

README.md beside this file has the formula. Minutes throughout; a *chance* is the probability that
whoever arrives gets in and finds what is posted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from geodata.geodesy import BoolArray, FloatArray, IntArray

    type States = npt.NDArray[np.uint8]
    type Ask = Callable[[IntArray, IntArray], States]

PENALTY_MIN = 30.0
"""What giving up costs: assumed, the time to find relief elsewhere."""
UNKNOWN_SHARE = 0.5
"""How much of its trust a door keeps whose hours nobody knows: assumed."""
BARRED = 3
"""Beyond `hours.State`: open or not, the way in is one the asker does not accept."""

_CLOSED, _OPEN, _UNKNOWN = range(3)
_SHARES = np.array([0.0, 1.0, UNKNOWN_SHARE, 0.0])
_LOOKED = 8
"""How many promising doors are looked at before the others."""


def chance(trust: FloatArray, states: States) -> FloatArray:
    """Return the chance of each door, by its trust and its state at the visit."""
    found: FloatArray = trust * _SHARES[states]
    return found


def expected(minutes: FloatArray, chances: FloatArray, instead: FloatArray) -> FloatArray:
    """Return the expected minutes: the way, and where the door is shut the way on, or giving up.

    ``instead`` is the cost of the best other door, infinite where there is none.
    """
    found: FloatArray = minutes + (1 - chances) * np.minimum(instead, PENALTY_MIN)
    return found


class Instead(NamedTuple):
    """The best other door of each of m doors."""

    column: IntArray
    """(m,), -1: none."""
    way: FloatArray
    """(m,) minutes there; without meaning where there is none."""
    cost: FloatArray
    """(m,) the way there and, by its own chance, giving up after it; infinite where none."""
    states: States
    """(m,) its state at the visit."""

    @classmethod
    def joined(cls, parts: Sequence[Instead]) -> Instead:
        """Return parts one below the other."""
        return cls(*map(np.concatenate, zip(*parts, strict=True)))


def cheapest(ways: FloatArray, trust: FloatArray, ask: Ask) -> Instead:
    """Choose for each of m doors the other of n that costs least when the first is shut.

    ``ways`` (m, n): minutes from door to door, infinite for what is no choice; ``trust`` (n,);
    ``ask`` tells the states of pairs of a line and a column at the visit. Doors that are closed or
    barred are never chosen; ties go to the lower column. States are asked only where they can
    decide: no door costs less than it would if it were open.
    """
    if not ways.shape[1]:
        ways, trust = np.full((len(ways), 1), np.inf), np.zeros(1)
    least = ways + (1 - trust) * PENALTY_MIN
    cost = np.full(ways.shape, np.inf)
    states = np.zeros(ways.shape, dtype=np.uint8)
    look = np.isfinite(ways)
    if ways.shape[1] > _LOOKED:
        promising = np.zeros(ways.shape, dtype=np.bool_)
        first = np.argpartition(least, _LOOKED - 1, axis=1)[:, :_LOOKED]
        np.put_along_axis(promising, first, values=True, axis=1)
        _price(cost, states, look & promising, (ways, trust), ask)
        look &= least <= cost.min(axis=1)[:, None]
        look &= ~promising
    _price(cost, states, look, (ways, trust), ask)
    column = cost.argmin(axis=1)
    best = np.arange(len(ways)), column
    column = np.where(np.isinf(cost[best]), -1, column)
    return Instead(column, ways[best], cost[best], states[best])


def _price(
    cost: FloatArray,
    states: States,
    look: BoolArray,
    known: tuple[FloatArray, FloatArray],
    ask: Ask,
) -> None:
    """Fill in the cost and the state of the pairs to look at."""
    line, column = np.nonzero(look)
    if not line.size:
        return
    ways, trust = known
    told = ask(line, column)
    after = (1 - chance(trust[column], told)) * PENALTY_MIN
    usable = (told == _OPEN) | (told == _UNKNOWN)
    cost[line, column] = np.where(usable, ways[line, column] + after, np.inf)
    states[line, column] = told
