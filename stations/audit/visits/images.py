"""Pictures as they come from phones: what they tell of place and time, and without it.

Whatever a camera writes beside the picture (Exif, XMP, comments, thumbnails, a colour profile, a
PNG's texts) may name its owner. So the pixels alone are kept: decoded, turned upright, made
smaller, and written anew as JPEG.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from datetime import datetime
from threading import Semaphore
from typing import TYPE_CHECKING, Any

from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

from geodata.errors import FileFormatError
from geodata.geodesy import LonLat

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST = 8 * 1024 * 1024
"""Bytes a picture may have."""
MOST_PIXELS = 64_000_000
"""Of a picture, before it is made smaller: phones have up to 50 million by default."""
LONG_SIDE = 2048
"""Pixels of the longer side of what is kept: a notice at arm's length stays readable."""
QUALITY = 82
_FORMATS = ("JPEG", "PNG", "WEBP")
_HEIF = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")
_FEW = ("1", "P")
"""Modes whose pixels are no light and cannot be averaged."""
_WRONG = "send a JPEG, PNG or WebP"
_ONE = Semaphore(1)
"""One picture at a time in a process: the pixels of a large one take 256 MB."""


@dataclass(frozen=True)
class Picture:
    """What is kept of a picture."""

    data: bytes
    """A JPEG without any metadata."""
    width: int
    height: int
    gps: LonLat | None
    """Where the camera said it was, WGS 84."""
    taken: str
    """When it said so, ISO 8601, with the zone if it told one; "" it did not."""


def stripped(data: bytes) -> Picture:
    """Read a picture and strip it; `FileFormatError` for what is none, or too large to be one."""
    if len(data) > LARGEST:
        raise FileFormatError(f"a photo has at most {LARGEST // 2**20} MB")
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF:
        raise FileFormatError(
            f"a HEIC or AVIF photo cannot be read: {_WRONG}; on an iPhone choose "
            "Settings, Camera, Formats, Most Compatible (设置，相机，格式，兼容性最佳)"
        )
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # for the whole process, and WeasyPrint says True
    try:
        with _ONE, Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            _refuse_large(picture)
            exif = _exif(picture)
            kept = _pixels(picture)
    except FileFormatError:
        raise
    except UnidentifiedImageError:
        raise FileFormatError(f"not a picture that can be read: {_WRONG}") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise FileFormatError(_too_many()) from None
    except Exception as error:  # noqa: BLE001 - decoders raise whatever they like about a bad file
        raise FileFormatError(
            f"the picture is damaged or cut short ({type(error).__name__}): {_WRONG}"
        ) from None
    out = io.BytesIO()
    kept.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Picture(out.getvalue(), *kept.size, _place(exif), _time(exif))


def _too_many() -> str:
    return f"the picture has more than {MOST_PIXELS // 1_000_000} million pixels"


def _refuse_large(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise FileFormatError(_too_many())


def _pixels(picture: Image.Image) -> Image.Image:
    """Return the first frame upright, at most `LONG_SIDE` long, with nothing but its pixels."""
    small = picture.convert("RGBA") if picture.mode in _FEW else picture
    small.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)  # decodes no more than needed
    upright = ImageOps.exif_transpose(small)
    clean = Image.new("RGB", upright.size, "white")
    if upright.mode.startswith("I") or upright.mode == "F":
        upright = upright.convert("I").point(lambda value: value / 256).convert("L")
    if "A" in upright.getbands() or "transparency" in upright.info:
        solid = upright.convert("RGBA")
        clean.paste(solid, mask=solid.getchannel("A"))
    else:
        clean.paste(upright.convert("RGB"))
    return clean


type _Tags = Mapping[int, Any]


def _exif(picture: Image.Image) -> tuple[_Tags, _Tags, _Tags]:
    """Return the tags of the picture, of the camera and of the place; empty if unreadable."""
    try:
        exif = picture.getexif()
        camera, place = (exif.get_ifd(each) for each in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo))
        return dict(exif), camera, place
    except Exception:  # noqa: BLE001 - a broken tag is no reason to refuse the picture
        return {}, {}, {}


def _place(exif: tuple[_Tags, _Tags, _Tags]) -> LonLat | None:
    gps, tag = exif[2], ExifTags.GPS
    try:
        lon = _degrees(gps[tag.GPSLongitude], gps[tag.GPSLongitudeRef], "W")
        lat = _degrees(gps[tag.GPSLatitude], gps[tag.GPSLatitudeRef], "S")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    sound = abs(lon) <= 180 and abs(lat) <= 90  # noqa: PLR2004 - the ends of the two scales
    return LonLat(lon, lat) if sound and (lon, lat) != (0, 0) else None


def _degrees(parts: tuple[float, float, float], side: str, negative: str) -> float:
    degrees, minutes, seconds = (float(each) for each in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value):
        raise ValueError("not a number")
    return -value if str(side).strip("\0 ").upper() == negative else value


def _time(exif: tuple[_Tags, _Tags, _Tags]) -> str:
    main, camera, _ = exif
    tag = ExifTags.Base
    text = camera.get(tag.DateTimeOriginal) or main.get(tag.DateTime) or ""
    zone = camera.get(tag.OffsetTimeOriginal) or ""
    for told in (f"{text}{zone}", f"{text}"):
        for form in ("%Y:%m:%d %H:%M:%S%z", "%Y:%m:%d %H:%M:%S"):
            try:
                return datetime.strptime(told.strip("\0 "), form).isoformat()  # noqa: DTZ007
            except ValueError:
                continue
    return ""
