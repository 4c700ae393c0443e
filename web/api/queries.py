"""What callers may ask: one type per question, read from the query string.

The same types make the OpenAPI document, so the two cannot drift apart.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal

from flask import request
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
)

from geodata.errors import UsageError
from stations import coverage
from stations.catalogue import catalogue
from stations.hours.clock import aware, wall

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

LONGEST_VALUE = 2_000
"""Most characters one parameter may have."""

LONGEST_STAY_MIN = 1_440

PAGE = 5_000
"""Most features one page may hold."""


@lru_cache(maxsize=256)
def _needs(text: str) -> tuple[str, ...]:
    return catalogue().amenities.parse(text)


def _kind(text: str) -> str:
    kinds = catalogue().kinds
    if (code := kinds.code(text)) is None:
        raise UsageError(f"not a kind of station; known: {kinds.expected()}")
    return code


def _status(text: str) -> str:
    statuses = catalogue().statuses
    if (code := statuses.code(text)) is None:
        raise UsageError(f"not a status; known: {statuses.expected()}")
    return code


@lru_cache(maxsize=256)
def _access(text: str) -> tuple[str, ...]:
    known = catalogue().access
    words = [word for word in re.split(r"[,;，；、\s]+", text) if word]
    if any(known.code(word) is None for word in words):
        raise UsageError(f"not a way in; known: {known.expected()}")
    return tuple(dict.fromkeys(code for word in words if (code := known.code(word))))


def _instant(text: str) -> datetime | None:
    """Read an instant; one without a zone is Beijing time. "" is none."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            "expected an instant such as 2026-11-24T02:00 (Beijing time) or 2026-11-23T18:00Z;"
            " in an address + is written %2B"
        ) from None
    moment = aware(moment) if moment.tzinfo is None else moment
    wall(moment)  # refuses years no calendar has
    return moment


def _bbox(text: str) -> tuple[float, float, float, float] | None:
    if not text:
        return None
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        raise UsageError("expected west,south,east,north in degrees") from None
    across = abs(west) <= 180 and abs(east) <= 180  # noqa: PLR2004 - degrees; NaN fails
    if not (across and -90 <= south <= north <= 90):  # noqa: PLR2004
        raise UsageError("expected -180..180 for west and east, and -90 <= south <= north <= 90")
    return west, south, east, north


Needs = Annotated[
    tuple[str, ...],
    BeforeValidator(_needs),
    WithJsonSchema({"type": "string", "examples": ["toilet,charging"]}),
    Field(description="Amenities a station must all have, comma-separated; codes or words."),
]
Within = Annotated[
    float,
    BeforeValidator(coverage.parse_within),
    WithJsonSchema({"type": "string", "examples": ["1000m", "1.5km"]}),
    Field(description="The farthest a station may be, inclusive: geodesic metres or kilometres."),
]
Degrees = Annotated[float, Field(allow_inf_nan=False)]
Level = Literal["county", "prefecture", "province"]
By = Literal["county", "prefecture", "province", "site"]
Open = Literal["any", "now", "arrival"]
Mode = Literal["walk", "ebike", "car", "truck", "straight"]
Order = Literal["time", "distance"]


At = Annotated[
    datetime | None,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "examples": ["2026-11-24T02:00"]}),
    Field(description="The instant asked about; without a zone, Beijing time. Default: now."),
]
Minutes = Annotated[
    float,
    Field(ge=0, le=LONGEST_STAY_MIN, allow_inf_nan=False),
]


class Query(BaseModel):
    """Base of every question: what it does not name is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoQuery(Query):
    """A question without parameters."""


class NearestQuery(Query):
    """Asks for the stations nearest to a point."""

    lon: Degrees = Field(
        ge=-180, le=180, description="Longitude of the asker.", examples=[102.7183]
    )
    lat: Degrees = Field(ge=-90, le=90, description="Latitude of the asker.", examples=[25.0389])
    limit: int = Field(5, ge=1, description="How many stations at most.")
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
        BeforeValidator(_access),
        WithJsonSchema({"type": "string", "examples": ["walk_in,qr_code"]}),
        Field(description="Ways in that will do, comma-separated; codes or words. Default: any."),
    ] = Field("", validate_default=True)
    ebike_parking: bool = Field(default=False, description="Only with places for e-bikes.")
    truck_bays: bool = Field(default=False, description="Only with places for trucks.")
    by: Order | None = Field(
        None,
        description="Order: expected time (default if `open` is not any), or straight distance.",
    )


class StationQuery(Query):
    """Asks for one station."""

    at: At = Field("", validate_default=True)


class StationsQuery(Query):
    """Asks for all stations, or some of them."""

    limit: int = Field(1_000, ge=1, le=PAGE, description="How many stations a page holds.")
    after: str = Field("", max_length=200, description="Start after this id: the last page's end.")
    bbox: Annotated[
        tuple[float, float, float, float] | None,
        BeforeValidator(_bbox),
        WithJsonSchema({"type": "string", "examples": ["102.5,24.8,103,25.2"]}),
        Field(
            description="Only inside west,south,east,north, inclusive; west > east crosses 180°."
        ),
    ] = Field("", validate_default=True)
    needs: Needs = Field("", validate_default=True)
    kind: Annotated[
        str, BeforeValidator(_kind), Field(description="Only this kind: a code or its word.")
    ] = ""
    status: Annotated[
        str, BeforeValidator(_status), Field(description="Only this status: a code or its word.")
    ] = ""


class NeedQuery(Query):
    """Says what must be in reach of a layer's sites."""

    within: Within
    needs: Needs = Field("", validate_default=True)


class SitesQuery(NeedQuery):
    """Asks for a layer's sites, and how far each is covered."""

    limit: int = Field(PAGE, ge=1, le=PAGE, description="How many sites at most.")


class CoverageQuery(NeedQuery):
    """Asks how much of a layer is covered."""

    layer: str = Field(max_length=100, description="Name of a demand layer.", examples=["parks"])
    by: By = Field("county", description="One row for each of these.")


class GapsQuery(NeedQuery):
    """Asks for a layer's sites that are not, or not wholly, covered."""

    layer: str = Field(max_length=100, description="Name of a demand layer.", examples=["parks"])
    limit: int = Field(1_000, ge=1, le=PAGE, description="How many sites at most, worst first.")


class AreasQuery(Query):
    """Asks for outlines of administrative areas."""

    level: Level = "county"
    prefix: str = Field(
        pattern=r"^[0-9]{2,6}$", description="Leading digits of the area codes.", examples=["53"]
    )


def parse[Q: Query](model: type[Q]) -> Q:
    """Read the request's query string; faults raise one `UsageError` that names each."""
    values: dict[str, str] = {}
    for name, given in request.args.lists():
        if len(given) > 1:
            raise UsageError(f"{_short(name)}: give it once")
        values[name] = given[0]
        if len(given[0]) > LONGEST_VALUE:
            raise UsageError(f"{_short(name)}: at most {LONGEST_VALUE} characters")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        raise UsageError("; ".join(_fault(model, each) for each in faults[:10])) from None


def _fault(model: type[Query], error: ErrorDetails) -> str:
    """Say one fault in the caller's words: ``lat: …``."""
    name = _short(str(error["loc"][0]))
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
            return f"{name}: {error['msg'].lower()}, got {_short(str(error['input']))!r}"


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"  # noqa: PLR2004
