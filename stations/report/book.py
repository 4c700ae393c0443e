"""A workbook in the house style: titled sheets, tables with Chinese and English headings."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator, Sequence

    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from stations.report.spoken import Said
    from stations.report.tables import Column

_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no zone; fixed, for equal bytes
_FONT = "Microsoft YaHei"
_MOST = 32_000
"""Characters a cell surely holds."""


@dataclass
class Book:
    """A workbook being written; texts are never formulas or links."""

    book: xlsxwriter.Workbook
    heading: Said
    asked: Said
    labels: Sequence[Said]
    """What every sheet must say: synthetic, restricted."""
    formats: dict[str, Format]

    @classmethod
    @contextmanager
    def into(
        cls, out: io.BytesIO, heading: Said, asked: Said, labels: Sequence[Said]
    ) -> Iterator[Book]:
        """Open a workbook that is written to ``out``; the same calls give the same bytes."""
        import xlsxwriter  # noqa: PLC0415 - only workbooks need it

        with xlsxwriter.Workbook(out, _OPTIONS) as book:
            book.set_properties({"created": _CREATED, "title": heading.zh})
            yield cls(book, heading, asked, labels, _formats(book))

    def sheet(self, name: str, widths: Sequence[float]) -> tuple[Worksheet, int]:
        """Add a sheet with its title, what was asked and the labels; return its next free row."""
        sheet = self.book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.write_string(0, 0, f"{self.heading.zh}  {self.heading.en}", self.formats["title"])
        sheet.write_string(1, 0, self.asked.zh, self.formats["asked"])
        sheet.write_string(2, 0, self.asked.en, self.formats["english"])
        row = 3
        for label in self.labels:
            sheet.write_string(row, 0, f"{label.zh}  {label.en}", self.formats["label"])
            row += 1
        return sheet, row + 1

    def table(
        self, sheet: Worksheet, row: int, columns: Sequence[Column], rows: Sequence[dict[str, Any]]
    ) -> int:
        """Write headings and rows; return the row after them."""
        sheet.set_row(row, 34)
        for column, each in enumerate(columns):
            sheet.write_string(row, column, f"{each.zh}\n{each.en}", self.formats["heading"])
        for number, values in enumerate(rows, row + 1):
            for column, each in enumerate(columns):
                self.cell(sheet, number, column, values.get(each.key), each.kind)
        return row + 1 + len(rows)

    def cell(self, sheet: Worksheet, row: int, column: int, value: object, kind: str) -> None:
        """Write one value in its format; what is missing stays empty."""
        if isinstance(value, bool) or value is None or value != value:  # noqa: PLR0124 - NaN
            sheet.write_blank(row, column, None, self.formats[kind])
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, self.formats[kind])
        else:
            sheet.write_string(row, column, str(value)[:_MOST], self.formats[kind])

    def listed(
        self, name: str, columns: Sequence[Column], rows: Sequence[dict[str, Any]], fixed: int
    ) -> None:
        """Add a sheet that is one table: headings and ``fixed`` columns stay, filters are on."""
        sheet, row = self.sheet(name, [each.width for each in columns])
        last = self.table(sheet, row, columns, rows)
        sheet.freeze_panes(row + 1, fixed)
        if rows:
            sheet.autofilter(row, 0, last - 1, len(columns) - 1)


def _formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    base = {"font_name": _FONT, "font_size": 10, "valign": "top"}
    lined = {**base, "border": 1, "border_color": "#C9D1D9"}
    heading = {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E6F0EE"}
    shown: dict[str, dict[str, Any]] = {
        "title": {**base, "bold": True, "font_size": 14},
        "asked": {**base, "font_size": 11},
        "english": {**base, "font_color": "#57606A"},
        "label": {**base, "bold": True, "font_color": "#B42318"},
        "heading": {**lined, **heading},
        "text": lined,
        "wrap": {**lined, "text_wrap": True},
        "count": {**lined, "num_format": "#,##0"},
        "share": {**lined, "num_format": "0.0%"},
        "figure": {**lined, "num_format": "#,##0.0"},
        "ratio": {**lined, "num_format": "0.000"},
        "change": {**lined, "num_format": "+#,##0;-#,##0;0"},
        "degree": {**lined, "num_format": "0.000000"},
    }
    return {name: book.add_format(each) for name, each in shown.items()}
