"""An audit of the whole register, and what it found recorded: what can be gone, and what not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from stations.audit.auditing import judge_all
from stations.audit.findings.recording import Run, record_run
from stations.audit.quality import listing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stations.audit.findings.recording import Recorded
    from stations.audit.ruling import Context, Rule
    from stations.store import Store


def update(store: Store, context: Context, rules: Iterable[Rule], *, who: str) -> Recorded:
    """Judge the context's register by the rules in force, and record it at the context's instant.

    The rules about a map platform's list (`listing.RULES`) run only if there is one, and close
    nothing where it has no row of the county. Errors as in `record_run`.
    """
    listed = context.platform is not None
    mine = [
        rule
        for rule in rules
        if rule.in_force(context.day) and (listed or rule.check not in listing.CHECKS)
    ]
    found = judge_all(mine, context)
    run = Run([rule.id for rule in mine], _aids(context), _unjudged(context, mine))
    return record_run(store, found, run, who=who, at=context.at)


def _aids(context: Context) -> list[str]:
    there = {"platform": context.platform is not None, "roads": context.travel.roads is not None}
    return [aid for aid, had in there.items() if had]


def _unjudged(context: Context, rules: list[Rule]) -> pd.DataFrame:
    mine = [rule.id for rule in rules if rule.check in listing.CHECKS]
    ids = context.registry.stations.index[~listing.covered(context)]
    pairs = [(rule, str(name)) for rule in mine for name in ids]
    return pd.DataFrame(pairs, columns=["rule", "station"], dtype="str")
