"""What every kind of answer is made of."""

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


class Said(Answer):
    """A few words for people."""

    zh: str
    en: str


class Geometry(Answer):
    """A GeoJSON geometry in WGS 84."""

    type: str
    coordinates: list[Any]


class Link(Answer):
    """Where to go on."""

    rel: str
    href: str
    type: str


class Roads(Answer):
    """The road network that minutes are taken from."""

    id: str = Field(description="The same tiles have the same id.")
    source: str = Field(description="The OpenStreetMap file, or valhalla for a server.")
    built_at: str | None
    osm_at: str | None = Field(description="Up to when the map is; null: not told.")


class Health(Answer):
    """The service answers."""

    status: Literal["ok", "stale"] = Field(description="stale: the store cannot be read now.")
    revision: int
    roads: Roads | None = Field(description="null: minutes are estimates.")


class Check(Answer):
    """One thing the service needs."""

    name: Literal["register", "roads", "disk"]
    ok: bool
    problem: str | None = Field(description="null: nothing is wrong.")


class Ready(Answer):
    """Whether this process can do its work."""

    ready: bool
    checks: list[Check]
