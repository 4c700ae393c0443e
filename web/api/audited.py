"""Today's audit of a snapshot, and what the loop remembers, kept while they are used."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import pandas as pd
from flask import current_app

from stations import audit
from stations.audit import findings as loop
from stations.audit.findings.loop import day_of
from stations.audit.joining import joined
from stations.audit.quality import audit_datums, uploads
from web import roads
from web.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from stations.registry import LiveRegistry, Registry, Stands
    from stations.store import Store

KEPT = 3
BY_EVIDENCE = "age"
"""The family of rules that look at evidence; the others see only what a revision changes."""


@dataclass(frozen=True)
class Audit:
    """What a standard and the rules of data quality say of a register on a day."""

    rules: tuple[audit.Rule, ...]
    """Those in force."""
    rulings: pd.DataFrame
    datums: pd.DataFrame
    """What each upload behaves like: `audit_datums`."""

    def breaches(self) -> pd.DataFrame:
        """Return the rulings that are not unknown."""
        return self.rulings[~audit.is_unknown(self.rulings)]


_auditing = Lock()
_audits: WeakKeyDictionary[Stands, Kept[tuple[str, date], Audit]] = WeakKeyDictionary()
"""By the stands, which snapshots that differ in evidence only share; then by standard and day."""
_fresh: WeakKeyDictionary[Registry, Kept[tuple[str, date], Audit]] = WeakKeyDictionary()
"""The same with the rules that look at evidence judged anew."""
_standings: WeakKeyDictionary[Store, Kept[tuple[int, date], pd.DataFrame]] = WeakKeyDictionary()
_joined: WeakKeyDictionary[Registry, Kept[tuple[str, date, int], pd.DataFrame]] = (
    WeakKeyDictionary()
)


def live() -> LiveRegistry:
    """Return the register this application serves."""
    found: LiveRegistry = current_app.extensions["stations.register"]
    return found


def audited(registry: Registry, standard: str, instant: datetime) -> Audit:
    """Return what the rules of a standard and of data quality say of a snapshot today."""
    key = standard, day_of(instant)
    with _auditing:  # who comes while it is done waits for it
        kept = _fresh.setdefault(registry, Kept(KEPT))
        found = kept.get(key)
        if found is None:
            found = _found(registry, standard, instant)
            kept.put(key, found)
        return found


def _found(registry: Registry, standard: str, instant: datetime) -> Audit:
    before = _audits.setdefault(registry.stands, Kept(KEPT))
    key = standard, day_of(instant)
    base = before.get(key)
    if base is not None:
        return _rejudged(base, registry, instant)
    made = _judged(registry, standard, instant)
    before.put(key, made)
    return made


def _judged(registry: Registry, standard: str, instant: datetime) -> Audit:
    batches = uploads(live().store, registry.revision)
    context = audit.Context(registry, instant, roads.current(), batches)
    rules = tuple(rule for rule in audit.rules_for(standard) if rule.in_force(context.day))
    return Audit(rules, audit.judge_all(rules, context), audit_datums(context))


def _rejudged(base: Audit, registry: Registry, instant: datetime) -> Audit:
    """Judge the rules that look at evidence anew, and keep the rest."""
    mine = [rule for rule in base.rules if rule.id.partition(".")[0] == BY_EVIDENCE]
    batches = uploads(live().store, registry.revision)
    anew = audit.judge_all(mine, audit.Context(registry, instant, roads.current(), batches))
    rest = base.rulings[~base.rulings["rule"].isin([rule.id for rule in mine])]
    rulings = pd.concat([rest, anew]).sort_values(
        ["station", "rule", "fact"], kind="stable", ignore_index=True
    )
    return Audit(base.rules, rulings, base.datums)


def standing(store: Store, instant: datetime) -> pd.DataFrame:
    """Return where every finding stands, as `loop.standing`: computed once a step and day."""
    kept = _standings.setdefault(store, Kept(KEPT))
    key = store.steps_number(), day_of(instant)
    found = kept.get(key)
    if found is None:
        steps = store.steps()
        newest = steps["at"].max() if len(steps) else instant  # recorded since the question began
        found = loop.standing(steps, max(instant, newest))
        kept.put(key, found)
    return found


def everything(registry: Registry, standard: str, instant: datetime) -> pd.DataFrame:
    """Return today's breaches beside every finding there ever was: `joined`."""
    store = live().store
    kept = _joined.setdefault(registry, Kept(KEPT))
    key = standard, day_of(instant), store.steps_number()
    found = kept.get(key)
    if found is None:
        today = audited(registry, standard, instant)
        ids: Sequence[str] = [rule.id for rule in today.rules]
        known = standing(store, instant)
        found = joined(today.breaches(), known, registry.stations, ids)
        kept.put(key, found)
    return found
