"""Activities at stations, as callers get them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from web.api.answers.base import Answer, Said

State = Literal["planned", "called_off", "held"]


class Upcoming(Answer):
    """An activity at a station, as the station tells of it."""

    number: int = Field(description="Its name for good.")
    kind: str
    kind_title: Said
    title: str
    starts: str = Field(description="ISO 8601, Beijing time, as is `ends`.")
    ends: str
    place: str = Field(description='"" at the station.')
    holder: str
    state: State


class ActivityTold(Upcoming):
    """One activity."""

    station: str
    station_name: str
    came: int | None = Field(description="How many people; null: not told.")
    step: int = Field(description="Its newest step: send it as `after` with a change.")
    who: str = Field(description='Of the newest step, as is `why`; "" for the public.')
    why: str
    mine: bool = Field(description="Whether the caller may change it.")


class KindTold(Answer):
    """A kind of activity."""

    code: str
    zh: str
    en: str


class Activities(Answer):
    """Activities by their start."""

    total: int
    activities: list[ActivityTold]
    kinds: list[KindTold]


class ActivitySum(Answer):
    """How many were held, and how many people came."""

    code: str
    title: Said
    held: int
    came: int = Field(description="Of those where it is told.")
    untold: int = Field(description="Held, and not told how many came.")
    called_off: int
    planned: int


class ActivitySums(Answer):
    """Sums, by what was asked for."""

    rows: list[ActivitySum]
    held: int
    came: int
