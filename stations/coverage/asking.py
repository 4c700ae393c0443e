"""Asking for the truth: reach once, then as many questions as there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stations import reach
from stations.coverage.real import Truth
from stations.coverage.relation import relate
from stations.coverage.terms import Terms
from stations.cube import measure

if TYPE_CHECKING:
    from stations.coverage.answer import Need
    from stations.coverage.relation import Relation
    from stations.reach import ReachCache
    from stations.reach.pairs import Progress
    from stations.registry import Registry
    from stations.travel import Travel

EVERYTHING = Terms()


def truth(
    registry: Registry,
    need: Need,
    terms: Terms = EVERYTHING,
    travel: Travel = reach.ESTIMATES,
    cache: ReachCache | None = None,
    *,
    relation: Relation | None = None,
    progress: Progress | None = None,
) -> Truth:
    """Answer ``need`` from ``registry`` hour by hour, with amenities and trust.

    ``travel``, ``cache`` and ``progress`` are as in `measure`; ``relation`` is what `relate` found
    for this layer, limit and `Terms.travel`, if it is known already: a caller who is asked often
    keeps it, and the answers, as long as the snapshot. Raises what `measure` raises, and
    `UsageError` for terms that make no sense.
    """
    question = terms.question(need.needs)
    changes = [(each, each.rows(registry)) for each in terms.changes]
    if relation is None:
        relation = relate(registry, need, terms.travel(travel, need.limit), cache, progress)
    relation = relation.on(registry, question.days)
    sites = registry.layer(need.layer).sites
    found = measure(registry, sites, relation.ground, question)
    if changes:
        supply = found.supply
        for each, rows in changes:
            supply = each.applied(supply, rows, question)
        found = found.over(supply)
    mode = travel.mode(need.limit.mode) if need.limit.unit == "min" else None
    return Truth(need, terms, relation.paper, found, registry, mode, reach=relation.reach)
