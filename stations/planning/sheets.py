"""A plan as a workbook a union office can send on."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from stations.planning import sheet_tables as tables
from stations.planning import wording
from stations.report.book import Book

if TYPE_CHECKING:
    from stations.planning.saving import SavedPlan
    from stations.planning.scheme import Scheme
    from stations.planning.study import Study


def workbook(scheme: Scheme, plan: SavedPlan, study: Study | None = None) -> bytes:
    """Return the XLSX of a plan: 方案, 措施, 理由, 各县, 前沿 (with a study), 方法与数据.

    ``plan`` is the same plan as it is saved: it says what went in. The same plan gives the same
    bytes. Texts are never formulas or links.
    """
    out = io.BytesIO()
    said = wording.heading(scheme), wording.asked(scheme.wish), wording.labels(scheme)
    with Book.into(out, *said) as made:
        _plan(made, scheme)
        made.listed("措施 Actions", tables.ACTION_COLUMNS, tables.actions(scheme), 4)
        why = tables.reasons(scheme, scheme.reasons())
        made.listed("理由 Reasons", tables.reason_columns(scheme), why, 2)
        made.listed("各县 County", tables.COUNTY_COLUMNS, tables.counties(scheme), 2)
        if study is not None:
            _frontier(made, scheme, study)
        _method(made, plan)
    return out.getvalue()


def _plan(made: Book, scheme: Scheme) -> None:
    sheet, row = made.sheet("方案 Plan", [each.width for each in tables.PLAN_COLUMNS])
    row = made.table(sheet, row, tables.PLAN_COLUMNS, tables.summary(scheme))
    made.table(sheet, row + 1, tables.YEAR_COLUMNS, tables.years(scheme))
    sheet.freeze_panes(3, 0)


def _frontier(made: Book, scheme: Scheme, study: Study) -> None:
    columns = tables.frontier_columns(scheme)
    sheet, row = made.sheet("前沿 Frontier", [each.width for each in columns])
    row = made.table(sheet, row, columns, tables.frontier(study.frontier))
    more = tables.what_else(study.next_yuan, study.sensitivity)
    made.table(sheet, row + 1, tables.NEXT_COLUMNS, more)
    sheet.freeze_panes(3, 0)


def _method(made: Book, plan: SavedPlan) -> None:
    columns = (*tables.NOTE_COLUMNS,)
    sheet, row = made.sheet("方法与数据 Method", (34, 34, 40, 14, 14, 50))
    row = made.table(sheet, row, columns, tables.notes(plan))
    made.table(sheet, row + 1, tables.PRICE_COLUMNS, tables.prices(plan))
    sheet.freeze_panes(3, 0)
