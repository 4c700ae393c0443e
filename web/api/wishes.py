"""What callers may wish of a plan: JSON, by the names of the command line's options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from stations.catalogue import catalogue
from stations.coverage import Terms, parse_hours, parse_what_if, parse_within
from stations.cube import profile_of
from stations.hours.clock import wall
from stations.planning import BUILDS, KINDS, Wish
from stations.planning.candidate_sources import WIDEST_M
from web.api.queries import LONGEST_STAY_MIN, Mode

if TYPE_CHECKING:
    from datetime import datetime

LARGEST_WISH = 64 * 1024
"""Bytes a wish may have, its prices with it."""
EXAMPLE = '{"layer": "parks", "within": "10min", "mode": "ebike", "budget": [3000000]}'

MOST_YUAN, MOST_COUNT, FARTHEST_M = 10**12, 10**6, 1e6

Count = Annotated[int, Field(ge=0, le=MOST_COUNT)]
Names = Annotated[tuple[Annotated[str, Field(max_length=300)], ...], Field(max_length=200)]


class PlanQuestion(BaseModel):
    """Says whom to serve, with what, for how much money, by which actions."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    layer: str = Field(max_length=100, examples=["parks"])
    within: str = Field(max_length=40, examples=["10min", "1000m"])
    mode: Mode = "walk"
    needs: Names = Field((), description="Amenity codes or words.", examples=[["toilet"]])
    hours: str = Field("all", max_length=200, description="As `hours` of `GET /coverage`.")
    stay: float | None = Field(None, ge=0, le=LONGEST_STAY_MIN, description="Minutes.")
    trust_floor: float = Field(0.0, ge=0, le=1)
    profile: str = Field("constant", max_length=40)
    what_if: Names = ()
    actions: Names | None = Field(None, description="Default: all with a budget, else builds.")
    budget: tuple[Annotated[int, Field(ge=0, le=MOST_YUAN)], ...] | None = Field(
        None, description="Yuan, an amount for each year."
    )
    sites: Count | None = Field(None, description="At most so many actions.")
    cover_all: bool = Field(default=False, description="Everybody, at least cost.")
    objective: Literal["most", "worst_county", "equal_prefectures"] = "most"
    per_county: Count | None = Field(None, description="New stations in a county, at most.")
    spacing: float | None = Field(
        None, ge=0, le=FARTHEST_M, description="Metres between new stations."
    )
    must: Names = ()
    keep: Names = ()
    forbid: Names = ()
    gap: float = Field(0.005, description="Near enough the best, as a share of the gain.")
    time_limit: float | None = Field(None, gt=0, description="Seconds; what is left of the most.")
    grid: float | None = Field(
        None, ge=1, le=WIDEST_M, description="Metres between the grid's candidates."
    )
    prices: list[dict[str, Any]] | None = Field(
        None, max_length=500, description="All of them, as `GET /site/prices` gives them."
    )
    frontier: bool = Field(
        default=False, description="Also other budgets, the next 100,000 yuan, other prices."
    )

    def wish(self, *, at: datetime, most_s: float) -> Wish:
        """Return the wish, weighed at an instant; `UsageError` for one that makes no sense."""
        limit = most_s if self.time_limit is None else min(self.time_limit, most_s)
        return Wish(
            layer=self.layer,
            limit=parse_within(self.within, self.mode),
            needs=catalogue().amenities.parse(",".join(self.needs)),
            terms=self._terms(at),
            actions=self._actions(),
            budgets=self.budget,
            sites=self.sites,
            cover_all=self.cover_all,
            objective=self.objective,
            per_county=self.per_county,
            spacing_m=self.spacing,
            must=self.must,
            keep=self.keep,
            forbid=self.forbid,
            gap=self.gap,
            time_limit_s=limit,
        )

    def _terms(self, at: datetime) -> Terms:
        return Terms(
            hours=parse_hours(self.hours),
            stay_min=self.stay,
            trust_floor=self.trust_floor,
            at=at if self.trust_floor > 0 else None,
            on=wall(at).date(),
            profile=profile_of(self.profile).code,
            supposed=tuple(map(parse_what_if, self.what_if)),
        )

    def _actions(self) -> tuple[str, ...]:
        if self.actions is None:
            return tuple(KINDS.terms) if self.budget is not None else BUILDS
        return tuple(KINDS.code(word) or word for word in self.actions)
