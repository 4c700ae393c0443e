"""Records told twice, side by side; two of them made one, by an editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from geodata.errors import ForbiddenError
from stations.audit.findings import merge
from stations.audit.findings.loop import plain_rows
from stations.audit.joining import pending
from stations.audit.quality import Proposal, propose
from stations.audit.quality.merging import FIELDS, POSITION
from stations.audit.wording import cell_told, evidence_told, field_title
from stations.store import station_records
from web.api import replies
from web.api.answers.merges import Changed, Duplicates
from web.api.audited import everything, live
from web.api.base import endpoint, now, register
from web.api.bodies import posted
from web.api.bodies import sent as read
from web.api.findings import READERS
from web.api.queries import Count, Query
from web.api.records import TRUST_DIGITS
from web.api.steps import LARGEST, signed
from web.auth import Role, require

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flask import Response

    from stations.registry import Registry
    from web.auth import Caller

RULE = "twin.duplicate"
STANDARD = "national"
"""The standard whose audit is looked at; rules of data quality are in each."""
EXAMPLE = '{"keep": "YN530102-0001", "drop": "YN530102-0002", "why": "同一处"}'
PARTS: Mapping[str, tuple[str, ...]] = {
    "position": ("lon", "lat"),
    "entrance": ("entrance_lon", "entrance_lat"),
}
"""Fields that stand for several columns."""
_TOLD = ("same_as", "metres")
"""What is told of a pair by itself."""
LEFT_OUT = {*POSITION, "synthetic"}


class DuplicatesQuery(Query):
    """Asks for records told twice."""

    limit: Count = Field(50, ge=1, le=500, description="How many pairs.")


class MergeSent(BaseModel):
    """Two records to be made one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keep: str = Field(max_length=200, description="The id that stays.")
    drop: str = Field(max_length=200, description="The id that ends; its history remains.")
    why: str = Field(min_length=1, max_length=500, description="Plain text.")
    who: str = Field("", max_length=100, description="For the staff token.")
    fields: dict[str, str] | None = Field(
        None,
        description="Field → id it is taken from. Default: what the one that stays does not say "
        f"is filled from the other. Fields: {', '.join(FIELDS)}.",
    )
    base: int | None = Field(
        None,
        description="The revision that was looked at: if the register has moved on, 409, and "
        "nothing is recorded.",
    )


@endpoint("/audit/duplicates", DuplicatesQuery, Duplicates)
def duplicates(query: DuplicatesQuery) -> Response:
    """List records that may tell of one station, both field by field.

    Nothing is merged by itself: `POST /merges` does it. For inspectors and editors, if one of the
    two is in their jurisdiction.
    """
    caller = require(*READERS)
    registry, instant = register(), now()
    frame = pending(everything(registry, STANDARD, instant))
    found = frame[(frame["rule"] == RULE) & frame["seen"].fillna(value=False)]
    pairs = [(row["station"], orjson.loads(row["evidence"]), row) for row in plain_rows(found)]
    codes = registry.stations["area_code"]
    mine = [
        (went, seen, row)
        for went, seen, row in pairs
        if caller.reaches(codes[went]) or caller.reaches(codes[seen["same_as"]])
    ]
    told = [_pair(registry, each, caller, instant) for each in mine[: query.limit]]
    return replies.secret(
        {
            "revision": registry.revision,
            "synthetic": bool(registry.stations["synthetic"].any()),
            "total": len(mine),
            "pairs": told,
        }
    )


@posted("/merges", MergeSent, Changed, 201)
def merge_records() -> Response:
    """Make two records one, as one revision; the history of both stays.

    For editors, if both are in their jurisdiction.
    """
    caller = require(Role.EDITOR)
    sent = read(MergeSent, LARGEST, EXAMPLE)
    registry = live().refresh()
    may_change(registry, [sent.keep, sent.drop], caller)
    store = live().store
    proposal = (
        propose(registry.stations, sent.keep, sent.drop)
        if sent.fields is None
        else Proposal(sent.keep, sent.drop, sent.fields)
    )
    base = registry.revision if sent.base is None else sent.base
    made = merge(store, proposal, who=signed(caller, sent.who), at=now(), why=sent.why, base=base)
    live().refresh()
    answer = replies.secret(
        {"revision": made.number, "stations": [sent.keep, sent.drop], "why": made.why}
    )
    answer.status_code = 201
    return answer


def may_change(registry: Registry, ids: list[str], caller: Caller) -> None:
    """Refuse records outside the caller's jurisdiction; unknown ones raise their own error."""
    codes = registry.stations["area_code"]
    for each in ids:
        registry.position_of(each)
        if not caller.reaches(codes[each]):
            raise ForbiddenError(f"station {each[:80]!r} is outside your areas")


def _pair(
    registry: Registry,
    found: tuple[str, Mapping[str, Any], Mapping[str, Any]],
    caller: Caller,
    instant: datetime,
) -> dict[str, Any]:
    went, seen, row = found
    stays = seen["same_as"]
    both = [_twin(registry, each, instant) for each in (stays, went)]
    return {
        "left": both[0],
        "right": both[1],
        "fields": _fields(registry, stays, went),
        "metres": seen["metres"],
        "told": evidence_told({name: seen[name] for name in seen if name not in _TOLD}),
        "fact": row["fact"],
        **recorded(row),
        "mine": may(caller) and all(caller.reaches(each["area_code"]) for each in both),
    }


def may(caller: Caller) -> bool:
    """Tell whether a caller may change the register anywhere."""
    return caller.role in {Role.EDITOR, Role.ADMIN}


def recorded(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the number and the state of a row of `joined`."""
    number = row["finding"]
    return {"finding": int(number) if isinstance(number, (int, np.integer)) else None,
            "state": row["state"]}  # fmt: skip


def _twin(registry: Registry, id_: str, instant: datetime) -> dict[str, Any]:
    row, ledger = registry.position_of(id_), registry.ledger
    record = registry.stations.loc[id_]
    first, last = np.searchsorted(ledger.station, [row, row + 1])
    return {
        "id": id_,
        "name": record["name"],
        "area_code": record["area_code"],
        "lon": float(registry.lon[row]),
        "lat": float(registry.lat[row]),
        "trust": round(registry.standing(row, instant).probability, TRUST_DIGITS),
        "pieces": int(last - first),
    }


def _fields(registry: Registry, left: str, right: str) -> list[dict[str, Any]]:
    frame = registry.stations
    mine, its = station_records(frame.loc[[left, right]].reindex([left, right]))
    ways = [propose(frame, left, right), propose(frame, right, left)]
    return [
        {
            "field": name,
            **vars(field_title(name)),
            "left": _cell(name, mine),
            "right": _cell(name, its),
            "differs": _cell(name, mine) != _cell(name, its),
            "if_left": "right" if name in ways[0].fields else "left",
            "if_right": "left" if name in ways[1].fields else "right",
        }
        for name in FIELDS
        if name not in LEFT_OUT
    ]


def _cell(name: str, record: Mapping[str, Any]) -> dict[str, str]:
    if name in PARTS:
        values = [record[part] for part in PARTS[name]]
        known = not any(pd.isna(value) for value in values)
        text = ", ".join(f"{value:.6f}" for value in reversed(values)) if known else ""
        return {"zh": text, "en": text}
    return dict(vars(cell_told(name, record[name])))
