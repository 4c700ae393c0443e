"""What a phone takes along: the stations of an area for when there is no network."""

from __future__ import annotations

from pydantic import Field

from web.api.answers.base import Answer, Said


class Sparse(Answer):
    """What few of the stands have, by the stand's number in the columns."""

    door: dict[str, tuple[float, float]] = Field(
        description="The entrance, as steps from the pin: 0.00001 degrees east, north."
    )
    amenity_hours: dict[str, dict[str, int]] = Field(
        description="Amenity → line: when it can be had, the door being open."
    )
    ways: dict[str, dict[str, int]] = Field(description="Another way in → line: when it is.")
    asks: dict[str, list[str]] = Field(description="What the door asks for: codes.")
    there: dict[str, int] = Field(description="Of stations that move, the line: when it is here.")
    ebike_parking: dict[str, int]
    truck_bays: dict[str, int]


class Columns(Answer):
    """One entry for each place a station stands at, by id."""

    id: list[str]
    name: list[str]
    kind: list[str]
    east: list[int] = Field(description="Steps of 0.00001 degrees from the origin's lon.")
    north: list[int] = Field(description="The same from its lat.")
    gcj_east: list[int] = Field(description="Steps from the entrance in WGS 84 to it in GCJ-02.")
    gcj_north: list[int]
    amenities: list[list[int]] = Field(description="Positions in the amenities.")
    hours: list[int] = Field(description="The line of its door.")
    access: list[str] = Field(description='The way in; "" unknown.')
    trust: list[float]
    told: list[int] = Field(description="Position in told: when that was last confirmed.")
    synthetic: list[int] = Field(description="1: made up.")


class Form(Answer):
    """How a link to a map app is made: names in braces stand for the place's."""

    app: str
    mode: str
    url: str
    zh: str
    en: str


class Package(Answer):
    """The stations in use of one area, and what it takes to find the nearest without asking."""

    area: str
    name: str
    revision: int
    synthetic: bool
    weighed_at: str = Field(description="The instant trust is of.")
    first_day: str = Field(description="Minute 0 of the lines is this day's midnight in Beijing.")
    days: int
    origin: tuple[float, float] = Field(description="WGS 84 longitude, latitude.")
    left_out: int = Field(description="Stands that were too many: the farthest.")
    minutes_per_m: dict[str, float] = Field(description="Of each mode, for straight metres.")
    give_up_min: float = Field(description="What finding no way in costs.")
    unknown_share: float = Field(description="What of its trust a door of unknown hours keeps.")
    links: list[Form]
    source: str = Field(description="Who calls, for the map apps.")
    amenities: list[str]
    lines: list[list[int]] = Field(
        description="Start and state in turn, starts in minutes; states: 0 closed, 1 open, "
        "2 unknown."
    )
    told: list[Said]
    stations: Columns
    few: Sparse
