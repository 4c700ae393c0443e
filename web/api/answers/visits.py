"""Visits: what is asked on the spot, and what came of the answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stations.trust import Outcome
from web.api.answers.base import Answer, Said
from web.api.answers.findings import Severity  # noqa: TC001 - pydantic reads it

QuestionKind = Literal["yes_no", "choice", "number", "text", "photo"]
Seen = Literal["", Outcome]
Step = Literal["open", "confirm", "verify", "reopen", "gone", "settle", "back", "return", "move"]


class Choice(Answer):
    """One of the answers to choose from."""

    code: str
    zh: str
    en: str


class QuestionTold(Answer):
    """One question of a form."""

    id: str = Field(description="Stable: answers are kept under it.")
    group: str
    kind: QuestionKind
    zh: str
    en: str
    choices: list[Choice]
    rule: str | None = Field(description="The rule that asks; of a finding, the rule it is about.")
    severity: Severity | None
    claimed: str | float | None = Field(description="What the register says.")
    help: Said | None
    finding: int | None


class FormGroup(Answer):
    """Questions that belong together."""

    id: str
    zh: str
    en: str


class FormStandard(Answer):
    """The standard whose rules ask."""

    id: str
    zh: str
    en: str


class FormStation(Answer):
    """The station as the register has it."""

    id: str
    name: str
    kind: str
    status: str
    host: str
    phone: str
    access: str
    opening_hours: str
    amenities: list[str]
    area_code: str
    lon: float = Field(description="WGS 84 degrees.")
    lat: float
    synthetic: bool


class FormFinding(Answer):
    """A finding of the station that is not over."""

    number: int
    title: Said
    rule: str
    severity: Severity
    state: str
    due: str
    overdue: bool
    assignee: str


class Form(Answer):
    """What is asked at one station."""

    version: str = Field(description="Equal forms have one; sent back with the answers.")
    standard: FormStandard
    at: str
    revision: int
    synthetic: bool
    station: FormStation
    groups: list[FormGroup]
    questions: list[QuestionTold]
    findings: list[FormFinding]


class Forms(Answer):
    """The forms of some stations, to be taken along."""

    forms: list[Form]
    missing: list[str] = Field(description="Ids that are not on the register, or not yours.")


class VisitPosition(Answer):
    """Where somebody was."""

    lon: float = Field(description="WGS 84 degrees.")
    lat: float
    accuracy_m: float | None


class StepTaken(Answer):
    """What a visit did to one finding."""

    number: int
    step: Step
    state: str | None = Field(description="The state the step leads to; null: as before.")
    rule: str
    severity: Severity
    title: Said


class LeftAlone(Answer):
    """A finding an answer was about, that no step was taken for, and why."""

    number: int
    zh: str
    en: str


class GivenAnswer(Answer):
    """One answer, in the words it was given to."""

    id: str
    zh: str
    en: str
    value: bool | float | str
    said: Said | None = Field(description="null: to no question that was known.")


class PhotoLonLat(Answer):
    """Where a camera said it was."""

    lon: float
    lat: float


class VisitPhoto(Answer):
    """A photo named in a visit."""

    sha256: str = Field(description="Of the bytes as they were sent.")
    name: str
    taken: str | None
    question: str
    here: bool = Field(description="False: its bytes have not come yet.")
    kept: str | None = Field(description="SHA-256 of the stripped JPEG.")
    gps: PhotoLonLat | None
    camera_time: str | None
    distance_m: float | None = Field(description="From the pin to where the camera said it was.")
    far: bool


class VisitTold(Answer):
    """One visit."""

    visit: int
    station: str
    name: str
    key: str
    who: str
    form: str
    standard: str
    outcome: Seen = Field(description="What it is as evidence; empty: none.")
    at: str
    received: str
    position: VisitPosition | None
    distance_m: float | None = Field(description="From the pin, or the entrance if nearer.")
    far: bool = Field(description="Farther from it than accuracy and a large place explain.")
    answers: list[GivenAnswer]
    unread: list[str] = Field(description="Ids of answers that were kept and not understood.")
    note: str
    photos: list[VisitPhoto]
    findings: list[StepTaken]
    left: list[LeftAlone]


class VisitDone(VisitTold):
    """A visit that was sent, and how sure we are of the station now."""

    new: bool = Field(description="False: it had been sent before, and counts once.")
    trust: float
    trust_text: Said
    open_reports: int
    synthetic: bool


class Visits(Answer):
    """Visits, the newest first."""

    visits: list[VisitTold]
    total: int
    synthetic: bool


class PhotoTold(Answer):
    """A photo, as it is kept."""

    new: bool
    sha256: str
    kept: str = Field(description="SHA-256 of the stripped JPEG.")
    bytes: int
    width: int
    height: int
    gps: PhotoLonLat | None = Field(description="WGS 84, as the camera told it.")
    taken: str | None = Field(description="As the camera told it; without zone if it had none.")
    distance_m: float | None
    far: bool
    station: str
