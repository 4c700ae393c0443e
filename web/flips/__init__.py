"""Two limits side by side on one map: a page that stands alone, scripts and styles inside.

Every text of the register goes into the page as JSON, and from there as text into its elements.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from geodata import boundaries
from stations import coverage as covering
from stations.travel import modes
from web import maps
from web.api import sources
from web.vendor import PACKAGES

if TYPE_CHECKING:
    import geopandas as gpd

    from stations.coverage import Coverage
    from stations.registry import Registry

_HERE = Path(__file__).resolve().parent
_TYPES = {".js": "text/javascript", ".css": "text/css"}
_PREFECTURE_DIGITS = 4


def flips_page(registry: Registry, answer: Coverage, beside: Coverage) -> str:
    """Return the HTML of a map of one layer under two limits; nothing in it asks the network.

    ``registry`` is the one both were measured on. Every site is shown: the page of a restricted
    layer says that it is one, and is for those who may see it.
    """
    paired = covering.flips(answer, beside)
    page = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined
    ).get_template("page.html")
    return page.render(
        map=maps.plain_map(_data_url),
        style=Markup((_HERE / "page.css").read_text("utf-8")),  # noqa: S704 - our own file
        script=Markup((_HERE / "page.js").read_text("utf-8")),  # noqa: S704 - our own file
        layer=answer.layer,
        here=_told(answer),
        beside=_told(beside),
        counts=covering.flip_counts(paired),
        synthetic=answer.synthetic or beside.synthetic,
        attribution=_attribution(registry, answer, beside),
        data=_data(registry, paired),
    )


def _data_url(package: str, file: str) -> str:
    """Return an address that holds a package's file itself."""
    path = PACKAGES[package].folder / file
    held = base64.b64encode(path.read_bytes()).decode("ascii")
    return f"data:{_TYPES[path.suffix]};base64,{held}"


def _told(answer: Coverage) -> dict[str, Any]:
    """Return a limit in words, and how its figures were made."""
    mode = modes()[answer.need.limit.mode]
    zh, en = (mode.zh, mode.en) if answer.by_time else ("直线", "straight line")
    return {
        "limit": f"{answer.need.limit.text} {zh} {en}",
        "method": answer.method(),
        "share": answer.total()["share"],
    }


def _attribution(registry: Registry, *answers: Coverage) -> list[str]:
    roads = any(answer.roads is not None for answer in answers)
    return sources.attribution(registry.stations.index, answers[0].sites.index, roads=roads)


def _data(registry: Registry, paired: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the sites, the stations nearest to them, and the counties around."""
    inside = shapely.point_on_surface(paired.geometry.to_numpy())
    places = shapely.get_coordinates(inside).round(6).tolist()
    shapes = shapely.set_precision(paired.geometry.to_numpy(), 1e-6, mode="pointwise")
    rows = zip(covering.flip_rows(paired), places, shapes, strict=True)
    sites = [
        {**row, "at": place, "geometry": shapely.geometry.mapping(shape)}
        for row, place, shape in rows
    ]
    named = sorted({*paired["nearest_id"], *paired["nearest_id_beside"]} - {""})
    stations = [
        {name: registry.station(id_)[name] for name in ("id", "name", "lon", "lat")}
        for id_ in named
    ]
    return {"sites": sites, "stations": stations, "outlines": _outlines(paired)}


def _outlines(paired: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    prefectures = sorted(set(paired["area_code"].str.slice(0, _PREFECTURE_DIGITS)) - {""})
    frames = [boundaries.outlines("county", prefix) for prefix in prefectures]
    return [shapely.geometry.mapping(shape) for frame in frames for shape in frame.geometry]
