"""The documents around the features: landing page, conformance, collections, queryables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from web.api.base import GEOJSON, JSON
from web.api.sources import attribution
from web.ogc import base, openapi
from web.ogc.base import HTML, OPENAPI, SCHEMA, blueprint, link, snapshot
from web.ogc.references import CRS84, SUPPORTED
from web.ogc.visible import visible, visible_one

if TYPE_CHECKING:
    from flask import Response

    from web.ogc.visible import Collection

TITLE = "工会驿站 Worker stations"
ABOUT = (
    "户外劳动者驿站与服务对象。"
    " Rest stations for outdoor workers, and the demand layers open to the caller."
)
_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
QUERYABLES, TILES = f"{_REL}queryables", f"{_REL}tilesets-vector"
_FEATURES = "http://www.opengis.net/spec/ogcapi-features-{}/1.0/conf/{}"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/{}"
CONFORMS = [
    *(_FEATURES.format(1, each) for each in ("core", "geojson", "html", "oas30")),
    _FEATURES.format(2, "crs"),
    *(
        _FEATURES.format(3, each)
        for each in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        _CQL2.format(each)
        for each in (
            "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators",
            "case-insensitive-comparison", "accent-insensitive-comparison",
            "basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions",
            "temporal-functions", "array-functions", "property-property", "arithmetic",
        )
    ),
    *(
        f"http://www.opengis.net/spec/ogcapi-{each}"
        for each in (
            "common-1/1.0/conf/core", "common-2/1.0/conf/collections",
            "tiles-1/1.0/conf/core", "tiles-1/1.0/conf/tileset", "tiles-1/1.0/conf/tilesets-list",
            "tiles-1/1.0/conf/mvt",
        )
    ),
]  # fmt: skip


@blueprint.get("", strict_slashes=False)
def landing() -> Response:
    """Show where to go from here."""
    base.given()

    def build() -> dict[str, Any]:
        return {
            "title": TITLE,
            "description": ABOUT,
            "links": [
                *base.this(JSON),
                link("service-desc", "/api", OPENAPI, "OpenAPI 3.0"),
                link("service-doc", "/api?f=html", HTML),
                link("conformance", "/conformance", JSON),
                link("data", "/collections", JSON),
            ],
        }

    return base.answer(build, "ogc/landing.html", restricted=False)


@blueprint.get("/conformance")
def conformance() -> Response:
    """Tell what of the standards holds here."""
    base.given()
    return base.answer(
        lambda: {"conformsTo": CONFORMS, "links": base.this(JSON)},
        "ogc/conformance.html",
        restricted=False,
    )


@blueprint.get("/api")
def api() -> Response:
    """Describe every endpoint and parameter, of the collections the caller sees."""
    base.given()
    seen = visible()
    return base.answer(
        lambda: openapi.document(seen.values(), base.root(), TITLE, ABOUT),
        "ogc/api.html",
        type_=OPENAPI,
        restricted=any(each.restricted for each in seen.values()),
    )


@blueprint.get("/collections")
def collections() -> Response:
    """List what there is to see."""
    base.given()
    seen = visible()

    def build() -> dict[str, Any]:
        return {
            "links": base.this(JSON),
            "crs": [*SUPPORTED],
            "revision": snapshot().revision,
            "collections": [_told(each) for each in seen.values()],
        }

    hidden = any(each.restricted for each in seen.values())
    return base.answer(build, "ogc/collections.html", restricted=hidden)


@blueprint.get("/collections/<name>")
def collection(name: str) -> Response:
    """Describe one collection."""
    base.given()
    about = visible_one(name)
    return base.answer(
        lambda: {**_told(about), "links": [*base.this(JSON), *_ways(about)]},
        "ogc/collection.html",
        restricted=about.restricted,
        about=about,
    )


@blueprint.get("/collections/<name>/queryables")
def queryables(name: str) -> Response:
    """Tell which properties a filter may ask about, as JSON Schema."""
    base.given()
    about = visible_one(name)

    def build() -> dict[str, Any]:
        shape = "point" if about.are_points and len(about) else "any"
        role = {"x-ogc-role": "primary-geometry"}
        shapes = {"title": "位置 Shape", "format": f"geometry-{shape}", **role}
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"{base.root()}/collections/{about.name}/queryables",
            "type": "object",
            "title": f"{about.zh} {about.en}",
            "properties": {
                "geometry": shapes,
                **{name: field.schema for name, field in about.queryables.items()},
            },
            "additionalProperties": False,
        }

    return base.answer(
        build, "ogc/queryables.html", type_=SCHEMA, restricted=about.restricted, about=about
    )


def _told(about: Collection) -> dict[str, Any]:
    """Describe a collection: its extent is that of what the caller sees."""
    extent: dict[str, Any] = {}
    if about.bounds:
        extent["spatial"] = {"bbox": [about.bounds], "crs": CRS84}
    if about.span:
        extent["temporal"] = {
            "interval": [[day and f"{day}T00:00:00+08:00" for day in about.span]],
            "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
        }
    return {
        "id": about.name,
        "title": f"{about.zh} {about.en}",
        "attribution": "; ".join(attribution(about.frame.index)),
        "itemType": "feature",
        "extent": extent,
        "crs": [*SUPPORTED],
        "storageCrs": CRS84,
        "links": [
            link("self", f"/collections/{about.name}?f=json", JSON),
            link("alternate", f"/collections/{about.name}?f=html", HTML),
            *_ways(about),
        ],
    }


def _ways(about: Collection) -> list[dict[str, str]]:
    path = f"/collections/{about.name}"
    files = base.root().removesuffix(str(blueprint.url_prefix)) + "/api/v1/exports"
    return [
        link("items", f"{path}/items?f=json", GEOJSON),
        link("items", f"{path}/items?f=html", HTML),
        link(QUERYABLES, f"{path}/queryables?f=json", SCHEMA),
        link(TILES, f"{path}/tiles", JSON),
        link("enclosure", f"{files}/{about.name}.geojson", GEOJSON),
        link("enclosure", f"{files}/{about.name}.parquet", "application/vnd.apache.parquet"),
        link("enclosure", f"{files}/{about.name}.csv", "text/csv"),
    ]
