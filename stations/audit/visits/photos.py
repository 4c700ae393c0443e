"""Where photos are kept: a folder beside the database, by the hash of what they are.

``ab/abcd….jpg`` is a stripped picture under its own SHA-256; ``sent/ab/abcd….json`` tells of each
file that was sent, under the SHA-256 it had then, which picture it became and what it said. The
bytes that were sent are not kept.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from geodata.errors import MissingError, StoreError, UsageError
from geodata.geodesy import LonLat
from stations.audit.visits.images import stripped
from stations.audit.visits.pins import metres
from stations.audit.visits.terms import terms
from stations.errors import of_disk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

FOLDER = "photos"
_SHA = re.compile(r"[0-9a-f]{64}")
_LOCK = ".lock"
_CANNOT_KEEP = "the photo cannot be kept: check the folder's rights and space"


@dataclass(frozen=True)
class Photo:
    """A photo that was sent."""

    sha256: str
    """Of the bytes as they were sent."""
    kept: str
    """SHA-256 of the stripped JPEG."""
    bytes: int
    """Of the stripped JPEG, and its pixels."""
    width: int
    height: int
    gps: LonLat | None
    taken: str
    received: str
    """ISO 8601."""
    who: str
    stations: tuple[str, ...]
    """Stations it was sent for: whoever may see one of them may see it."""


class Photos:
    """The photos of one register; safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def beside(cls, files: Path) -> Photos:
        """Return the photos of a register by the folder of its files."""
        return cls(files / FOLDER)

    def take(
        self, data: bytes, sha256: str, *, station: str, who: str, received: datetime
    ) -> tuple[Photo, bool]:
        """Keep a photo without its metadata; tell whether it is new for the station.

        ``sha256`` is of ``data``: `UsageError` if it is not. `FileFormatError` as in
        `images.stripped`. Sent again it changes nothing.
        """
        if hashlib.sha256(data).hexdigest() != _checked(sha256):
            raise UsageError(
                "the SHA-256 in the address is not that of the bytes: they arrived damaged"
            )
        with _held(self.folder, fcntl.LOCK_SH), _held(self._note(sha256).parent, fcntl.LOCK_EX):
            return self._take(data, sha256, station, who, received)

    def _take(
        self, data: bytes, sha256: str, station: str, who: str, received: datetime
    ) -> tuple[Photo, bool]:
        before = self._told(sha256)
        if before is not None and self._file(before.kept).is_file():
            if station in before.stations:
                return before, False
            photo = Photo(**{**vars(before), "stations": (*before.stations, station)})
        else:
            made = stripped(data)
            kept = hashlib.sha256(made.data).hexdigest()
            _write(self._file(kept), made.data)
            photo = Photo(
                sha256, kept, len(made.data), made.width, made.height, made.gps, made.taken,
                received.isoformat(), who, (station,),
            )  # fmt: skip
        _write(self._note(sha256), _json(photo))
        return photo, True

    def photo(self, sha256: str) -> Photo:
        """Return what is known of a photo that was sent; `MissingError` if none was."""
        found = self._told(_checked(sha256))
        if found is None:
            raise MissingError("no such photo was sent")
        return found

    def read(self, photo: Photo) -> bytes:
        """Return a photo's JPEG; `StoreError` if it is not what was kept."""
        try:
            data = self._file(photo.kept).read_bytes()
        except FileNotFoundError:
            raise MissingError("the photo is no longer kept") from None
        except OSError:
            raise StoreError("the photo cannot be read") from None
        if hashlib.sha256(data).hexdigest() != photo.kept:
            raise StoreError("the photo is not what was kept: somebody changed the file")
        return data

    def told(self, sha256: str, station: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a visit says of a photo named in it: its picture, if here, and how far."""
        found = self._told(sha256)
        if found is None:
            return {"here": False, "kept": None, "gps": None, "distance_m": None, "far": False}
        away = None if found.gps is None else metres(station, found.gps)
        return {
            "here": True,
            "kept": found.kept,
            "gps": found.gps and found.gps._asdict(),
            "camera_time": found.taken or None,
            "distance_m": None if away is None else round(away, 1),
            "far": away is not None and away > terms().limits.photo_far_m,
        }

    def sweep(self, named: Collection[str], now: datetime) -> int:
        """Remove photos no visit names, sent more than `Limits.orphan_days` ago; tell how many.

        ``named``: the SHA-256 (as sent) of every photo of a visit.
        """
        with _held(self.folder, fcntl.LOCK_EX):
            return self._sweep(named, now - timedelta(days=terms().limits.orphan_days))

    def _sweep(self, named: Collection[str], before: datetime) -> int:
        kept, gone = set[str](), []
        for note in self._notes():
            photo = _read(note)
            if photo is None:
                continue
            if photo.sha256 in named or datetime.fromisoformat(photo.received) > before:
                kept.add(photo.kept)
            else:
                gone.append(photo)
        for photo in gone:
            self._note(photo.sha256).unlink(missing_ok=True)
            if photo.kept not in kept:
                self._file(photo.kept).unlink(missing_ok=True)
        return len(gone)

    def _notes(self) -> Iterator[Path]:
        yield from sorted((self.folder / "sent").glob("??/*.json"))

    def _told(self, sha256: str) -> Photo | None:
        return _read(self._note(sha256))

    def _file(self, kept: str) -> Path:
        return self.folder / kept[:2] / f"{kept}.jpg"

    def _note(self, sha256: str) -> Path:
        return self.folder / "sent" / sha256[:2] / f"{sha256}.json"


@contextmanager
def _held(folder: Path, how: int) -> Iterator[None]:
    """Keep a folder's lock, alone or with others (``fcntl.LOCK_EX``, ``fcntl.LOCK_SH``).

    What is added to a note is read from it first: nobody else writes it between.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / _LOCK).open("ab")
    except OSError as error:
        raise of_disk(error, _CANNOT_KEEP) from None
    with file:
        fcntl.flock(file, how)
        yield


def _checked(sha256: str) -> str:
    if not _SHA.fullmatch(sha256):
        raise UsageError("a photo is named by its SHA-256: 64 hex digits, 0-9a-f")
    return sha256


def _read(note: Path) -> Photo | None:
    try:
        told = orjson.loads(note.read_bytes())
        gps = LonLat(*told["gps"]) if told["gps"] else None
        return Photo(**{**told, "gps": gps, "stations": tuple(told["stations"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise StoreError("what was kept of a photo cannot be read") from None


def _write(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, whatever happens."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise of_disk(error, _CANNOT_KEEP) from None


def _json(photo: Photo) -> bytes:
    told = {**vars(photo), "gps": photo.gps and list(photo.gps)}
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
