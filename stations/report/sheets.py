"""A workbook a union office can send on: summary, areas, gaps, hours, method and data."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
import xlsxwriter

from stations.coverage.figures import STEPS
from stations.coverage.method import words
from stations.report import spoken, tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from stations.coverage import Truth
    from stations.report.tables import Column

_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the format knows no zone; fixed, for equal bytes
_FONT = "Microsoft YaHei"
_MOST = 32_000
"""Characters a cell surely holds."""
AREAS = {"county": "各县", "prefecture": "各州市", "province": "全省"}


@dataclass
class _Book:
    """A workbook being written."""

    book: xlsxwriter.Workbook
    answer: Truth
    formats: dict[str, Format]

    def sheet(self, name: str, widths: Sequence[float]) -> tuple[Worksheet, int]:
        """Add a sheet with its title, what was asked and the labels; return its next free row."""
        sheet = self.book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        title = spoken.heading(self.answer)
        sheet.write_string(0, 0, f"{title.zh}  {title.en}", self.formats["title"])
        question = spoken.asked(self.answer)
        sheet.write_string(1, 0, question.zh, self.formats["asked"])
        sheet.write_string(2, 0, question.en, self.formats["english"])
        row = 3
        for label in spoken.labels(self.answer):
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


def workbook(answer: Truth, by: str = "county") -> bytes:
    """Return the XLSX of an answer, with areas by ``county``, ``prefecture`` or ``province``.

    The same answer gives the same bytes. Texts are never formulas or links.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        book.set_properties({"created": _CREATED, "title": spoken.heading(answer).zh})
        made = _Book(book, answer, _formats(book))
        _summary(made)
        _areas(made, by)
        _gaps(made)
        _hours(made)
        _method(made)
    return out.getvalue()


def _formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    base = {"font_name": _FONT, "font_size": 10, "valign": "top"}
    lined = {**base, "border": 1, "border_color": "#C9D1D9"}
    shown: dict[str, dict[str, Any]] = {
        "title": {**base, "bold": True, "font_size": 14},
        "asked": {**base, "font_size": 11},
        "english": {**base, "font_color": "#57606A"},
        "label": {**base, "bold": True, "font_color": "#B42318"},
        "heading": {
            **lined,
            "bold": True,
            "text_wrap": True,
            "valign": "vcenter",
            "bg_color": "#E6F0EE",
        },
        "text": lined,
        "wrap": {**lined, "text_wrap": True},
        "count": {**lined, "num_format": "#,##0"},
        "share": {**lined, "num_format": "0.0%"},
        "figure": {**lined, "num_format": "#,##0.0"},
        "degree": {**lined, "num_format": "0.000000"},
    }
    return {name: book.add_format(each) for name, each in shown.items()}


def _summary(made: _Book) -> None:
    sheet, row = made.sheet("汇总 Summary", (26, 22, 16, 12, 16, 34, 34))
    row = made.table(sheet, row, tables.step_columns(made.answer), tables.steps(made.answer))
    row = made.table(sheet, row + 1, tables.FIGURE_COLUMNS, tables.summary(made.answer))
    sheet.freeze_panes(3, 0)


def _areas(made: _Book, by: str) -> None:
    columns = tables.area_columns(made.answer)
    widths = [each.width for each in columns]
    sheet, row = made.sheet(f"{AREAS[by]} {by.title()}", widths)
    rows = [tables.flat(each) for each in made.answer.rows(by)]
    last = made.table(sheet, row, columns, rows)
    sheet.freeze_panes(row + 1, 2)
    if rows:
        sheet.autofilter(row, 0, last - 1, len(columns) - 1)
        share = next(n for n, each in enumerate(columns) if each.key == "share")
        bar = {"type": "data_bar", "bar_color": "#5FA8A0", "bar_solid": True, "min_type": "num"}
        limits = {"min_value": 0, "max_type": "num", "max_value": 1}
        sheet.conditional_format(row + 1, share, last - 1, share, bar | limits)


def _gaps(made: _Book) -> None:
    columns = tables.gap_columns(made.answer)
    sheet, row = made.sheet("盲区 Gaps", [each.width for each in columns])
    frame = made.answer.gaps()
    spots = shapely.point_on_surface(frame.geometry.to_numpy())
    frame = frame.assign(lon=shapely.get_x(spots), lat=shapely.get_y(spots))
    records = frame.drop(columns="geometry").rename_axis("id").reset_index().to_dict("records")
    rows = [tables.gap(rank, each) for rank, each in enumerate(records, 1)]
    last = made.table(sheet, row, columns, rows)
    sheet.freeze_panes(row + 1, 3)
    if rows:
        sheet.autofilter(row, 0, last - 1, len(columns) - 1)


def _hours(made: _Book) -> None:
    sheet, row = made.sheet("时段 Hours", [14, 16, 16, *[12] * len(STEPS)])
    last = made.table(sheet, row, tables.HOUR_COLUMNS, tables.hours(made.answer))
    sheet.freeze_panes(row + 1, 1)
    scale = {"type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num"}
    colours = {"min_color": "#F4B183", "mid_color": "#FFF2CC", "max_color": "#A9D8B8"}
    ends = {"min_value": 0, "mid_value": 0.5, "max_value": 1}
    sheet.conditional_format(row + 1, 3, last - 1, 2 + len(STEPS), scale | colours | ends)


def _method(made: _Book) -> None:
    sheet, row = made.sheet("方法与数据 Method", (34, 60, 60))
    for said in spoken.notes(made.answer):
        for column, text in enumerate((said.zh, said.en), 1):
            sheet.write_string(row, column, text, made.formats["wrap"])
        row += 1
    row = made.table(sheet, row + 1, tables.STATE_COLUMNS, tables.state(made.answer)) + 1
    made.table(sheet, row, tables.WORD_COLUMNS, tables.glossary(words()))
    sheet.freeze_panes(3, 0)
