"""Recording and reading the steps of activities, inside the transaction the caller has begun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd
from sqlalchemy import func, insert, select

from geodata.errors import UsageError
from stations.errors import StationMissingError, StoreConflictError
from stations.store._door import NOT_TEXT, askable
from stations.store._tables import activity_steps, station_versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection

KEY_LENGTH = 200
ACTIVITY_STEP_COLUMNS: Mapping[str, str] = {
    "activity": "int64",  # the number of the step that planned it
    "step": "str",
    "at": "datetime64[us, UTC]",
    "who": "str",
    "why": "str",
    "details": "str",  # a JSON object
    "key": "str",
    "station": "str",  # of the step that planned it, else ""
}


@dataclass(frozen=True)
class ActivityStep:
    """One step of an activity, to be recorded; what steps are allowed is not known here."""

    step: str
    at: datetime
    """Aware: when it was recorded."""
    who: str
    why: str
    """May be empty."""
    details: Mapping[str, Any]
    """What JSON can hold."""
    key: str
    """The sender's mark, one a step of the register."""
    activity: int = 0
    """The number of the step that planned it; 0: this one plans a new activity."""
    station: str | None = None
    """For the step that plans it, and for none other."""


def add_activity_step(connection: Connection, step: ActivityStep, base: int) -> int:
    """Write a step and return its number; one known already is left as it is."""
    row = _row(step)
    known = connection.execute(select(activity_steps).where(activity_steps.c.key == step.key))
    if (before := known.first()) is not None:
        same = ("step", "who", "why", "details", "station")
        again = all(getattr(before, name) == row[name] for name in same)
        if not again or step.activity not in {0, before.activity}:
            raise StoreConflictError(f"the key {step.key[:80]!r} stands for another step")
        return int(before.number)
    newest = activities_number(connection)
    if newest != base:
        raise StoreConflictError(
            f"activities are at step {newest}, this was decided on at {base}; read them again"
        )
    if step.station is not None:
        there = select(station_versions.c.id).where(station_versions.c.id == step.station).limit(1)
        if connection.execute(there).first() is None:
            raise StationMissingError(f"no station {step.station[:80]!r} in the register's history")
    number = newest + 1
    own = {"number": number, "activity": step.activity or number, "at": step.at}
    connection.execute(insert(activity_steps), row | own)
    return number


def _row(step: ActivityStep) -> dict[str, Any]:
    if step.at.utcoffset() is None:
        raise UsageError("expected a time with its zone, e.g. 2026-11-22T08:00:00+08:00")
    for what, text in (("who", step.who), ("key", step.key), ("step", step.step)):
        if not text.strip():
            raise UsageError(f"a step of an activity says its {what} in plain text")
    if len(step.key) > KEY_LENGTH:
        raise UsageError(f"a key has {KEY_LENGTH} characters at most")
    details = orjson.dumps(step.details, option=orjson.OPT_SORT_KEYS).decode()
    texts = {"step": step.step, "who": step.who, "why": step.why, "key": step.key}
    if NOT_TEXT.search("".join((*texts.values(), details, step.station or ""))):
        raise UsageError("a step of an activity must be plain text")
    return {**texts, "details": details, "station": step.station}


def activities_number(connection: Connection) -> int:
    """Return the number of the newest step, 0 for none."""
    return connection.execute(select(func.max(activity_steps.c.number))).scalar() or 0


def read_activities(connection: Connection, after: int) -> pd.DataFrame:
    """Return the steps with a number above ``after``, by number."""
    columns = [activity_steps.c[name] for name in ("number", *ACTIVITY_STEP_COLUMNS)]
    query = select(*columns).where(activity_steps.c.number > after)
    return activity_frame(connection.execute(query.order_by(activity_steps.c.number)).all())


def read_activities_before(connection: Connection, key: str) -> pd.DataFrame | None:
    """Return the steps before the one a key stands for; None: it stands for none."""
    if not askable([key]):
        return None
    mine = select(activity_steps.c.number).where(activity_steps.c.key == key)
    number = connection.execute(mine).scalar()
    if number is None:
        return None
    return read_activities(connection, 0).loc[: number - 1]


def activity_frame(rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Return rows, each a number and `ACTIVITY_STEP_COLUMNS`, as a frame."""
    frame = pd.DataFrame(rows, columns=["number", *ACTIVITY_STEP_COLUMNS])
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    frame["station"] = frame["station"].astype("str").fillna("")
    return frame.astype({"number": "int64", **ACTIVITY_STEP_COLUMNS}).set_index("number")
