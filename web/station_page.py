"""A station's own page: words for people without a script, schema.org's terms for machines."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from flask import Blueprint, Response, redirect, render_template, request
from markupsafe import Markup

from geodata import boundaries
from geodata.errors import MissingError, UsageError
from stations.catalogue import catalogue
from stations.hours.clock import wall
from web.api.base import GEOJSON, now, register
from web.api.records import station_now
from web.auth import Role, caller
from web.guard import content_policy
from web.station_hours import days_ahead, specifications
from web.words.marking import language, other_language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from werkzeug.wrappers import Response as BaseResponse

    from stations.registry import Registry

JSONLD = "application/ld+json"
HTML = "text/html"
VARY = "Accept, Accept-Encoding, Cookie"
PLAIN_APPS = frozenset({"amap", "baidu", "tencent", "apple", "geo"})
"""Ways to open a map that need no app of a certain make."""
_UNSAFE = {"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"}

blueprint = Blueprint("station", __name__)


@blueprint.get("/stations/<path:station_id>")
def station(station_id: str) -> BaseResponse:
    """Tell of one station: where, when, with what, and how sure we are."""
    registry, at = register(), now()
    row = registry.position_of(station_id)
    form = _form()
    if form == "geojson":
        item = f"/ogc/collections/stations/items/{quote(station_id)}?f=json"
        return redirect(item, 303)
    record = station_now(registry, row, at)
    linked = _linked(registry, row, record, at)
    if form == "jsonld":
        answer = Response(orjson.dumps(linked), content_type=JSONLD)
    else:
        answer = _page(registry, row, record, linked, at)
    answer.headers["Cache-Control"] = _cached()
    answer.headers["Vary"] = VARY
    answer.headers.extend([("Link", each) for each in _alternates(station_id)])
    answer.add_etag()
    return answer.make_conditional(request)


def _cached() -> str:
    return "no-cache" if caller().role is Role.PUBLIC else "private, no-cache"


def _form() -> str:
    """Return what the caller wants: by ``f``, else by ``Accept``, else the page."""
    known = {"html": HTML, "jsonld": JSONLD, "geojson": GEOJSON}
    if others := request.args.keys() - {"f", "lang"}:
        raise UsageError(f"{min(others)[:40]}: not a parameter here; known: f, lang")
    wanted = request.args.get("f")
    if wanted is not None and wanted not in known:
        raise UsageError(f"f: one of {', '.join(known)}")
    best = request.accept_mimetypes.best_match([*known.values()], default=HTML)
    return wanted or next(name for name, type_ in known.items() if type_ == best)


def _address(station_id: str) -> str:
    return f"{request.url_root.rstrip('/')}/stations/{quote(station_id)}"


def _alternates(station_id: str) -> list[str]:
    path = f"/stations/{quote(station_id)}"
    return [
        f'<{path}?f={form}>; rel="alternate"; type="{type_}"'
        for form, type_ in (("geojson", GEOJSON), ("jsonld", JSONLD), ("html", HTML))
    ]


def _page(
    registry: Registry, row: int, record: Mapping[str, Any], linked: object, at: datetime
) -> Response:
    words = catalogue()
    moves = bool(record["places"])
    stand = registry.stands.now(row, at)
    text = render_template(
        "station.html",
        station=record,
        kind=words.kinds.terms[record["kind"]],
        status=words.statuses.terms[record["status"]],
        amenities=[words.amenities.terms[code] for code in record["amenities"]],
        access=words.access.terms.get(record["way_in"]),
        asks=[words.door_asks.terms[code] for code in record["door_asks"]],
        area=_area(record["area_code"]),
        week=days_ahead(registry.stands.timetable.posted(stand), wall(at).date()),
        moves=moves,
        links=[each for each in record["links"] if each["app"] in PLAIN_APPS],
        linked=_embedded(linked),
        address=quote(record["id"]),
        role="" if caller().role is Role.PUBLIC else caller().role.value,
        other=f"?lang={other_language()}",
        lang=language(),
    )
    answer = Response(text, mimetype=HTML)
    answer.headers["Content-Security-Policy"] = content_policy()
    return answer


def _area(code: str) -> str:
    """Return the name of an area; "" for a code that is not known."""
    with suppress(MissingError):
        return boundaries.name_of(code)
    return ""


def _embedded(linked: object) -> Markup:
    """Return JSON that may stand in a page's script element: nothing in it ends that element."""
    text = orjson.dumps(linked).decode()
    for letter, written in _UNSAFE.items():
        text = text.replace(letter, written)
    return Markup(text)  # noqa: S704 - nothing in it is markup any more


def _linked(
    registry: Registry, row: int, record: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    """Return the station in schema.org's terms; what is unknown is left out."""
    words, address = catalogue(), _address(record["id"])
    parts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "CivicStructure",
        "@id": address,
        "identifier": record["id"],
        "url": address,
        "name": record["name"],
        "description": _description(record),
        "geo": {
            "@type": "GeoCoordinates",
            "latitude": record["lat"],
            "longitude": record["lon"],
        },
        "amenityFeature": [
            {
                "@type": "LocationFeatureSpecification",
                "name": [words.amenities.terms[code].zh, words.amenities.terms[code].en],
                "value": True,
            }
            for code in record["amenities"]
        ],
        "telephone": record["phone"],
        "maximumAttendeeCapacity": record["capacity"],
        "address": _postal(record["area_code"]),
        "containedInPlace": record["host"] and {"@type": "Place", "name": record["host"]},
    }
    if record["status"] == "active" and not record["places"]:
        parts |= _hours(registry, row, wall(at).date())
    return {name: part for name, part in parts.items() if part not in (None, "", [], {})}


def _hours(registry: Registry, row: int, first: date) -> dict[str, Any]:
    return specifications(registry.timetable.posted(row), first)


def _description(record: Mapping[str, Any]) -> str:
    kind = catalogue().kinds.terms[record["kind"]]
    made_up = "；合成演示数据 (made up, for demonstration)" if record["synthetic"] else ""
    return f"工会驿站（{kind.zh}）, a rest station for outdoor workers ({kind.en}){made_up}"


def _postal(code: str) -> dict[str, str] | None:
    name = _area(code)
    told = {"@type": "PostalAddress", "addressCountry": "CN", "addressRegion": name}
    return told if name else None
