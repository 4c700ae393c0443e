"""GeoPackage through GDAL and Parquet through Arrow; cells come as Arrow columns."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from geodata.errors import Fault, FileFormatError
from geodata.files import guards, references, signatures
from geodata.files.cells import arrow_texts
from geodata.files.tables import Table, build, take

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray


def read_geopackage(path: Path, *, layer: str | None) -> Table:
    """Read one layer: the named one, else the only one with geometry, else the only table."""
    _require(path)
    meta, arrow = read_ogr(path, layer=_layer(path, layer))
    shapes, crs = split_geometry(arrow, meta)
    return assemble(*shapes, crs, name=path.name, format="GeoPackage", encoding="utf-8")


def _require(path: Path) -> None:
    signatures.require(path, "sqlite")
    guards.geopackage(path)


def read_parquet(path: Path) -> Table:
    """Read GeoParquet, or plain Parquet as a table without geometry."""
    signatures.require(path, "parquet")
    try:
        guards.parquet(pq.read_metadata(path), path.name)
        arrow = pq.read_table(path)
        _require_shallow(arrow, path.name)
        if b"geo" not in (arrow.schema.metadata or {}):
            return assemble(arrow, None, None, name=path.name, format="Parquet", encoding="utf-8")
        frame = gpd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise FileFormatError(
            f"{path.name} cannot be read as Parquet ({reason(error)}); export it again"
        ) from None
    geometric = {str(name) for name, kind in frame.dtypes.items() if str(kind) == "geometry"}
    others = arrow.select([name for name in arrow.column_names if name not in geometric])
    wkb = shapely.to_wkb(frame.geometry.to_numpy())
    return assemble(others, wkb, frame.crs, name=path.name, format="GeoParquet", encoding="utf-8")


def _require_shallow(arrow: pa.Table, name: str) -> None:
    """Refuse geometries that would take the reader down."""
    for column in arrow.columns:
        if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            cells = (cell for chunk in column.chunks for cell in chunk if cell.is_valid)
            if any(guards.nested(cell.as_py()) for cell in cells):
                raise FileFormatError(
                    f"{name}: a geometry lies too deep in others; export it as plain polygons"
                )


def layer_names(path: Path) -> list[str]:
    """Return the layers of a GeoPackage that can be meant: those with geometry, else all."""
    _require(path)
    return _meant(_layers(path))


def _meant(layers: Mapping[str, str | None]) -> list[str]:
    return [name for name, kind in layers.items() if kind is not None] or list(layers)


def _layers(path: Path) -> dict[str, str | None]:
    import pyogrio  # noqa: PLC0415 - GDAL, for few formats

    return {str(name): kind for name, kind in _gdal(path, pyogrio.list_layers, path)}


def _layer(path: Path, layer: str | None) -> str:
    layers = _layers(path)
    if layer is not None:
        if layer not in layers:
            raise FileFormatError(
                f"{path.name} has no layer {layer[:80]!r}; it has {', '.join(layers)}"
            )
        return layer
    spatial = _meant(layers)
    if not spatial:
        raise FileFormatError(f"{path.name} has no layer in it; export it again")
    if len(spatial) > 1:
        raise FileFormatError(f"{path.name} has several layers; name one of {', '.join(spatial)}")
    return spatial[0]


def read_ogr(path: Path, **options: Any) -> tuple[dict[str, Any], pa.Table]:  # noqa: ANN401
    """Read a layer with GDAL; whatever it cannot read is a `FileFormatError`."""
    import pyogrio  # noqa: PLC0415 - as above

    read: tuple[dict[str, Any], pa.Table] = _gdal(
        path, pyogrio.read_arrow, path, datetime_as_string=True, **options
    )
    return read


def _gdal(path: Path, call: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what GDAL repaired without loss
            return call(*args, **options)
    except (RuntimeError, OSError, ValueError, pa.ArrowException) as error:  # GDAL's is the first
        raise FileFormatError(
            f"{path.name} cannot be read ({reason(error)}); it may be cut short or damaged: "
            "export it again"
        ) from None


def reason(error: Exception) -> str:
    """Return the start of a library's message, without the folders it may name."""
    words = str(error).split("\n", 1)[0].split()
    return " ".join("…" if "/" in word or "\\" in word else word for word in words)[:120]


def split_geometry(
    arrow: pa.Table, meta: dict[str, Any]
) -> tuple[tuple[pa.Table, NDArray[np.object_] | None], object]:
    """Take the WKB column out of what GDAL read; returns ((cells, WKB or None), CRS)."""
    name = meta["geometry_name"] or "wkb_geometry"
    if name not in arrow.column_names:
        return (arrow, None), None
    wkb = np.array(arrow.column(name).to_pylist(), dtype=object)
    return (arrow.drop_columns([name]), wkb), meta["crs"]


def assemble(
    cells: pa.Table,
    wkb: NDArray[np.object_] | None,
    crs: object,
    *,
    name: str,
    format: str,  # noqa: A002  the table's own word
    encoding: str,
) -> Table:
    """Return the table of these cells and geometries; geometry that cannot be read is a fault."""
    columns = [arrow_texts(column) for column in cells.columns]
    rows = range(1, cells.num_rows + 1)
    if wkb is None:
        return build(cells.column_names, columns, rows, format=format, encoding=encoding)
    deep = np.array([cell is not None and guards.nested(cell) for cell in wkb], dtype=bool)
    shapes = shapely.from_wkb(np.where(deep, b"", wkb), on_invalid="ignore")
    geometry, stated, notes = references.settle(shapes, crs, name)
    table = build(
        cells.column_names,
        columns,
        rows,
        format=format,
        encoding=encoding,
        geometry=geometry,
        crs=stated,
        notes=notes,
    )
    broken = shapely.is_missing(shapes) & np.array([value is not None for value in wkb], dtype=bool)
    problem = "the geometry cannot be read; draw or export it again"
    faults = [Fault(int(row), "geometry", "", problem) for row in table.rows[broken]]
    large = guards.detailed(shapes)
    faults += [guards.detailed_fault(int(row)) for row in table.rows[large]]
    return take(table, ~(broken | large), faults) if faults else table
