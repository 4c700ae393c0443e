"""Photos as phones make them, and a reader of JPEG files that has not heard of Pillow."""

from __future__ import annotations

import io
import struct
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "王芳的手机-SN12345"  # noqa: RUF100, S105 - no password: what must not be kept
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">SN12345</x:xmpmeta>'


def scene(width: int = 400, height: int = 300) -> Image.Image:
    """Return a picture whose left top quarter is red, the rest noise on blue."""
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 40, (height, width, 3), dtype=np.uint8)
    pixels[..., 2] = 220
    pixels[: height // 2, : width // 2] = (250, 10, 10)
    return Image.fromarray(pixels)


def jpeg(
    lon: float | None = None,
    lat: float | None = None,
    *,
    orientation: int = 1,
    size: tuple[int, int] = (400, 300),
    taken: str = "2026:11:24 09:58:00",
    offset: str = "+08:00",
) -> bytes:
    """Return a JPEG with Exif (place, time, owner), XMP, a comment and a colour profile."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = SECRET
    exif[ExifTags.Base.Orientation] = orientation
    camera = exif.get_ifd(ExifTags.IFD.Exif)
    camera[ExifTags.Base.DateTimeOriginal] = taken
    camera[ExifTags.Base.OffsetTimeOriginal] = offset
    camera[ExifTags.Base.BodySerialNumber] = "SN12345"
    if lon is not None and lat is not None:
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
        place[ExifTags.GPS.GPSLongitudeRef] = "E" if lon >= 0 else "W"
        place[ExifTags.GPS.GPSLongitude] = sexagesimal(abs(lon))
        place[ExifTags.GPS.GPSLatitudeRef] = "N" if lat >= 0 else "S"
        place[ExifTags.GPS.GPSLatitude] = sexagesimal(abs(lat))
    out = io.BytesIO()
    scene(*size).save(
        out, "JPEG", quality=90, exif=exif, xmp=XMP, comment=SECRET.encode(), icc_profile=b"SN12345"
    )
    return out.getvalue()


def png(text: str = SECRET, mode: str = "RGB") -> bytes:
    """Return a PNG with text chunks."""
    told = PngInfo()
    told.add_text("Author", text)
    told.add_itxt("XML:com.adobe.xmp", text)
    out = io.BytesIO()
    scene().convert(mode).save(out, "PNG", pnginfo=told)
    return out.getvalue()


def webp() -> bytes:
    """Return a WebP with Exif and XMP."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = SECRET
    out = io.BytesIO()
    scene().save(out, "WEBP", exif=exif, xmp=XMP)
    return out.getvalue()


def sexagesimal(degrees: float) -> tuple[float, float, Fraction]:
    """Return degrees, minutes and seconds to 0.0001 second, as cameras write them."""
    whole, rest = divmod(degrees, 1)
    minutes, rest = divmod(rest * 60, 1)
    return whole, minutes, Fraction(round(rest * 60 * 10_000), 10_000)


def segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield every marker of a JPEG before its pixels, and what it holds."""
    assert data[:2] == b"\xff\xd8"
    at = 2
    while data[at + 1] != 0xDA:
        assert data[at] == 0xFF
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        yield marker, data[at + 4 : at + 2 + length]
        at += 2 + length
