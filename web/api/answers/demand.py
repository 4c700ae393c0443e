"""Demand layers and how far they are covered; areas; the words of the catalogue."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from web.api.answers.base import Answer, Geometry, Roads


class SiteFields(Answer):
    """A demand site and how far it is covered."""

    name: str
    area_code: str
    workers: int | None = Field(description="People to be served; null unknown.")
    from_: str = Field(alias="from", description='First day it is there, ISO 8601; "" no bound.')
    until: str = Field(description='Last day it is there; "" no bound.')
    workers_covered: int
    covered: bool = Field(description="Whether any part of it is in reach.")
    share: float = Field(description="Share of its area in reach; 0 or 1 for a point.")
    nearest_id: str
    nearest_name: str
    nearest_m: float | None = Field(description="Metres to the nearest station; null: none.")
    nearest_min: float | None = Field(description="Minutes to it; null: no way, or not asked.")
    estimated: bool = Field(description="Minutes are an estimate from the straight distance.")
    unreachable: bool = Field(description="No road leads from here to any station.")
    synthetic: bool


class SiteFeature(Answer):
    """One demand site as a GeoJSON feature."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: SiteFields


class Sites(Answer):
    """Demand sites of one layer."""

    type: Literal["FeatureCollection"]
    number_matched: int = Field(alias="numberMatched")
    number_returned: int = Field(alias="numberReturned")
    layer: str
    revision: int
    synthetic: bool
    features: list[SiteFeature]


class Sums(Answer):
    """Counts of sites and of the people there."""

    sites: int
    covered: int
    workers: int
    workers_covered: int
    workers_unknown: int = Field(description="Sites whose number of workers is not known.")
    unreachable: int = Field(description="Sites from which no road leads to any station.")
    estimated: bool = Field(description="Whether any figure is an estimate.")
    share: float | None = Field(description="Share covered; null when there is nothing to cover.")


class Total(Sums):
    """The sums over all sites."""


class Row(Sums):
    """The sums of one area, or one site."""

    code: str = Field("", description="Area code, when grouped by area.")
    id: str = Field("", description="Site id, when grouped by site.")
    name: str
    area_code: str = ""
    nearest_id: str = ""
    nearest_name: str = ""
    nearest_m: float | None = None
    nearest_min: float | None = None


class RoadsUsed(Answer):
    """The road network minutes were taken from."""

    source: str
    built_at: str | None
    osm_at: str | None


class Sampling(Answer):
    """How areas were sampled."""

    method: str
    error: str


class Method(Answer):
    """How the answer was made."""

    within: str
    unit: Literal["m", "min"]
    mode: str
    within_m: float | None = Field(description="The limit in metres; null for minutes.")
    places_on: str | None = Field(
        description="A day, or first/last: whose places of mobile stations count; null: none moves."
    )
    estimated: Literal["all", "some", "none"]
    roads: RoadsUsed | None
    sampling: Sampling | None
    needs: list[str]
    distance: str
    hours: str
    share_of: Literal["workers", "sites"]


class Coverage(Answer):
    """How much of a layer is covered."""

    layer: str
    total: Total
    rows: list[Row]
    method: Method
    revision: int
    synthetic: bool


class LayerTitle(Answer):
    """A demand layer the caller may see."""

    name: str
    zh: str
    en: str
    restricted: bool
    sites: int
    attribution: list[str] = Field(description="Whom to name wherever its sites are shown.")


class Layers(Answer):
    """The demand layers the caller may see, by name."""

    revision: int
    layers: list[LayerTitle]


class Areas(Answer):
    """Outlines of administrative areas, simplified for drawing; feature ids are area codes."""

    type: Literal["FeatureCollection"]
    features: list[dict[str, Any]]


class Term(Answer):
    """A word of the catalogue."""

    code: str
    zh: str
    en: str


class RegisterAnswer(Answer):
    """What the register holds, and the words it uses."""

    revision: int
    stations: int
    synthetic: bool
    bbox: list[float] | None = Field(description="West, south, east, north of all stations.")
    provinces: list[str] = Field(description="Province codes with a station.")
    roads: Roads | None = Field(description="Minutes are taken from it; null: from estimates.")
    attribution: list[str] = Field(description="Whom to name beside stations and minutes.")
    amenities: list[Term]
    kinds: list[Term]
    access: list[Term]
    door_asks: list[Term]
    statuses: list[Term]
