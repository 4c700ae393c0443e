"""Two records of one station, and positions in another datum than they say."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from web.api.answers.base import Answer, Said
from web.api.answers.findings import Fact, State  # noqa: TC001 - pydantic reads them

Side = Literal["left", "right"]


class Twin(Answer):
    """One of the two records."""

    id: str
    name: str
    area_code: str
    lon: float
    lat: float
    trust: float
    pieces: int = Field(description="Pieces of evidence about it.")


class TwinField(Answer):
    """A field of both records."""

    field: str
    zh: str
    en: str
    left: Said
    right: Said
    differs: bool
    if_left: Side = Field(description="Where the field comes from if the left record stays.")
    if_right: Side


class Pair(Answer):
    """Two records that may tell of one station; it is proposed that the left one stays."""

    left: Twin
    right: Twin
    fields: list[TwinField]
    metres: float
    told: list[Fact]
    fact: str
    finding: int | None
    state: State
    mine: bool = Field(description="Whether the caller may merge them.")


class Duplicates(Answer):
    """Records that may be told twice."""

    revision: int = Field(description="Send it as `base` with what is decided.")
    synthetic: bool
    total: int
    pairs: list[Pair]


class Changed(Answer):
    """The revision that was recorded."""

    revision: int
    stations: list[str] = Field(description="Ids of the records it changed or removed.")
    why: str


class UploadDatum(Answer):
    """What an upload behaves like."""

    upload: str
    declared: str
    behaves_like: str
    said: dict[str, Said] = Field(description="Both datums in words.")
    records: int
    speaking: int = Field(description="Records something is known about.")
    pro: int
    contra: int
    log10_odds: float
    metres: float | None = Field(description="The median correction.")
    stations: list[str] = Field(description="Ids of the records to correct.")
    mine: bool = Field(description="Whether the caller may correct all of them.")


class Slip(Answer):
    """A record that behaves like another datum, and where it would lie then."""

    station: str
    name: str
    area_code: str
    rule: str
    upload: str | None = Field(description="Null: the record alone, not its upload.")
    declared: str
    behaves_like: str
    metres: float
    log10_odds: float
    lon: float
    lat: float
    to_lon: float
    to_lat: float
    told: list[Fact]
    fact: str
    finding: int | None
    state: State
    mine: bool


class Datums(Answer):
    """Uploads and records that behave like another datum than they say."""

    revision: int = Field(description="Send it as `base` with what is decided.")
    synthetic: bool
    uploads: list[UploadDatum]
    total: int = Field(description="Of records; `records` are the first of them.")
    records: list[Slip]
