"""A plan on two maps, before and after, with its reasons: a page that stands alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stations.catalogue import catalogue
from stations.hours.worded import worded
from stations.planning import wording
from web import alone, maps
from web.api import sources

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stations.planning import Reason, Scheme
    from stations.planning.study import Study

_HERE = Path(__file__).resolve().parent
_STATIC = _HERE.parent / "static"
GAINERS = 3
"""Sites named in a reason."""


def plan_page(scheme: Scheme, study: Study | None) -> str:
    """Return the HTML of a plan; nothing in it asks the network.

    Every site is shown: the page of a restricted layer says that it is one, and is for those who
    may see it.
    """
    data = plan_data(scheme, study)
    return alone.page(
        _HERE,
        "before",
        after=maps.plain_map(alone.data_url, "after"),
        look=alone.own(_STATIC / "css" / "planparts.css"),
        view=alone.own(_STATIC / "js" / "planview.js"),
        title=data["title"],
        data=data,
    )


def plan_data(scheme: Scheme, study: Study | None) -> dict[str, Any]:
    """Return what ``static/js/planview.js`` shows of a plan, for JSON."""
    status, blame = wording.STATUSES[scheme.status], scheme.blame
    reasons = () if blame is not None else scheme.reasons()
    return {
        "title": wording.heading(scheme)._asdict(),
        "asked": wording.asked(scheme.wish)._asdict(),
        "unit": wording.unit(scheme)._asdict(),
        "status": status._asdict(),
        "labels": [each._asdict() for each in wording.labels(scheme)],
        "estimated": scheme.as_dict(with_reasons=False)["method"]["estimated"],
        "blame": None if blame is None else blame.said()._asdict(),
        "cover_all": scheme.wish.cover_all,
        "objective": _finite(scheme.objective),
        "bound": _finite(scheme.bound),
        "gap": _finite(scheme.gap),
        "cost": scheme.cost,
        "years": scheme.wish.years,
        "before": scheme.before["share"],
        "after": scheme.after["share"],
        "sites": _sites(scheme),
        "stations": _stations(scheme),
        "actions": _actions(scheme, reasons),
        "outlines": alone.outlines(scheme.sites["area_code"]),
        "study": None if study is None else study.as_dict(),
        "revision": scheme.revision,
        "attribution": _attribution(scheme),
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), 6)


def _sites(scheme: Scheme) -> list[dict[str, Any]]:
    frame = scheme.sites
    shapes = frame.geometry.to_numpy()
    workers = frame["workers"].astype(object).where(frame["workers"].notna(), None)
    figures = (map(_finite, frame[name]) for name in ("share_before", "share_after", "gained"))
    columns = zip(
        frame.index, frame["name"], (None if each is None else int(each) for each in workers),
        alone.inside(shapes), alone.drawn(shapes), *figures, strict=True,
    )  # fmt: skip
    names = ("id", "name", "workers", "at", "geometry", "before", "after", "gained")
    return [dict(zip(names, values, strict=True)) for values in columns]


def _stations(scheme: Scheme) -> list[dict[str, Any]]:
    """Return the stations in use within reach of any site."""
    demand = scheme.problem.demand
    supply = demand.supply
    standing = np.unique(demand.ground.station)
    standing = standing[standing < scheme.problem.offer.size]
    frame = scheme.registry.stations.loc[supply.ids[standing], ["name", "opening_hours"]]
    columns = zip(
        supply.ids[standing], frame["name"], *_hours(frame["opening_hours"]),
        supply.lon[standing].round(6).tolist(), supply.lat[standing].round(6).tolist(), strict=True,
    )  # fmt: skip
    names = ("id", "name", "hours_zh", "hours_en", "lon", "lat")
    return [dict(zip(names, values, strict=True)) for values in columns]


def _hours(expressions: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return opening hours for readers of Chinese and of English, who get the expressions."""
    english = list(expressions)
    return [worded(each) for each in english], english


def _actions(scheme: Scheme, reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    known = catalogue().amenities.terms
    names = scheme.registry.stations["name"]
    listed = []
    for action, reason in zip(scheme.actions, reasons, strict=True):
        terms = [known[code] for code in action.amenities]
        why = reason.as_dict()
        [hours_zh], [hours_en] = _hours([action.opening_hours])
        listed.append(
            action.as_dict()
            | {
                "builds": not action.station,
                "station_name": names.get(action.station, ""),
                "into_name": names.get(action.into, ""),
                "hours_zh": hours_zh,
                "hours_en": hours_en,
                "amenities_zh": "、".join(each.zh for each in terms),
                "amenities_en": ", ".join(each.en for each in terms),
                "why": why | {"sites": why["sites"][:GAINERS]},
            }
        )
    return listed


def _attribution(scheme: Scheme) -> list[str]:
    roads = scheme.travel.network(scheme.wish.limit.mode) is not None
    by_road = roads and scheme.wish.limit.unit == "min"
    return sources.attribution(scheme.registry.stations.index, scheme.sites.index, roads=by_road)
