"""What is wrong with the register, for staff: what is seen today, and what is being mended."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import pandas as pd
from apiflask import FileSchema
from pydantic import BeforeValidator, Field, WithJsonSchema

from geodata import files
from geodata.errors import UsageError
from stations import audit
from stations.audit import findings as loop
from stations.audit.findings.loop import plain_rows
from stations.audit.joining import NEW, pending
from stations.audit.ruling import SEVERITIES
from stations.audit.wording import evidence_told
from web.api import replies
from web.api.answers.findings import Findings, StandardTitle
from web.api.audited import audited, everything
from web.api.base import endpoint, now, register
from web.api.exports import TYPES
from web.api.queries import Count, Query
from web.auth import Role, require

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flask import Response

    from stations.registry import Registry
    from web.auth import Caller

MOST = 5_000
BYTES = FileSchema(type="string", format="binary")
READERS = (Role.INSPECTOR, Role.PLANNER, Role.EDITOR)
STATES = (NEW, *loop.STATES)


def _some(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(word for word in text.split(",") if word))
    if set(words) - set(known):
        raise UsageError(f"not one of {', '.join(known)}")
    return words


Standard = Annotated[
    str,
    WithJsonSchema({"type": "string", "enum": list(audit.SHIPPED)}),
    Field(pattern=f"^({'|'.join(audit.SHIPPED)})$", description="The standard."),
]
States = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda text: _some(text, STATES)),
    WithJsonSchema({"type": "string", "examples": ["new,open,assigned"]}),
    Field(
        description=f"Of {', '.join(STATES)}, comma-separated. Default: what is seen today "
        "and what is not over yet."
    ),
]
Severities = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda text: _some(text, SEVERITIES)),
    WithJsonSchema({"type": "string", "examples": ["critical,major"]}),
    Field(description=f"Of {', '.join(SEVERITIES)}, comma-separated."),
]


class FindingsFileQuery(Query):
    """Asks for findings as a sheet."""

    standard: Standard = "national"
    area: str = Field(
        "", pattern=r"^[0-9]{0,6}$", description="Leading digits of area codes, such as 5301."
    )
    rule: str = Field(
        "",
        max_length=80,
        description="Only a rule (`place.null_island`), a family of them (`place`; `told`: what "
        "riders report), `standard` or `quality`.",
    )
    state: States = Field("", validate_default=True)
    severity: Severities = Field("", validate_default=True)
    assignee: str = Field("", max_length=200, description="Only what is given to somebody.")
    overdue: bool = Field(default=False, description="Only what should have been mended by now.")
    station: str = Field("", max_length=200, description="Only about one station.")
    text: str = Field("", max_length=100, description="Only stations whose name or id holds it.")


class FindingsQuery(FindingsFileQuery):
    """Asks what is wrong."""

    limit: Count = Field(200, ge=1, le=MOST, description="How many findings, overdue ones first.")


@endpoint("/findings", FindingsQuery, Findings)
def findings(query: FindingsQuery) -> Response:
    """List what is wrong with the register: seen today, or recorded and not over yet.

    For inspectors, of their jurisdiction. The rules are those in force today, of one standard and
    of data quality; findings of other rules, such as riders' reports, stand beside them.
    """
    caller = require(*READERS)
    registry, instant = register(), now()
    standard = audit.load(query.standard)
    found = _asked(registry, query, caller, instant)
    return replies.secret(
        {
            "revision": registry.revision,
            "synthetic": bool(registry.stations["synthetic"].any()),
            "at": instant.isoformat(),
            "standard": {name: getattr(standard, name) for name in _TITLE},
            "area": caller.area,
            "total": len(found),
            "overdue": int(found["overdue"].sum()),
            "new": int((found["state"] == NEW).sum()),
            "findings": told(found.head(query.limit), registry),
            "rules": _rules(registry, query, caller, instant),
        }
    )


_TITLE = tuple(StandardTitle.model_fields)


@endpoint("/findings/file", FindingsFileQuery, BYTES, content_type=TYPES["xlsx"])
def findings_file(query: FindingsFileQuery) -> Response:
    """Send the same list as a sheet (XLSX)."""
    caller = require(*READERS)
    registry = register()
    found = _asked(registry, query, caller, now())
    sheet = loop.sheet(found.set_index("finding"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "findings.xlsx"
        files.write(sheet, path)
        answer = replies.secret_bytes(path.read_bytes(), content_type=TYPES["xlsx"])
    answer.headers.set("Content-Disposition", "attachment", filename="findings.xlsx")
    return answer


def told(found: pd.DataFrame, registry: Registry) -> list[dict[str, Any]]:
    """Return rows of `joined` as `answers.findings.Finding`."""
    known = loop.titles()
    return [_told(row, registry, known.get(row["rule"])) for row in plain_rows(found)]


def _told(row: Mapping[str, Any], registry: Registry, rule: audit.Rule | None) -> dict[str, Any]:
    here = row["station"] in registry.stations.index
    at = registry.position_of(row["station"]) if here else -1
    evidence = orjson.loads(row["evidence"])
    texts = ("rule", "severity", "station", "name", "area_code", "fact", "state", "assignee")
    return {
        **{name: row[name] for name in texts},
        "lon": float(registry.lon[at]) if here else None,
        "lat": float(registry.lat[at]) if here else None,
        "verdict": "breach",
        "title": {name: getattr(rule, name, row["rule"]) for name in ("zh", "en")},
        "level": rule.level if rule else None,
        "evidence": evidence,
        "told": evidence_told(evidence),
        "proposal": orjson.loads(row["proposal"]) if row["proposal"] else None,
        "finding": None if pd.isna(row["finding"]) else int(row["finding"]),
        "seen": None if pd.isna(row["seen"]) else bool(row["seen"]),
        "overdue": bool(row["overdue"]),
        "due": row["due"] or None,
        "until": row["until"] or None,
    }


def _asked(
    registry: Registry, query: FindingsFileQuery, caller: Caller, instant: datetime
) -> pd.DataFrame:
    frame = everything(registry, query.standard, instant)
    found = frame[frame["state"].isin(query.state)] if query.state else pending(frame)
    if area := caller.narrowed(query.area):
        found = found[found["area_code"].str.startswith(area)]
    if query.rule:
        found = found[found["rule"].isin(_wanted(query))]
    if query.severity:
        found = found[found["severity"].isin(query.severity)]
    for name in ("assignee", "station"):
        if asked := getattr(query, name):
            found = found[found[name] == asked]
    if query.overdue:
        found = found[found["overdue"]]
    if query.text:
        held = [found[name].str.contains(query.text, case=False, regex=False) for name in _TEXTS]
        found = found[held[0] | held[1]]
    return found


_TEXTS = ("name", "station")


def _wanted(query: FindingsFileQuery) -> set[str]:
    """Return the ids of the rules asked for: those of today's audit, of reports, of visits."""
    beside = {
        name
        for name in loop.titles()
        if query.rule in {name, name.partition(".")[0]} and query.rule not in _GROUPS
    }
    try:
        return beside | {rule.id for rule in audit.rules_for(query.standard, [query.rule])}
    except UsageError:
        if not beside:
            raise
        return beside


_GROUPS = ("standard", "quality")


def _rules(
    registry: Registry, query: FindingsQuery, caller: Caller, instant: datetime
) -> list[dict[str, Any]]:
    """Return the rules asked about and how the stations in the area stand."""
    today = audited(registry, query.standard, instant)
    rules, rulings = list(today.rules), today.rulings
    if query.rule:
        wanted = _wanted(query)
        rules = [rule for rule in rules if rule.id in wanted]
        rulings = rulings[rulings["rule"].isin(wanted)]
    return audit.by_rule(audit.picked(rulings, registry, area=caller.narrowed(query.area)), rules)
