"""One door for writing: whole or not at all, the same bytes for the same frame."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.errors import UsageError
from geodata.files import spatial_writers, table_writers
from geodata.files.cells import series_texts, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

_SPATIAL: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    ".gpkg": spatial_writers.write_geopackage,
    ".geojson": spatial_writers.write_geojson,
    ".parquet": spatial_writers.write_parquet,
    ".shp": spatial_writers.write_shapefile,
}
_TABULAR: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    ".csv": table_writers.write_csv,
    ".xlsx": table_writers.write_xlsx,
}

WRITTEN_SUFFIXES = (*_SPATIAL, *_TABULAR)
"""The endings `write` knows, in lower case."""


def write(frame: pd.DataFrame, path: str | PathLike[str]) -> None:
    """Write a frame, or a GeoDataFrame, in the format the ending of ``path`` names.

    A named index becomes the first column. GeoJSON, CSV and XLSX are in WGS 84 whatever the
    frame's CRS; CSV and XLSX give points as columns ``lon`` and ``lat`` (in place of columns of
    that name), other shapes as WKT in ``geometry``. CSV is UTF-8 with a mark, as Excel in Chinese
    offices wants it, and changes no text: a cell such as ``=1+1`` is written as it is, and a
    spreadsheet that opens the CSV may calculate it; XLSX stores it as text.

    The file is replaced in one step when it is complete. Raises `UsageError` for an unknown ending,
    a missing or unwritable folder, and content the format cannot hold without loss.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in WRITTEN_SUFFIXES:
        raise UsageError(
            f"{path.name}: cannot write files ending in {suffix or 'nothing'}; "
            f"use one of {', '.join(WRITTEN_SUFFIXES)}"
        )
    if not path.parent.is_dir() or path.is_dir():
        raise UsageError(f"{path.name} cannot be written: name a file in a folder that exists")
    ready = _plain(frame)
    if suffix in _TABULAR:
        ready = _with_coordinates(ready)
        _replace(path, lambda target: _TABULAR[suffix](ready, target))
    else:
        _replace(path, lambda target: _SPATIAL[suffix](ready, target))


def _replace(path: Path, produce: Callable[[Path], None]) -> None:
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
            produce(Path(folder) / path.name)
            for part in sorted(Path(folder).iterdir(), key=lambda part: part.name == path.name):
                os.replace(part, path.parent / part.name)  # noqa: PTH105  says what it does
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{path.name} cannot be written here: {reason}") from None


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with its named index as a column and every column of a storable type."""
    if frame.index.name is not None:
        if frame.index.name in frame.columns:
            raise UsageError(f"index and a column are both called {frame.index.name!r}; rename one")
        frame = frame.reset_index()
    frame = frame.rename(columns=str)
    twice = sorted(set(frame.columns[frame.columns.duplicated()]))
    if twice:
        raise UsageError(f"several columns are called {', '.join(twice)[:80]}; give each its own")
    texts = {name: series_texts(frame[name]) for name in frame.columns if _is_textual(frame[name])}
    for name in frame.columns:
        _require_storable(name, [name, *texts.get(name, ())])
    columns = {n: pd.Series(cells, index=frame.index, dtype="str") for n, cells in texts.items()}
    return frame.assign(**columns)


def _is_textual(column: pd.Series) -> bool:
    return isinstance(column.dtype, (pd.StringDtype, pd.CategoricalDtype)) or column.dtype == object


def _require_storable(name: str, texts: list[str]) -> None:
    whole = "\n".join(texts)
    if "\0" in whole or not _encodable(whole):
        raise UsageError(
            f"column {name[:80]!r} holds a NUL character or half a character, which no file keeps; "
            "remove it"
        )


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _with_coordinates(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a plain frame with ``lon`` and ``lat``, or WKT, in place of the geometry."""
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        return frame
    shapes = spatial_writers.in_wgs84(frame).geometry.to_numpy()
    table = pd.DataFrame(frame.drop(columns=frame.active_geometry_name))
    kinds = shapely.get_type_id(shapes[~shapely.is_missing(shapes)])
    if np.all(kinds == shapely.GeometryType.POINT):
        return table.assign(lon=shapely.get_x(shapes), lat=shapely.get_y(shapes))
    wkt = shapely.to_wkt(shapes, rounding_precision=-1)
    return table.assign(geometry=pd.Series([text_of(text) for text in wkt], index=table.index))
