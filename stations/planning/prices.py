"""Rows of a price list, read from cells as people fill them in; every fault with its row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geodata import boundaries
from geodata.errors import Fault, FaultyDataError
from stations.catalogue import Term, Vocabulary, catalogue, folded
from stations.imports.cells import text_value
from stations.planning.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from geodata.files import Table

MOST_YUAN = 1_000_000_000
SAVING = ("close", "merge")
"""Kinds whose price may be negative: what they save."""
UNITS = Vocabulary(
    [
        Term("once", "每次", "each time", ("次", "一次", "每站", "每个")),
        Term("item", "每项设施", "for each amenity", ("每项", "项", "每件", "每台")),
        Term("weekly_hour", "每周每小时", "for each hour a week", ("每周小时", "每小时", "小时")),
    ]
)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "action": ("措施", "措施类型", "类型"),
    "area": ("行政区划代码", "区划代码", "地区", "area_code"),
    "item": ("设施", "服务设施", "项目", "amenity"),
    "unit": ("计价单位", "计价", "单位"),
    "yuan": ("金额", "金额元", "单价", "价格", "元", "price", "cost"),
    "basis": ("依据", "说明", "备注", "来源", "note", "source"),
}
"""Field → headings it may stand under, besides its own name; what stands in brackets is passed
over. ``action`` and ``yuan`` must be there."""


@dataclass(frozen=True, order=True)
class Price:
    """One row: what one kind of action costs, somewhere, for something."""

    action: str
    """A code of `KINDS`."""
    area: str
    """An area code or its beginning, "" everywhere."""
    unit: str
    """A code of `UNITS`."""
    item: str
    """For ``item`` an amenity code, "" any that has no row of its own; else ""."""
    yuan: int
    basis: str = ""
    """Where the number comes from."""


class _CellError(ValueError):
    """What is wrong with a cell of a field."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field


def prices_of(table: Table) -> tuple[Price, ...]:
    """Read a table, sorted; `FaultyDataError` lists every fault of every row."""
    columns = _columns(list(table.frame.columns))
    faults = [*table.faults, *_missing(columns)]
    found: list[Price] = []
    seen: dict[tuple[str, ...], int] = {}
    records = table.frame.to_dict("records") if not _missing(columns) else []
    for row, record in zip(table.rows.tolist(), records, strict=False):
        cells = {field: str(record[column]).strip() for field, column in columns.items()}
        try:
            price = price_of(cells)
            _once(price, seen, row)
        except _CellError as wrong:
            shown = cells.get(wrong.field, "")[:80]
            faults.append(Fault(row, columns.get(wrong.field, wrong.field), shown, str(wrong)))
            continue
        found.append(price)
    if not faults and not found:
        faults.append(Fault(None, "", "", "no price in the file; is it the right one?"))
    _refuse(faults)
    return tuple(sorted(found))


def _once(price: Price, seen: dict[tuple[str, ...], int], row: int) -> None:
    first = seen.setdefault((price.action, price.area, price.unit, price.item), row)
    if first != row:
        raise _CellError("action", f"priced in row {first} already; once is enough")


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        first = faults[0]
        where = "" if first.row is None else f"row {first.row}, "
        raise FaultyDataError(
            f"{len(faults)} faults in the price list; the first: {where}{first.field}: "
            f"{first.problem}",
            faults,
        )


def _columns(names: Sequence[str]) -> dict[str, str]:
    free = {folded(re.sub(r"[(（\[【].*?[)）\]】]", "", name)): name for name in reversed(names)}
    found = {}
    for field, headings in COLUMNS.items():
        heading = next((h for h in map(folded, (field, *headings)) if h in free), None)
        if heading is not None:
            found[field] = free.pop(heading)
    return found


def _missing(columns: Mapping[str, str]) -> list[Fault]:
    return [
        Fault(None, field, "", f"no column {COLUMNS[field][0]} or {field}")
        for field in ("action", "yuan")
        if field not in columns
    ]


def price_of(cells: Mapping[str, str]) -> Price:
    """Read one row's cells; a `ValueError` with the ``field`` says what would be right.

    Without a unit it is ``item`` where an item is named, else ``once``.
    """
    action = _word("action", cells.get("action", ""), KINDS)
    item = cells.get("item", "")
    amenity = _word("item", item, catalogue().amenities) if item else ""
    unit = cells.get("unit", "")
    per = _word("unit", unit, UNITS) if unit else ("item" if amenity else "once")
    if amenity and per != "item":
        raise _CellError("unit", "an amenity is priced 每项设施 item")
    return Price(
        action=action,
        area=_area(cells.get("area", "")),
        unit=per,
        item=amenity,
        yuan=_yuan(cells.get("yuan", ""), action),
        basis=_basis(cells.get("basis", "")),
    )


def _word(field: str, text: str, words: Vocabulary) -> str:
    code = words.code(text) if text else None
    if code is None:
        raise _CellError(field, f"expected one of {words.expected()}")
    return code


def _area(text: str) -> str:
    code = boundaries.current_code(text) if text else ""
    if code is None:
        raise _CellError(
            "area", "no area in use has this code; such as 53, 5301 or 530114, or nothing"
        )
    return code


def _basis(text: str) -> str:
    try:
        return text_value(text, longest=500)
    except ValueError as error:
        raise _CellError("basis", str(error)) from None


def _yuan(text: str, action: str) -> int:
    clean = re.sub(r"[\s,，¥￥元]", "", text).replace("−", "-")
    if not re.fullmatch(r"-?\d{1,12}(\.0*)?", clean):
        raise _CellError("yuan", "expected whole yuan, such as 60000")
    number = int(clean.split(".")[0])
    if abs(number) > MOST_YUAN:
        raise _CellError("yuan", f"more than {MOST_YUAN:,} yuan")
    if number < 0 and action not in SAVING:
        raise _CellError(
            "yuan", "only 撤销 close and 合并 merge may save money; expected 0 or more"
        )
    return number


def shown_rows(prices: Sequence[Price]) -> Iterator[dict[str, object]]:
    """Yield the rows as a sheet shows them: Chinese headings and words."""
    for each in prices:
        item = catalogue().amenities.terms[each.item].zh if each.item else ""
        yield {
            "措施": KINDS.terms[each.action].zh,
            "行政区划代码": each.area,
            "设施": item,
            "计价单位": UNITS.terms[each.unit].zh,
            "金额（元）": each.yuan,
            "依据": each.basis,
        }
