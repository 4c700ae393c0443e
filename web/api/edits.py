"""The register edited by hand: stations of one's area, a form for each, saving it."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geodata.errors import ForbiddenError, UsageError
from stations import editing, hours
from stations.activities.listing import area_name
from stations.errors import StoreConflictError
from stations.hours.clock import wall
from stations.hours.posted import line_of
from stations.imports import opening
from stations.imports.cells import Doubt
from stations.store import station_records
from web.api import replies
from web.api.answers.editing import FormTold, HoursRead, SavedTold, StationList
from web.api.audited import live
from web.api.base import endpoint, now
from web.api.bodies import posted
from web.api.bodies import sent as read
from web.api.merges import may
from web.api.queries import Count, NoQuery, Query
from web.api.steps import signed
from web.auth import Role, require
from web.words.marking import heard

if TYPE_CHECKING:
    import pandas as pd
    from flask import Response

    from stations.editing import By, Saved
    from stations.registry import Registry
    from web.auth import Caller

READERS = (Role.INSPECTOR, Role.PLANNER, Role.EDITOR)
LARGEST = 64 * 1024
LONGEST_FIELD = 24_000
TRIES = 3
DAYS = 7
DAY_MIN = 1_440
EXAMPLE = '{"fields": {"opening_hours": "周一至周五 8:30-17:30"}, "base": 12, "why": "来电更正"}'
Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]


class ListQuery(Query):
    """Asks for stations of the caller's area."""

    q: str = Field("", max_length=80, description="Part of name, id, host or telephone.")
    area: str = Field("", pattern=r"^[0-9]{0,6}$", description="Leading digits of area codes.")
    kind: str = Field("", max_length=20)
    status: str = Field("", max_length=20)
    after: str = Field("", max_length=200)
    limit: Count = Field(50, ge=1, le=200)


class HoursQuery(Query):
    """Asks what a text about hours means."""

    text: str = Field(max_length=2_000)
    calendar: Literal["", "workdays", "weekdays"] = Field("", description='"" as the text says.')


class _Edited(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    fields: dict[str, str] = Field(
        max_length=60, description=f"Field → text. Fields: {', '.join(editing.FIELDS)}."
    )
    datum: Datum = Field("wgs84", description="Of the positions sent.")
    why: str = Field("", max_length=500, description="Required to save.")
    who: str = Field("", max_length=100, description="For the staff token.")
    dry_run: bool = Field(default=False, description="Only tell what would change.")


class EditSent(_Edited):
    """What is changed of a station."""

    base: int = Field(description="The revision the form was filled from.")


class StationSent(_Edited):
    """A new station."""

    id: str = Field("", max_length=100, description='"" one is made of name and position.')


@endpoint("/edits/stations", ListQuery, StationList)
def stations_of_mine(query: ListQuery) -> Response:
    """List stations of the caller's area by id, a page at a time. For staff."""
    asking = require(*READERS)
    registry = live().current()
    frame = registry.stations
    chosen = frame["area_code"].str.startswith(asking.narrowed(query.area))
    for name in ("kind", "status"):
        if wanted := getattr(query, name):
            chosen &= frame[name] == wanted
    if query.q.strip():
        chosen &= registry.derived(_searchable).str.contains(_plain(query.q), regex=False)
    ids = frame.index[chosen.to_numpy(dtype=bool)]
    rest = ids[ids > query.after]
    page = frame.loc[rest[: query.limit]]
    more = len(rest) > len(page)
    return replies.secret(
        {
            "total": len(ids),
            "revision": registry.revision,
            "stations": [{name: each[name] for name in _LINE} for each in station_records(page)],
            "after": str(page.index[-1]) if more else None,
        }
    )


_LINE = ("id", "name", "kind", "status", "area_code", "lon", "lat")


def _searchable(registry: Registry) -> pd.Series[str]:
    frame = registry.stations
    ids = frame.index.to_series()
    texts: pd.Series[str] = (
        frame["name"] + "\n" + ids + "\n" + frame["host"] + "\n" + frame["phone"]
    )
    return texts.map(_plain).astype("str")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


@endpoint("/edits/stations/<path:station_id>", NoQuery, FormTold)
def station_form(_: NoQuery, station_id: str) -> Response:
    """Tell a station as a form has it, field by field. For staff, in their area."""
    asking = require(*READERS)
    registry = live().refresh()
    row = registry.position_of(station_id)
    record = station_records(registry.stations.iloc[[row]])[0]
    require(*READERS, area_code=record["area_code"])
    return replies.secret(
        {
            "id": record["id"],
            "base": registry.revision,
            "fields": editing.form_of(record),
            **{name: record[name] for name in _BESIDE},
            "area_name": area_name(record["area_code"]),
            "mine": may(asking),
        }
    )


_BESIDE = ("lon", "lat", "datum_in", "position_in", "synthetic")


@posted("/edits/stations", StationSent, SavedTold, 201)
def add_station() -> Response:
    """Put a new station on the register, as one revision. For editors, in their area."""
    asking = require(Role.EDITOR)
    sent = read(StationSent, LARGEST, EXAMPLE)
    by, said = _by(sent, asking), _said(sent)
    return _saved(lambda registry: editing.add(live().store, registry, sent.id.strip(), said, by,
                                               dry=sent.dry_run))  # fmt: skip


@posted("/edits/stations/<path:station_id>", EditSent, SavedTold, 201)
def save_station(station_id: str) -> Response:
    """Change a station, as one revision. For editors, in their area.

    What is wrong is told field by field (422, `faults`). If somebody changed the station since
    `base`, 409 says what.
    """
    asking = require(Role.EDITOR)
    sent = read(EditSent, LARGEST, EXAMPLE)
    by, said = _by(sent, asking), _said(sent)
    return _saved(lambda registry: editing.edit(live().store, registry, station_id, said, by,
                                                base=sent.base, dry=sent.dry_run))  # fmt: skip


@endpoint("/edits/hours", HoursQuery, HoursRead)
def read_hours(query: HoursQuery) -> Response:
    """Read what somebody wrote about hours: as an expression, and the next seven days by it.

    It is read as saving does; `reason` is the warning or the fault that saving tells.
    """
    calendar = query.calendar or opening.calendar_said(query.text)
    try:
        value = opening.hours_value(query.text, calendar)
    except ValueError as error:
        return _problem(str(error))
    if isinstance(value, Doubt):
        return _problem(value.problem)
    if not value:
        return _problem("no text")
    days = _days(hours.Posted(value, calendar), wall(now()).date())
    said = {"expression": value, "calendar": calendar, "reason": ""}
    return replies.fresh({"understood": True, **said, "days": days})


def _problem(problem: str) -> Response:
    said = {"expression": "", "calendar": "", "reason": heard(problem)}
    return replies.fresh({"understood": False, **said, "days": []})


def _days(posted_: hours.Posted, first: date) -> list[dict[str, Any]]:
    line = line_of(posted_, first, DAYS)
    ends = [*line.starts.tolist()[1:], DAYS * DAY_MIN]
    spans = [
        (start, end, hours.State(state).name.lower())
        for start, end, state in zip(line.starts.tolist(), ends, line.states.tolist(), strict=True)
        if state != hours.State.CLOSED
    ]
    return [
        {
            "date": (first + timedelta(days=day)).isoformat(),
            "spans": [
                (_clock(max(start, low) - low), _clock(min(end, low + DAY_MIN) - low), state)
                for start, end, state in spans
                if start < low + DAY_MIN and end > low
            ],
        }
        for day, low in enumerate(range(0, DAYS * DAY_MIN, DAY_MIN))
    ]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _said(sent: _Edited) -> editing.Sent:
    if any(len(text) > LONGEST_FIELD for text in sent.fields.values()):
        raise UsageError(f"fields: {LONGEST_FIELD} characters at most in each")
    return editing.Sent(sent.fields, sent.datum)


def _by(sent: _Edited, asking: Caller) -> By:
    if not sent.dry_run and not sent.why.strip():
        raise UsageError("why: say it in a few words; it stays in the history")
    return editing.By(signed(asking, sent.who), sent.why.strip(), now(), asking.reaches)


def _saved(save: Any) -> Response:  # noqa: ANN401 - a save of a snapshot
    """Save by the newest snapshot; others may record something else meanwhile."""
    made: Saved | None = None
    for left in reversed(range(TRIES)):
        registry = live().refresh()
        try:
            made = save(registry)
        except StoreConflictError:
            if not left or live().store.revision() == registry.revision:
                raise
        else:
            break
    if made is None:
        raise ForbiddenError("nothing was saved")
    live().refresh()
    answer = replies.secret(
        {
            "id": made.id,
            "revision": made.revision and made.revision.number,
            "changes": [change_told(each) for each in made.changes],
            "warnings": [{**vars(each), "problem": heard(each.problem)} for each in made.warnings],
        }
    )
    answer.status_code = 201 if made.revision else 200
    return answer


def change_told(each: editing.Change) -> dict[str, Any]:
    """Return a change as `answers.ChangeTold`."""
    parts = {name: dict(vars(getattr(each, name))) for name in ("title", "before", "after")}
    return {"field": each.field, **parts}
