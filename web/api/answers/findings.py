"""What is wrong with the register, and the steps that mend it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from web.api.answers.base import Answer, Said

Severity = Literal["critical", "major", "minor", "note"]
Level = Literal["must", "should", "may"]
State = Literal["new", "open", "assigned", "fixed", "verified", "reopened", "waived", "settled"]


class StandardTitle(Answer):
    """The standard the register was held to."""

    id: str
    zh: str
    en: str
    version: str
    source: str


class Fact(Answer):
    """One thing that was seen, in words."""

    zh: str
    en: str
    value: Said


class Finding(Answer):
    """One breach of one rule at one station, and where it stands in the loop."""

    rule: str
    severity: Severity
    station: str
    name: str = Field(description="Empty if the station is no longer on the register.")
    area_code: str
    lon: float | None = Field(description="WGS 84; null if the station is gone.")
    lat: float | None
    verdict: Literal["breach"]
    title: Said
    level: Level | None = Field(description="Null of a rule this server does not know.")
    fact: str = Field(description="The same facts have the same 16 hex digits.")
    evidence: dict[str, Any] = Field(description="What was seen.")
    told: list[Fact] = Field(description="The evidence in words.")
    proposal: dict[str, Any] | None = Field(description="Field → value somebody may accept.")
    finding: int | None = Field(description="Its number; null: nobody has recorded it yet.")
    state: State = Field(description="new: seen today and not recorded.")
    seen: bool | None = Field(description="By today's audit; null: it does not run the rule.")
    due: str | None
    overdue: bool
    until: str | None = Field(description="The last day of a waiver.")
    assignee: str


class RuleSums(Answer):
    """A rule in force, and how the stations asked about stand."""

    rule: str
    title: Said
    level: Level
    severity: Severity
    breaches: int
    unknown: int = Field(description="Rulings nobody can make from the register: no breaches.")
    requirement: Said
    fix: Said
    trap: Said = Field(description="How one is fooled.")
    source: str


class Findings(Answer):
    """What is wrong with the register today: overdue first, then the gravest."""

    revision: int
    synthetic: bool
    at: str
    standard: StandardTitle
    area: str = Field(description="The caller's own jurisdiction; empty: everywhere.")
    total: int = Field(description="Of those asked for; `findings` are the first of them.")
    overdue: int = Field(description="How many of the total are overdue.")
    new: int = Field(description="How many of the total nobody has recorded.")
    findings: list[Finding]
    rules: list[RuleSums]


class RuleTold(Answer):
    """What a rule asks, and how a breach ends."""

    requirement: Said
    fix: Said
    trap: Said
    source: str


class StepTaken(Answer):
    """One step of a finding."""

    number: int
    step: str
    at: str
    who: str
    why: str
    said: Said = Field(description="The step and what was settled with it.")
    details: dict[str, Any]


class Offer(Answer):
    """A step the caller may take now."""

    step: str
    zh: str
    en: str
    needs: list[str] = Field(description="Fields that have to be sent.")
    takes: list[str] = Field(description="Fields that may be sent besides.")


class OneFinding(Answer):
    """A finding with its rule, its steps and what may be done now."""

    revision: int
    synthetic: bool
    at: str
    finding: Finding
    rule: RuleTold | None
    steps: list[StepTaken]
    offers: list[Offer] = Field(description="Empty for who may not take steps here.")


class Recorded(Answer):
    """What an update recorded."""

    opened: int
    returned: int
    gone: int
    backed: int
    kept: int


class Updated(Answer):
    """The result of `POST /findings/update`'s job."""

    audit: Recorded
    reports: Recorded
