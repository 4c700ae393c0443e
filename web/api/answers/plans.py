"""Plans: what things cost. A plan itself is the result of a job."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from web.api.answers.base import Answer, Said


class Kind(Said):
    """A kind of action."""

    code: str


class Price(Answer):
    """What one kind of action costs."""

    action: str
    area: str
    unit: str
    item: str
    yuan: int
    basis: str


class Prices(Answer):
    """A price list, and the kinds of action there are."""

    prices: list[Price]
    kinds: list[Kind]


class Accepted(Answer):
    """What came of accepting a plan's actions."""

    planned: int = Field(description="Planned stations recorded; 0: the register had them all.")
    revision: int | None


class KeptPlan(Answer):
    """A plan its account keeps."""

    id: str
    name: str
    saved_at: str
    layer: str
    title: Said
    cost: int
    before: float | None
    after: float | None
    actions: int


class KeptPlans(Answer):
    """The plans an account keeps, newest first."""

    plans: list[KeptPlan]


class ComparedFigure(Said):
    """One figure of two plans."""

    name: str
    a: Any
    b: Any


class Comparison(Answer):
    """How plan B differs from plan A."""

    differs: bool
    shared: int = Field(description="Actions that are the same in both.")
    only_a: list[dict[str, Any]]
    only_b: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    figures: list[ComparedFigure]
    counties: list[dict[str, Any]] = Field(description="Where they serve differently.")
    wishes: list[str] = Field(description="What was asked otherwise.")
    inputs: list[str] = Field(description="What went in otherwise.")
