"""What callers may ask of a demand layer: on paper, or in truth."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, InstanceOf, WithJsonSchema, model_validator

from stations.coverage import ClosedRoad, HourSet, Supposed
from stations.coverage.hour_sets import HELP
from stations.coverage.supposing import HELP as WHAT_IF_HELP
from web.api import reading
from web.api.queries import PAGE, Count, Degrees, Minutes, Mode, Needs, Query, Within

By = Literal["county", "prefecture", "province", "site", "hour"]
Hours = Annotated[
    InstanceOf[HourSet] | None,
    BeforeValidator(reading.hours),
    WithJsonSchema({"type": "string", "examples": ["all", "night", "2026-10-01"]}),
    Field(
        description=f"Ask in truth, at these hours: {HELP}. A date means its week, holidays and "
        "all; what is not dated is of the ordinary week. Without it: on paper."
    ),
]
WhatIf = Annotated[
    tuple[InstanceOf[Supposed] | InstanceOf[ClosedRoad], ...],
    BeforeValidator(reading.what_if),
    WithJsonSchema({"type": "string", "examples": ["host:招商银行 shut weekends"]}),
    Field(description=f"Suppose changes, separated by semicolons: {WHAT_IF_HELP}."),
]


_TERMS = {"stay", "trust_floor", "profile", "what_if", "since", "compare"}


class NeedQuery(Query):
    """Says what must be in reach of a layer's sites."""

    mode: Mode = Field("walk", description="How minutes are spent; straight: the beeline, walked.")
    within: Within
    needs: Needs = Field("", validate_default=True)


class SitesQuery(NeedQuery):
    """Asks for a layer's sites, and how far each is covered."""

    limit: Count = Field(PAGE, ge=1, le=PAGE, description="How many sites at most.")


class TruthQuery(NeedQuery):
    """Asks about a layer on paper, or with ``hours`` in truth."""

    always_in_truth: ClassVar[bool] = False

    layer: str = Field(max_length=100, description="Name of a demand layer.", examples=["parks"])
    hours: Hours = Field("", validate_default=True)
    stay: Minutes | None = Field(
        None,
        description="How long the door stays open from the full hour on; default: 60, all that "
        "hour; for an instant 0.",
    )
    trust_floor: Degrees = Field(
        0.0, ge=0, le=1, description="Stations less sure than this do not count; 0: all do."
    )
    profile: Annotated[
        str,
        BeforeValidator(reading.profile),
        Field(description="When workers are there: constant, day, shifts or night."),
    ] = "constant"
    what_if: WhatIf = Field("", validate_default=True)
    since: str = Field(
        "",
        max_length=40,
        description="Also tell what changed since then: a revision's number, a day or an instant.",
        examples=["2026-06-30"],
    )
    compare: Annotated[
        tuple[str, ...],
        BeforeValidator(reading.layers),
        WithJsonSchema({"type": "string", "examples": ["riders"]}),
        Field(
            description="Layers to ask the same of, comma-separated: how evenly types of worker "
            "are covered."
        ),
    ] = Field("", validate_default=True)

    @model_validator(mode="after")
    def _in_truth(self) -> Self:
        """Refuse what has no meaning on paper."""
        terms = _TERMS & self.model_fields_set
        if terms and self.hours is None and not self.always_in_truth:
            named = " and ".join(sorted(terms))
            raise ValueError(f"{named}: only with hours, such as hours=all")
        return self


class CoverageQuery(TruthQuery):
    """Asks how much of a layer is covered."""

    by: By = Field("county", description="One row for each of these; hour: with hours only.")


class GapsQuery(TruthQuery):
    """Asks for a layer's sites that are not, or not wholly, covered."""

    limit: Count = Field(1_000, ge=1, le=PAGE, description="How many sites at most, worst first.")


class WeekQuery(TruthQuery):
    """Asks how much of a layer is covered at each hour of a week."""

    always_in_truth: ClassVar[bool] = True

    by: Literal["county", "prefecture", "province", "site"] = Field(
        "county", description="One row for each of these."
    )


class FileQuery(TruthQuery):
    """Asks for coverage in truth as a file."""

    always_in_truth: ClassVar[bool] = True

    format: Literal["xlsx", "png", "svg", "gpkg", "geojson", "parquet", "html"] = Field(
        "xlsx",
        description="A workbook, a picture of `plot`, the sites with their figures, or the week on "
        "a map that needs no network.",
    )
    plot: Literal["all", "waterfall", "week", "areas", "lorenz"] = Field(
        "all", description="What a picture shows: from paper to real, the week, areas, fairness."
    )
    by: Literal["county", "prefecture", "province"] = Field(
        "county", description="The areas in it."
    )
