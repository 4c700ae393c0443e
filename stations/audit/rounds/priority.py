"""Whom to visit first: how likely something is wrong x how many it affects x how long unseen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geodata.errors import UsageError
from stations.audit.findings.loop import PENDING, day_of
from stations.audit.rounds.people import people_of
from stations.audit.rounds.terms import terms
from stations.audit.ruling import SEVERITIES
from stations.trust import KINDS

if TYPE_CHECKING:
    from datetime import datetime

    from geodata.geodesy import FloatArray, IntArray
    from stations.audit.rounds.people import People
    from stations.registry import Registry

_CELLS = ("row", "priority", "wrong", "people", "days", "trust", "finding", "findings", "last")
_DAY_S = 86_400.0
_INSPECTION = KINDS.index("inspection")


@dataclass(frozen=True, eq=False)
class Candidates:
    """The stations in use of an area, the most urgent first."""

    frame: pd.DataFrame
    """By id: ``row`` of the registry, ``priority`` and its factors ``wrong`` (a probability),
    ``people`` and ``days``; with them ``trust``, ``finding`` (the severity that counts, ""),
    ``findings`` (how many), ``last`` (the last inspection, seconds since 1970, NaN never)."""
    findings: pd.DataFrame
    """The pending ones of these stations, of `findings.standing`."""
    people: People
    at: datetime

    def cells(self, id_: str) -> dict[str, Any]:
        """Return a station's row of `frame`."""
        place = self.frame.index.get_loc(id_)
        return {name: self.frame[name].iloc[place] for name in _CELLS}


def candidates(
    registry: Registry, standing: pd.DataFrame, at: datetime, *, area: str = ""
) -> Candidates:
    """Rank the stations in use at an aware instant; ``area``: leading digits of an area code.

    ``standing`` is `findings.standing`'s. The priority is ``wrong * people * days``: by how much a
    fault has probably gone unnoticed, in person-days. ``wrong`` is 1 - trust (1 - p) with p of the
    likeliest pending finding (`Terms.wrong`). Ties go to the lower id. `UsageError` for an area
    that is no digits, or without any station in use.
    """
    rows = _rows(registry, area)
    ids = registry.stations.index[rows]
    pending = standing[standing["state"].isin(PENDING) & standing["station"].isin(ids)]
    chance, severity, count = _told(pending, ids)
    trust = registry.trust(at)[rows]
    last = _last_inspection(registry, at)[rows]
    people = people_of(registry, day_of(at))
    days = np.fmin((at.timestamp() - last) / _DAY_S, terms().most_days)
    frame = pd.DataFrame(
        {
            "row": rows,
            "wrong": 1 - trust * (1 - chance),
            "people": people.affected[rows],
            "days": np.where(np.isnan(last), terms().most_days, days),
            "trust": trust,
            "finding": severity,
            "findings": count,
            "last": last,
        },
        index=ids,
    )
    frame.insert(1, "priority", frame["wrong"] * frame["people"] * frame["days"])
    ordered = frame.sort_values("priority", ascending=False, kind="stable")  # ids ascend
    return Candidates(ordered, pending, people, at)


def _rows(registry: Registry, area: str) -> IntArray:
    if area and not (area.isascii() and area.isdecimal()):
        raise UsageError(f"an area is leading digits of its code, such as 5301, not {area[:40]!r}")
    codes = registry.stations["area_code"].iloc[registry.active]
    rows: IntArray = registry.active[codes.str.startswith(area).to_numpy(dtype=bool)]
    if not rows.size:
        where = f"with an area code that begins with {area}" if area else "on the register"
        raise UsageError(f"no station in use {where}")
    return rows


def _told(pending: pd.DataFrame, ids: pd.Index[str]) -> tuple[FloatArray, list[str], IntArray]:
    """Return the greatest probability of a finding, its severity, and how many there are."""
    station = ids.get_indexer(pd.Index(pending["station"]))
    grave = pd.Index(SEVERITIES).get_indexer(pd.Index(pending["severity"]))
    by_severity = np.array([terms().wrong[name] for name in SEVERITIES])
    factor = np.where(pending["state"] == "fixed", terms().fixed, 1.0)
    chance = np.zeros(len(ids))
    likely = by_severity[grave] * factor
    np.maximum.at(chance, station, likely)
    decides = np.full(len(ids), len(SEVERITIES))
    first = likely == chance[station]
    np.minimum.at(decides, station[first], grave[first])
    words = np.array([*SEVERITIES, ""])[decides]
    return chance, words.tolist(), np.bincount(station, minlength=len(ids))


def _last_inspection(registry: Registry, at: datetime) -> FloatArray:
    """Return the time of each row's last inspection up to an instant; NaN never."""
    ledger = registry.ledger
    some = (ledger.kind == _INSPECTION) & (ledger.at <= at.timestamp())
    moments, last = ledger.at, np.full(ledger.stations, -np.inf)
    np.maximum.at(last, ledger.station[some], moments[some])
    return np.where(np.isinf(last), np.nan, last)
