"""Columns of geometry as pairs of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geodata.geodesy import FloatArray

_WKB_POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])
"""A point as well-known binary, lowest byte first (OGC 06-103r4, section 8.2): 21 bytes."""
_LITTLE, _POINT = 1, 1
_UNREADABLE = "the geometry cannot be read; write it again"


class RowError(ValueError):
    """What is wrong with one row of a batch; the reader names the part."""

    def __init__(self, row: int, problem: str) -> None:
        super().__init__(row, problem)
        self.row, self.problem = row, problem


def coordinates(columns: list[pa.Array]) -> tuple[FloatArray, FloatArray]:
    """Return x and y of one column of geometry, or of two of numbers; NaN where there is none.

    Geometry is WKB, a struct of x and y, or a list of both. `RowError` for what is no point,
    ``pa.ArrowException`` for what holds no numbers at all.
    """
    if len(columns) > 1:
        return _numbers(columns[0]), _numbers(columns[1])
    column = columns[0]
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_struct(column.type):
        return _numbers(pc.struct_field(column, "x")), _numbers(pc.struct_field(column, "y"))
    if pa.types.is_fixed_size_list(column.type):
        return _numbers(pc.list_element(column, 0)), _numbers(pc.list_element(column, 1))
    return _wkb(column.cast(pa.large_binary()))


def _numbers(column: pa.Array) -> FloatArray:
    found: FloatArray = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return found


def _wkb(column: pa.LargeBinaryArray) -> tuple[FloatArray, FloatArray]:
    """Look at all points at once where they are all of the common kind, else parse each."""
    _, ends, data = column.buffers()
    starts = np.frombuffer(ends, np.int64)[column.offset : column.offset + len(column) + 1]
    if not column.null_count and (np.diff(starts) == _WKB_POINT.itemsize).all() and len(column):
        points = np.frombuffer(data, _WKB_POINT, len(column), starts[0])
        if (points["order"] == _LITTLE).all() and (points["kind"] == _POINT).all():
            return np.ascontiguousarray(points["x"]), np.ascontiguousarray(points["y"])
    return _parsed(column.to_numpy(zero_copy_only=False))


def _parsed(cells: NDArray[np.object_]) -> tuple[FloatArray, FloatArray]:
    shapes = shapely.from_wkb(cells, on_invalid="ignore")
    given = np.fromiter((cell is not None for cell in cells), np.bool_, len(cells))
    if (broken := np.flatnonzero(given & shapely.is_missing(shapes))).size:
        raise RowError(int(broken[0]), _UNREADABLE)
    other = np.flatnonzero(given & (shapely.get_type_id(shapes) != shapely.GeometryType.POINT))
    if other.size:
        row = int(other[0])
        raise RowError(row, f"a {shapes[row].geom_type}; layers counted like this have points only")
    return shapely.get_x(shapes), shapely.get_y(shapes)
