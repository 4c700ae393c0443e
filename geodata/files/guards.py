"""What is refused before a library sees it: files made to fill the memory, or to crash a reader.

Said of each: what it would do, and what would be right.
"""

from __future__ import annotations

import lzma
import sqlite3
import struct
import zipfile
import zlib
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import shapely

from geodata.errors import Fault, FileFormatError

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow.parquet as pq
    from numpy.typing import NDArray

UNPACKED_BYTES = 2 * 1024**3
"""Largest sum of an archive's members, or a Parquet file's columns, unpacked."""
TIMES = 300
"""How many times its packed size an archive may have unpacked; workbooks have 5 to 60."""
SMALL_BYTES = 32 << 20
"""Unpacked to less than this an archive may be packed as well as it likes."""
MEMBERS = 10_000
"""Most files in an archive: a workbook has a dozen, a shapefile four to ten."""
CELLS = 50_000_000
"""Largest number of cells of a table."""
POINTS = 500_000
"""Most corners of one geometry: a province at 30 m has 200,000."""
DEPTH = 16
"""How deep geometries may lie in one another; the library's reader crashes at some 5,000."""
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(OSError, ValueError, RuntimeError, EOFError, NotImplementedError),
)
"""What `zipfile` raises at a damaged or locked archive."""
_CHUNK = 1 << 20

_POINT, _LINE, _POLYGON, _COLLECTION = 1, 2, 3, 7
_SIMPLE = frozenset(struct.pack("<BI", 1, kind) for kind in (_POINT, _LINE, _POLYGON))
_PARTS = {4: _POINT, 5: _LINE, 6: _POLYGON}
"""Kinds of WKB that hold others → the only kind they may hold."""
_Z_FLAG, _M_FLAG, _SRID_FLAG = 0x80000000, 0x40000000, 0x20000000
_ISO = 1000
_ISO_M, _ISO_ZM = 2, 3


def archive(path: Path) -> list[zipfile.ZipInfo]:
    """Return the members of a ZIP archive that is whole and not too large to unpack."""
    try:
        with zipfile.ZipFile(path) as file:
            members = file.infolist()
    except BROKEN:
        raise FileFormatError(f"{path.name} is cut short or damaged; export it again") from None
    if len(members) > MEMBERS:
        raise FileFormatError(
            f"{path.name} holds {len(members):,} files; at most {MEMBERS:,} are read: "
            "send the ones that matter"
        )
    size = sum(member.file_size for member in members)
    if size > UNPACKED_BYTES:
        raise FileFormatError(
            f"{path.name} unpacks to {size / 1024**3:.1f} GB; at most "
            f"{UNPACKED_BYTES / 1024**3:.0f} GB are read: split it, or save it as .csv"
        )
    packed = path.stat().st_size
    if size > max(SMALL_BYTES, TIMES * packed):
        raise FileFormatError(
            f"{path.name} unpacks to {size // packed:,} times its size; at most {TIMES} times is "
            "read: save it again, or as .csv"
        )
    return members


def honest(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive with a member that is not as large as the archive says."""
    try:
        with zipfile.ZipFile(path) as file:
            for member in members:
                with file.open(member) as content:
                    while content.read(_CHUNK):  # never more than it says; its sum is checked
                        pass
    except BROKEN:
        raise FileFormatError(
            f"{path.name} is damaged or locked with a password; save it again"
        ) from None


def parquet(file: pq.FileMetaData, name: str) -> None:
    """Refuse columns that a few bytes say are endless."""
    size = sum(file.row_group(group).total_byte_size for group in range(file.num_row_groups))
    if size > UNPACKED_BYTES or file.num_rows * file.num_columns > CELLS:
        raise FileFormatError(
            f"{name} has {file.num_rows:,} rows of {file.num_columns:,} columns; at most "
            f"{CELLS:,} cells and {UNPACKED_BYTES / 1024**3:.0f} GB are read: split it"
        )


def geopackage(path: Path) -> None:
    """Refuse a GeoPackage whose tables are views or computed: reading one may never end."""
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", uri=True)
        ) as file:
            file.execute("PRAGMA trusted_schema = OFF")
            kinds = dict(file.execute("SELECT lower(name), type FROM sqlite_schema").fetchall())
            used = {name for name in kinds if name.startswith(("gpkg_", "sqlite_"))}
            if kinds.get("gpkg_contents") == "table":
                told = file.execute("SELECT lower(table_name) FROM gpkg_contents LIMIT 10000")
                used |= {str(name) for (name,) in told}
            computed = [
                name for name in used if kinds.get(name) == "table" and _computes(file, name)
            ]
    except sqlite3.Error:
        raise FileFormatError(
            f"{path.name} cannot be read (its database is damaged): export it again"
        ) from None
    wrong = sorted({name for name in used if kinds.get(name) == "view"}.union(computed))
    if wrong:
        raise FileFormatError(
            f"{path.name}: {wrong[0][:80]!r} is not a plain table but computed when read; "
            "export it again as a plain layer"
        )


def _computes(file: sqlite3.Connection, table: str) -> bool:
    quoted = table.replace('"', '""')
    columns = file.execute(f'PRAGMA table_xinfo("{quoted}")').fetchall()
    return any(column[-1] in {2, 3} for column in columns)


def nested(wkb: bytes) -> bool:
    """Tell whether a geometry lies deeper than `DEPTH` in others, or where none of its kind may.

    What is no WKB at all is for its reader to refuse.
    """
    if wkb[:5] in _SIMPLE:
        return False
    try:
        return _Walk(wkb).is_deep()
    except (struct.error, IndexError):
        return False


class _Walk:
    """One pass over the headers of a WKB geometry, without recursion."""

    def __init__(self, wkb: bytes) -> None:
        self._wkb, self._at = wkb, 0

    def is_deep(self) -> bool:
        """Follow every header."""
        open_parts = [(1, 0)]  # how many are still to come on each level, and of which kind
        while open_parts:
            left, only = open_parts.pop()
            if not left:
                continue
            open_parts.append((left - 1, only))
            order, kind, size = self._header()
            if only and kind != only:
                return True
            if kind in _PARTS or kind >= _COLLECTION:
                open_parts.append((self._count(order), _PARTS.get(kind, 0)))
                if len(open_parts) > DEPTH:
                    return True
            else:
                self._pass(order, kind, size)
        return False

    def _header(self) -> tuple[str, int, int]:
        """Read a header: the byte order, the kind, and the bytes of a position."""
        order = "<" if self._wkb[self._at] else ">"
        (told,) = struct.unpack_from(f"{order}I", self._wkb, self._at + 1)
        self._at += 5 + (4 if told & _SRID_FLAG else 0)
        flagged = bool(told & _Z_FLAG) + bool(told & _M_FLAG)
        group, kind = divmod(told & 0x0FFFFFFF, _ISO)
        more = {0: 0, 1: 1, _ISO_M: 1, _ISO_ZM: 2}.get(group, 0)
        return order, kind, 8 * (2 + max(flagged, more))

    def _count(self, order: str) -> int:
        (count,) = struct.unpack_from(f"{order}I", self._wkb, self._at)
        self._at += 4
        return int(count)

    def _pass(self, order: str, kind: int, size: int) -> None:
        if kind == _POINT:
            self._at += size
        elif kind == _LINE:
            count = self._count(order)
            self._at += size * count
        else:
            for _ in range(self._count(order)):
                count = self._count(order)
                self._at += size * count


def detailed(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which geometries have more than `POINTS` corners."""
    return np.asarray(shapely.get_num_coordinates(shapes) > POINTS)


def detailed_fault(row: int) -> Fault:
    """Return the fault of such a geometry."""
    return Fault(row, "geometry", "", f"more than {POINTS:,} corners; simplify it")
