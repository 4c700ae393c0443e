"""Pages that stand alone: one file with scripts, styles and data inside, for no network at all.

Every text of the register goes into such a page as JSON, and from there as text into its elements.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from geodata import boundaries
from web import maps
from web.vendor import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_TYPES = {".js": "text/javascript", ".css": "text/css"}
_PREFECTURE_DIGITS = 4


def page(folder: Path, name: str, **parts: Any) -> str:  # noqa: ANN401 - what its template names
    """Return the HTML of a folder's ``page.html`` with its ``page.css`` and ``page.js`` inside.

    It may include what is in ``templates``.
    Scripts know its empty map as ``NAME_map``. ``parts`` are given to the template, where text is
    escaped.
    """
    template = Environment(
        loader=FileSystemLoader([folder, _TEMPLATES]), autoescape=True, undefined=StrictUndefined
    ).get_template("page.html")
    return template.render(
        map=maps.plain_map(data_url, name),
        style=own(folder / "page.css"),
        script=own(folder / "page.js"),
        **parts,
    )


def own(path: Path) -> Markup:
    """Return a script or style of ours, to be put into a page as it is."""
    return Markup(path.read_text("utf-8"))  # noqa: S704 - our own file


def outlines(area_codes: Iterable[str]) -> list[dict[str, Any]]:
    """Return the outlines of all counties in the prefectures of some area codes, as GeoJSON."""
    prefectures = sorted({code[:_PREFECTURE_DIGITS] for code in area_codes} - {""})
    frames = [boundaries.outlines("county", prefix) for prefix in prefectures]
    return [shapely.geometry.mapping(shape) for frame in frames for shape in frame.geometry]


def drawn(shapes: Iterable[shapely.Geometry]) -> list[dict[str, Any]]:
    """Return shapes as GeoJSON to a millionth of a degree, some 10 cm."""
    rounded = shapely.set_precision(list(shapes), 1e-6, mode="pointwise")
    return [shapely.geometry.mapping(shape) for shape in rounded]


def inside(shapes: Iterable[shapely.Geometry]) -> list[list[float]]:
    """Return a point of each shape, lon and lat, as precise."""
    points = shapely.point_on_surface(list(shapes))
    places: list[list[float]] = shapely.get_coordinates(points).round(6).tolist()
    return places


def data_url(package: str, file: str) -> str:
    """Return an address that holds a package's file itself."""
    path = PACKAGES[package].folder / file
    held = base64.b64encode(path.read_bytes()).decode("ascii")
    return f"data:{_TYPES[path.suffix]};base64,{held}"
