"""What is wrong with the register."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from web.api.answers.base import Answer, Said

Severity = Literal["critical", "major", "minor", "note"]
Level = Literal["must", "should", "may"]


class StandardTitle(Answer):
    """The standard the register was held to."""

    id: str
    zh: str
    en: str
    version: str
    source: str


class Finding(Answer):
    """One breach of one rule at one station."""

    rule: str
    severity: Severity
    station: str
    name: str
    verdict: Literal["breach"]
    title: Said
    level: Level
    fact: str = Field(description="The same facts have the same 16 hex digits.")
    evidence: dict[str, Any] = Field(description="What was seen.")
    proposal: dict[str, Any] | None = Field(description="Field → value somebody may accept.")


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
    """What is wrong with the register today, the gravest first."""

    revision: int
    synthetic: bool
    at: str
    standard: StandardTitle
    total: int = Field(description="Breaches in all; `findings` are the first of them.")
    findings: list[Finding]
    rules: list[RuleSums]
