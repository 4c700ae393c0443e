"""Stations: listed, near, one of them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from web.api.answers.activities import Upcoming  # noqa: TC001 - pydantic reads it
from web.api.answers.base import Answer, Geometry, Link, Said

State = Literal["open", "closed", "unknown"]
Mode = Literal["walk", "ebike", "car", "truck", "straight"]


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


class Closure(Answer):
    """A door shut for a while."""

    from_: str = Field(alias="from", description="First day, or instant.")
    to: str | None = Field(None, description="Last day, or the instant it opens; null: unknown.")
    reason: str = ""


class StationPlace(Answer):
    """Where a mobile station stands, and when."""

    from_: str = Field("", alias="from", description='First day, ISO 8601; "" no bound.')
    until: str = Field("", description='Last day; "" no bound.')
    hours: str = Field("", description='On these days only then; "" all day.')
    name: str = ""


class PlaceOfMany(StationPlace):
    """One of the places of a mobile station."""

    lon: float = Field(description="WGS 84 degrees.")
    lat: float = Field(description="WGS 84 degrees.")
    position_in: str = Field("", description="The coordinates as they came.")


class Station(StationFields):
    """One station: what is posted, and where its position comes from."""

    calendar: Literal["workdays", "weekdays"] = Field(description="What Mo-Fr means here.")
    host_hours: str = Field(description="Its host's hours, which count where it has none.")
    amenity_hours: dict[str, str] = Field(description="Amenities with hours of their own.")
    closures: list[Closure]
    access_hours: dict[str, str] = Field(description="Other ways in, and their hours.")
    door_asks: list[str] = Field(description="What the door asks for: codes of the catalogue.")
    ebike_parking: int | None = Field(description="Places for e-bikes; null unknown.")
    truck_bays: int | None = Field(description="Places for trucks; null unknown.")
    entrance_lon: float | None = Field(description="The door, WGS 84; null unknown.")
    entrance_lat: float | None
    lon: float = Field(description="WGS 84 degrees.")
    lat: float = Field(description="WGS 84 degrees.")
    position_in: str = Field(description="The coordinates as they came.")
    datum_in: str
    datum_by: str
    places: list[PlaceOfMany] = Field(description="Where it stands when; empty: at its pin.")
    place: StationPlace | None = Field(
        description="Of a mobile station the place lon and lat are of; null: the pin."
    )


class Way(Answer):
    """One way to open one map app with the way to a station."""

    app: str
    mode: str = Field(description="walk, bike, ebike or car; point: only shows the place.")
    url: str = Field(description="In the app's own datum.")
    zh: str
    en: str


class Evidence(Answer):
    """What has been said about a station, counted."""

    pieces: int
    open_reports: int = Field(description="Reports since the last inspection.")
    outcomes: dict[str, int] = Field(description="Pieces by what they say.")


class StationNow(Station):
    """One station at an instant: is it open, and how sure are we."""

    open: State = Field(description="A station not in use is closed.")
    open_text: Said = Field(description="What changes next.")
    next_change: str | None = Field(description="Instant of the next change; null: none known.")
    way_in: str = Field(description='The way in at that instant; "" unknown.')
    trust: float = Field(description="Probability that it is usable as posted.")
    trust_text: Said = Field(
        description="When last confirmed, by whom, and how many reports wait to be checked."
    )
    confirmed_at: str | None
    confirmed_by: str = Field(description='inspection or check_in; "" never.')
    evidence: Evidence
    links: list[Way]
    activities: list[Upcoming] | None = Field(
        None, description="Planned here in the next 30 days; left out where there are none."
    )


class Fallback(Answer):
    """The station to try next if a door is shut."""

    id: str
    name: str
    lon: float = Field(description="WGS 84 degrees.")
    lat: float = Field(description="WGS 84 degrees.")
    distance_m: float = Field(description="From door to door, straight line.")
    road_m: float | None = Field(description="From door to door by road; null: estimated.")
    minutes: float = Field(description="From door to door.")
    estimated: bool = Field(description="Whether minutes come from the straight distance.")
    open: State = Field(description="At that arrival.")
    trust: float
    trust_text: Said = Field(description="As with the station itself.")


class NearStation(Station):
    """A station, how far it is, and what a visit may expect."""

    distance_m: float = Field(description="Geodesic metres, straight line.")
    road_m: float | None = Field(description="Metres by road; null: minutes are estimated.")
    minutes: float = Field(description="The way there.")
    mode: Mode
    estimated: bool = Field(description="Whether minutes come from the straight distance.")
    expected_minutes: float = Field(
        description="The way, and if the door is shut, by its chance, the way on."
    )
    open: State = Field(description="From arrival to the end of the stay; if open=now, now.")
    open_text: Said = Field(description="What changes next at the door.")
    next_change: str | None = Field(description="Instant of that change; null: none known.")
    way_in: str = Field(description='The way in on arrival; "" unknown.')
    trust: float = Field(description="Probability that it is usable as posted.")
    trust_text: Said = Field(
        description="When last confirmed, by whom, and how many reports wait to be checked."
    )
    why: list[Said] = Field(description="What the visit finds; why closer ones come later.")
    fallback: Fallback | None = Field(description="null: none in reach that may be open.")
    links: list[Way] = Field(description="To the entrance, by the mode asked for, best first.")


class WhyNone(Answer):
    """Why an answer holds no station."""

    code: Literal["none_fits", "no_way", "too_far", "shut"] = Field(
        description="no_way: no road leads to any; too_far: more than a day; shut: none open then."
    )
    zh: str
    en: str


class Nearest(Answer):
    """Stations, the best first: by straight distance, or by expected time; then by id."""

    datum: Literal["wgs84"] = Field(description="Datum of every lon and lat in the answer.")
    at: str = Field(description="The instant the answer is for.")
    revision: int
    synthetic: bool = Field(description="Whether any of these stations is made up.")
    stations: list[NearStation]
    why_none: WhyNone | None = Field(description="Why there is no station; null: there are some.")


class StationFeature(Answer):
    """One station as a GeoJSON feature."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: StationFields


class Stations(Answer):
    """One page of stations, by id."""

    type: Literal["FeatureCollection"]
    number_matched: int = Field(alias="numberMatched")
    number_returned: int = Field(alias="numberReturned")
    revision: int
    synthetic: bool
    links: list[Link] = Field(description='The next page has rel "next"; the last page has none.')
    features: list[StationFeature]


class Mark(Answer):
    """A station's mark on a map."""

    id: str
    name: str
    kind: str
    status: str
    lon: float = Field(description="WGS 84 degrees.")
    lat: float = Field(description="WGS 84 degrees.")


class Marks(Answer):
    """What a map tile shows."""

    bunches: list[tuple[float, float, int]] = Field(
        description="Longitude and latitude of their middle, and how many stations."
    )
    stations: list[Mark] = Field(description="Those that stand alone.")
    revision: int


class FoundArea(Answer):
    """A county or prefecture with stations."""

    code: str
    name: str = Field(description="With those above it: 云南省昆明市呈贡区.")
    lon: float = Field(description="WGS 84: the middle of its stations in use.")
    lat: float
    stations: int


class Found(Answer):
    """Stations and areas found by name."""

    stations: list[Mark]
    areas: list[FoundArea]
    revision: int
