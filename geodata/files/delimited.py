"""CSV, TSV and other delimited text.

Python's own ``csv`` reads it: unlike the faster engines it tells on which line a record starts
and goes on after a badly quoted one, so that every fault of a file is listed at once.
"""

from __future__ import annotations

import csv
import io
import itertools
from typing import TYPE_CHECKING

from geodata.errors import Fault, FileFormatError
from geodata.files import signatures, text
from geodata.files.formulas import unguarded
from geodata.files.tables import Table, build, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DELIMITERS = ",;\t|"
_SAMPLE_CHARACTERS = 200_000
_SAMPLE_RECORDS = 100
_CELL_CHARACTERS = 2**31 - 1


def read_delimited(path: Path, *, encoding: str | None) -> Table:
    """Read delimited text: the first filled record is the header, blank records are passed over.

    The delimiter is a comma, semicolon, tab or ``|``, whichever cuts the header and the first
    records into the same number of cells. Records with too few or too many cells, or with broken
    quotes, are faults. See `geodata.files.text.decode` for encodings and what is raised.
    """
    signatures.require(path, signatures.TEXT)
    content, used = text.decode(path.read_bytes(), encoding, path.name)
    _refuse_nul(content, path.name)
    records = _records(content, _delimiter(content, path.suffix.lower()))
    header_row, header = next(records, (0, []))
    if isinstance(header, str):
        raise FileFormatError(f"{path.name}, row {header_row}: in the header {header}")
    if not header:
        raise FileFormatError(f"{path.name} has no text in it; its first row must name the columns")
    good, rows, faults = _sort_out(records, len(header))
    columns = list(zip(*good, strict=True)) or [()] * len(header)
    return build(
        unguarded(header),
        [unguarded(column) for column in columns],
        rows,
        format="CSV",
        encoding=used,
        faults=tuple(faults),
    )


def _refuse_nul(content: str, name: str) -> None:
    at = content.find("\0")
    if at >= 0:
        raise FileFormatError(
            f"{name}, row {content.count(chr(10), 0, at) + 1}: holds a NUL character, so it is not "
            "text in the encoding it was read with; UTF-16 without a mark must be named "
            "(utf-16-le or utf-16-be)"
        )


def _records(content: str, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each filled record with its starting line, or what is wrong with its quotes."""
    csv.field_size_limit(_CELL_CHARACTERS)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, _quote_problem(str(error), line, reader.line_num)
            continue
        if any(cells) and not all(map(str.isspace, filter(None, cells))):
            yield line, cells


def _quote_problem(error: str, first: int, last: int) -> str:
    if "unexpected end" in error:
        return (
            f"a double quote opened here is never closed, so rows {first} to {last} are one cell; "
            'close it, and write a quote inside a quoted cell twice ("")'
        )
    return (
        "a quoted cell goes on after its closing quote; "
        'write a quote inside a quoted cell twice ("")'
    )


def _sort_out(
    records: Iterator[tuple[int, list[str] | str]], width: int
) -> tuple[list[list[str]], list[int], list[Fault]]:
    good, rows, faults = [], [], []
    for row, cells in records:
        if isinstance(cells, str):
            faults.append(Fault(row, "", "", cells))
            continue
        if len(cells) != width:
            if len(cells) < width or any(map(str.strip, cells[width:])):
                faults.append(_ragged(row, cells, width))
                continue
            del cells[width:]
        good.append(cells)
        rows.append(row)
    return good, rows, faults


def _ragged(row: int, cells: list[str], width: int) -> Fault:
    advice = (
        "a delimiter inside a cell needs double quotes around the cell"
        if len(cells) > width
        else "write the missing cells, empty if need be"
    )
    problem = f"{len(cells)} cells where the header has {width}; {advice}"
    return Fault(row, "", shown(",".join(cells)), problem)


def _delimiter(content: str, suffix: str) -> str:
    sample = content[:_SAMPLE_CHARACTERS]
    order = "\t,;|" if suffix == ".tsv" else DELIMITERS
    return max(order, key=lambda delimiter: _agreement(sample, delimiter))


def _agreement(sample: str, delimiter: str) -> tuple[float, int]:
    records = (cells for _, cells in _records(sample, delimiter) if not isinstance(cells, str))
    widths = [len(cells) for cells in itertools.islice(records, _SAMPLE_RECORDS)]
    if not widths or widths[0] == 1:
        return 0.0, 0
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]
