"""Recording and reading the steps of findings, inside the transaction the caller has begun."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd
from sqlalchemy import func, insert, select

from geodata.errors import UsageError
from stations.errors import StoreClockError, StoreConflictError
from stations.store._chain import extend
from stations.store._door import NOT_TEXT, askable, in_turn
from stations.store._evidence import add_own_evidence
from stations.store._tables import finding_steps
from stations.trust import checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection, Row

    from stations.trust import Evidence

_BATCH = 2000
STEP_COLUMNS: Mapping[str, str] = {
    "finding": "int64",  # the number of the step that opened it
    "step": "str",
    "at": "datetime64[us, UTC]",
    "who": "str",
    "why": "str",
    "details": "str",  # a JSON object
    "rule": "str",  # of the step that opens, else ""
    "station": "str",  # this and the next: of the step that opens and of those that move, else ""
    "fact": "str",
}


@dataclass(frozen=True)
class FindingStep:
    """One step of a finding (问题), to be recorded; what steps are allowed is not known here."""

    step: str
    at: datetime
    """Aware."""
    who: str
    why: str
    finding: int = 0
    """The number of the step that opened it; 0: this one opens a new finding."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """What JSON can hold."""
    rule: str | None = None
    """What the finding is about, for the step that opens it; this one is never another."""
    station: str | None = None
    """This and the next: for the step that opens it, and for those that change it."""
    fact: str | None = None


@dataclass(frozen=True)
class Beside:
    """Steps and pieces of evidence to be recorded with a revision, in its transaction."""

    steps: Sequence[FindingStep]
    base: int
    """As in `Store.add_steps`."""
    seen: Sequence[Evidence] = ()


def add_steps(connection: Connection, steps: Sequence[FindingStep], base: int) -> list[int]:
    """Write the steps; return their numbers. ``base`` is the newest step they were decided on."""
    newest = steps_number(connection)
    if newest != base:
        raise StoreConflictError(
            f"findings are at step {newest}, these were decided on at {base}; read them again"
        )
    latest = newest_at(connection)
    rows = [_row(number, step) for number, step in enumerate(steps, newest + 1)]
    for row in rows:
        dated = in_turn(row["at"], latest)
        if latest is not None and dated is None:
            raise StoreClockError(
                f"expected a time not before the newest step's, {latest.isoformat()}"
            )
        row["at"] = dated
    for batch in batched(rows, _BATCH):
        connection.execute(insert(finding_steps), batch)
    return [row["number"] for row in rows]


def record_beside(connection: Connection, told: Beside, *, received: datetime) -> list[int]:
    """Write steps and what was seen with them, and link both; return the steps' numbers."""
    kept = [checked(piece, received) for piece in told.seen]
    numbers = add_steps(connection, told.steps, told.base)
    extend(connection, "finding")
    add_own_evidence(connection, kept, received)
    extend(connection, "evidence")
    return numbers


def _row(number: int, step: FindingStep) -> dict[str, Any]:
    if step.at.utcoffset() is None:
        raise UsageError("expected a time with its zone, e.g. 2026-11-22T08:00:00+08:00")
    for what, text in (("who", step.who), ("why", step.why)):
        if not text.strip() or NOT_TEXT.search(text):
            raise UsageError(f"a step says {what} in plain text, got {text[:80]!r}")
    return {
        "number": number,
        "finding": step.finding or number,
        "step": step.step,
        "at": step.at,
        "who": step.who,
        "why": step.why,
        "details": orjson.dumps(step.details, option=orjson.OPT_SORT_KEYS).decode(),
        "rule": step.rule,
        "station": step.station,
        "fact": step.fact,
    }


def steps_number(connection: Connection) -> int:
    """Return the number of the newest step, 0 for none."""
    return connection.execute(select(func.max(finding_steps.c.number))).scalar() or 0


def newest_at(connection: Connection) -> datetime | None:
    """Return when the newest step was taken, None if there is none."""
    query = select(finding_steps.c.at).order_by(finding_steps.c.number.desc()).limit(1)
    return connection.execute(query).scalar()


def read_steps(
    connection: Connection, finding: int | None, stations: Iterable[str] | None
) -> pd.DataFrame:
    """Return the steps of one finding, of those ever about some stations, or of all, by number."""
    columns = [finding_steps.c[name] for name in ("number", *STEP_COLUMNS)]
    query = select(*columns).order_by(finding_steps.c.number)
    if finding is not None:
        query = query.where(finding_steps.c.finding == finding)
    if stations is None:
        return steps_frame(connection.execute(query).all())
    rows: dict[int, Row[tuple[Any, ...]]] = {}
    for batch in batched(askable(stations), _BATCH):
        mine = select(finding_steps.c.finding).where(finding_steps.c.station.in_(batch))
        found = connection.execute(query.where(finding_steps.c.finding.in_(mine)))
        rows |= {row.number: row for row in found}
    return steps_frame([rows[number] for number in sorted(rows)])


def steps_frame(rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Return rows, each a number and `STEP_COLUMNS`, as a frame."""
    frame = pd.DataFrame(rows, columns=["number", *STEP_COLUMNS])
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    names = ["rule", "station", "fact"]
    frame[names] = frame[names].astype("str").fillna("")
    return frame.astype({"number": "int64", **STEP_COLUMNS}).set_index("number")
