"""ESRI shapefiles, loose or in a ZIP archive, in whatever encoding their texts have."""

from __future__ import annotations

import codecs
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pyarrow as pa

from geodata.errors import FileFormatError
from geodata.files import guards, signatures, text
from geodata.files.vectors import assemble, read_ogr, split_geometry

if TYPE_CHECKING:
    from geodata.files.tables import Table

_BYTES_AS_THEY_ARE = "ISO-8859-1"
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_DBASE_LANGUAGES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "cp950", 0x78: "cp950"}
"""Language driver ids of a .dbf that name a Chinese code page."""
_DBF_SIZES = ((4, 8), (8, 10), (10, 12))
"""Where a .dbf's header gives its records, its own length and a record's length."""
_CPG_NUMBERS = {"65001": "utf-8", "88591": "latin-1"}


def read_shapefile(path: Path, *, encoding: str | None) -> Table:
    """Read a shapefile; texts by ``encoding``, else the .cpg, else the .dbf's mark, else a guess.

    The guess is that of `geodata.files.text`. Without a .prj the table's ``crs`` is None.
    """
    signatures.require(path, "shapefile")
    for part in (".shx", ".dbf"):
        if not _beside(path, part).is_file():
            raise FileFormatError(
                f"{path.name} lacks its {part} file; a shapefile is at least .shp, .shx and .dbf "
                "together, best sent as one .zip"
            )
    _require_whole(path)
    meta, arrow = read_ogr(path, encoding=_BYTES_AS_THEY_ARE)
    (cells, wkb), crs = split_geometry(arrow, meta)
    decoded, used = _decoded(cells, encoding or _stated_encoding(path), path.name)
    return assemble(decoded, wkb, crs, name=path.name, format="Shapefile", encoding=used)


def _require_whole(path: Path) -> None:
    """Refuse parts shorter than their headers say; GDAL would read them as empty rows."""
    dbf = _beside(path, ".dbf")
    with path.open("rb") as shapes, dbf.open("rb") as table:
        words = int.from_bytes(shapes.read(28)[24:28], "big")
        head = table.read(12)
    records, header, length = (int.from_bytes(head[a:b], "little") for a, b in _DBF_SIZES)
    for part, size in ((path, 2 * words), (dbf, header + records * length)):
        if part.stat().st_size < size:
            raise FileFormatError(
                f"{path.name}: its {part.suffix} has {part.stat().st_size:,} of {size:,} bytes, "
                "so it was cut short: export it again"
            )


def read_zip(path: Path, *, encoding: str | None, layer: str | None) -> Table:
    """Read the one shapefile in a ZIP archive, or the one called ``layer``."""
    members = _members(path)
    inside = _chosen(members, layer, path.name)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        target = Path(folder) / f"{path.stem}.shp"
        for member in members:
            suffix = PurePosixPath(member.filename).suffix.lower()
            if PurePosixPath(member.filename).with_suffix("") == inside and suffix in _PARTS:
                _unpack(archive, member, target.with_suffix(suffix))
        return read_shapefile(target, encoding=encoding)


def zip_names(path: Path) -> list[str]:
    """Return what the shapefiles in a ZIP archive are called, without their ending."""
    return [each.name for each in _shapefiles(_members(path))]


def _members(path: Path) -> list[zipfile.ZipInfo]:
    signatures.require(path, "zip")
    return [m for m in guards.archive(path) if not m.filename.startswith("__MACOSX/")]


def _shapefiles(members: list[zipfile.ZipInfo]) -> list[PurePosixPath]:
    paths = (PurePosixPath(member.filename) for member in members)
    return [path.with_suffix("") for path in paths if path.suffix.lower() == ".shp"]


def _chosen(members: list[zipfile.ZipInfo], layer: str | None, name: str) -> PurePosixPath:
    found = _shapefiles(members)
    chosen = [path for path in found if layer in {None, path.name}]
    if len(chosen) == 1:
        return chosen[0]
    if found:
        raise FileFormatError(
            f"{name} holds several shapefiles, or none of that name; name one of "
            f"{', '.join(path.name for path in found)}"
        )
    held = ", ".join(PurePosixPath(m.filename).name for m in members[:10]) or "nothing"
    raise FileFormatError(
        f"{name} must hold a shapefile (.shp, .shx, .dbf, .prj together); it holds {held}"
    )


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    try:
        target.write_bytes(archive.read(member))
    except guards.BROKEN:
        raise FileFormatError(
            f"{target.stem}.zip is damaged or locked with a password; pack it again"
        ) from None


def _beside(path: Path, suffix: str) -> Path:
    """Return the shapefile's part, its suffix in the case it has on disk."""
    upper = path.with_suffix(suffix.upper())
    return upper if upper.is_file() else path.with_suffix(suffix)


def _stated_encoding(path: Path) -> str | None:
    cpg = _beside(path, ".cpg")
    if cpg.is_file():
        word = cpg.read_bytes()[:40].decode("ascii", "replace").strip().lower()
        word = word.removeprefix("ansi").strip()
        return _CPG_NUMBERS.get(word, f"cp{word}" if word.isdigit() else word) or None
    with _beside(path, ".dbf").open("rb") as dbf:
        mark = dbf.read(30)[29:30]
    return _DBASE_LANGUAGES.get(mark[0]) if mark else None


def _decoded(cells: pa.Table, named: str | None, name: str) -> tuple[pa.Table, str]:
    """Decode the column names and texts of a shapefile read byte for byte."""
    texts = {
        i: [None if cell is None else cell.encode("latin-1") for cell in column.to_pylist()]
        for i, column in enumerate(cells.columns)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    }
    headings = [heading.encode("latin-1") for heading in cells.column_names]
    used = text.codec(named) if named else _guess([headings, *texts.values()], name)
    for i, column in texts.items():
        decoded = pa.array([_cell(cell, used, name) for cell in column], pa.large_string())
        cells = cells.set_column(i, cells.column_names[i], decoded)
    return cells.rename_columns([_cell(heading, used, name) or "" for heading in headings]), used


def _guess(columns: list[list[bytes | None]], name: str) -> str:
    whole = b"\n".join(cell for cells in columns for cell in cells if cell)
    return text.decode(whole, None, name)[1]


def _cell(cell: bytes | None, encoding: str, name: str) -> str | None:
    """Decode one cell; half a character left by the field's fixed width is dropped."""
    if cell is None:
        return None
    try:
        return codecs.getincrementaldecoder(encoding)().decode(cell)
    except UnicodeDecodeError:
        raise FileFormatError(
            f"{name}: its texts are not {encoding}; name the encoding (utf-8, gb18030, big5)"
        ) from None
