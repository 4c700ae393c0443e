"""What a plan's money could do otherwise: more, less, at other prices; each a plan of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from stations.planning.frontier import frontier_of, next_of, sensitivity_of

if TYPE_CHECKING:
    from stations.planning.frontier import Frontier, Next, Sensitivity
    from stations.planning.scheme import Scheme
    from stations.planning.solving import Progress

NEXT_YUAN = 100_000
SHARE = 0.2
"""How much dearer and cheaper each kind of action is tried."""
EACH_S = 10.0
"""Seconds each of these plans may take: there are some twenty."""


class Study(NamedTuple):
    """The same wish with other money and other prices."""

    frontier: Frontier
    next_yuan: Next
    sensitivity: Sensitivity

    @classmethod
    def of(
        cls, scheme: Scheme, *, each_s: float = EACH_S, progress: Progress | None = None
    ) -> Study:
        """Ask all of it, each plan for ``each_s`` seconds at most, or as long as the wish has.

        A plan cut short is the best found: the frontier's bounds say how much better it could be.
        ``progress`` hears of the solver's steps; once it returns False no plan is looked for long.
        """
        wish = scheme.wish
        limit = each_s if wish.time_limit_s is None else min(each_s, wish.time_limit_s)
        problem = replace(scheme.problem, wish=replace(wish, time_limit_s=limit))
        return cls(
            frontier_of(problem, scheme.solved, None, progress),
            next_of(problem, scheme.solved, NEXT_YUAN, progress),
            sensitivity_of(problem, scheme.solved, SHARE, progress),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON: ``frontier``, ``next_yuan``, ``sensitivity``."""
        more = self.next_yuan._asdict() | {"actions": list(self.next_yuan.actions)}
        return {
            "frontier": self.frontier.as_dict(),
            "next_yuan": more,
            "sensitivity": self.sensitivity.as_dict(),
        }
