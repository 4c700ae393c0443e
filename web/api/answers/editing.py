"""The register being edited: lists, forms, changes, history, files looked at."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from web.api.answers.base import Answer, Said


class ChangeTold(Answer):
    """One field before and after."""

    field: str
    title: Said
    before: Said = Field(description='"" nothing was said.')
    after: Said


class FaultTold(Answer):
    """What is wrong with a cell, or kept as written."""

    row: int | None = Field(description="null: the whole file.")
    field: str
    value: str
    problem: str


class Listed(Answer):
    """A station in a list."""

    id: str
    name: str
    kind: str
    status: str
    area_code: str
    lon: float
    lat: float


class StationList(Answer):
    """Stations of one's area by id."""

    total: int
    revision: int
    stations: list[Listed]
    after: str | None = Field(description="Ask for what comes after it; null: that was all.")


class FormTold(Answer):
    """A station as a form has it."""

    id: str
    base: int = Field(description="Send it back with what is changed.")
    fields: dict[str, str] = Field(description="Field → text, as a sheet's cells.")
    lon: float
    lat: float
    datum_in: str
    position_in: str
    area_name: str
    synthetic: bool
    mine: bool = Field(description="Whether the caller may change it.")


class SavedTold(Answer):
    """What became of what was sent."""

    id: str
    revision: int | None = Field(description="null: only looked at.")
    changes: list[ChangeTold]
    warnings: list[FaultTold]


class DayTold(Answer):
    """One day's hours."""

    date: str
    spans: list[tuple[str, str, Literal["open", "unknown"]]]


class HoursRead(Answer):
    """What a text about hours means."""

    understood: bool
    expression: str
    calendar: str
    reason: str = Field(description="Why it leaves a doubt.")
    days: list[DayTold]


class RevisionTold(Answer):
    """A revision that touched a station."""

    revision: int
    at: str
    who: str = Field(description='"" but for those responsible for its area, as is `why`.')
    why: str
    changes: list[ChangeTold]
    removed: bool


class HistoryTold(Answer):
    """What happened to a station, newest first."""

    id: str
    base: int = Field(description="The newest revision that touched it; send it with an undo.")
    mine: bool
    revisions: list[RevisionTold]


class UndoneTold(Answer):
    """A change taken back."""

    revision: int
    stations: int
    changes: list[ChangeTold]


class RevisionLine(Answer):
    """A revision of the register."""

    revision: int
    at: str
    who: str
    why: str
    summary: dict[str, int]


class Revisions(Answer):
    """Revisions, newest first, that changed stations only."""

    revisions: list[RevisionLine]
    before: int | None = Field(description="Ask for what came before it; null: that was all.")


class UploadTold(Answer):
    """A file that was sent."""

    id: str
    name: str
    bytes: int


class Removed(Answer):
    """A file is kept no longer."""

    id: str


class PreviewTold(Answer):
    """The result of a preview's job."""

    upload: str
    name: str
    told: dict[str, Any]
