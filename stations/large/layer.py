"""A demand layer too large to keep: a Parquet file, or a folder of such parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyarrow as pa
import pyarrow.parquet as pq

from geodata.errors import FileFormatError
from geodata.files import signatures
from geodata.files.vectors import reason
from stations.large.footer import Source, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

BLOCK_ROWS = 1_000_000
"""Rows of a block, or a few more: row groups are not cut."""
SUFFIXES = (".parquet", ".geoparquet")


@dataclass(frozen=True)
class Part:
    """One file, as its footer had it when the layer was opened."""

    path: Path
    """Absolute: the same for every worker of a cluster."""
    name: str
    """What messages call it: the path within the layer."""
    source: Source
    groups: tuple[int, ...]
    """Rows of each row group."""

    def open(self) -> pq.ParquetFile:
        """Open the file; `FileFormatError` where it is not the one whose footer was read."""
        file = opened(self.path, self.name)
        meta = file.metadata
        now = tuple(meta.row_group(i).num_rows for i in range(meta.num_row_groups))
        if now != self.groups:
            file.close()
            raise FileFormatError(f"{self.name} changed while it was counted; ask again")
        return file


@dataclass(frozen=True)
class Block:
    """Some row groups of a part, one after the other: what is counted at a time."""

    part: Part
    first: int
    """The first row group."""
    last: int
    """The first one that is no longer in it."""

    @property
    def rows(self) -> int:
        """How many rows."""
        return sum(self.part.groups[self.first : self.last])

    @property
    def row(self) -> int:
        """The number of its first row in the part, from 0."""
        return sum(self.part.groups[: self.first])


@dataclass(frozen=True)
class LargeLayer:
    """Parts that are counted as one layer; all footers were read and make sense."""

    name: str
    parts: tuple[Part, ...]

    @classmethod
    def open(cls, path: str | PathLike[str]) -> Self:
        """Open a file, or all ``*.parquet`` below a folder, in the order of their paths.

        Files and folders whose name begins with ``.`` or ``_`` are passed over. Raises
        `FileFormatError` for the first part that has no points or cannot be read.
        """
        root = Path(path).resolve()
        files = _files(root) if root.is_dir() else [root]
        if not files:
            raise FileFormatError(f"{root.name} has no part: no file in it ends in {SUFFIXES[0]}")
        base = root if root.is_dir() else root.parent
        parts = tuple(_part(file, file.relative_to(base).as_posix()) for file in files)
        return cls(root.name, parts)

    @property
    def rows(self) -> int:
        """How many points."""
        return sum(sum(part.groups) for part in self.parts)

    def blocks(self, rows: int = BLOCK_ROWS) -> list[Block]:
        """Cut the layer into blocks of at least ``rows`` rows, the last one of a part aside."""
        return [block for part in self.parts for block in _blocks(part, rows)]


def opened(path: Path, name: str) -> pq.ParquetFile:
    """Open a Parquet file; pages are read as they are needed, not a column at once."""
    try:
        signatures.require(path, "parquet")
        return pq.ParquetFile(path, buffer_size=1 << 20)
    except FileFormatError as error:
        raise FileFormatError(str(error).replace(path.name, name)) from None
    except (pa.ArrowException, OSError) as error:
        raise unreadable(name, error) from None


def unreadable(name: str, error: Exception) -> FileFormatError:
    """Return the error for a part that pyarrow cannot read."""
    return FileFormatError(
        f"{name} cannot be read ({reason(error)}); it may be cut short or damaged: write it again"
    )


def _files(folder: Path) -> list[Path]:
    """List the parts below a folder."""
    found = (path for suffix in SUFFIXES for path in folder.rglob(f"*{suffix}"))
    return sorted(path for path in found if not _hidden(path.relative_to(folder)))


def _hidden(path: Path) -> bool:
    return any(step.startswith((".", "_")) for step in path.parts)


def _part(path: Path, name: str) -> Part:
    with opened(path, name) as file:
        meta = file.metadata
        groups = tuple(meta.row_group(i).num_rows for i in range(meta.num_row_groups))
        return Part(path, name, source_of(file.schema_arrow, name), groups)


def _blocks(part: Part, rows: int) -> Iterator[Block]:
    first = held = 0
    for number, size in enumerate(part.groups, start=1):
        held += size
        if held >= rows or number == len(part.groups):
            yield Block(part, first, number)
            first, held = number, 0
