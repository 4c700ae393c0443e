"""The bulletin (通报) of a period: what was checked, found, mended, and what is covered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from geodata import boundaries
from geodata.errors import UsageError
from stations.audit.bulletin.counting import areas_of, checks_in, counted, flag, moved
from stations.audit.bulletin.covering import LayerFigures, Question, parts_of, truth_of
from stations.audit.bulletin.rows import rows_of, total_of
from stations.audit.findings import Wanted, listed
from stations.hours.clock import ZONE
from stations.reach import ESTIMATES, Limit
from stations.registry import Registry

if TYPE_CHECKING:
    from datetime import datetime

    from stations.audit.bulletin.period import Period
    from stations.reach import ReachCache
    from stations.store import Store
    from stations.travel import Travel

PARKS = ("parks",)


@dataclass(frozen=True)
class Asked:
    """Which bulletin."""

    period: Period
    area: str = ""
    """Leading digits of area codes; "" everywhere."""
    layers: tuple[str, ...] = PARKS
    """Whose coverage is told; who may see a restricted one is for the caller to decide."""
    question: Question = field(default_factory=lambda: Question(Limit(1000, "m")))

    def __post_init__(self) -> None:
        """Refuse what is no beginning of an area code, and an area there is not."""
        if self.area and not (self.area.isascii() and self.area.isdecimal()):
            raise UsageError(f"expected leading digits of an area code, not {self.area[:40]!r}")
        if self.area:
            boundaries.name_of(self.area)


class State(NamedTuple):
    """What of the register's history the figures are made from."""

    revision: int
    evidence: int
    """The newest piece's number."""
    steps: int
    """The newest step of any finding."""
    head: str
    """The chain's newest hash, as recorded."""


@dataclass(frozen=True, eq=False)
class Bulletin:
    """A period's figures; nobody modifies what it hands out."""

    asked: Asked
    at: datetime
    """The instant its state is told as at: the period's last, or when it was made."""
    over: bool
    """False: the period was not over when it was made."""
    state: State
    synthetic: bool
    counties: pd.DataFrame
    """`counting.COUNTS` by county code."""
    before: pd.DataFrame | None
    """The same of as many days right before; None: there was no register yet."""
    layers: tuple[LayerFigures, ...]
    findings: pd.DataFrame
    """`findings.listed`'s, with `counting.moved`'s flags: those the period is about."""

    def rows(self, by: str) -> list[dict[str, Any]]:
        """Return figures by ``county`` or ``prefecture``, in code order; they add up to `total`."""
        return rows_of(self, by)

    def total(self) -> dict[str, Any]:
        """Return the figures over all."""
        return total_of(self)


def bulletin(
    store: Store,
    asked: Asked,
    *,
    now: datetime,
    travel: Travel = ESTIMATES,
    cache: ReachCache | None = None,
    current: Registry | None = None,
) -> Bulletin:
    """Return the bulletin of a period as it can be told at ``now``, aware.

    ``current`` is the newest snapshot, if it is at hand. A layer that is not there at the end of
    the period raises `LayerMissingError`, a period still to come or over before the register
    began `UsageError`.
    """
    making = _Making(store, travel, cache, current)
    state = State(0, store.evidence_number(), store.steps_number(), store.head())
    at, earlier = asked.period.last(now), asked.period.before()
    _require_begun(store, asked.period, at)
    registry = making.register(at)
    counties, found = making.counted(registry, asked.period, at, asked.area)
    then = earlier.last(now)
    past = making.register(then)
    before = making.counted(past, earlier, then, asked.area)[0] if past.revision else None
    was = {
        name: making.layer(past, name, asked, then) for name in asked.layers if name in past.layers
    }
    layers = tuple(
        replace(
            making.layer(registry, name, asked, at),
            before=was[name].counties if name in was else None,
        )
        for name in asked.layers
    )
    return Bulletin(
        asked=asked,
        at=at,
        over=asked.period.over(now),
        state=state._replace(revision=registry.revision),
        synthetic=_made_up(registry, asked.area) or any(each.synthetic for each in layers),
        counties=counties,
        before=before,
        layers=layers,
        findings=found,
    )


def _require_begun(store: Store, period: Period, at: datetime) -> None:
    made = store.revisions()
    if made and at < made[0].at:
        begun = made[0].at.astimezone(ZONE)
        raise UsageError(f"this register begins on {begun:%Y-%m-%d}, after {period.until}")


def _made_up(registry: Registry, area: str) -> bool:
    mine = registry.stations["area_code"].str.startswith(area)
    return bool(registry.stations.loc[mine, "synthetic"].any())


class _Making(NamedTuple):
    """What every figure is made from."""

    store: Store
    travel: Travel
    cache: ReachCache | None
    current: Registry | None

    def register(self, at: datetime) -> Registry:
        """Return the register as it was at an instant, with the evidence up to then."""
        number, heard = self.store.revision_at(at), self.store.evidence()
        heard = heard[heard["at"] <= at]
        if self.current is not None and self.current.revision == number:
            return self.current.with_evidence(heard)
        return Registry.load(self.store, number, evidence=heard)

    def counted(
        self, registry: Registry, period: Period, at: datetime, area: str
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return `COUNTS` by county, and the findings the period is about."""
        stations = registry.stations
        evidence = self.store.evidence()
        heard = evidence[evidence["at"] <= at]
        visits = self.store.visits()
        said = (visits["answers"] != "{}") | (visits["outcome"] != "")  # a blank form is no check
        checks = checks_in(heard, visits[said], period)
        found = moved(self.store.steps(), period, at)
        others = pd.Index(pd.concat([checks["station"], found["station"]]), dtype="str")
        areas = areas_of(self.store, stations, registry.revision, others)
        areas = areas[areas.str.startswith(area)]
        checks, found = (each[each["station"].isin(areas.index)] for each in (checks, found))
        used = stations[stations.index.isin(areas.index)]
        counts = counted(used, checks, found, areas)
        about = pd.DataFrame({"name": stations["name"], "area_code": areas})
        told = found[found[[flag(name) for name in _TOLD]].any(axis=1)]
        return counts, listed(told, about, Wanted())

    def layer(self, registry: Registry, name: str, asked: Asked, at: datetime) -> LayerFigures:
        """Return one layer's coverage by county."""
        answer = truth_of(
            registry, name, asked.question, at=at, travel=self.travel, cache=self.cache
        )
        return LayerFigures(
            info=answer.layer,
            weighed=answer.weighed,
            synthetic=answer.synthetic,
            counties=parts_of(answer, asked.area),
            method=answer.method(),
        )


_TOLD = ("open", "opened", "returned", "mended", "closed")
