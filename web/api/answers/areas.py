"""From where stations are in reach."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from web.api.answers.base import Answer, Geometry, Roads


class Drawn(Answer):
    """How an area was made."""

    within: str
    unit: Literal["m", "min"]
    mode: str = Field(description="How minutes are spent; straight for metres.")
    estimated: bool = Field(description="Whether any of it is circles made from minutes.")
    roads: Roads | None = Field(description="The network minutes were taken from.")
    attribution: list[str] = Field(description="Whom to name beside it.")
    revision: int
    synthetic: bool


class AreaFields(Drawn):
    """The area from which one station is in reach."""

    name: str
    unreachable: bool = Field(description="No road leads to the station: there is no such area.")


class ServiceAreaFields(Drawn):
    """The area from which any of some stations is in reach."""

    stations: int = Field(description="Stations it was made of.")
    unreachable: int = Field(description="Those no road leads to.")
    open_at: str | None = Field(description="Only stations surely open at that instant; null: all.")
    needs: list[str]
    bbox: list[float]


class StationArea(Answer):
    """The area from which one station is in reach, as a GeoJSON feature."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry | None = Field(description="null: there is no such place.")
    properties: AreaFields


class ServiceArea(Answer):
    """The area from which any of some stations is in reach, as a GeoJSON feature."""

    type: Literal["Feature"]
    geometry: Geometry | None = Field(description="null: there is no such place.")
    properties: ServiceAreaFields
