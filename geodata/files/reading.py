"""One door for reading: the file's ending chooses the reader, its first bytes confirm it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from geodata.errors import FileFormatError
from geodata.files import delimited, documents, shapefiles, sheets, vectors

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from geodata.files.tables import Table

_READERS: dict[str, Callable[[Path, str | None, str | None], Table]] = {
    ".csv": lambda path, encoding, _: delimited.read_delimited(path, encoding=encoding),
    ".tsv": lambda path, encoding, _: delimited.read_delimited(path, encoding=encoding),
    ".txt": lambda path, encoding, _: delimited.read_delimited(path, encoding=encoding),
    ".xlsx": lambda path, _, layer: sheets.read_sheet(path, layer=layer),
    ".xls": lambda path, _, layer: sheets.read_sheet(path, layer=layer),
    ".json": lambda path, encoding, _: documents.read_json(path, encoding=encoding),
    ".geojson": lambda path, encoding, _: documents.read_json(path, encoding=encoding),
    ".geojsonl": lambda path, encoding, _: documents.read_json_lines(path, encoding=encoding),
    ".gpkg": lambda path, _, layer: vectors.read_geopackage(path, layer=layer),
    ".parquet": lambda path, _, __: vectors.read_parquet(path),
    ".shp": lambda path, encoding, _: shapefiles.read_shapefile(path, encoding=encoding),
    ".zip": lambda path, encoding, layer: shapefiles.read_zip(path, encoding=encoding, layer=layer),
}

_PARTS: dict[str, Callable[[Path], list[str]]] = {
    ".xlsx": sheets.sheet_names,
    ".xls": sheets.sheet_names,
    ".gpkg": vectors.layer_names,
    ".zip": shapefiles.zip_names,
}
SUFFIXES = tuple(_READERS)
"""The endings `read` knows, in lower case."""


def read(
    path: str | PathLike[str], *, encoding: str | None = None, layer: str | None = None
) -> Table:
    """Read one table of a file, every cell as text.

    The ending (in any case) names the format, see `SUFFIXES`. ``encoding`` is for delimited text,
    JSON and shapefiles and wins over what the file says. ``layer`` names the layer of a GeoPackage,
    the sheet of a workbook or the shapefile in a ZIP archive; without it there must be only one
    that can be meant (`parts`). Raises `FileFormatError` where there is no file, it is not what its
    name says, is damaged, or is too large; single bad records are ``faults`` of the table.
    """
    path = Path(path)
    if path.name.lower().endswith(".pbf"):
        raise FileFormatError(
            f"{path.name} is OpenStreetMap data: choose layers of it by tag with geodata.osm"
        )
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise FileFormatError(
            f"{path.name}: files ending in {path.suffix or 'nothing'} are not read; "
            f"use one of {', '.join(SUFFIXES)}"
        )
    if layer is not None and path.suffix.lower() not in _PARTS:
        raise FileFormatError(f"{path.name} holds one table only; no part of it can be named")
    return reader(path, encoding, layer)


def parts(path: str | PathLike[str]) -> list[str]:
    """Return what `read` may be told as ``layer``: sheets, layers or shapefiles; none of others.

    Only what can be meant: filled sheets, hidden ones if no other is filled; layers with geometry,
    if there are any. Raises `FileFormatError` as `read` does.
    """
    path = Path(path)
    named = _PARTS.get(path.suffix.lower())
    return [] if named is None else named(path)
