"""What callers get: one type per answer, for the OpenAPI document and the tests.

Answers are built as plain dicts, straight from the domain's own; tests hold them to these types.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Base of every answer."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """What went wrong, after RFC 9457."""

    type: str
    title: str
    status: int
    detail: str = Field(description="What is wrong and what would be right.")
    instance: str = Field(description="The path that was asked, without its query.")
    request_id: str = Field(description="Tell it to the operator; the log has it too.")
    faults: list[dict[str, Any]] = Field([], description="For files: row, field, value, problem.")


class StationFields(Answer):
    """What the register knows of a station."""

    id: str
    name: str
    kind: str = Field(description="A code of the catalogue's kinds.")
    amenities: list[str] = Field(description="Codes of the catalogue's amenities.")
    opening_hours: str = Field(description='"" unknown.')
    access: str = Field(description='A code of the catalogue\'s access modes; "" unknown.')
    host: str
    capacity: int | None
    area_code: str = Field(description='GB/T 2260 county code; "" outside every county.')
    status: str
    phone: str
    synthetic: bool = Field(description="Made up, for demonstration.")


class Station(StationFields):
    """One station, with where its position comes from."""

    lon: float = Field(description="WGS 84 degrees.")
    lat: float = Field(description="WGS 84 degrees.")
    position_in: str = Field(description="The coordinates as they came.")
    datum_in: str
    datum_by: str


class NearStation(Station):
    """A station and how far it is."""

    distance_m: float = Field(description="Geodesic metres, straight line.")


class Nearest(Answer):
    """Stations by distance, then id."""

    datum: Literal["wgs84"] = Field(description="Datum of every lon and lat in the answer.")
    revision: int
    synthetic: bool = Field(description="Whether any of these stations is made up.")
    stations: list[NearStation]


class Geometry(Answer):
    """A GeoJSON geometry in WGS 84."""

    type: str
    coordinates: list[Any]


class StationFeature(Answer):
    """One station as a GeoJSON feature."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: StationFields


class Link(Answer):
    """Where to go on."""

    rel: str
    href: str
    type: str


class Stations(Answer):
    """One page of stations, by id."""

    type: Literal["FeatureCollection"]
    number_matched: int = Field(alias="numberMatched")
    number_returned: int = Field(alias="numberReturned")
    revision: int
    synthetic: bool
    links: list[Link] = Field(description='The next page has rel "next"; the last page has none.')
    features: list[StationFeature]


class SiteFields(Answer):
    """A demand site and how far it is covered."""

    name: str
    area_code: str
    workers: int | None = Field(description="People to be served; null unknown.")
    workers_covered: int
    covered: bool = Field(description="Whether any part of it is in reach.")
    share: float = Field(description="Share of its area in reach; 0 or 1 for a point.")
    nearest_id: str
    nearest_name: str
    nearest_m: float | None = Field(description="Metres to the nearest station; null: none.")
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
    share: float | None = Field(description="Share covered; null when there is nothing to cover.")


class Total(Sums):
    """The sums over all sites."""

    workers_unknown: int = Field(description="Sites whose number of workers is not known.")


class Row(Sums):
    """The sums of one area, or one site."""

    code: str = Field("", description="Area code, when grouped by area.")
    id: str = Field("", description="Site id, when grouped by site.")
    name: str
    area_code: str = ""
    nearest_id: str = ""
    nearest_name: str = ""
    nearest_m: float | None = None


class Method(Answer):
    """How the answer was made."""

    within_m: float
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
    amenities: list[Term]
    kinds: list[Term]
    access: list[Term]
    statuses: list[Term]


class Health(Answer):
    """The service answers."""

    status: Literal["ok", "stale"] = Field(description="stale: the store cannot be read now.")
    revision: int
