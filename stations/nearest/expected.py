"""The model on bare numbers: what a door is worth, and what it costs to find it shut.

README.md beside this file has the formula. Minutes throughout; a *chance* is the probability that
whoever arrives gets in and finds what is posted.
"""

from __future__ import annotations

PENALTY_MIN = 30.0
"""What giving up costs: assumed, the time to find relief elsewhere."""
UNKNOWN_SHARE = 0.5
"""How much of its trust a door keeps whose hours nobody knows: assumed."""
SLACK_MIN = 1e-6
"""What rounding may do to minutes."""
BARRED = 3
"""Beyond `hours.State`: open or not, the way in is one the asker does not accept."""

NO_WAY = 4
"""Beyond those: no way leads there."""

SHARES = (0.0, 1.0, UNKNOWN_SHARE, 0.0, 0.0)
"""How much of its trust a door keeps in each `hours.State`, or barred, or without a way."""


def onward(way: float, trust: float, state: int) -> float:
    """Return what going on to a door costs: the way and, by its chance, giving up after it."""
    return way + (1 - trust * SHARES[state]) * PENALTY_MIN


def expected(minutes: float, trust: float, state: int, instead: float) -> float:
    """Return the expected minutes: the way, and where the door is shut the way on, or giving up.

    ``instead`` is the cost of the best other door, infinite where there is none.
    """
    return minutes + (1 - trust * SHARES[state]) * min(instead, PENALTY_MIN)
