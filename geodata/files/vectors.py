"""GeoPackage and Shapefile through GDAL, Parquet through Arrow; cells come as Arrow columns."""

from __future__ import annotations

import codecs
import tempfile
import warnings
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyogrio.errors import DataSourceError

from geodata.errors import Fault, FileFormatError
from geodata.files import references, signatures, text
from geodata.files.cells import arrow_texts
from geodata.files.sheets import check_unpacked
from geodata.files.tables import Table, build, take

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BYTES_AS_THEY_ARE = "ISO-8859-1"
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_DBASE_LANGUAGES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "cp950", 0x78: "cp950"}
"""Language driver ids of a .dbf that name a Chinese code page."""


def read_geopackage(path: Path, *, layer: str | None) -> Table:
    """Read one layer: the named one, else the only one with geometry, else the only table."""
    signatures.require(path, "sqlite")
    chosen = _layer(path, layer)
    meta, arrow = _ogr(path, layer=chosen)
    return _table(arrow, meta["geometry_name"], meta["crs"], path.name, "GeoPackage", "utf-8")


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
    meta, arrow = _ogr(path, encoding=_BYTES_AS_THEY_ARE)
    named = encoding or _stated_encoding(path)
    arrow, used = _decoded(arrow, named, path.name)
    geometry = meta["geometry_name"] or "wkb_geometry"
    return _table(arrow, geometry, meta["crs"], path.name, "Shapefile", used)


def read_zip(path: Path, *, encoding: str | None, layer: str | None) -> Table:
    """Read the one shapefile in a ZIP archive, or the one called ``layer``."""
    signatures.require(path, "zip")
    members = [m for m in check_unpacked(path) if "__MACOSX" not in m.filename]
    stems = {PurePosixPath(m.filename).stem: m for m in members if _suffix(m) == ".shp"}
    if layer is not None:
        stems = {stem: member for stem, member in stems.items() if stem == layer}
    if len(stems) != 1:
        held = ", ".join(sorted(PurePosixPath(m.filename).name for m in members)[:10])
        raise FileFormatError(
            f"{path.name} must hold one shapefile (.shp with its .shx, .dbf, .prj), or one called "
            f"as the layer asked for; it holds {held or 'nothing'}"
        )
    inside = PurePosixPath(next(iter(stems.values())).filename).with_suffix("")
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        target = Path(folder) / f"{path.stem}.shp"
        for member in members:
            if PurePosixPath(member.filename).with_suffix("") == inside:
                _unpack(archive, member, target.with_suffix(_suffix(member)))
        return read_shapefile(target, encoding=encoding)


def read_parquet(path: Path) -> Table:
    """Read GeoParquet, or plain Parquet as a table without geometry."""
    signatures.require(path, "parquet")
    try:
        arrow = pq.read_table(path)
        metadata = arrow.schema.metadata or {}
        if b"geo" not in metadata:
            return _table(arrow, None, None, path.name, "Parquet", "utf-8")
        frame = gpd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise FileFormatError(
            f"{path.name} cannot be read as Parquet ({_first_line(error)}); export it again"
        ) from None
    name = frame.geometry.name
    others = [c for c in arrow.column_names if c not in _geometry_columns(frame)]
    geometry = frame.geometry.to_numpy()
    crs = None if frame.crs is None else frame.crs
    return _assemble(arrow.select(others), geometry, crs, path.name, "GeoParquet", "utf-8", name)


def _geometry_columns(frame: gpd.GeoDataFrame) -> set[str]:
    return {str(name) for name, kind in frame.dtypes.items() if str(kind) == "geometry"}


def _layer(path: Path, layer: str | None) -> str:
    layers = {str(name): kind for name, kind in _quietly(path, pyogrio.list_layers, path)}
    named = ", ".join(layers)
    if layer is not None:
        if layer not in layers:
            raise FileFormatError(f"{path.name} has no layer {layer[:80]!r}; it has {named}")
        return layer
    spatial = [name for name, kind in layers.items() if kind is not None] or list(layers)
    if not spatial:
        raise FileFormatError(f"{path.name} has no layer in it; export it again")
    if len(spatial) > 1:
        raise FileFormatError(f"{path.name} has several layers; name one of {named}")
    return spatial[0]


def _ogr(path: Path, **options: Any) -> tuple[dict[str, Any], pa.Table]:  # noqa: ANN401
    answer: tuple[dict[str, Any], pa.Table] = _quietly(
        path, pyogrio.read_arrow, path, datetime_as_string=True, **options
    )
    return answer


def _quietly(path: Path, call: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
    """Call GDAL: its warnings are dropped, its errors become `FileFormatError`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return call(*args, **options)
    except (DataSourceError, RuntimeError, ValueError, pa.ArrowException) as error:
        raise FileFormatError(
            f"{path.name} cannot be read ({_first_line(error)}); it may be cut short or damaged: "
            "export it again"
        ) from None


def _first_line(error: Exception) -> str:
    """Return the start of a library's message, without the folders it may name."""
    words = str(error).split("\n", 1)[0].split()
    return " ".join("…" if "/" in word or "\\" in word else word for word in words)[:120]


def _table(
    arrow: pa.Table, geometry: str | None, crs: object, name: str, kind: str, used: str
) -> Table:
    if not geometry or geometry not in arrow.column_names:
        return _assemble(arrow, None, None, name, kind, used, None)
    wkb = np.array(arrow.column(geometry).to_pylist(), dtype=object)
    shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    table = _assemble(arrow.drop_columns([geometry]), shapes, crs, name, kind, used, geometry)
    broken = shapely.is_missing(shapes) & np.array([value is not None for value in wkb], dtype=bool)
    problem = "the geometry cannot be read; draw or export it again"
    faults = [Fault(int(row), "geometry", "", problem) for row in table.rows[broken]]
    return take(table, ~broken, faults) if faults else table


def _assemble(
    arrow: pa.Table,
    shapes: NDArray[np.object_] | None,
    crs: object,
    name: str,
    kind: str,
    used: str,
    geometry_name: str | None,
) -> Table:
    more: dict[str, Any] = {}
    if shapes is not None:
        more["geometry"], more["crs"], more["notes"] = references.settle(shapes, crs, name)
    columns = [arrow_texts(column) for column in arrow.columns]
    rows = range(1, arrow.num_rows + 1)
    return build(arrow.column_names, columns, rows, format=kind, encoding=used, **more)


def _beside(path: Path, suffix: str) -> Path:
    """Return the shapefile's part, its suffix in the case it has on disk."""
    upper = path.with_suffix(suffix.upper())
    return upper if upper.is_file() else path.with_suffix(suffix)


def _stated_encoding(path: Path) -> str | None:
    cpg = _beside(path, ".cpg")
    if cpg.is_file():
        word = cpg.read_bytes()[:40].decode("ascii", "replace").strip().lower()
        word = word.removeprefix("ansi").strip()
        numbered = {"65001": "utf-8", "88591": "latin-1"}
        word = numbered.get(word, f"cp{word}" if word.isdigit() else word)
        return word or None
    with _beside(path, ".dbf").open("rb") as dbf:
        mark = dbf.read(30)[29:30]
    return _DBASE_LANGUAGES.get(mark[0]) if mark else None


def _decoded(arrow: pa.Table, named: str | None, name: str) -> tuple[pa.Table, str]:
    """Decode the column names and texts of a shapefile read byte for byte."""
    texts = {
        i: [None if cell is None else cell.encode("latin-1") for cell in column.to_pylist()]
        for i, column in enumerate(arrow.columns)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    }
    headings = [heading.encode("latin-1") for heading in arrow.column_names]
    used = text.codec(named) if named else _guess([headings, *texts.values()], name)
    for i, cells in texts.items():
        column = pa.array([_cell(cell, used, name) for cell in cells], pa.large_string())
        arrow = arrow.set_column(i, arrow.column_names[i], column)
    return arrow.rename_columns([_cell(h, used, name) or "" for h in headings]), used


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


def _suffix(member: zipfile.ZipInfo) -> str:
    return PurePosixPath(member.filename).suffix.lower()


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    if target.suffix not in _SHAPEFILE_PARTS:
        return
    try:
        target.write_bytes(archive.read(member))
    except (zipfile.BadZipFile, RuntimeError, OSError, NotImplementedError):
        raise FileFormatError(
            f"{target.stem}.zip is damaged or locked with a password; pack it again"
        ) from None
