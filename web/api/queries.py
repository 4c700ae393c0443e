"""What callers may ask: one type per question, read from the query string.

The same types make the OpenAPI document, so the two cannot drift apart.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import unquote

from flask import request
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    WrapValidator,
)

from geodata.errors import UsageError
from stations.reach import Limit
from web.api import reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

LONGEST_VALUE = 2_000
"""Most characters one parameter may have."""

LONGEST_STAY_MIN = 1_440

PAGE = 5_000
"""Most features one page may hold."""


Needs = Annotated[
    tuple[str, ...],
    BeforeValidator(reading.needs),
    WithJsonSchema({"type": "string", "examples": ["toilet,charging"]}),
    Field(description="Amenities a station must all have, comma-separated; codes or words."),
]
Within = Annotated[
    Limit,
    BeforeValidator(reading.within),
    WithJsonSchema({"type": "string", "examples": ["1000m", "1.5km", "10min"]}),
    Field(
        description="The farthest a station may be, inclusive: straight metres or kilometres, or "
        "minutes by the mode (`10min`), over roads where a network is known, else estimated."
    ),
]
Degrees = Annotated[float, Field(allow_inf_nan=False), WrapValidator(reading.plain)]
Count = Annotated[int, WrapValidator(reading.plain)]
Box = Annotated[
    tuple[float, float, float, float] | None,
    BeforeValidator(reading.bbox),
    WithJsonSchema({"type": "string", "examples": ["102.5,24.8,103,25.2"]}),
    Field(description="Only inside west,south,east,north, inclusive; west > east crosses 180°."),
]
Level = Literal["county", "prefecture", "province"]
Open = Literal["any", "now", "arrival"]
Mode = Literal["walk", "ebike", "car", "truck", "straight"]
Order = Literal["time", "distance"]


At = Annotated[
    datetime | None,
    BeforeValidator(reading.instant),
    WithJsonSchema({"type": "string", "examples": ["2026-11-24T02:00"]}),
    Field(description="The instant asked about; without a zone, Beijing time. Default: now."),
]
Minutes = Annotated[
    float,
    Field(ge=0, le=LONGEST_STAY_MIN, allow_inf_nan=False),
    WrapValidator(reading.plain),
]


class Query(BaseModel):
    """Base of every question: what it does not name is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoQuery(Query):
    """A question without parameters."""


class PlaceQuery(Query):
    """Names a point."""

    lon: Degrees = Field(
        ge=-180, le=180, description="Longitude of the asker.", examples=[102.7183]
    )
    lat: Degrees = Field(ge=-90, le=90, description="Latitude of the asker.", examples=[25.0389])


class NearestQuery(PlaceQuery):
    """Asks for the stations nearest to a point."""

    limit: Count = Field(5, ge=1, description="How many stations at most.")
    needs: Needs = Field("", validate_default=True)
    datum: Annotated[
        Literal["wgs84", "cgcs2000", "gcj02", "bd09"],
        BeforeValidator(str.lower),
        Field(description="Datum of lon and lat as sent; answers are WGS 84 always."),
    ] = "wgs84"
    at: At = Field("", validate_default=True)
    open: Open = Field(
        "any", description="Only stations open now, or on arrival through the stay; unknown last."
    )
    mode: Mode = Field("walk", description="How the asker goes; straight: the beeline, walked.")
    stay: Minutes = Field(0.0, description="Minutes the asker wants to stay.")
    access: Annotated[
        tuple[str, ...],
        BeforeValidator(reading.access),
        WithJsonSchema({"type": "string", "examples": ["walk_in,qr_code"]}),
        Field(description="Ways in that will do, comma-separated; codes or words. Default: any."),
    ] = Field("", validate_default=True)
    ebike_parking: bool = Field(default=False, description="Only with places for e-bikes.")
    truck_bays: bool = Field(default=False, description="Only with places for trucks.")
    by: Order | None = Field(
        None,
        description="Order: expected time (default by road, and if `open` is not any), or "
        "straight distance.",
    )


class StationQuery(Query):
    """Asks for one station."""

    at: At = Field("", validate_default=True)


class StationsQuery(Query):
    """Asks for all stations, or some of them."""

    limit: Count = Field(1_000, ge=1, le=PAGE, description="How many stations a page holds.")
    after: str = Field("", max_length=200, description="Start after this id: the last page's end.")
    bbox: Box = Field("", validate_default=True)
    needs: Needs = Field("", validate_default=True)
    kind: Annotated[
        str, BeforeValidator(reading.kind), Field(description="Only this kind: a code or its word.")
    ] = ""
    status: Annotated[
        str,
        BeforeValidator(reading.status),
        Field(description="Only this status: a code or its word."),
    ] = ""


class AreaQuery(Query):
    """Asks from where a station is in reach."""

    mode: Mode = Field("walk", description="How minutes are spent; straight: the beeline, walked.")
    within: Within = Field("10min", validate_default=True)


class ServiceAreaQuery(AreaQuery):
    """Asks from where any of the stations in a box is in reach."""

    bbox: Box = Field(examples=["102.5,24.8,103,25.2"])
    needs: Needs = Field("", validate_default=True)
    open_at: At = Field("", validate_default=True)


class AreasQuery(Query):
    """Asks for outlines of administrative areas."""

    level: Level = "county"
    prefix: str = Field(
        pattern=r"^[0-9]{2,6}$", description="Leading digits of the area codes.", examples=["53"]
    )


def parse[Q: Query](model: type[Q]) -> Q:
    """Read the request's query string; faults raise one `UsageError` that names each."""
    return read(model, request.args.items(multi=True))


def read[Q: Query](model: type[Q], given: Iterable[tuple[str, str]]) -> Q:
    """Read parameters, as `parse` does."""
    values: dict[str, str] = {}
    for name, value in given:
        if name in values:
            raise UsageError(f"{reading.short(name)}: give it once")
        if len(value) > LONGEST_VALUE:
            raise UsageError(f"{reading.short(name)}: at most {LONGEST_VALUE} characters")
        values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        raise UsageError("; ".join(_fault(model, each) for each in faults[:10])) from None


def near(query_string: str) -> tuple[PlaceQuery, NearestQuery]:
    """Read a nearest question: where, and what; the latter's own position is none.

    What is the same but for the position is read once: people ask much the same. A position is
    never kept: one whose name is written %XX is named twice, and refused.
    """
    place: list[str] = []
    others: list[str] = []
    for part in query_string.split("&"):
        (place if part.startswith(_PLACE) else others).append(part)
    return read(PlaceQuery, pairs("&".join(place))), _nowhere("&".join(others))


_PLACE = tuple(f"{name}=" for name in PlaceQuery.model_fields)


@lru_cache(maxsize=1_024)
def _nowhere(query_string: str) -> NearestQuery:
    return read(NearestQuery, [*((name[:-1], "0") for name in _PLACE), *pairs(query_string)])


def pairs(query_string: str) -> list[tuple[str, str]]:
    """Take a query string of plain ASCII apart as werkzeug does, in a fifth of the time."""
    if not query_string.isascii():
        raise UsageError("in an address, what is not ASCII is written %XX")
    parts = (pair.partition("=") for pair in query_string.split("&") if pair)
    return [(_unquoted(name), _unquoted(value)) for name, _, value in parts]


def _unquoted(text: str) -> str:
    if "%" in text or "+" in text:
        return unquote(text.replace("+", " "), errors="werkzeug.url_quote")
    return text


def _fault(model: type[Query], error: ErrorDetails) -> str:
    """Say one fault in the caller's words: ``lat: …``."""
    if not error["loc"]:  # about several parameters: the message names them
        return str(error["ctx"]["error"])
    name = reading.short(str(error["loc"][0]))
    match error["type"]:
        case "extra_forbidden":
            known = ", ".join(model.model_fields) or "none"
            return f"{name}: not a parameter here; known: {known}"
        case "missing":
            example = model.model_fields[name].examples
            return f"{name}: required{f', for example {example[0]}' if example else ''}"
        case "value_error":
            return f"{name}: {error['ctx']['error']}"
        case _:
            return f"{name}: {error['msg'].lower()}, got {reading.short(str(error['input']))!r}"
