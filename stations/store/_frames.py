"""Between the tables' rows and the frames of `stations.schema`, column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from geodata.errors import UsageError
from stations.schema import WGS84

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt
    from sqlalchemy import Result

_BATCH = 2000  # rows; few enough at a time that Python's garbage collector stays quiet
_ARROW = {
    "str": pa.large_string(),
    "Int64": pa.int64(),
    "Float64": pa.float64(),
    "bool": pa.bool_(),
}
_PANDAS = {
    pa.large_string(): pd.StringDtype(na_value=np.nan),
    pa.int64(): pd.Int64Dtype(),
    pa.float64(): pd.Float64Dtype(),
}


def stations_frame(result: Result[Any], columns: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Build a stations frame from rows of ``id``, ``columns``, ``lon`` and ``lat``."""
    fields = _fields(columns) | {"lon": pa.float64(), "lat": pa.float64()}
    table = _read(result, fields)
    points = shapely.points(table["lon"].to_numpy(), table["lat"].to_numpy())
    return _framed(table.drop_columns(["lon", "lat"]), points)


def sites_frame(result: Result[Any], columns: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Build a sites frame from rows of ``id``, ``columns`` and ``geometry``."""
    table = _read(result, _fields(columns) | {"geometry": pa.large_binary()})
    shapes = shapely.from_wkb(np.array(table["geometry"].to_pylist(), dtype=object))
    return _framed(table.drop_columns(["geometry"]), shapes)


def _fields(columns: Mapping[str, str]) -> dict[str, pa.DataType]:
    return {"id": pa.large_string()} | {name: _ARROW[kind] for name, kind in columns.items()}


def _read(result: Result[Any], fields: Mapping[str, pa.DataType]) -> pa.Table:
    schema = pa.schema(list(fields.items()))
    batches = [
        pa.RecordBatch.from_arrays(
            [
                pa.array(c, kind)
                for c, kind in zip(zip(*rows, strict=True), schema.types, strict=True)
            ],
            schema=schema,
        )
        for rows in result.partitions(_BATCH)
    ]
    return pa.Table.from_batches(batches, schema)


def _framed(table: pa.Table, geometry: npt.NDArray[np.object_]) -> gpd.GeoDataFrame:
    frame = table.to_pandas(types_mapper=_PANDAS.get, use_threads=False).set_index("id")
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=WGS84).sort_index()


def rows_of(
    frame: gpd.GeoDataFrame, columns: Mapping[str, str], *, layer: str | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the frame's rows as the tables hold them; ``layer`` is for sites only.

    A polygon's ``lon`` and ``lat`` are those of a point inside it.
    """
    shapes = frame.geometry.to_numpy()
    points = shapely.point_on_surface(shapes)
    values = {"id": frame.index.tolist()} | plain_columns(frame, columns)
    values["lon"], values["lat"] = shapely.get_x(points).tolist(), shapely.get_y(points).tolist()
    same: dict[str, Any] = {"deleted": False}
    if layer is not None:
        same["layer"] = layer
        values["geometry"] = shapely.to_wkb(shapes, byte_order=1).tolist()
    names = list(values)
    for row in zip(*values.values(), strict=True):
        yield same | dict(zip(names, row, strict=True))


def plain_columns(frame: pd.DataFrame, columns: Mapping[str, str]) -> dict[str, list[Any]]:
    """Return columns as lists of plain Python values, None for a missing one."""
    return {
        name: frame[name].array.to_numpy(dtype=object, na_value=None).tolist() for name in columns
    }


def changed_rows(
    new: gpd.GeoDataFrame, old: gpd.GeoDataFrame
) -> tuple[pd.Index, pd.Index, pd.Index]:
    """Tell which ids of ``new`` are added, changed and unchanged against ``old``, each sorted.

    Both are frames of the same kind (stations or sites). A row is unchanged if every column and
    every coordinate is equal; two unknown values are equal. Ids only in ``old`` are in no part.
    """
    if list(new.columns) != list(old.columns):
        raise UsageError("expected two frames with the same columns")
    places = old.index.get_indexer(new.index)
    known = places >= 0
    mine, theirs = new[known], old.take(places[known])
    same = shapely.equals_identical(mine.geometry.to_numpy(), theirs.geometry.to_numpy())
    for name in new.columns.drop(new.geometry.name):
        same &= _same(mine[name], theirs[name])
    ids = mine.index
    return new.index[~known].sort_values(), ids[~same].sort_values(), ids[same].sort_values()


def _same(left: pd.Series[Any], right: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    mine, theirs = left.array, right.array
    equal = np.asarray(pd.array(mine == theirs, dtype="boolean").to_numpy(bool, na_value=False))
    return equal | (np.asarray(mine.isna()) & np.asarray(theirs.isna()))
