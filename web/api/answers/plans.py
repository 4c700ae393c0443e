"""Plans: what things cost. A plan itself is the result of a job."""

from __future__ import annotations

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
