"""The door all models share: what may be added, for how long, told to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from geodata.errors import UsageError
from stations.siting.clock import Clock
from stations.siting.inputs import choice, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from stations.siting.clock import Progress
    from stations.siting.inputs import Choice


class Entry(NamedTuple):
    """What may be added, and the clock."""

    may: Choice
    clock: Clock


def entry(
    columns: int,
    *,
    sites: int | None,
    budget: float | None,
    site_costs: npt.ArrayLike | None,
    open_: Sequence[int],
    forbidden: Sequence[int],
    time_limit_s: float | None,
    gap: float,
    seed: int,
    progress: Progress | None,
    limited: bool = True,
) -> Entry:
    """Check what the four models take alike; ``limited``: ``sites`` or ``budget`` must be given."""
    if limited and (sites is None) == (budget is None):
        raise UsageError("give either sites= (how many to add) or budget= with site_costs=")
    clock = started(time_limit_s, gap, seed, progress)
    may = choice(
        columns,
        sites=sites,
        budget=budget,
        site_costs=site_costs,
        open_=open_,
        forbidden=forbidden,
    )
    return Entry(may, clock)


def started(time_limit_s: float | None, gap: float, seed: int, progress: Progress | None) -> Clock:
    """Return the clock, running; raise unless all of these, the seed too, are usable."""
    if time_limit_s is not None and not time_limit_s > 0:
        raise UsageError(f"time_limit_s must be above 0, or None for no limit; got {time_limit_s}")
    if not 0 <= gap < 1:
        raise UsageError(f"gap is a share from 0 to below 1, got {gap}")
    if not whole(seed) or not 0 <= seed < 2**31:
        raise UsageError(f"seed must be a whole number from 0 to 2**31 - 1, got {seed!r}")
    return Clock(time_limit_s, gap, progress)
