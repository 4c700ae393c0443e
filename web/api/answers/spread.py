"""Coverage in truth: how evenly it is spread, what hangs on one station, what has changed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from web.api.answers.base import Answer


class Lorenz(Answer):
    """The Lorenz curve: shares of people, least covered first, and of what they have.

    No point where nobody is covered.
    """

    people: list[float]
    covered: list[float]


class Access(Answer):
    """Places in reach for each worker."""

    method: str
    weights: list[float] = Field(description="Of the zones, from near to far.")
    zones: list[float] = Field(description="Their outer edges.")
    unit: Literal["m", "min"]
    p10: float
    median: float
    p90: float
    none: int = Field(description="Sites with no place at all.")


class Evenness(Answer):
    """How evenly coverage is spread over groups of people."""

    gini: float | None = Field(description="null: nobody there, or nobody covered.")
    worst_tenth: float | None
    mean: float | None
    nobody_covered: bool
    lorenz: Lorenz


class Group(Answer):
    """A type of worker."""

    name: str
    worker_hours: float
    share: float | None


class Types(Evenness):
    """How evenly over types of worker."""

    groups: list[Group]


class Fairness(Evenness):
    """How evenly coverage is spread over counties and, where they are known, types of worker."""

    of: str
    access: Access | None
    types: Types | None = Field(description="null: all are of one type.")


class Leaning(Answer):
    """A station, or a host, on which somebody's coverage hangs alone."""

    id: str = Field(description="Of the station; empty for a host that is known.")
    name: str
    sites: int
    worker_hours: float


class Backup(Answer):
    """What hangs on a single station, or a single host; in worker-hours."""

    covered: float
    one_station: float
    share_one_station: float | None = Field(description="Of what is covered.")
    sites_one_station: int
    one_host: float
    share_one_host: float | None
    sites_one_host: int
    stations: list[Leaning] = Field(description="Those that most hangs on.")
    hosts: list[Leaning]


class Change(Answer):
    """Covered worker-hours before and after, and what changed them; it adds up."""

    before: float
    after: float
    removed: float
    added: float
    moved: float
    hours: float
    amenity: float
    trust: float
    site: float


class Edit(Answer):
    """Stations that changed, and what it did to a site."""

    site: str
    kind: str
    change: float
    stations: list[str]


class Since(Answer):
    """What changed real coverage since an earlier revision."""

    revision: int
    share_before: float | None
    share_after: float | None
    total: Change
    edits_in_all: int
    edits: list[Edit] = Field(description="Those that changed most.")
