"""What riders report and inspectors find becomes findings, for the whole register or at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from stations.audit.findings import reports
from stations.audit.findings.loop import standing
from stations.audit.findings.recording import Run, record_run
from stations.audit.findings.terms import family
from stations.errors import StoreConflictError
from stations.trust import ACTS, heirs_in, inherited

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from stations.audit.findings.recording import Recorded
    from stations.store import Store

_TRIES = 5
_, _MERGER = ACTS


def hear(
    store: Store, *, who: str, at: datetime, stations: Collection[str] | None = None
) -> Recorded:
    """Record what riders' reports and inspections amount to: see `reports.reported`.

    ``stations``: only of these, in milliseconds: those there is new evidence about; one that went
    into another by a merger is heard as that. What a station
    fixed by somebody is not verified by their own inspection: such a finding stays fixed. It is
    recorded at ``at``, or with the newest step of any finding if that is later.
    """
    chosen = None if stations is None else _held(store, stations)
    for left in reversed(range(_TRIES)):
        try:
            return _heard(store, who, store.step_time(at), chosen)
        except StoreConflictError:  # somebody took a step meanwhile: decide anew
            if not left:
                raise
    raise AssertionError


def _held(store: Store, stations: Collection[str]) -> frozenset[str]:
    """Return the stations, those that are no more by their heirs."""
    gone = set(stations) - store.present(stations)
    if not gone:
        return frozenset(stations)
    every = store.evidence()
    went = set(every.loc[every["kind"] == _MERGER, "note"])
    heirs = heirs_in(every, pd.Index(sorted(store.present(went)), dtype="str"))
    return frozenset(heirs[each][0] if each in heirs else each for each in stations)


def _heard(store: Store, who: str, at: datetime, stations: frozenset[str] | None) -> Recorded:
    counted = counting(store, store.evidence(stations=stations))
    found = reports.reported(counted, at)
    if stations is not None:
        found = found[found["station"].isin(stations)]
    rules = [rule.id for rule in reports.rules()]
    own = _own_work(store, counted, at, stations)
    told = reports.latest(counted, at)
    run = Run(rules, unjudged=own, stations=stations, latest=told)
    return record_run(store, found, run, who=who, at=at)


def counting(store: Store, evidence: pd.DataFrame, gone: str = "") -> pd.DataFrame:
    """Return the pieces of a store's evidence frame as they count for the stations it holds.

    ``gone`` is an id it is to hold no longer.
    """
    went = set(evidence.loc[evidence["kind"] == _MERGER, "note"])
    held = sorted(store.present(went) - {gone}) if went else []
    return inherited(evidence, pd.Index(held, dtype="str"))


def _own_work(
    store: Store, evidence: pd.DataFrame, at: datetime, stations: frozenset[str] | None
) -> pd.DataFrame | None:
    """Return rule and station of what is fixed, and found working only by who fixed it."""
    worked = evidence[(evidence["kind"] == "inspection") & (evidence["outcome"] == "worked")]
    worked = worked[worked["at"] <= at].sort_values("at", kind="stable")
    if worked.empty:
        return None
    frame = standing(store.steps(stations=stations), at)
    fixed = frame[(frame["state"] == "fixed") & (frame["rule"].map(family) == reports.FAMILY)]
    last = worked.drop_duplicates("station", keep="last").set_index("station")["who"]
    own = fixed["by"].to_numpy() == last.reindex(fixed["station"]).to_numpy()
    found: pd.DataFrame = fixed[["rule", "station"]][own]
    return found
