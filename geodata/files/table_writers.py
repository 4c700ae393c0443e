"""CSV and XLSX, made for people's spreadsheets."""

from __future__ import annotations

import csv
import datetime as dt
import math
from typing import TYPE_CHECKING

import numpy as np

from geodata.errors import UsageError
from geodata.files.cells import series_texts, text_of
from geodata.files.formulas import guarded

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import xlsxwriter

XLSX_ROWS, XLSX_COLUMNS, XLSX_CHARACTERS = 1_048_576, 16_384, 32_767
"""What a sheet holds, its header included, and what a cell holds."""
_EXACT = 10**15
_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001  the format knows no zone; fixed, for equal bytes


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write UTF-8 with a mark, comma, CRLF; quotes where needed; `formulas.guarded`."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerow(map(guarded, map(str, frame.columns)))
        columns = [map(guarded, series_texts(frame[name])) for name in frame.columns]
        csv.writer(file).writerows(zip(*columns, strict=True))


def write_xlsx(frame: pd.DataFrame, path: Path) -> None:
    """Write one sheet with a frozen header; texts stay texts, numbers keep 15 digits at least."""
    if len(frame) >= XLSX_ROWS or len(frame.columns) > XLSX_COLUMNS:
        raise UsageError(
            f"{len(frame):,} rows and {len(frame.columns):,} columns are more than a sheet holds "
            f"({XLSX_ROWS - 1:,} and {XLSX_COLUMNS:,}); write .csv or .gpkg"
        )
    import xlsxwriter  # noqa: PLC0415 - only workbooks need it

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        book.set_properties({"created": _CREATED})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for column, name in enumerate(frame.columns):
            sheet.write_string(0, column, _cell_text(name), bold)
        columns = [frame[name].array for name in frame.columns]
        for row in range(len(frame)):
            for column, values in enumerate(columns):
                _write(sheet, row + 1, column, values[row])


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: object) -> None:
    if isinstance(value, (bool, np.bool_)):
        sheet.write_boolean(row, column, bool(value))
    elif isinstance(value, (int, float, np.integer, np.floating)) and _fits(float(value)):
        sheet.write_number(row, column, float(value))
    elif text := text_of(value):
        sheet.write_string(row, column, _cell_text(text))


def _fits(value: float) -> bool:
    return math.isfinite(value) and abs(value) < _EXACT


def _cell_text(text: str) -> str:
    if text.startswith("'"):  # reading takes it off where it guards
        text = guarded(text)
    if len(text) > XLSX_CHARACTERS:
        raise UsageError(
            f"a text of {len(text):,} characters is longer than a sheet's cell holds "
            f"({XLSX_CHARACTERS:,}); write .csv or .gpkg"
        )
    return text
