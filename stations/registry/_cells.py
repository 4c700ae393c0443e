"""The columns of all records as plain Python values: reading a record costs next to nothing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pandas as pd

from stations.registry._move import frozen
from stations.schema import STATION_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import numpy.typing as npt

    from geodata.geodesy import FloatArray
    from stations.registry._move import Move

    type Codes = npt.NDArray[np.int32]

_GROWING = threading.Lock()


@dataclass(frozen=True, eq=False)
class Column(Sequence[Any]):
    """The cells of one column, row by row; equal ones are mostly one object.

    The snapshots that come of one another share ``values``, which therefore only grow.
    """

    codes: Codes = field(default_factory=lambda: frozen(np.zeros(0, dtype=np.int32)))
    """Row → position in ``values``."""
    values: list[Any] = field(default_factory=lambda: [None])
    """Every value there is or was, some more than once; the first is None: unknown."""

    @cached_property
    def _code_of(self) -> Sequence[int]:
        return memoryview(self.codes)

    @overload
    def __getitem__(self, row: int) -> Any: ...  # noqa: ANN401
    @overload
    def __getitem__(self, row: slice) -> list[Any]: ...
    def __getitem__(self, row: int | slice) -> Any:
        """Return the cell of a row, or those of some."""
        if isinstance(row, slice):
            return [*map(self.values.__getitem__, self.codes[row].tolist())]
        return self.values[self._code_of[row]]

    def __len__(self) -> int:
        return len(self.codes)

    def used(self) -> list[Any]:
        """Return the different values there are, in no order, some perhaps twice; never None."""
        there = np.bincount(self.codes, minlength=1)
        return [self.values[code] for code in np.flatnonzero(there).tolist() if code]

    def moved(self, move: Move, cells: pd.Series[Any] | pd.Index[str]) -> Column:
        """Return the column after a move, given the cells of the fresh rows; itself if equal."""
        codes, distinct = pd.factorize(cells, use_na_sentinel=True)
        told = _split(distinct) if cells.name == "amenities" else distinct.tolist()
        if move.same_ids:
            now = [None if code < 0 else told[code] for code in codes.tolist()]
            if [self[row] for row in move.rows.tolist()] == now:
                return self
        with _GROWING:
            known = len(self.values)
            self.values.extend(told)
        fresh = np.where(codes < 0, 0, codes + known).astype(np.int32)
        return Column(move.array(self.codes, fresh), self.values)


def _split(texts: pd.Index[str]) -> list[tuple[str, ...]]:
    return [tuple(text.split(";")) if text else () for text in texts]


def columns_of(
    move: Move, known: Mapping[str, Column], fresh: gpd.GeoDataFrame
) -> dict[str, Column]:
    """Return the columns of all records, by name, but for their positions."""
    cells = {"id": fresh.index, **{name: fresh[name] for name in STATION_COLUMNS}}
    return {
        name: known[name] if name == "id" and move.same_ids else known[name].moved(move, column)
        for name, column in cells.items()
    }


def no_columns() -> dict[str, Column]:
    """Return the columns of no station."""
    return {name: Column() for name in ("id", *STATION_COLUMNS)}


def record_of(
    columns: Mapping[str, Column], lon: FloatArray, lat: FloatArray, row: int
) -> dict[str, Any]:
    """Return one record."""
    record = {name: column[row] for name, column in columns.items()}
    record["amenities"] = list(record["amenities"])
    return record | {"lon": lon.item(row), "lat": lat.item(row)}
