"""GeoJSON, newline-delimited GeoJSON and plain JSON lists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geodata.errors import Fault, FileFormatError
from geodata.files import guards, references, signatures, text
from geodata.files.cells import flat
from geodata.files.tables import Table, build, shown, take

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_EXPECTED = "expected a GeoJSON FeatureCollection, or a list of JSON objects with the same members"


def read_json(path: Path, *, encoding: str | None) -> Table:
    """Read GeoJSON, or a list of objects (also as the one list inside an object) as a table.

    Members become columns, nested ones as JSON text; a feature's own ``id`` becomes column ``id``
    where the properties have none. Rows are numbered by item, from 1.
    """
    signatures.require(path, signatures.TEXT)
    content, used = text.decode(path.read_bytes(), encoding, path.name)
    document = _parse(content, path.name, 1)
    if isinstance(document, dict) and document.get("type") in ("FeatureCollection", "Feature"):
        features = document.get("features", []) if "features" in document else [document]
        if not isinstance(features, list):
            raise FileFormatError(f"{path.name}: features is not a list; {_EXPECTED}")
        return _features(features, _stated(document), path.name, used)
    return _items(_listed(document, path.name), used)


def read_json_lines(path: Path, *, encoding: str | None) -> Table:
    """Read one GeoJSON feature a line (RFC 8142 separators may be there), WGS 84."""
    signatures.require(path, signatures.TEXT)
    content, used = text.decode(path.read_bytes(), encoding, path.name)
    lines = (line.strip(" \t\r\x1e") for line in content.split("\n"))
    features = [_parse(line, path.name, n) for n, line in enumerate(lines, start=1) if line]
    return _features(features, references.WGS84, path.name, used)


def _parse(content: str, name: str, line: int) -> Any:  # noqa: ANN401  JSON is anything
    try:
        document = json.loads(content)
        if "\\ud" in content.lower():
            json.dumps(document, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise FileFormatError(
            f"{name}, row {line + error.lineno - 1}: not valid JSON ({error.msg}); "
            "the file may be cut short: export it again"
        ) from None
    except UnicodeEncodeError:
        raise FileFormatError(
            f"{name}: holds half of a character (a lone \\ud8… escape); remove it"
        ) from None
    except (RecursionError, ValueError):
        raise FileFormatError(f"{name}: its JSON is not data this deep; {_EXPECTED}") from None
    return document


def _stated(document: dict[str, Any]) -> str | None:
    """Return what the file's coordinates refer to; WGS 84 unless a (pre-2016) ``crs`` says else."""
    if "crs" not in document:
        return references.WGS84
    crs = document["crs"]
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return None if crs is None else str(name)


def _listed(document: object, name: str) -> list[dict[str, Any]]:
    if isinstance(document, dict):
        lists = [value for value in document.values() if _objects(value)]
        document = lists[0] if len(lists) == 1 else document
    if document == [] or _objects(document):
        return document  # type: ignore[return-value]  # _objects has looked
    raise FileFormatError(f"{name} holds JSON, but no table: {_EXPECTED}")


def _objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _items(items: Sequence[dict[str, Any]], used: str) -> Table:
    names, columns = _columns([flat(item) for item in items])
    return build(names, columns, range(1, len(items) + 1), format="JSON", encoding=used)


def _columns(records: Sequence[dict[str, str]]) -> tuple[list[str], list[list[str]]]:
    names = list(dict.fromkeys(name for record in records for name in record))
    return names, [[record.get(name, "") for record in records] for name in names]


def _features(features: Sequence[Any], stated: object, name: str, used: str) -> Table:
    good = np.array([_is_feature(feature) for feature in features], dtype=bool)
    records = [
        _properties(feature) if ok else {} for feature, ok in zip(features, good, strict=True)
    ]
    if features and not good.any():
        raise FileFormatError(f"{name}: none of its {len(features)} items is a GeoJSON feature")
    sources = [_source(feature) if ok else None for feature, ok in zip(features, good, strict=True)]
    shapes = shapely.from_geojson(np.array(sources, dtype=object), on_invalid="ignore")
    faults = []
    for position in map(int, np.flatnonzero(shapely.is_missing(shapes))):
        if sources[position] is not None or not good[position]:
            good[position] = False
            faults.append(_fault(position + 1, features[position]))
    for position in map(int, np.flatnonzero(guards.detailed(shapes))):
        good[position] = False
        faults.append(guards.detailed_fault(position + 1))
    geometry, crs, notes = references.settle(shapes, stated, name)
    names, columns = _columns(records)
    table = build(
        names,
        columns,
        range(1, len(features) + 1),
        geometry=geometry,
        crs=crs,
        format="GeoJSON",
        encoding=used,
        notes=notes,
    )
    return take(table, good, faults)


def _is_feature(feature: object) -> bool:
    return (
        isinstance(feature, dict)
        and feature.get("type") == "Feature"
        and isinstance(feature.get("properties"), (dict, type(None)))
    )


def _properties(feature: dict[str, Any]) -> dict[str, str]:
    own = {} if feature.get("id") is None else {"id": feature["id"]}
    return flat(own | (feature.get("properties") or {}))


def _source(feature: dict[str, Any]) -> str | None:
    geometry = feature.get("geometry")
    return None if geometry is None else json.dumps(geometry)


def _fault(row: int, feature: object) -> Fault:
    geometry = feature.get("geometry") if isinstance(feature, dict) else feature
    problem = "not a GeoJSON feature with a valid geometry and properties (RFC 7946)"
    return Fault(row, "geometry", shown(json.dumps(geometry)), problem)
