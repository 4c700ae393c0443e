"""GeoPackage, GeoJSON, Parquet and Shapefile."""

from __future__ import annotations

import contextlib
import threading
import warnings
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from geodata.errors import UsageError
from geodata.files.cells import series_texts
from geodata.files.references import WGS84
from geodata.files.vectors import reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FIXED_DATE = "2000-01-01T00:00:00.000Z"
_writing = threading.Lock()
_DBF_NAME_BYTES, _DBF_TEXT_BYTES = 10, 254


def in_wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame in EPSG:4326; one without a CRS is taken to be there already."""
    return frame if frame.crs is None else frame.to_crs(WGS84)


def write_geopackage(frame: pd.DataFrame, path: Path) -> None:
    """Write one layer, called as the file."""
    _require_folded_unique(frame)
    taken = {name.lower() for name in frame.columns if name != _geometry_name(frame)}
    fid, geometry = (_free(name, taken) for name in ("fid", "geom"))
    _write_ogr(frame, path, driver="GPKG", layer_options={"FID": fid, "GEOMETRY_NAME": geometry})


def write_shapefile(frame: pd.DataFrame, path: Path) -> None:
    """Write UTF-8 .dbf texts; what the format would cut short is refused."""
    if not isinstance(frame, gpd.GeoDataFrame):
        raise UsageError(f"{path.name}: a shapefile needs geometry; write .csv or .xlsx")
    _require_folded_unique(frame)
    cells = frame.drop(columns=_geometry_name(frame))
    for name in cells.columns:
        if not pd.api.types.is_numeric_dtype(cells[name]) or cells[name].dtype in (
            "bool",
            "boolean",
        ):
            texts = series_texts(cells[name])
            frame = frame.assign(**{name: pd.Series(texts, index=frame.index, dtype="str")})
            _require_short(name, texts, path)
        _require_short(name, [], path)
    options = {"DBF_DATE_LAST_UPDATE": _FIXED_DATE[:10]}
    _write_ogr(frame, path, driver="ESRI Shapefile", layer_options=options)


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write GeoParquet, or plain Parquet for a frame without geometry."""
    frame.to_parquet(path, index=False)


def write_geojson(frame: pd.DataFrame, path: Path) -> None:
    """Write RFC 7946: WGS 84, one feature a line, coordinates with all their digits."""
    if not isinstance(frame, gpd.GeoDataFrame):
        raise UsageError(f"{path.name}: GeoJSON needs geometry; write .csv or .xlsx")
    moved = in_wgs84(frame)
    shapes = shapely.to_geojson(shapely.force_2d(moved.geometry.to_numpy()))
    cells = frame.drop(columns=_geometry_name(frame))
    columns = [_json(cells[name]) for name in cells.columns]
    keys = [encode_basestring(name) for name in cells.columns]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"type":"FeatureCollection","features":[')
        for row, shape in enumerate(shapes):
            members = ",".join(
                f"{k}:{column[row]}" for k, column in zip(keys, columns, strict=True)
            )
            file.write(",\n" if row else "\n")
            file.write(
                f'{{"type":"Feature","properties":{{{members}}},"geometry":{shape or "null"}}}'
            )
        file.write("\n]}\n")


def _json(column: pd.Series) -> list[str]:
    """Write a column's values as JSON: numbers and booleans plain, what has no text as null."""
    texts = series_texts(column)
    if isinstance(column.dtype, pd.StringDtype):
        return list(map(encode_basestring, texts))
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind) or pd.api.types.is_numeric_dtype(kind):
        return [text if text and "inf" not in text else "null" for text in texts]
    return [encode_basestring(text) if text else "null" for text in texts]


def _geometry_name(frame: pd.DataFrame) -> str | None:
    return frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name = f"_{name}"
    return name


def _require_folded_unique(frame: pd.DataFrame) -> None:
    folded = pd.Index(frame.columns).str.lower()
    if folded.has_duplicates:
        names = ", ".join(sorted(frame.columns[folded.duplicated(keep=False)]))
        raise UsageError(f"columns {names[:80]} differ in case only; this format needs more")


def _require_short(name: str, texts: list[str], path: Path) -> None:
    if len(name.encode()) > _DBF_NAME_BYTES:
        raise UsageError(
            f"{path.name}: column name {name[:80]!r} is longer than the {_DBF_NAME_BYTES} bytes a "
            "shapefile keeps; write .gpkg"
        )
    if any(len(text.encode()) > _DBF_TEXT_BYTES for text in texts):
        raise UsageError(
            f"{path.name}: column {name!r} has a text longer than the {_DBF_TEXT_BYTES} bytes a "
            "shapefile keeps; write .gpkg"
        )


def _write_ogr(frame: pd.DataFrame, path: Path, **options: Any) -> None:  # noqa: ANN401
    import pyogrio  # noqa: PLC0415 - GDAL, for few formats
    from pyogrio.errors import (  # noqa: PLC0415 - as above
        CRSError,
        DataSourceError,
        FeatureError,
        FieldError,
        GeometryError,
    )

    try:
        with _fixed_date(), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # no CRS: written as not stated
            pyogrio.write_dataframe(frame, path, layer=path.stem, encoding="UTF-8", **options)
    except (DataSourceError, FeatureError, FieldError, GeometryError, CRSError) as error:
        raise UsageError(f"{path.name} cannot hold this frame: {reason(error)}") from None


@contextlib.contextmanager
def _fixed_date() -> Iterator[None]:
    """Keep the clock out of the file: GDAL stamps GeoPackages with this date instead of today.

    The setting is the process's: while one thread writes, the others wait.
    """
    import pyogrio  # noqa: PLC0415 - as above

    with _writing:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
