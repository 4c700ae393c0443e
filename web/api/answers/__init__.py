"""What callers get: one type per answer, for the OpenAPI document and the tests.

Answers are built as plain dicts, straight from the domain's own; tests hold them to these types.
"""

from __future__ import annotations

from web.api.answers.base import (
    Answer,
    Geometry,
    Health,
    Link,
    Problem,
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

__all__ = [
    "Answer",
    "Areas",
    "Closure",
    "Coverage",
    "Evidence",
    "Fallback",
    "Geometry",
    "Health",
    "LayerTitle",
    "Layers",
    "Link",
    "Method",
    "NearStation",
    "Nearest",
    "Problem",
    "RegisterAnswer",
    "Row",
    "Said",
    "SiteFeature",
    "SiteFields",
    "Sites",
    "Station",
    "StationFeature",
    "StationFields",
    "StationNow",
    "Stations",
    "Sums",
    "Term",
    "Total",
    "Way",
]
