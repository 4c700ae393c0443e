"""A round for an inspector's hand: stops in order, what to look at, room to write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import segno
from markupsafe import Markup

from stations.audit.bulletin.telling import words
from stations.report.spoken import SYNTHETIC
from web.paper.rendering import page
from web.paper.sketch import sketch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LEFT_OUT = 40
"""Stations left out that are named."""
CHECKS = ("看得见", "找得到", "进得来", "用得上")
_APPS = ("amap", "geo")
"""Whose link the code holds, the first that there is."""


def round_sheet(told: Mapping[str, Any]) -> str:
    """Return a round (`audit.rounds`' ``to_dict``) as pages to print, one or more an inspector."""
    routes = [_route(route) for route in told["routes"]]
    return page(
        "round.html",
        {
            "title": f"驿站巡检单 {told['date']}",
            "at": told["at"],
            "labels": [dict(zip(("zh", "en"), SYNTHETIC, strict=True))]
            if told["synthetic"]
            else [],
            "foot": f"登记簿版本 {told['revision']} · {told['mode']['zh']} · 顺序与时刻为建议",
            "told": told,
            "routes": routes,
            "left_out": told["left_out"][:LEFT_OUT],
            "left_more": max(len(told["left_out"]) - LEFT_OUT, 0),
            "checks": CHECKS,
            "severities": {code: each["zh"] for code, each in words()["severities"].items()},
            "ways": _ways(told["method"]),
        },
    )


def _route(route: Mapping[str, Any]) -> dict[str, Any]:
    stops = route["stops"]
    places = [(stop["lon"], stop["lat"]) for stop in stops]
    start = route["start"]["lon"], route["start"]["lat"]
    drawn = [{**stop, "code": code(stop["links"])} for stop in stops]
    return {**route, "stops": drawn, "sketch": sketch(start, places) if stops else ""}


def code(links: Iterable[Mapping[str, str]]) -> Markup:
    """Return the QR code of the way there, as SVG; empty where no link will do."""
    known = {link["app"]: link["url"] for link in links}
    url = next((known[app] for app in _APPS if app in known), None)
    if url is None:
        return Markup()
    made = segno.make(url, error="l", boost_error=False, micro=False)
    drawn = made.svg_inline(border=2, omitsize=True, svgclass="code", lineclass=None)
    return Markup(drawn)  # noqa: S704 - segno's squares; the address is in them, not in its text


def _ways(method: Mapping[str, Any]) -> str:
    roads = method["roads"]
    how = {
        "all": "路程时间由直线距离估算",
        "some": "路程时间按路网，部分为估算",
        "none": "路程时间按路网",
    }[method["estimated"]]
    return f"{how}（{roads['source']}）" if roads else how
