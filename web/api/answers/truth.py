"""Coverage in truth: from paper to real, hour by hour, and what would help."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, RootModel

from web.api.answers.base import Answer, Geometry, Said
from web.api.answers.demand import Coverage, RoadsUsed, Sampling, Sites
from web.api.answers.spread import Backup, Fairness, Since  # noqa: TC001 - pydantic reads them

Cause = Literal["no_station", "closed", "unknown", "amenity", "trust"]


class Steps(Answer):
    """Worker-hours covered, each step counting no more than the one before."""

    paper: float = Field(description="A station in use is in reach.")
    hours: float = Field(description="… and known to be open through the stay.")
    amenities: float = Field(description="… and all that is needed can be had.")
    trust: float = Field(description="… and sure enough: what is real.")


class Lost(Answer):
    """Worker-hours lost, by the first cause that holds; with the last step they add up."""

    no_station: float
    closed: float
    unknown: float = Field(description="Whether it is open is not known.")
    amenity: float
    trust: float


class Hours(Answer):
    """Worker-hours; site-hours where the layer knows no workers at all."""

    worker_hours: int = Field(description="Present at the hours asked about.")
    steps: Steps
    lost: Lost
    share: float | None = Field(description="Real of present; null when nobody is there.")


class TruthSums(Hours):
    """Sums over sites."""

    sites: int
    covered: int = Field(description="Sites with some part covered at every hour asked about.")
    covered_sometimes: int = Field(description="… at any hour asked about.")
    workers: int
    workers_covered: int = Field(description="On average over the hours asked about.")
    workers_unknown: int = Field(description="Sites whose number of workers is not known.")
    not_there: int = Field(description="Sites left out: by their dates not there at these hours.")
    unreachable: int
    estimated: bool


class AreaRow(TruthSums):
    """The sums of one area."""

    code: str
    name: str


class SiteRow(TruthSums):
    """The figures of one site."""

    id: str
    name: str
    area_code: str


class HourRow(Hours):
    """The figures of one hour of the week."""

    hour: int = Field(description="0 is Monday from 00:00.")
    zh: str
    en: str
    sites: int
    covered: int
    workers: int
    workers_covered: int


class HourShares(Answer):
    """Share of those present covered at each hour there is, step by step; null: nobody there."""

    first_hour: int
    present: list[int]
    paper: list[float | None]
    hours: list[float | None]
    amenities: list[float | None]
    trust: list[float | None]


class Orderless(Answer):
    """Losses of the three conditions whatever their order (Shapley), in worker-hours."""

    hours: float
    amenity: float
    trust: float


class HoursAsked(Said):
    """Which hours were asked about."""

    asked: str


class Profile(Said):
    """When workers are there."""

    code: str
    why: str


class DataState(Answer):
    """What is known of the stations in reach, as shares of them; null where there are none."""

    stations_in_use: int
    stations_in_reach: int
    hours_unknown: float | None
    amenities_unrecorded: float | None
    capacity_unknown: float | None
    never_confirmed: float | None
    below_trust_floor: float | None
    synthetic: float | None
    sites_without_workers: int
    sites_outside_counties: int


class TruthMethod(Answer):
    """How the answer was made, and what it leaves out."""

    within: str
    unit: Literal["m", "min"]
    mode: str
    within_m: float | None
    estimated: Literal["all", "some", "none"]
    roads: RoadsUsed | None
    sampling: Sampling | None
    places_on: str | None = Field(
        description="A day, or first/last: whose places of mobile stations count; null: none moves."
    )
    needs: list[str]
    distance: str
    hours: HoursAsked
    hours_counted: int
    stay_min: float
    when: str
    trust_floor: float
    trust_at: str | None
    profile: Profile
    what_if: list[str]
    share_of: Literal["worker-hours", "site-hours"]
    workers_covered: str
    covered: str
    steps: dict[str, str]
    joint_causes: str
    limits: list[str]
    data: DataState


class Truth(Answer):
    """How much of a layer is covered in truth, and why the rest is not."""

    layer: str
    total: TruthSums
    rows: list[AreaRow | SiteRow | HourRow]
    hours: HourShares
    fairness: Fairness
    backup: Backup
    since: Since | None = Field(description="null: not asked.")
    orderless: Orderless
    method: TruthMethod
    revision: int
    synthetic: bool


class CoverageAnswer(RootModel[Coverage | Truth]):
    """On paper; with ``hours`` in truth."""


class GapFields(Answer):
    """A site where somebody is left out: when, why, and what would help most."""

    name: str
    area_code: str
    workers: int | None
    lost: float = Field(description="Worker-hours lost at the hours asked about.")
    present: int
    lost_by: Lost
    hours_zh: str
    hours_en: str
    cause: Cause = Field(description="The largest part of what is lost.")
    cause_zh: str = Field(description="In words; of an area reached in part, how much is not.")
    cause_en: str
    nearest_id: str
    nearest_name: str
    nearest_m: float | None
    nearest_min: float | None
    estimated: bool
    unreachable: bool
    usable_id: str = Field(description="The nearest station usable at all those hours; empty: no.")
    usable_name: str
    usable_m: float | None
    usable_min: float | None = Field(
        description="By the way asked, beyond the limit too; null: metres were asked, or no way."
    )
    usable_estimated: bool = Field(
        description="Whether these minutes come from the straight distance; beyond the 100 worst "
        "gaps, or some 15 areas, they always do."
    )
    fix: Literal["confirm", "find_hours", "extend_hours", "add", "none"]
    fix_id: str
    fix_name: str
    fix_cost: float | None = Field(description="How far it is, in the limit's unit.")
    fix_won: float = Field(description="Worker-hours won by it.")
    fix_zh: str
    fix_en: str
    advice_zh: str
    advice_en: str
    worker_type: str = Field(description='What its workers do; "" not recorded.')
    places_per_worker: float | None = Field(description="E2SFCA; null: no workers known.")
    one_station: float = Field(description="Covered worker-hours that hang on one station.")
    one_host: float


class GapFeature(Answer):
    """One gap as a GeoJSON feature."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: GapFields


class Gaps(Answer):
    """Gaps of one layer in truth."""

    type: Literal["FeatureCollection"]
    number_matched: int = Field(alias="numberMatched")
    number_returned: int = Field(alias="numberReturned")
    layer: str
    revision: int
    synthetic: bool
    features: list[GapFeature]


class GapsAnswer(RootModel[Sites | Gaps]):
    """On paper; with ``hours`` in truth."""


class WeekRow(Answer):
    """One area, or one site."""

    code: str = Field("", description="Area code, by area.")
    id: str = Field("", description="Site id, by site.")
    name: str
    share: list[float | None] = Field(description="Of its worker-hours; of a site: of its area.")
    asked: float | None = Field(description="Over the hours asked about.")


class AwayStation(Answer):
    """A station that stands nowhere in these hours."""

    id: str
    name: str


class Week(Answer):
    """Real shares at every hour there is; null: nobody, or a site that is not, there."""

    layer: str
    by: str
    first_hour: int = Field(description="Of the lists, 0 being Monday from 00:00.")
    total: list[float | None]
    rows: list[WeekRow]
    away: list[AwayStation] = Field(
        description="Mobile stations in reach that stand nowhere in all these hours, by id."
    )
    revision: int
    synthetic: bool
