"""What happened to a station, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from stations import editing
from web.api import replies
from web.api.answers.editing import HistoryTold, Revisions, UndoneTold
from web.api.audited import live
from web.api.base import endpoint, now
from web.api.bodies import posted
from web.api.bodies import sent as read
from web.api.edits import change_told
from web.api.merges import may
from web.api.queries import Count, NoQuery, Query
from web.api.steps import LARGEST, signed
from web.auth import Role, caller, require

if TYPE_CHECKING:
    from flask import Response

    from stations.editing import Touched, Undone
    from stations.store import Revision
    from web.auth import Caller

EXAMPLE = '{"revision": 12, "base": 15, "why": "误改"}'
EXAMPLE_WHOLE = '{"why": "导错了文件"}'


class RevisionsQuery(Query):
    """Asks for revisions."""

    limit: Count = Field(50, ge=1, le=500)
    before: Count = Field(2**31 - 1, ge=1, description="Only those before this one.")


class UndoSent(BaseModel):
    """A change of a station to be taken back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    revision: int = Field(ge=1, description="The revision that made it.")
    base: int = Field(description="The newest revision known to have touched the station.")
    why: str = Field(min_length=1, max_length=500)
    who: str = Field("", max_length=100, description="For the staff token.")
    anyway: bool = Field(
        default=False, description="Also where later changes touched the same fields."
    )


class WholeSent(BaseModel):
    """All that a revision changed of stations, to be taken back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    why: str = Field(min_length=1, max_length=500)
    who: str = Field("", max_length=100, description="For the staff token.")


@endpoint("/stations/<path:station_id>/history", NoQuery, HistoryTold)
def station_history(_: NoQuery, station_id: str) -> Response:
    """Tell what happened to a station, revision by revision, newest first.

    Who it was, and why, is told to staff responsible for its area.
    """
    asking = caller()
    told = editing.history(live().store, station_id)
    reached = _reached(told, asking)
    return replies.secret(
        {
            "id": station_id,
            "base": told[-1].revision.number,
            "mine": reached and may(asking),
            "revisions": [_line(each, reached=reached) for each in reversed(told)],
        }
    )


@posted("/stations/<path:station_id>/undo", UndoSent, UndoneTold, 201)
def undo_change(station_id: str) -> Response:
    """Take back what a revision changed of a station, as a new revision. For editors.

    Where later changes touched the same fields, 409 says which, unless `anyway`.
    """
    asking = require(Role.EDITOR)
    sent = read(UndoSent, LARGEST, EXAMPLE)
    store = live().store
    told = editing.history(store, station_id)
    code = _area(told)
    require(Role.EDITOR, area_code=code)
    by = editing.By(signed(asking, sent.who), sent.why, now(), asking.reaches)
    made = editing.undo(store, station_id, sent.revision, sent.base, by, anyway=sent.anyway)
    return _undone(made)


@endpoint("/revisions", RevisionsQuery, Revisions)
def revisions(query: RevisionsQuery) -> Response:
    """List revisions that changed stations and nothing else, newest first. For editors.

    Who it was, and why, is told where all its stations are in the caller's area.
    """
    asking = require(Role.EDITOR)
    found = [
        each
        for each in reversed(live().store.revisions())
        if each.number < query.before
        and not any(count for name, count in each.summary.items() if "stations" not in name)
    ]
    page = found[: query.limit]
    areas = live().store.areas({each.number for each in page})
    lines = [_whole(each, reached=all(map(asking.reaches, areas[each.number]))) for each in page]
    more = len(found) > len(page)
    return replies.secret({"revisions": lines, "before": page[-1].number if more else None})


def _whole(each: Revision, *, reached: bool) -> dict[str, Any]:
    return {
        "revision": each.number,
        "at": each.at.isoformat(),
        "who": each.who if reached else "",
        "why": each.why if reached else "",
        "summary": dict(each.summary),
    }


@posted("/revisions/<int:number>/undo", WholeSent, UndoneTold, 201)
def undo_whole(number: int) -> Response:
    """Take back all that a revision changed of stations, such as an import. For editors.

    All or nothing: every station must be in the caller's area, and none changed again since.
    """
    asking = require(Role.EDITOR)
    sent = read(WholeSent, LARGEST, EXAMPLE_WHOLE)
    by = editing.By(signed(asking, sent.who), sent.why, now(), asking.reaches)
    return _undone(editing.undo_revision(live().store, number, by))


def _undone(made: Undone) -> Response:
    live().refresh()
    answer = replies.secret(
        {
            "revision": made.revision.number,
            "stations": made.stations,
            "changes": [change_told(each) for each in made.changes],
        }
    )
    answer.status_code = 201
    return answer


def _area(told: list[Touched]) -> str:
    """Return the area code a station has, or had last."""
    newest = told[-1].after or told[-1].before or {}
    return str(newest.get("area_code", ""))


def _reached(told: list[Touched], asking: Caller) -> bool:
    return asking.role is not Role.PUBLIC and asking.reaches(_area(told))


def _line(each: Touched, *, reached: bool) -> dict[str, Any]:
    return {
        "revision": each.revision.number,
        "at": each.revision.at.isoformat(),
        "who": each.revision.who if reached else "",
        "why": each.revision.why if reached else "",
        "changes": [change_told(change) for change in each.changes],
        "removed": each.after is None,
    }
