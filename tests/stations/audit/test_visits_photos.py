"""Photos of visits: read, stripped, kept once, and shown only whole."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from geodata.errors import FileFormatError, MissingError, StoreError, UsageError
from stations.audit.visits import Photos, images
from tests.stations.audit import phone_photos as phone

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
HERE = (102.7183, 25.0389)
STATION = {"lon": HERE[0], "lat": HERE[1], "entrance_lon": None, "entrance_lat": None}


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    return Photos.beside(tmp_path)


@pytest.mark.parametrize(
    "data", [phone.jpeg(*HERE), phone.png(), phone.png(mode="RGBA"), phone.webp()]
)
def test_nothing_but_pixels_is_kept(data: bytes) -> None:
    kept = images.stripped(data).data
    markers = {marker for marker, _ in phone.segments(kept)}
    assert markers <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDD}  # JFIF, tables, frame; no APP1-15, no comment
    [jfif] = [held for marker, held in phone.segments(kept) if marker == 0xE0]
    assert jfif[:5] == b"JFIF\0"
    assert len(jfif) == 14  # without a thumbnail
    for secret in (b"SN12345", "王芳".encode(), b"Exif", b"adobe", b"ICC", b"2026"):
        assert secret in data or secret != b"SN12345"
        assert secret not in kept


def test_place_and_time_are_read() -> None:
    picture = images.stripped(phone.jpeg(*HERE))
    assert picture.gps is not None
    assert abs(picture.gps.lon - HERE[0]) < 1e-6
    assert abs(picture.gps.lat - HERE[1]) < 1e-6
    assert picture.taken == "2026-11-24T09:58:00+08:00"
    assert images.stripped(phone.jpeg(offset="")).taken == "2026-11-24T09:58:00"
    assert images.stripped(phone.jpeg(taken="0000:00:00 00:00:00")).taken == ""
    assert images.stripped(phone.png()).gps is None


@given(st.floats(-180, 180), st.floats(-90, 90).filter(lambda lat: abs(lat) > 1e-6))
def test_any_place_on_earth_is_read(lon: float, lat: float) -> None:
    found = images.stripped(phone.jpeg(lon, lat, size=(8, 8))).gps
    assert found is not None
    assert abs(found.lon - lon) < 1e-7
    assert abs(found.lat - lat) < 1e-7


def test_no_position_written_as_zeros_is_none() -> None:
    assert images.stripped(phone.jpeg(0, 0)).gps is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright(orientation: int) -> None:
    """The red quarter is where a viewer that heeds the orientation shows it."""
    picture = images.stripped(phone.jpeg(orientation=orientation))
    size = (300, 400) if orientation >= 5 else (400, 300)
    assert (picture.width, picture.height) == size
    pixels = np.asarray(Image.open(io.BytesIO(picture.data)))
    height, width = pixels.shape[:2]
    row, column = [(0, 0), (0, 1), (1, 1), (1, 0), (0, 0), (0, 1), (1, 1), (1, 0)][orientation - 1]
    quarter = pixels[height // 4 + row * height // 2, width // 4 + column * width // 2]
    assert quarter[0] > 200
    assert quarter[2] < 60


def test_large_ones_become_smaller() -> None:
    picture = images.stripped(phone.jpeg(size=(3000, 1000)))
    assert (picture.width, picture.height) == (2048, 683)
    small = images.stripped(phone.jpeg(size=(40, 30)))
    assert (small.width, small.height) == (40, 30)


def test_transparent_ones_become_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    pixels = np.asarray(Image.open(io.BytesIO(images.stripped(out.getvalue()).data)))
    assert pixels.min() > 250


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGB"])
def test_other_kinds_of_pixels(mode: str) -> None:
    out = io.BytesIO()
    Image.new("L", (20, 20), 255).convert("I;16" if mode == "I;16" else mode).save(out, "PNG")
    images.stripped(out.getvalue())


def test_sixteen_bits_keep_their_light() -> None:
    out = io.BytesIO()
    Image.fromarray(np.full((20, 20), 0x8000, dtype=np.uint16)).save(out, "PNG")
    pixels = np.asarray(Image.open(io.BytesIO(images.stripped(out.getvalue()).data)))
    assert abs(int(pixels.mean()) - 128) < 3


def test_cmyk_and_phones_with_two_pictures_in_one() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (20, 20)).save(out, "JPEG")
    images.stripped(out.getvalue())
    two = io.BytesIO()
    phone.scene().save(two, "MPO", save_all=True, append_images=[phone.scene()])
    assert images.stripped(two.getvalue()).width == 400


def bomb(side: int) -> bytes:
    """Return a PNG of some kilobytes that says it has side × side pixels, and has."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [8_008, 10_000, 24_000])
def test_bombs_are_refused_unread(side: int) -> None:
    data = bomb(side)
    assert len(data) < 200_000
    with pytest.raises(FileFormatError, match="64 million pixels"):
        images.stripped(data)


def test_what_is_no_picture_is_told(photos: Photos) -> None:
    whole = phone.jpeg(*HERE)
    heic = b"\0\0\0\x18ftypheic" + bytes(64)
    for data, words in (
        (b"", "not a picture"),
        (b"GIF89a" + bytes(50), "not a picture"),
        (b"<svg onload=alert(1)>", "not a picture"),
        (heic, "HEIC.*Most Compatible"),
        (whole[: len(whole) // 2], "cut short"),
        (whole[:40], "not a picture|cut short"),
        (bytes(images.LARGEST + 1), "8 MB"),
    ):
        with pytest.raises(FileFormatError, match=words):
            photos.take(data, sha(data), station="S1", who="王芳", received=NOW)
    assert not list(photos.folder.glob("**/*.jpg"))


@given(st.data())
def test_a_damaged_one_is_refused_or_read(data: st.DataObject) -> None:
    whole = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    try:
        kept = images.stripped(bytes(whole[:cut]))
    except FileFormatError:
        return
    assert b"SN12345" not in kept.data


WHOLE = phone.jpeg(*HERE, size=(64, 48))


def test_kept_once_and_told(photos: Photos) -> None:
    data = phone.jpeg(*HERE)
    first, new = photos.take(data, sha(data), station="S1", who="王芳", received=NOW)
    again, newer = photos.take(data, sha(data), station="S1", who="李明", received=NOW)
    assert (new, newer) == (True, False)
    assert first == again
    other, also = photos.take(data, sha(data), station="S2", who="李明", received=NOW)
    assert also
    assert other.stations == ("S1", "S2")
    files = [path for path in photos.folder.glob("**/*") if path.suffix]
    assert sorted(path.suffix for path in files) == [".jpg", ".json"]
    kept = photos.read(photos.photo(sha(data)))
    assert sha(kept) == first.kept
    told = photos.told(sha(data), STATION)
    assert told["here"]
    assert told["distance_m"] < 1
    assert told["far"] is False
    assert photos.told(sha(data), {**STATION, "lat": 25.06})["far"] is True
    assert photos.told("0" * 64, STATION)["here"] is False


def test_wrong_names_are_refused(photos: Photos) -> None:
    data = phone.jpeg()
    for name in ("0" * 64, "../../etc/passwd", sha(data).upper(), sha(data) + "\n", ""):
        with pytest.raises(UsageError, match="SHA-256"):
            photos.take(data, name, station="S1", who="王芳", received=NOW)
    with pytest.raises(UsageError):
        photos.photo("../" + "0" * 61)
    with pytest.raises(MissingError):
        photos.photo("0" * 64)


def test_a_file_somebody_changed_is_not_shown(photos: Photos) -> None:
    data = phone.jpeg()
    photo, _ = photos.take(data, sha(data), station="S1", who="王芳", received=NOW)
    [path] = photos.folder.glob("??/*.jpg")
    kept = path.read_bytes()
    path.write_bytes(kept[:-3] + b"\0" + kept[-2:])
    with pytest.raises(StoreError, match="changed"):
        photos.read(photo)
    path.unlink()
    with pytest.raises(MissingError):
        photos.read(photo)
    again, _ = photos.take(data, sha(data), station="S1", who="王芳", received=NOW)
    assert photos.read(again) == kept


def test_only_orphans_are_swept(photos: Photos) -> None:
    old, fresh = NOW - timedelta(days=61), NOW - timedelta(days=59)
    sent = [phone.jpeg(size=(20 + number, 20)) for number in range(3)]
    for data, when in zip(sent, (old, old, fresh), strict=True):
        photos.take(data, sha(data), station="S1", who="王芳", received=when)
    assert photos.sweep({sha(sent[0])}, NOW) == 1
    with pytest.raises(MissingError):
        photos.photo(sha(sent[1]))
    for data in (sent[0], sent[2]):
        photos.read(photos.photo(sha(data)))
    assert len(list(photos.folder.glob("??/*.jpg"))) == 2
    assert photos.sweep({sha(sent[0])}, NOW) == 0


def test_what_was_kept_and_cannot_be_read(photos: Photos) -> None:
    data = phone.jpeg()
    photos.take(data, sha(data), station="S1", who="王芳", received=NOW)
    [note] = photos.folder.glob("sent/??/*.json")
    note.write_text(json.dumps({"sha256": 1}), "utf-8")
    with pytest.raises(StoreError):
        photos.photo(sha(data))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "photos").write_text("a file", "utf-8")
    data = phone.jpeg()
    with pytest.raises(StoreError):
        Photos.beside(tmp_path).take(data, sha(data), station="S1", who="王芳", received=NOW)


def test_everybody_s_stations_are_kept_though_all_send_at_once(photos: Photos) -> None:
    data, names = phone.jpeg(), [f"S{number}" for number in range(12)]

    def send(station: str) -> None:
        photos.take(data, sha(data), station=station, who="王芳", received=NOW)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(send, names))
    assert sorted(photos.photo(sha(data)).stations) == sorted(names)
