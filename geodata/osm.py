"""OpenStreetMap files (``.osm.pbf``) as layers, chosen by tag.

Closed ways and multipolygon relations count as areas; nodes and open ways do not. A *points* layer
takes nodes as they are, areas by a point inside them and open ways by the point halfway along.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import apart
from geodata.errors import FileFormatError, UsageError
from geodata.osm_objects import Condition, TagFilter, read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

TAG_COLUMNS = (
    "name",
    "name:zh",
    "opening_hours",
    "access",
    "operator",
    "phone",
    "contact:phone",
    "wheelchair",
    "fee",
    "capacity",
    "amenity",
    "highway",
    "landuse",
    "barrier",
    "office",
    "government",
)
"""Tags with a column of their own, "" where absent."""

_HEAD = 32
_LETTERS = {"n": "node", "w": "way", "r": "relation"}


def parse_filter(text: str, shape: Literal["points", "areas"] = "points") -> TagFilter:
    """Read ``amenity=toilets|shelter, office=government+government=border_control``.

    Commas separate rules, ``+`` joins conditions that must hold together, ``|`` separates values;
    ``key`` or ``key=*`` is any value but ``no``. Raises `UsageError`.
    """
    rules = tuple(
        tuple(_condition(part, text) for part in rule.split("+")) for rule in text.split(",")
    )
    return TagFilter(rules, shape)


def _condition(text: str, whole: str) -> Condition:
    key, _, values = (part.strip() for part in text.partition("="))
    wanted = [value.strip() for value in values.split("|")]
    if not key or ("=" in text and not all(wanted)):
        raise UsageError(
            f"tag filter {whole[:80]!r} is not understood; write key=value, with | between values, "
            "+ between tags needed together and a comma between alternatives"
        )
    return Condition(key, frozenset() if wanted in (["*"], [""]) else frozenset(wanted))


def extract(
    path: str | PathLike[str], filters: Mapping[str, TagFilter]
) -> dict[str, gpd.GeoDataFrame]:
    """Return one layer a filter, in EPSG:4326, empty ones included.

    Indexed by ``id`` (``node/123``, ``way/45``, ``relation/6``), by kind, then number; columns
    `TAG_COLUMNS`, ``tags`` (all of them, one JSON object with sorted keys) and ``geometry``. Areas
    that cannot be closed (cut at the extract's edge) are left out. Raises `FileFormatError`.
    """
    path = Path(path)
    _require_pbf(path)
    try:
        found = apart.call(read, str(path.absolute()), dict(filters))
    except (RuntimeError, OSError, UnicodeDecodeError) as error:
        raise FileFormatError(
            f"{path.name} cannot be read as OpenStreetMap data ({str(error)[:80]}); it may be cut "
            "short: download it again"
        ) from None
    return {name: _frame(found[name], filters[name].shape) for name in filters}


def _require_pbf(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise FileFormatError(f"{path.name} cannot be opened: {error.strerror}") from None
    if b"OSMHeader" not in head:
        raise FileFormatError(f"{path.name} is not OpenStreetMap data in PBF form (.osm.pbf)")


def _frame(
    found: Mapping[tuple[str, int], tuple[str, dict[str, str]]], shape: str
) -> gpd.GeoDataFrame:
    keys = sorted(found)
    tags = [found[key][1] for key in keys]
    shapes = shapely.from_wkb(np.array([found[key][0] for key in keys], dtype=object))
    columns = {name: [tag.get(name, "") for tag in tags] for name in TAG_COLUMNS}
    columns["tags"] = [json.dumps(tag, ensure_ascii=False, sort_keys=True) for tag in tags]
    index = pd.Index(
        [f"{_LETTERS[kind]}/{number}" for kind, number in keys], name="id", dtype="str"
    )
    geometry = _points(shapes) if shape == "points" else shapes
    frame = pd.DataFrame(columns, index=index, dtype="str")
    return gpd.GeoDataFrame(frame, geometry=geometry, crs="EPSG:4326")


def _points(shapes: Any) -> Any:  # noqa: ANN401  arrays of geometries
    kinds = shapely.get_type_id(shapes)
    line = kinds == shapely.GeometryType.LINESTRING
    halfway = shapely.line_interpolate_point(np.where(line, shapes, None), 0.5, normalized=True)
    return np.where(line, halfway, shapely.point_on_surface(shapes))
