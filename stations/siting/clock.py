"""When to stop: the caller's time limit, wished gap and callback in one object."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from stations.siting.plan import TOLERANCE, relative_gap

if TYPE_CHECKING:
    from collections.abc import Callable

    from stations.siting.plan import Status

    type Progress = Callable[["Step"], bool | None]

NEVER = 1e20
"""Seconds that stand for "no limit" towards HiGHS."""


class Step(NamedTuple):
    """What the progress callback is told; it returns False to stop with the best so far."""

    seconds: float
    """Since the call began."""
    objective: float
    """Of the best plan found so far; NaN: none yet."""
    bound: float
    """Proven so far; NaN: nothing yet."""


class Clock:
    """Knows when to stop. ``gap`` is relative to the objective."""

    def __init__(self, time_limit_s: float | None, gap: float, progress: Progress | None) -> None:
        self._start = time.monotonic()
        self._limit = NEVER if time_limit_s is None else time_limit_s
        self._progress = progress
        self._last = Step(0.0, float("nan"), float("nan"))
        self.gap = gap
        self.stopped = False

    @property
    def seconds(self) -> float:
        """Seconds since the call began."""
        return time.monotonic() - self._start

    @property
    def limited(self) -> bool:
        """Whether there is a time limit."""
        return self._limit < NEVER

    def left(self, share: float = 1.0) -> float:
        """Seconds left until ``share`` of the time limit has passed, at least 0."""
        return max(0.0, self._limit * share - self.seconds) if self.limited else NEVER

    def at_least(self, seconds: float) -> Clock:
        """Return a silent clock with the time left, but no less than that."""
        return Clock(max(self.left(), seconds) if self.limited else None, self.gap, None)

    def share(self, until: float, part: float) -> float:
        """Return the share of the limit at which ``part`` of the time left until then is over."""
        if not self.limited:
            return until
        now = min(self.seconds / self._limit, until)
        return now + part * (until - now)

    def over(self, share: float = 1.0) -> bool:
        """Whether to stop now: time passed or the callback said so."""
        return self.stopped or self.left(share) <= 0

    def tell(self, objective: float | None = None, bound: float | None = None) -> bool:
        """Tell the callback; return whether to go on."""
        last = self._last
        self._last = Step(
            self.seconds,
            last.objective if objective is None else float(objective),
            last.bound if bound is None else float(bound),
        )
        if self._progress is not None and not self.stopped:
            self.stopped = self._progress(self._last) is False
        return not self.over()

    def status(self, objective: float, bound: float) -> Status:
        """Return the status of a plan that ends with these two."""
        return self.ended(relative_gap(objective, bound))

    def ended(self, distance: float) -> Status:
        """Return the status of a plan that ends with this gap."""
        if distance <= TOLERANCE:
            return "optimal"
        if distance <= self.gap:
            return "gap reached"
        return "stopped" if self.stopped else "time limit"

    def good(self, objective: float, bound: float) -> bool:
        """Whether objective and bound are as near as was asked."""
        return relative_gap(objective, bound) <= max(self.gap, TOLERANCE)
