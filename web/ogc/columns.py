"""A frame's columns as codes into their distinct values.

What is asked of a text is asked once of each distinct text, however many rows have it; and each is
written as JSON once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from web.ogc.fields import Field

    type Codes = npt.NDArray[np.int32]

OWN = 0.5
"""Share of distinct values above which nothing is gained by writing each once."""


@dataclass(frozen=True, eq=False)
class Column:
    """One property of all features of a collection; what is not known is null."""

    field: Field
    codes: Codes
    """Row → position in ``values``; -1: null."""
    values: list[Any]
    """The distinct values: texts, integers, booleans, or tuples of texts."""

    @classmethod
    def of(cls, field: Field, cells: pd.Series[Any] | pd.Index[Any]) -> Column:
        """Read a frame's column; an empty text is null, but for a list it is an empty list."""
        if field.kind in {"text", "day"} and isinstance(cells, pd.Series):
            cells = cells.where(cells != "")
        codes, distinct = pd.factorize(cells, use_na_sentinel=True)
        values: list[Any] = distinct.tolist()
        if field.kind == "codes":
            values = [tuple(text.split(";")) if text else () for text in values]
        return cls(field, codes.astype(np.int32), values)

    @cached_property
    def numbers(self) -> FloatArray:
        """The column as numbers, NaN where it is null."""
        known = np.array([*self.values, np.nan], dtype=np.float64)
        return known[self.codes]

    @cached_property
    def nulls(self) -> BoolArray:
        """Where it is null."""
        return self.codes < 0

    def json(self, rows: IntArray) -> list[bytes]:
        """Return the values of some rows as JSON."""
        codes = self.codes[rows].tolist()
        if len(self.values) > OWN * len(self.codes):
            return [orjson.dumps(self.values[code] if code >= 0 else None) for code in codes]
        written = self._written
        return [written[code] for code in codes]

    @cached_property
    def _written(self) -> list[bytes]:
        return [*map(orjson.dumps, self.values), b"null"]

    @cached_property
    def ranks(self) -> IntArray:
        """Return where each row's value stands in order; nulls last."""
        order = sorted(range(len(self.values)), key=self.values.__getitem__)
        places = np.empty(len(self.values) + 1, dtype=np.int64)
        places[order] = np.arange(len(order))
        places[-1] = len(order)
        return places[self.codes]
