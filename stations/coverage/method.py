"""How the figures of `truth` were made, what they leave out, and the state of the data."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from stations.cube import profile_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stations.coverage.real import Truth


@cache
def words() -> Mapping[str, Any]:
    """Return the words for steps, causes, fixes and limits: ``words.toml``."""
    return tomllib.loads((files("stations.coverage") / "words.toml").read_text("utf-8"))


def method_of(answer: Truth) -> dict[str, Any]:
    """Return the method of an answer, JSON-ready."""
    terms, profile = answer.terms, profile_of(answer.terms.profile)
    asked = answer.terms.hours.words
    return {
        **answer.paper.method(),
        "needs": list(answer.need.needs),
        **answer.cube.question.described(),
        "hours": {"asked": terms.hours.text, "zh": asked.zh, "en": asked.en},
        "hours_counted": int(answer.chosen.sum()),
        "profile": {"code": profile.code, "zh": profile.zh, "en": profile.en, "why": profile.why},
        "what_if": [each.text for each in terms.supposed],
        "share_of": "worker-hours" if answer.weighed else "site-hours",
        "workers_covered": "on average over the hours asked about",
        "covered": "sites with some part covered at every hour asked about",
        "steps": {code: step["why"] for code, step in words()["steps"].items()},
        "joint_causes": words()["limits"][1]["en"],
        "limits": [limit["en"] for limit in words()["limits"]],
        "data": data_state(answer),
    }


def data_state(answer: Truth) -> dict[str, Any]:
    """Return what is known, and what not, of the stations in use within reach of any site.

    Shares are of these stations; None where there are none.
    """
    registry, floor = answer.registry, answer.terms.trust_floor
    stands = registry.stands
    near = np.unique(answer.cube.ground.station)
    rows = np.unique(stands.station[near])
    visited = np.zeros(len(registry.stations), dtype=np.bool_)
    visited[registry.ledger.station] = True
    stations = registry.stations.iloc[rows]
    unread = np.array([not posted.known for posted in stands.timetable.distinct], dtype=np.bool_)
    silent = np.unique(stands.station[near[unread[stands.timetable.codes[near]]]])
    sites = answer.cube.sites
    return {
        "stations_in_use": len(registry.active),
        "stations_in_reach": rows.size,
        "hours_unknown": _part(np.isin(rows, silent)),
        "amenities_unrecorded": _part(stations["amenities"].eq("").to_numpy(dtype=bool)),
        "capacity_unknown": _part(stations["capacity"].isna().to_numpy()),
        "never_confirmed": _part(~visited[rows]),
        "below_trust_floor": _part(~answer.cube.supply.trusted[rows]) if floor > 0 else None,
        "synthetic": _part(stations["synthetic"].to_numpy(dtype=bool)),
        "sites_without_workers": int(sites["workers"].isna().sum()),
        "sites_outside_counties": int(sites["area_code"].eq("").sum()),
    }


def _part(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float | None:
    return round(float(flags.mean()), 4) if flags.size else None
