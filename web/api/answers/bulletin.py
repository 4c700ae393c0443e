"""What was checked, found, mended and covered in a period."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from web.api.answers.base import Answer, Said


class Covered(Answer):
    """A layer's coverage in an area, in worker-hours (site-hours where no workers are known)."""

    sites: int
    present: float
    paper: float = Field(description="In reach of a station in use, by the register alone.")
    real: float = Field(description="After hours, amenities and trust.")
    share_paper: float | None
    share_real: float | None


class BulletinFigures(BaseModel):
    """An area's figures; findings: open_before + opened + returned = mended + closed + open."""

    model_config = ConfigDict(extra="forbid")

    code: str | None = Field(None, description="Area code; absent: all.")
    name: str | None = None
    stations: int
    visits: int
    checked: int
    open_before: int
    opened: int
    returned: int
    mended: int
    closed: int
    open: int
    fixed: int
    overdue: int
    open_critical: int
    open_major: int
    open_minor: int
    open_note: int
    share_checked: float | None
    share_mended: float | None
    coverage: dict[str, Covered | None] = Field(description="By layer.")
    before: dict[str, Any] | None = Field(None, description="The same, the period before.")


class BulletinPeriod(Answer):
    """Days in Beijing, inclusive."""

    since: str
    until: str
    days: int
    over: bool
    before: list[str]


class BulletinState(Answer):
    """What of the register's history it is made from."""

    revision: int
    evidence: int
    steps: int
    head: str = Field(description="Newest hash of the chain.")


class BulletinAnswer(Answer):
    """The bulletin of a period."""

    period: BulletinPeriod
    area: str
    at: str
    at_beijing: str
    state: BulletinState
    synthetic: bool
    labels: list[Said]
    total: BulletinFigures
    prefectures: list[BulletinFigures]
    counties: list[BulletinFigures]
    layers: list[dict[str, Any]]
    ranks: list[dict[str, Any]] = Field(description="Best and worst counties by share.")
    overdue_most: list[dict[str, Any]]
    findings_in_all: int
    findings: list[dict[str, Any]]
    said: list[Said] = Field(description="The bulletin in plain sentences.")
    asked: Said
    method: list[dict[str, str]]
    limits: list[Said]
