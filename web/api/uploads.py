"""Files of stations: sent, looked at, accepted as one revision; by an editor."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
from apiflask import FileSchema
from flask import current_app, request
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import RequestEntityTooLarge

from geodata import files
from geodata.errors import UsageError
from stations import editing, imports
from stations.errors import StoreConflictError
from stations.imports import STATIONS
from web import guard
from web.api import answers, jobs, replies
from web.api.answers.editing import Removed, UploadTold
from web.api.audited import live
from web.api.base import endpoint, now
from web.api.bodies import posted
from web.api.bodies import sent as read
from web.api.exports import TYPES
from web.api.queries import NoQuery, Query
from web.api.steps import LARGEST as LARGEST_SENT
from web.api.steps import signed
from web.auth import Role, require
from web.uploads import LARGEST, Uploads
from web.words.errors import translated
from web.words.marking import answers_in, heard

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response

    from geodata.files import Table
    from stations.registry import LiveRegistry
    from web.auth import Caller
    from web.jobs import Report

READ, CHECK, STORE = "read", "check", "store"
"""Stages of the jobs."""
SAMPLE = 40
SEVERAL = 2
EXAMPLE = '{"datum": "gcj02", "columns": {"name": "名称"}}'
EXAMPLE_ACCEPT = '{"base": 12, "why": "十一月台账", "partial": false}'
Column = Annotated[str, Field(max_length=200)]


class FileQuery(Query):
    """Names the file sent."""

    name: str = Field(min_length=1, max_length=200, description="With its ending, such as .xlsx.")


class HowSent(BaseModel):
    """How a file is to be read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    datum: str = Field("", max_length=20, description='"" as the file says, else WGS 84.')
    columns: dict[Column, Column] = Field(
        default_factory=dict, max_length=60, description="Field → column, where not recognised."
    )
    unused: list[Column] = Field(
        default_factory=list, max_length=200, description="Columns to leave out."
    )
    encoding: str = Field("", max_length=40)
    part: str = Field(
        "",
        max_length=200,
        description='Of several sheets or layers; "" the first with names and positions.',
    )
    make_ids: bool = Field(default=False, description="Make ids of name and position.")


class AcceptSent(BaseModel):
    """A file that was looked at is to be recorded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: int = Field(description="Of the preview; 409 if the register has moved on.")
    mark: str = Field(
        "",
        max_length=64,
        description='Of the preview; 409 if the file was read otherwise since. "": as read last.',
    )
    why: str = Field(min_length=1, max_length=500)
    partial: bool = Field(default=False, description="Leave out the rows with faults.")
    who: str = Field("", max_length=100, description="For the staff token.")


@dataclass(frozen=True)
class _File:
    """A file of somebody, for work outside any request."""

    uploads: Uploads
    id: str
    asking: Caller
    live: LiveRegistry

    def settled(self, how: HowSent) -> tuple[HowSent, list[str]]:
        """Return how the file is read, its part named if it has several, and these."""
        path = self.uploads.get(self.asking.key, self.id).path
        names = files.parts(path)
        if how.part or len(names) < SEVERAL:
            return how, names
        return how.model_copy(update={"part": imports.likely(path, names)}), names

    def look(self, how: HowSent, report: Report) -> tuple[imports.Preview, Table]:
        """Read the file and compare it with the newest revision."""
        path = self.uploads.get(self.asking.key, self.id).path
        report(READ, 0, 0)
        table = imports.read(path, STATIONS, encoding=how.encoding or None, part=how.part or None)
        left = [name for name in how.unused if name in table.frame]
        used = replace(table, frame=table.frame.drop(columns=left))
        report(CHECK, 0, 0)
        options = imports.Options(
            datum=how.datum or None, columns=how.columns, make_ids=how.make_ids
        )
        beyond = partial(editing.beyond, reaches=self.asking.reaches)
        return imports.preview(used, STATIONS, self.live.store, options, beyond=beyond), table


@endpoint("/uploads", FileQuery, UploadTold, method="POST", status=201)
@guard.takes(LARGEST)
def send_file(query: FileQuery) -> Response:
    """Send a file of stations to be looked at: the bytes are the body. For editors.

    It changes nothing. It is kept for two hours, for its sender.
    """
    asking = require(Role.EDITOR)
    kept = _uploads().keep(asking.key, query.name, _body())
    answer = replies.secret({"id": kept.id, "name": kept.name, "bytes": kept.bytes})
    answer.status_code = 201
    return answer


def _body() -> bytes:
    """Return the body; of one that does not tell its length, no more than needed is read."""
    request.max_content_length = LARGEST + 1
    data = request.get_data()
    if len(data) > LARGEST:
        raise RequestEntityTooLarge(f"At most {LARGEST >> 20} MB may be sent here.")
    if not data:
        raise UsageError("the file is empty")
    return data


@posted("/uploads/<upload_id>/preview", HowSent, answers.Job, 202)
def preview_file(upload_id: str) -> Response:
    """Look at a file, as a job: what is new, changed, unchanged, absent, and every fault by row.

    Rows outside the caller's area are faults. Nothing is recorded.
    """
    file = _file(upload_id)
    how = read(HowSent, LARGEST_SENT, EXAMPLE)
    return jobs.begin("preview", partial(_preview, file, how, answers_in()))


def _preview(file: _File, how: HowSent, language: str, report: Report) -> bytes:
    report(READ, 0, 0)
    how, names = file.settled(how)
    made, table = file.look(how, report)
    current = file.live.refresh()
    old = current.stations if current.revision == made.base else file.live.store.stations(made.base)
    told = editing.told(made, old, file.asking.reaches)
    for name in ("faults", "warnings"):
        told[name] = [
            {**each, "problem": translated(each["problem"], language)} for each in told[name]
        ]
    noted = {"how": how.model_dump(), "base": made.base}
    noted["mark"] = hashlib.sha256(replies.encode(noted)).hexdigest()
    for name in ("faults", "warnings"):
        noted[name] = [vars(fault) for fault in getattr(made, name)]
    file.uploads.note(file.asking.key, file.id, noted)
    kept = file.uploads.get(file.asking.key, file.id)
    told |= {
        "upload": file.id,
        "name": kept.name,
        "file_columns": _columns(table),
        "notes": [translated(note, language) for note in table.notes],
        "format": table.format,
        "mark": noted["mark"],
        "part": how.part,
        "parts": names,
    }
    return replies.encode(told)


def _columns(table: Table) -> list[dict[str, str]]:
    """Return the columns of a file, each with its first cell that holds something."""
    told = []
    for name in table.frame.columns:
        filled = next((text for text in table.frame[name].head(200) if text), "")
        told.append({"name": str(name), "sample": filled[:SAMPLE]})
    return told


@posted("/uploads/<upload_id>/accept", AcceptSent, answers.Job, 202)
def accept_file(upload_id: str) -> Response:
    """Record a file that was looked at as one revision, as a job. For whoever looked at it.

    It must be what was seen: if the register has moved on since the preview, or the file was
    looked at once more and read otherwise, 409.
    """
    file = _file(upload_id)
    sent = read(AcceptSent, LARGEST_SENT, EXAMPLE_ACCEPT)
    noted = file.uploads.noted(file.asking.key, upload_id)
    if sent.base != noted["base"]:
        raise StoreConflictError(
            f"the preview was of revision {noted['base']}, not {sent.base}; look at it again"
        )
    if sent.mark and sent.mark != noted["mark"]:
        raise StoreConflictError(
            "this file was looked at once more since, and read otherwise; look at it again"
        )
    _refuse_if_moved(sent.base, live().store.revision())
    work = partial(_accept, file, sent, HowSent(**noted["how"]),
                   who=signed(file.asking, sent.who), at=now())  # fmt: skip
    return jobs.begin("accept", work)


def _accept(
    file: _File, sent: AcceptSent, how: HowSent, report: Report, *, who: str, at: datetime
) -> bytes:
    made, _ = file.look(how, report)
    _refuse_if_moved(sent.base, made.base)
    revision = imports.accept(
        made,
        file.live.store,
        who=who,
        why=sent.why,
        at=at,
        partial=sent.partial,
        progress=partial(report, STORE),
    )
    file.live.refresh()
    file.uploads.remove(file.asking.key, file.id)
    told = {"revision": revision and revision.number, "left_out": len(made.left_out)}
    return replies.encode(told | {"added": len(made.added), "changed": len(made.changed)})


def _refuse_if_moved(base: int, newest: int) -> None:
    if base != newest:
        raise StoreConflictError(
            f"the register is at revision {newest}, the preview was of {base}; look at it again"
        )


@endpoint(
    "/uploads/<upload_id>/faults", NoQuery, FileSchema(type="string", format="binary"),
    content_type=TYPES["xlsx"],
)  # fmt: skip
def fault_sheet(_: NoQuery, upload_id: str) -> Response:
    """Send all faults and warnings of a file as a sheet to work through."""
    file = _file(upload_id)
    noted = file.uploads.noted(file.asking.key, upload_id)
    rows = [
        {"severity": kind, **each, "problem": heard(each["problem"])}
        for kind, name in (("fault", "faults"), ("warning", "warnings"))
        for each in noted[name]
    ]
    sheet = pd.DataFrame(rows, columns=["severity", "row", "field", "value", "problem"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "faults.xlsx"
        files.write(sheet, path)
        answer = replies.secret_bytes(path.read_bytes(), content_type=TYPES["xlsx"])
    answer.headers.set("Content-Disposition", "attachment", filename="faults.xlsx")
    return answer


@endpoint("/uploads/<upload_id>", NoQuery, Removed, method="DELETE")
def remove_file(_: NoQuery, upload_id: str) -> Response:
    """Keep a file no longer."""
    file = _file(upload_id)
    file.uploads.remove(file.asking.key, upload_id)
    return replies.secret({"id": upload_id})


def _file(upload_id: str) -> _File:
    """Return a file of the caller's."""
    asking = require(Role.EDITOR)
    uploads = _uploads()
    uploads.get(asking.key, upload_id)
    return _File(uploads, upload_id, asking, live())


def _uploads() -> Uploads:
    uploads: Uploads = current_app.extensions["stations.uploads"]
    return uploads
