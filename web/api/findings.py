"""What is wrong with the register, for staff: by a standard, and in the data itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from weakref import WeakKeyDictionary

from flask import current_app, g
from pydantic import Field, WithJsonSchema

from geodata.errors import ForbiddenError
from stations import audit
from stations.audit.quality import uploads
from stations.audit.ruling import SEVERITIES
from web import roads
from web.api import answers, replies
from web.api.base import endpoint, now, register
from web.api.queries import Count, Query
from web.auth import Role
from web.kept import Kept

if TYPE_CHECKING:
    from datetime import date, datetime

    import pandas as pd
    from flask import Response

    from stations.registry import LiveRegistry, Registry

MOST, KEPT = 5_000, 3
_audits: WeakKeyDictionary[Registry, Kept[tuple[str, date], _Audit]] = WeakKeyDictionary()
"""What was found in a snapshot, by standard and day: the last few, while the snapshot is used."""


class FindingsQuery(Query):
    """Asks what is wrong."""

    standard: Annotated[str, WithJsonSchema({"type": "string", "enum": list(audit.SHIPPED)})] = (
        Field("national", pattern=f"^({'|'.join(audit.SHIPPED)})$", description="The standard.")
    )
    area: str = Field(
        "", pattern=r"^[0-9]{0,6}$", description="Leading digits of area codes, such as 5301."
    )
    rule: str = Field(
        "",
        max_length=80,
        description="Only a rule (`place.null_island`), a family of them (`place`), `standard` or "
        "`quality`.",
    )
    limit: Count = Field(200, ge=1, le=MOST, description="How many findings, the gravest first.")


@dataclass(frozen=True)
class _Audit:
    rules: tuple[audit.Rule, ...]
    rulings: pd.DataFrame


@endpoint("/findings", FindingsQuery, answers.Findings)
def findings(query: FindingsQuery) -> Response:
    """List what is wrong with the register today: breaches, and how many nobody can tell.

    For staff only. The rules are those in force today, of one standard and of data quality.
    """
    if g.role is not Role.STAFF:
        raise ForbiddenError(
            "findings are for staff: send Authorization: Bearer and the staff token"
        )
    registry, instant = register(), now()
    standard = audit.load(query.standard)
    wanted = audit.rules_for(standard, [query.rule] if query.rule else [])
    found = _audited(registry, query.standard, instant)
    names = {rule.id for rule in wanted}
    rules = [rule for rule in found.rules if rule.id in names]
    rulings = found.rulings[found.rulings["rule"].isin(names)]
    rulings = audit.picked(rulings, registry, area=query.area)
    breaches = rulings[~audit.is_unknown(rulings)]
    first = _gravest(breaches).head(query.limit)
    return replies.secret(
        {
            "revision": registry.revision,
            "synthetic": bool(registry.stations["synthetic"].any()),
            "at": instant.isoformat(),
            "standard": {name: getattr(standard, name) for name in _TITLE},
            "total": len(breaches),
            "findings": _named(audit.told(first, rules), registry),
            "rules": audit.by_rule(rulings, rules),
        }
    )


_TITLE = tuple(answers.StandardTitle.model_fields)


def _audited(registry: Registry, standard: str, instant: datetime) -> _Audit:
    kept = _audits.setdefault(registry, Kept(KEPT))
    day = audit.Context(registry, instant).day
    found = kept.get((standard, day))
    if found is None:
        live: LiveRegistry = current_app.extensions["stations.register"]
        batches = uploads(live.store, registry.revision)
        context = audit.Context(registry, instant, roads.current(), batches)
        rules = tuple(rule for rule in audit.rules_for(standard) if rule.in_force(day))
        found = _Audit(rules, audit.judge_all(rules, context))
        kept.put((standard, day), found)
    return found


def _gravest(rulings: pd.DataFrame) -> pd.DataFrame:
    """Return rulings by severity, then station, rule and fact as before."""
    order = rulings["severity"].map({name: place for place, name in enumerate(SEVERITIES)})
    return rulings.loc[order.sort_values(kind="stable").index]


def _named(told: list[dict[str, Any]], registry: Registry) -> list[dict[str, Any]]:
    names = registry.stations["name"]
    return [{**each, "name": names[each["station"]]} for each in told]
