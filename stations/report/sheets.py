"""A workbook a union office can send on: summary, areas, gaps, backup, evenness, method …."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import shapely

from stations.coverage.figures import STEPS
from stations.coverage.method import words
from stations.report import spoken, spread, tables
from stations.report.book import Book

if TYPE_CHECKING:
    from stations.coverage import Truth

AREAS = {"county": "各县", "prefecture": "各州市", "province": "全省"}


def workbook(answer: Truth, by: str = "county") -> bytes:
    """Return the XLSX of an answer, with areas by ``county``, ``prefecture`` or ``province``.

    The same answer gives the same bytes. Texts are never formulas or links.
    """
    out = io.BytesIO()
    said = spoken.heading(answer), spoken.asked(answer), spoken.labels(answer)
    with Book.into(out, *said) as made:
        _summary(made, answer)
        _areas(made, answer, by)
        _gaps(made, answer)
        _backup(made, answer)
        _fairness(made, answer, by)
        if answer.earlier is not None:
            _changes(made, answer)
        _hours(made, answer)
        _method(made, answer)
    return out.getvalue()


def _summary(made: Book, answer: Truth) -> None:
    sheet, row = made.sheet("汇总 Summary", (26, 22, 16, 12, 16, 34, 34))
    row = made.table(sheet, row, tables.step_columns(answer), tables.steps(answer))
    row = made.table(sheet, row + 1, tables.FIGURE_COLUMNS, tables.summary(answer))
    sheet.freeze_panes(3, 0)


def _areas(made: Book, answer: Truth, by: str) -> None:
    columns = tables.area_columns(answer)
    widths = [each.width for each in columns]
    sheet, row = made.sheet(f"{AREAS[by]} {by.title()}", widths)
    rows = [tables.flat(each) for each in answer.rows(by)]
    last = made.table(sheet, row, columns, rows)
    sheet.freeze_panes(row + 1, 2)
    if rows:
        sheet.autofilter(row, 0, last - 1, len(columns) - 1)
        share = next(n for n, each in enumerate(columns) if each.key == "share")
        bar = {"type": "data_bar", "bar_color": "#5FA8A0", "bar_solid": True, "min_type": "num"}
        limits = {"min_value": 0, "max_type": "num", "max_value": 1}
        sheet.conditional_format(row + 1, share, last - 1, share, bar | limits)


def _gaps(made: Book, answer: Truth) -> None:
    columns = tables.gap_columns(answer)
    sheet, row = made.sheet("盲区 Gaps", [each.width for each in columns])
    frame = answer.gaps()
    spots = shapely.point_on_surface(frame.geometry.to_numpy())
    frame = frame.assign(lon=shapely.get_x(spots), lat=shapely.get_y(spots))
    records = frame.drop(columns="geometry").rename_axis("id").reset_index().to_dict("records")
    rows = [tables.gap(rank, each) for rank, each in enumerate(records, 1)]
    last = made.table(sheet, row, columns, rows)
    sheet.freeze_panes(row + 1, 3)
    if rows:
        sheet.autofilter(row, 0, last - 1, len(columns) - 1)


def _backup(made: Book, answer: Truth) -> None:
    sheet, row = made.sheet("备份 Backup", (38, 26, 18, 18, 14, 18))
    row = made.table(sheet, row, spread.share_columns(answer), spread.alone(answer)) + 1
    for of in ("station", "host"):
        columns = spread.leaning_columns(answer, of)
        row = made.table(sheet, row, columns, spread.leaning(answer, of)) + 1
    made.table(sheet, row, spread.alone_site_columns(answer), spread.alone_sites(answer))
    sheet.freeze_panes(3, 0)


def _fairness(made: Book, answer: Truth, by: str) -> None:
    sheet, row = made.sheet("均衡 Fairness", (34, 30, 16, 14, 14, 30))
    row = made.table(sheet, row, spread.EVEN_COLUMNS, spread.evenness(answer)) + 1
    if types := spread.types(answer):
        row = made.table(sheet, row, spread.type_columns(answer), types) + 1
    if access := spread.access(answer):
        row = made.table(sheet, row, spread.ACCESS_COLUMNS, access) + 1
    made.table(sheet, row, spread.county_columns(answer), spread.counties(answer, by))
    sheet.freeze_panes(3, 0)


def _changes(made: Book, answer: Truth) -> None:
    sheet, row = made.sheet("变化 Change", (30, 34, 18, 60))
    row = made.table(sheet, row, spread.change_columns(answer), spread.changes(answer))
    made.table(sheet, row + 1, spread.EDIT_COLUMNS, spread.edits(answer))
    sheet.freeze_panes(3, 0)


def _hours(made: Book, answer: Truth) -> None:
    sheet, row = made.sheet("时段 Hours", [14, 16, 16, *[12] * len(STEPS)])
    last = made.table(sheet, row, tables.HOUR_COLUMNS, tables.hours(answer))
    sheet.freeze_panes(row + 1, 1)
    scale = {"type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num"}
    colours = {"min_color": "#F4B183", "mid_color": "#FFF2CC", "max_color": "#A9D8B8"}
    ends = {"min_value": 0, "mid_value": 0.5, "max_value": 1}
    sheet.conditional_format(row + 1, 3, last - 1, 2 + len(STEPS), scale | colours | ends)


def _method(made: Book, answer: Truth) -> None:
    sheet, row = made.sheet("方法与数据 Method", (34, 60, 60))
    for said in spoken.notes(answer):
        for column, text in enumerate((said.zh, said.en), 1):
            sheet.write_string(row, column, text, made.formats["wrap"])
        row += 1
    row = made.table(sheet, row + 1, tables.STATE_COLUMNS, tables.state(answer)) + 1
    made.table(sheet, row, tables.WORD_COLUMNS, tables.glossary(words()))
    sheet.freeze_panes(3, 0)
