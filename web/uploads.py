"""Files sent to be looked at before they change anything: kept a while, for their sender alone.

They lie in a folder all processes of a server share, under a mark of who sent them. What was
found in a file is kept beside it, so that only what somebody has seen can be accepted.
"""

from __future__ import annotations

import hashlib
import math
import re
import secrets
import shutil
import tempfile
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from werkzeug.exceptions import TooManyRequests

from geodata.errors import FileFormatError, MissingError
from geodata.files import SUFFIXES
from stations.errors import of_disk
from web import whole

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST = 32 << 20
"""Bytes a file may have."""
KEPT_S = 2 * 3600
"""How long a file is kept after it came or was looked at."""
MOST = 5
"""Files of one sender; the oldest goes."""
MOST_BYTES = 1 << 30
"""Bytes of all senders' files."""
TAKEN = tuple(sorted({*SUFFIXES} - {".shp", ".pbf"}))
"""Endings a file's name may have; a shapefile comes as one .zip."""
_ID = re.compile(r"[0-9a-f]{32}")


class Upload(NamedTuple):
    """A file that was sent."""

    id: str
    name: str
    """As its sender calls it."""
    path: Path
    bytes: int


class Uploads:
    """The files sent to one server; safe to share between threads and processes."""

    def __init__(self, folder: Path | None, clock: Callable[[], float] = time.time) -> None:
        """Take the folder that all processes share; None: one of its own that goes with this."""
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="uploads-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._folder, self._clock = folder, clock

    def keep(self, asker: str, name: str, content: bytes) -> Upload:
        """Keep a file of ``asker``; `FileFormatError` for a name that ends in nothing known."""
        suffix = Path(name).suffix.lower()
        if suffix not in TAKEN:
            raise FileFormatError(f"{name[:80]!r}: send one of {', '.join(TAKEN)}")
        self._tidy(asker)
        id_ = secrets.token_hex(16)
        place = self._of(asker) / id_
        try:
            place.mkdir(mode=0o700, parents=True)
            (place / "told.json").write_bytes(orjson.dumps({"name": Path(name).name[:200]}))
            (place / f"file{suffix}").write_bytes(content)
        except FileNotFoundError:  # it made room for newer ones of the same sender
            raise _missing() from None
        except OSError as error:
            raise of_disk(error, f"files cannot be kept now: {error.strerror}") from error
        return self.get(asker, id_)

    def get(self, asker: str, id_: str) -> Upload:
        """Return a file; `MissingError` for one that is not this asker's, or not kept any more."""
        place = self._place(asker, id_)
        try:
            found = [*place.glob("file.*")]
            if not found or self._is_old(place):
                raise _missing()
            told = orjson.loads((place / "told.json").read_bytes())
            return Upload(id_, told["name"], found[0], found[0].stat().st_size)
        except FileNotFoundError:  # another request has just removed it
            raise _missing() from None

    def note(self, asker: str, id_: str, told: dict[str, Any]) -> None:
        """Keep what was found in a file, and how it was read, beside it."""
        place = self._place(asker, id_)
        try:
            whole.write(place / "preview.json", orjson.dumps(told))
        except FileNotFoundError:
            raise _missing() from None
        except OSError as error:
            raise of_disk(error, f"files cannot be kept now: {error.strerror}") from error

    def noted(self, asker: str, id_: str) -> dict[str, Any]:
        """Return what was kept by `note`; `MissingError` before that."""
        self.get(asker, id_)
        try:
            found: dict[str, Any] = orjson.loads(
                (self._place(asker, id_) / "preview.json").read_bytes()
            )
        except FileNotFoundError:
            raise MissingError("this file was not looked at yet: ask for its preview") from None
        return found

    def remove(self, asker: str, id_: str) -> None:
        """Keep a file no longer."""
        self.get(asker, id_)
        shutil.rmtree(self._place(asker, id_), ignore_errors=True)

    def _of(self, asker: str) -> Path:
        return self._folder / hashlib.sha256(asker.encode()).hexdigest()[:32]

    def _place(self, asker: str, id_: str) -> Path:
        if not _ID.fullmatch(id_):
            raise _missing()
        return self._of(asker) / id_

    def _is_old(self, place: Path) -> bool:
        return self._clock() - _told(place).since > KEPT_S

    def _tidy(self, asker: str) -> None:
        """Make room: what is old goes, and the oldest of one who keeps too many."""
        for place in self._folder.glob("*/*"):
            if self._is_old(place):
                shutil.rmtree(place, ignore_errors=True)
        mine = sorted(self._of(asker).glob("*"), key=lambda place: _told(place).since)
        for place in mine[: max(0, len(mine) - MOST + 1)]:
            shutil.rmtree(place, ignore_errors=True)
        if sum(_told(path).bytes for path in self._folder.glob("*/*/file.*")) > MOST_BYTES:
            raise TooManyRequests("Too many files are being looked at.", retry_after=600)


class _Told(NamedTuple):
    since: float = -math.inf
    bytes: int = 0


def _told(path: Path) -> _Told:
    """Return when a file or folder was changed, and its size; of one that is gone, long ago."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return _Told()
    return _Told(found.st_mtime, found.st_size)


def _missing() -> MissingError:
    return MissingError("no such file of yours here; send it again")
