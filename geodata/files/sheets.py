"""Excel workbooks, read by calamine."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

import python_calamine as calamine

from geodata.errors import FileFormatError
from geodata.files import guards, signatures
from geodata.files.cells import text_of
from geodata.files.formulas import unguarded
from geodata.files.tables import Table, build

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    type Grid = Sequence[Sequence[object]]

_REFERENCE = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
_CHUNK = 1 << 24


def sheet_names(path: Path) -> list[str]:
    """Return the sheets with anything in them; hidden ones only where nothing else is filled."""
    _require(path)
    return list(_filled(path, None))


def read_sheet(path: Path, *, layer: str | None) -> Table:
    """Read one sheet, by name or the only one that `sheet_names` knows.

    The header is the first filled row, titles passed over: rows with one filled cell above a row
    with more. Raises `FileFormatError` for a workbook that unpacks to too much or
    spreads over more than `guards.CELLS`: the reader lays out all of them, filled or not.
    """
    _require(path)
    grid = _grid(path, layer)
    texts = [[text_of(value) for value in row] for row in grid]
    filled = [number for number, row in enumerate(texts) if any(map(str.strip, row))]
    if not filled:
        raise FileFormatError(f"{path.name} has no filled cell; its first row names the columns")
    top = _header(texts, filled)
    below = [number for number in filled if number > top]
    columns = list(zip(*(texts[number] for number in below), strict=True))
    return build(
        unguarded(texts[top]),
        [unguarded(column) for column in columns] or [()] * len(texts[top]),
        [number + 1 for number in below],
        format="XLS" if path.suffix.lower() == ".xls" else "XLSX",
        encoding="utf-8",
    )


def _header(texts: list[list[str]], filled: list[int]) -> int:
    wide = (number for number in filled if sum(1 for cell in texts[number] if cell.strip()) > 1)
    return next(wide, filled[0])


def _require(path: Path) -> None:
    if path.suffix.lower() == ".xls":
        signatures.require(path, "ole")
        return
    signatures.require(path, "zip")
    guards.honest(path, guards.archive(path))
    _check_grid(path)


def _grid(path: Path, layer: str | None) -> Grid:
    grids = _filled(path, layer)
    if len(grids) > 1:
        raise FileFormatError(
            f"{path.name} has several filled sheets, {', '.join(grids)[:400]}: say which one"
        )
    return next(iter(grids.values()), [])


def _filled(path: Path, layer: str | None) -> dict[str, Grid]:
    """Return the filled ones of the visible sheets (else of the hidden), or of the one named."""
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        if layer is not None and layer not in book.sheet_names:
            raise FileFormatError(
                f"{path.name} has no sheet {layer[:80]!r}; it has {', '.join(book.sheet_names)}"
            )
        for names in [[layer]] if layer is not None else _by_sight(book):
            grids = {n: book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in names}
            filled: dict[str, Grid] = {name: rows for name, rows in grids.items() if rows}
            if filled:
                return filled
    except (calamine.CalamineError, OSError, ValueError) as error:
        if isinstance(error, FileFormatError):
            raise
        raise FileFormatError(
            f"{path.name} cannot be read as an Excel workbook ({str(error)[:80]}); it may be cut "
            "short or locked with a password: save it again as .xlsx or .csv"
        ) from None
    return {}


def _by_sight(book: calamine.CalamineWorkbook) -> list[list[str]]:
    """Return the names of the visible sheets, and those of the hidden: lists to choose from."""
    sheets = [each for each in book.sheets_metadata if each.typ == calamine.SheetTypeEnum.WorkSheet]
    seen = calamine.SheetVisibleEnum.Visible
    return [
        [each.name for each in sheets if (each.visible == seen) is said] for said in (True, False)
    ]


def _check_grid(path: Path) -> None:
    """Refuse a sheet whose filled cells lie so far apart that its grid would fill the memory."""
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
                width, height = _extent(archive, member)
                if width * height > guards.CELLS:
                    raise FileFormatError(
                        f"{path.name}: a sheet reaches over {height:,} rows and {width:,} columns; "
                        f"at most {guards.CELLS:,} cells are read: delete stray cells far from the "
                        "table, or save it as .csv"
                    )


def _extent(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int]:
    width = height = 0
    rest = b""
    with archive.open(member) as sheet:
        while chunk := sheet.read(_CHUNK):
            cut = chunk.rfind(b"<")
            piece, tail = (rest + chunk[:cut], chunk[cut:]) if cut >= 0 else (b"", rest + chunk)
            rest = tail
            columns, rows = _references(piece)
            width, height = max(width, columns), max(height, rows)
    columns, rows = _references(rest)
    return max(width, columns), max(height, rows)


def _references(piece: bytes) -> tuple[int, int]:
    found = _REFERENCE.findall(piece)
    if not found:
        return 0, 0
    letters = {column for column, _ in found}
    return max(map(_column_number, letters)), max(int(row) for _, row in found)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
