"""Any file a register can be made of, as one table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geodata import files
from geodata.errors import FileFormatError, UsageError
from stations.catalogue import OsmTarget, catalogue
from stations.imports.headings import POSITION_FIELDS, recognise
from stations.imports.records import OSM_FORMAT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from geodata.files import Table

    type Tags = Mapping[str, str]

TRIED = 20
"""Parts of a file looked at to find the one with records."""
OSM_COLUMNS = ("opening_hours", "operator", "phone", "contact:phone", "wheelchair", "fee")
"""Tags kept as they are; operator and phone are headings the catalogue knows."""


def read(
    path: Path,
    target: str,
    *,
    encoding: str | None = None,
    part: str | None = None,
    tags: Sequence[str] = (),
) -> Table:
    """Read a file (`geodata.files.read`) or an OpenStreetMap extract (``.osm.pbf``).

    Of an extract the catalogue says which objects make stations, parks and border posts; ``tags``
    (``landuse=construction``, any of them) says it for other layers, or instead.
    """
    if path.is_dir():
        raise FileFormatError(f"{path} is a folder; name the file in it")
    if path.suffix.lower() == ".pbf":
        return _read_osm(path, _osm_target(target, tags))
    if tags:
        raise UsageError("tags choose objects of an .osm.pbf file only")
    return files.read(path, encoding=encoding, layer=part)


def likely(path: Path, names: Sequence[str]) -> str:
    """Return which of a file's parts (`geodata.files.parts`) holds the records, by its headings.

    The first of the first `TRIED` that has names and positions; if none has, the first.
    """
    return next((name for name in names[:TRIED] if _has_records(path, name)), names[0])


def _has_records(path: Path, part: str) -> bool:
    try:
        table = files.read(path, layer=part)
    except FileFormatError:
        return False  # it is told why when somebody chooses it
    found = recognise([*table.frame.columns], ("name", *POSITION_FIELDS), {}).keys()
    pairs = ({"lon", "lat"}, {"easting", "northing"}, {"position"})
    return "name" in found and (table.geometry is not None or any(pair <= found for pair in pairs))


def _osm_target(target: str, tags: Sequence[str]) -> OsmTarget:
    known = catalogue().osm
    if tags:
        shape = known[target].shape if target in known else "areas"
        return OsmTarget(shape, ",".join(tags))
    if target not in known:
        raise UsageError(
            f"which OpenStreetMap objects make a layer {target[:80]!r}? Say it with --osm KEY=VALUE"
            f" (known without: {', '.join(known)})"
        )
    return known[target]


def _read_osm(path: Path, wanted: OsmTarget) -> Table:
    from geodata import osm  # noqa: PLC0415 - libosmium, for few files

    layer = osm.extract(path, {"layer": osm.parse_filter(wanted.filter, wanted.shape)})["layer"]
    tags = [json.loads(text) for text in layer["tags"]]
    kept = [not _with_tag(tag, wanted.without) for tag in tags]
    tags = [tag for tag, keep in zip(tags, kept, strict=True) if keep]
    return _table(layer[kept], tags, wanted)


def _table(layer: gpd.GeoDataFrame, tags: Sequence[Tags], wanted: OsmTarget) -> Table:
    data = {
        "id": list(layer.index),
        "name": [_name(id_, tag, wanted.names) for id_, tag in zip(layer.index, tags, strict=True)],
        "amenities": [";".join(_with_tag(tag, wanted.amenities)) for tag in tags],
        "access": ["".join(_with_tag(tag, wanted.access)[:1]) for tag in tags],
        **{name: [tag.get(name, "") for tag in tags] for name in OSM_COLUMNS},
    }
    return files.Table(
        frame=pd.DataFrame(data, dtype="str"),
        rows=np.arange(1, len(layer) + 1),
        geometry=layer.geometry.to_numpy(),
        crs="EPSG:4326",
        format=OSM_FORMAT,
        encoding="utf-8",
    )


def _name(id_: str, tags: Tags, names: Mapping[str, str]) -> str:
    """Return what the object is called, or what it is and its id."""
    called = tags.get("name:zh") or tags.get("name")
    return called or " ".join([*_with_tag(tags, names)[:1], id_])


def _with_tag(tags: Tags, meanings: Mapping[str, str] | Sequence[str]) -> list[str]:
    """Return what the object's tags mean, in the order of ``meanings``."""
    pairs = meanings if isinstance(meanings, dict) else {tag: tag for tag in meanings}
    own = {f"{key}={value}" for key, value in tags.items()}
    return [meant for tag, meant in pairs.items() if tag in own]
