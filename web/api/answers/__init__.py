"""What callers get: one type per answer, for the OpenAPI document and the tests.

Answers are built as plain dicts, straight from the domain's own; tests hold them to these types.
"""

from __future__ import annotations

from web.api.answers.areas import AreaFields, Drawn, ServiceArea, ServiceAreaFields, StationArea
from web.api.answers.base import (
    Answer,
    Geometry,
    Health,
    Link,
    Problem,
    Roads,
    Said,
)
from web.api.answers.demand import (
    Areas,
    Coverage,
    Layers,
    LayerTitle,
    Method,
    RegisterAnswer,
    Row,
    SiteFeature,
    SiteFields,
    Sites,
    Sums,
    Term,
    Total,
)
from web.api.answers.findings import Finding, Findings, RuleSums, StandardTitle
from web.api.answers.jobs import Job, JobResult
from web.api.answers.plans import Accepted, Prices
from web.api.answers.stations import (
    Closure,
    Evidence,
    Fallback,
    Nearest,
    NearStation,
    Station,
    StationFeature,
    StationFields,
    StationNow,
    Stations,
    Way,
)
from web.api.answers.truth import CoverageAnswer, Gaps, GapsAnswer, Truth, Week

__all__ = [
    "Accepted",
    "Answer",
    "AreaFields",
    "Areas",
    "Closure",
    "Coverage",
    "CoverageAnswer",
    "Drawn",
    "Evidence",
    "Fallback",
    "Finding",
    "Findings",
    "Gaps",
    "GapsAnswer",
    "Geometry",
    "Health",
    "Job",
    "JobResult",
    "LayerTitle",
    "Layers",
    "Link",
    "Method",
    "NearStation",
    "Nearest",
    "Prices",
    "Problem",
    "RegisterAnswer",
    "Roads",
    "Row",
    "RuleSums",
    "Said",
    "ServiceArea",
    "ServiceAreaFields",
    "SiteFeature",
    "SiteFields",
    "Sites",
    "StandardTitle",
    "Station",
    "StationArea",
    "StationFeature",
    "StationFields",
    "StationNow",
    "Stations",
    "Sums",
    "Term",
    "Total",
    "Truth",
    "Way",
    "Week",
]
