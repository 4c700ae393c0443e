"""Typed values as the text a clerk would have typed."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN_BELOW = 1e22
"""Whole numbers below this are written without an exponent."""


def text_of(value: object) -> str:  # noqa: PLR0911  one line a type reads best
    """Write ``value`` as text: None, NaN and NaT "", 5.0 ``5``, True ``true``, dates ISO 8601.

    Lists and mappings become JSON.
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        return _number(value)
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (dict, list, tuple, np.ndarray)):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return str(value)


def _number(value: float | np.floating[Any]) -> str:
    if math.isnan(value):
        return ""
    if abs(float(value)) < PLAIN_BELOW and value == int(value):
        return format(decimal.Decimal(str(value)).quantize(decimal.Decimal(1)), "f")
    return str(value)


def _plain(value: object) -> object:
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else text_of(value)


def arrow_texts(column: pa.ChunkedArray) -> list[str]:
    """Write a column of an Arrow table as text, integers of any size exactly."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_float32(kind):  # its own shortest text, not that of the double it becomes
        filled = column.cast(pa.float64()).fill_null(math.nan).to_numpy().astype(np.float32)
        return [text_of(value) for value in filled]
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind):
        texts: list[str] = column.cast(pa.large_string()).fill_null("").to_pylist()
        return texts
    return [text_of(value) for value in column.to_pylist()]


def series_texts(column: pd.Series) -> list[str]:
    """Write a frame's column as text."""
    if isinstance(column.dtype, pd.StringDtype):
        texts: list[str] = column.fillna("").tolist()
        return texts
    return [text_of(value) for value in column]


def flat(record: Mapping[str, object]) -> dict[str, str]:
    """Write one JSON object's members as text."""
    return {str(name): text_of(value) for name, value in record.items()}
