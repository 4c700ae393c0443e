"""Evenness, access, backup and change of an answer, as JSON tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stations.coverage.figures import whole
from stations.cube import SLOW
from stations.cube.losses import SIXTHS
from stations.cube.trend import KINDS

if TYPE_CHECKING:
    import pandas as pd

    from stations.coverage.real import Backup, Truth
    from stations.cube import Fairness, Trend

ACCESS = "E2SFCA (Luo and Qi 2009): places for each worker, near ones first, whatever the hours"
TOP = 10
"""Stations and hosts that most hangs on."""
MOST_EDITS = 200


def fairness(answer: Truth) -> dict[str, Any]:
    """Return how evenly coverage is spread over counties, and over types of worker if known."""
    types = answer.types()
    return {
        "of": "county",
        **_evenness(answer.fairness()),
        "access": _access(answer),
        "types": None if types is None else {**_evenness(types), "groups": _groups(types)},
    }


def _evenness(found: Fairness) -> dict[str, Any]:
    return {
        "gini": number(found.gini),
        "worst_tenth": number(found.worst_decile),
        "mean": number(found.mean),
        "nobody_covered": found.nobody,
        "lorenz": {
            "people": np.round(found.lorenz.people, 6).tolist(),
            "covered": np.round(found.lorenz.covered, 6).tolist(),
        },
    }


def _groups(found: Fairness) -> list[dict[str, Any]]:
    return [
        {
            "name": str(name),
            "worker_hours": whole(row["weight"]),
            "share": number(row["share"]) if row["weight"] else None,
        }
        for name, row in found.groups.iterrows()
    ]


def _access(answer: Truth) -> dict[str, Any] | None:
    access, limit = answer.access(), answer.need.limit
    if access is None or not len(access):
        return None
    low, middle, high = np.quantile(access, (0.1, 0.5, 0.9)).tolist()
    edges = limit.value * np.arange(1, len(SLOW) + 1) / len(SLOW)
    return {
        "method": ACCESS,
        "weights": list(SLOW),
        "zones": np.round(edges, 3).tolist(),
        "unit": limit.unit,
        "p10": round(low, 4),
        "median": round(middle, 4),
        "p90": round(high, 4),
        "none": int((access == 0).sum()),
    }


def orderless(frame: pd.DataFrame) -> dict[str, float]:
    """Return the losses whatever their order, in worker-hours."""
    sums = frame.iloc[0]
    return {name: round(float(sums[name]) / SIXTHS, 3) for name in ("hours", "amenity", "trust")}


def backup(answer: Truth) -> dict[str, Any]:
    """Return what hangs on one station or one host, and on which most; all in worker-hours."""
    found = answer.backup()
    covered = whole(found.sites["covered"].sum())
    told: dict[str, Any] = {"covered": covered}
    for of in ("station", "host"):
        alone = found.sites[f"one_{of}"]
        told[f"one_{of}"] = whole(alone.sum())
        told[f"share_one_{of}"] = float(alone.sum()) / covered if covered else None
        told[f"sites_one_{of}"] = int((alone > 0).sum())
    return told | {
        "stations": leaning_rows(answer, found, "station", TOP),
        "hosts": leaning_rows(answer, found, "host", TOP),
    }


def leaning_rows(
    answer: Truth, found: Backup, of: str, most: int | None = None
) -> list[dict[str, Any]]:
    """Return the stations, or hosts, that covered worker-hours hang on alone, most first.

    ``name``; for a station, and for one whose host nobody knows, also its ``id``, else "".
    """
    names = answer.registry.stations["name"]
    frame = found.stations if of == "station" else found.hosts
    rows = []
    for key, row in frame.iloc[:most].iterrows():
        id_ = str(key) if of == "station" else str(key).removeprefix("id ")
        own = id_ in names.index and (of == "station" or id_ != str(key))
        name = str(names[id_]) if own else str(key)
        counts = {"sites": int(row["sites"]), "worker_hours": whole(row["worker_hours"])}
        rows.append({"id": id_ if own else "", "name": name, **counts})
    return rows


def since(answer: Truth) -> dict[str, Any] | None:
    """Return what changed since the earlier answer, most first; None where none was asked."""
    trend, before = answer.trend(), answer.earlier
    if trend is None or before is None:
        return None
    edits = edits_of(trend)
    sums = {str(name): whole(value) for name, value in trend.sites.sum().items()}
    return {
        "revision": before.revision,
        "share_before": before.total()["share"],
        "share_after": answer.total()["share"],
        "total": {name: sums[name] for name in ("before", "after", *KINDS)},
        "edits_in_all": len(edits),
        "edits": [
            {**row, "stations": list(row["stations"])}
            for row in edits.head(MOST_EDITS).to_dict("records")
        ],
    }


def edits_of(trend: Trend) -> pd.DataFrame:
    """Return a trend's edits, those that changed most worker-hours first."""
    order = trend.edits["change"].abs().sort_values(ascending=False, kind="stable").index
    return trend.edits.loc[order]


def number(value: float, digits: int = 6) -> float | None:
    """Return a rounded number; None for NaN."""
    return None if np.isnan(value) else round(float(value), digits)
