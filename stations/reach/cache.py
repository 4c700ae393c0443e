"""What was once asked of the roads, kept on disk by what it depends on."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    type Arrays = Mapping[str, np.ndarray[Any, Any]]

MOST_BYTES = 1 << 30
_DIGEST = hashlib.sha256
_DIGEST_BYTES = _DIGEST().digest_size


class ReachCache:
    """A folder of named arrays, one file a key; made when the first file is written.

    Several processes may share it: files are written aside and put in place in one step, the last
    writer of a key wins. A damaged file counts as absent, what cannot be written is not kept. The
    files least recently used go when all together are larger than ``most_bytes``. They hold
    positions of restricted layers too: the folder is for its owner alone.
    """

    def __init__(
        self, folder: Path | str = Path("var/reach"), most_bytes: int = MOST_BYTES
    ) -> None:
        self.folder, self.most_bytes = Path(folder), most_bytes

    def get(self, key: str) -> dict[str, np.ndarray[Any, Any]] | None:
        """Return the arrays kept under a key, a text of letters and digits; None for none."""
        path = self._path(key)
        try:
            kept = memoryview(path.read_bytes())
            os.utime(path)
        except OSError:
            return None
        body = kept[_DIGEST_BYTES:]
        if kept[:_DIGEST_BYTES] != _digest(key, body):
            return None
        with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}

    def put(self, key: str, arrays: Arrays) -> None:
        """Keep arrays under a key."""
        body = io.BytesIO()
        np.savez(body, **arrays)  # type: ignore[arg-type]
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, prefix="new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_digest(key, body.getbuffer()))
                    file.write(body.getbuffer())
                Path(name).replace(self._path(key))
            finally:
                Path(name).unlink(missing_ok=True)
            self._shrink()

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.reach"

    def _shrink(self) -> None:
        """Delete the files least recently used until the rest is small enough."""
        found = []
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):
                stat = path.stat()
                found.append((stat.st_mtime_ns, path.name, stat.st_size))
        total = sum(size for _, _, size in found)
        for _, name, size in sorted(found):
            if total <= self.most_bytes:
                break
            (self.folder / name).unlink(missing_ok=True)
            total -= size


def _digest(key: str, body: memoryview) -> bytes:
    seal = _DIGEST(key.encode())
    seal.update(body)
    return seal.digest()
