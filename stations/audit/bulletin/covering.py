"""Coverage on paper and in truth by county, as at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from stations import coverage as covering
from stations.coverage import Need, Terms
from stations.hours.clock import ZONE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from stations.coverage import Limit, ReachCache, Travel, Truth
    from stations.registry import Registry
    from stations.schema import LayerInfo

PARTS = ("sites", "present", "paper", "real")
"""Sites, and worker-hours of the ordinary week: there, in reach on paper, covered in truth."""


@dataclass(frozen=True)
class Question:
    """What is asked of every layer."""

    limit: Limit
    needs: tuple[str, ...] = ()
    trust_floor: float = 0.5

    def terms(self, at: datetime) -> Terms:
        """Return what counts as covered in truth at ``at``, aware: the ordinary week."""
        day = at.astimezone(ZONE).date()
        return Terms(trust_floor=self.trust_floor, at=at, on=day)


@dataclass(frozen=True, eq=False)
class LayerFigures:
    """One layer."""

    info: LayerInfo
    weighed: bool
    """False: the layer knows no workers, and sites are counted instead."""
    synthetic: bool
    counties: pd.DataFrame
    """`PARTS` by county code."""
    method: Mapping[str, Any]
    before: pd.DataFrame | None = None
    """The same for the period before; None: the layer was not there then."""


def truth_of(
    registry: Registry,
    layer: str,
    question: Question,
    *,
    at: datetime,
    travel: Travel,
    cache: ReachCache | None,
) -> Truth:
    """Ask for coverage in truth as the question says."""
    need = Need(layer, question.limit, question.needs)
    return covering.truth(registry, need, question.terms(at), travel, cache)


def parts_of(answer: Truth, area: str) -> pd.DataFrame:
    """Return `PARTS` by county, of those in an area (leading digits of codes)."""
    rows = [row for row in answer.rows("county") if row["code"].startswith(area)]
    told = {
        "sites": [row["sites"] for row in rows],
        "present": [row["worker_hours"] for row in rows],
        "paper": [row["steps"]["paper"] for row in rows],
        "real": [row["steps"]["trust"] for row in rows],
    }
    index = pd.Index([row["code"] for row in rows], name="code", dtype="str")
    return pd.DataFrame(told, index=index, columns=list(PARTS))
