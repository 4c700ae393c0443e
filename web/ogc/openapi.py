"""The OpenAPI document of the standard's endpoints, as clients of it read it: version 3.0."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from web.ogc.asking import LANGUAGES, MOST, USUAL
from web.ogc.base import MVT, OPENAPI, PROBLEM, SCHEMA
from web.ogc.references import CRS84, SUPPORTED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from web.ogc.fields import Field
    from web.ogc.visible import Collection

_TEXT = {"type": "string"}
_CRS = {"type": "string", "format": "uri", "enum": [*SUPPORTED], "default": CRS84}
_NUMBERS = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}


def document(
    collections: Iterable[Collection], address: str, title: str, about: str
) -> dict[str, Any]:
    """Return the document for the collections a caller sees, served at ``address``."""
    paths: dict[str, Any] = {
        "/": _got("Landing page 首页"),
        "/conformance": _got("What of the standards holds 遵循的标准"),
        "/api": _got("This document 接口说明", OPENAPI),
        "/collections": _got("Collections 数据集"),
    }
    for each in collections:
        paths |= _paths(each)
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "description": about, "version": version("worker-stations")},
        "servers": [{"url": address}],
        "security": [{}, {"staff": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"staff": {"type": "http", "scheme": "bearer"}},
            "parameters": {each["name"]: each for each in _shared()},
            "responses": {
                "Problem": {
                    "description": "What is wrong, and what would be right.",
                    "content": {PROBLEM: {"schema": {"type": "object"}}},
                }
            },
        },
    }


def _paths(about: Collection) -> dict[str, Any]:
    path, titles = f"/collections/{about.name}", f"{about.zh} {about.en}"
    shared = [{"$ref": f"#/components/parameters/{each['name']}"} for each in _shared()]
    own = [_property(field) for field in about.queryables.values()]
    item = {"name": "featureId", "in": "path", "required": True, "schema": _TEXT}
    tile = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
        for name in ("tileMatrix", "tileRow", "tileCol")
    ]
    geojson = "application/geo+json"
    crs = next(each for each in shared if each["$ref"].endswith("/crs"))
    return {
        path: _got(titles),
        f"{path}/queryables": _got(f"Queryables 可筛选属性: {titles}", SCHEMA),
        f"{path}/items": _got(f"Features 要素: {titles}", geojson, [*shared, *own]),
        f"{path}/items/{{featureId}}": _got(
            f"One feature 单个要素: {titles}", geojson, [item, crs]
        ),
        f"{path}/tiles": _got(f"Vector tiles 矢量瓦片: {titles}"),
        f"{path}/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": _got(
            f"A vector tile 单张瓦片: {titles}", MVT, tile
        ),
    }


def _got(
    summary: str, type_: str = "application/json", parameters: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    return {
        "get": {
            "summary": summary,
            "parameters": parameters or [],
            "responses": {
                "200": {"description": summary, "content": {type_: {"schema": {}}}},
                "default": {"$ref": "#/components/responses/Problem"},
            },
        }
    }


def _shared() -> list[dict[str, Any]]:
    """Return the parameters every collection's features take."""
    words = {"type": "string", "enum": [*LANGUAGES], "default": LANGUAGES[0]}
    limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
    return [
        _asked("limit", limit, "Features a page holds."),
        _asked("offset", {"type": "integer", "minimum": 0}, "Features to leave out first."),
        _asked("after", _TEXT, "Begin after this id."),
        _asked("before", _TEXT, "End before this id."),
        _asked("revision", {"type": "integer"}, "The register's revision at the first page."),
        _asked("bbox", _NUMBERS, "Lower corner, upper corner; west > east crosses 180°."),
        _asked("bbox-crs", _CRS, "The reference system of bbox."),
        _asked("datetime", _TEXT, "An instant or interval in which a feature is there."),
        _asked("crs", _CRS, "The reference system of the answer, axes in its order."),
        _asked("filter", _TEXT, "A condition in CQL2."),
        _asked("filter-lang", words, "The language of the filter."),
        _asked("filter-crs", _CRS, "The reference system of shapes in the filter."),
        _asked("sortby", _TEXT, "Properties, comma-separated; - before one: descending."),
    ]


def _asked(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    listed = {"style": "form", "explode": False} if schema["type"] == "array" else {}
    told = {"description": description} if description else {}
    return {"name": name, "in": "query", **told, "required": False, **listed, "schema": schema}


def _property(field: Field) -> dict[str, Any]:
    """Return a property as a parameter: features that have this value."""
    return _asked(field.name, field.schema, f"{field.zh} {field.en}")
