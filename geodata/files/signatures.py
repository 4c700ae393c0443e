"""What a file holds, told by its first bytes, whatever its name says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.errors import FileFormatError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 512
TEXT = "text"

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"SQLite format 3\0", "sqlite"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PAR1", "parquet"),
    (b"\x00\x00\x27\x0a", "shapefile"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"%PDF", "pdf"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "rar"),
)

_WORDS = {
    "sqlite": "an SQLite database",
    "zip": "a ZIP archive (an XLSX workbook is one too)",
    "parquet": "Parquet data",
    "shapefile": "an ESRI shapefile",
    "ole": "an old Office file (XLS, DOC), or a new one locked with a password",
    "png": "a PNG picture",
    "jpeg": "a JPEG picture",
    "gif": "a GIF picture",
    "pdf": "a PDF document",
    "gzip": "gzip-packed data",
    "7z": "a 7z archive",
    "rar": "a RAR archive",
    "pbf": "OpenStreetMap data (PBF)",
    "html": "an HTML page",
    "xml": "an XML document",
    TEXT: "plain text",
}


def kind_of(head: bytes) -> str:
    """Name what starts with ``head``; what has no known signature counts as text."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if b"OSMHeader" in head[:32]:
        return "pbf"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")):
        return "html"
    return "xml" if start.startswith(b"<?xml") else TEXT


def require(path: Path, kind: str) -> None:
    """Raise `FileFormatError` unless ``path`` is a readable, non-empty file holding ``kind``."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except FileNotFoundError:
        raise FileFormatError(f"there is no file {path.name}; check the name and folder") from None
    except IsADirectoryError:
        raise FileFormatError(f"{path.name} is a folder; name a file in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise FileFormatError(f"{path.name[:200]} cannot be opened: {reason}") from None
    if not head:
        raise FileFormatError(f"{path.name} is empty (0 bytes); export it again")
    found = kind_of(head)
    if found != kind:
        raise FileFormatError(
            f"{path.name} holds {_WORDS[found]}, not {_WORDS[kind]} as its name says; "
            "give it the right ending, or save it again in the format it is named for"
        )
