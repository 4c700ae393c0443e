"""Plans that accounts keep: files in a folder beside the register, found by nobody else.

Whose a plan is, is its asker's name, role and area together: who is given another area does not
find what was planned with the old one. A plan is named by what it holds: kept twice it is one.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import orjson

from geodata.errors import MissingError, UsageError
from stations.errors import of_disk
from web import whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = "plans"
MOST = 50
"""Plans one account keeps."""
MOST_BYTES = 64 << 20
"""Bytes of all of them."""
_LOCK = ".lock"
_ID = re.compile(r"[0-9a-f]{32}")


class KeptPlan(NamedTuple):
    """A plan on the shelf."""

    id: str
    name: str
    at: str
    """ISO 8601."""
    told: dict[str, Any]
    """What a list tells of it."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what is told of a plan beside it."""
        return cls(path.stem, **orjson.loads(path.read_bytes()))


class Shelf:
    """The plans one asker keeps; safe to share between threads and processes."""

    def __init__(self, folder: Path, asker: str) -> None:
        self._folder = folder / hashlib.sha256(asker.encode()).hexdigest()[:32]

    @classmethod
    def beside(cls, files: Path, asker: str) -> Self:
        """Return the plans an asker (`Caller.key`) keeps, by the folder of a register's files."""
        return cls(files / FOLDER, asker)

    def plans(self) -> list[KeptPlan]:
        """Return what is kept, newest first."""
        found = [KeptPlan.read(path) for path in self._folder.glob("*.json")]
        return sorted(found, key=lambda plan: (plan.at, plan.id), reverse=True)

    def keep(self, content: bytes, name: str, at: str, told: dict[str, Any]) -> KeptPlan:
        """Keep a plan, or give the one that is kept its new name; `UsageError` if it is too much.

        ``content`` is what `get` gives back.
        """
        plan = KeptPlan(hashlib.sha256(content).hexdigest()[:32], name, at, told)
        with self._alone():
            self._sweep()
            others = [path for path in self._folder.glob("*.plan") if path.stem != plan.id]
            if len(others) >= MOST or _size(others) + len(content) > MOST_BYTES:
                raise UsageError(
                    f"an account keeps {MOST} plans of {MOST_BYTES >> 20} MB in all: remove one "
                    "first"
                )
            self._write(plan.id, ".plan", content)
            self._write(plan.id, ".json", orjson.dumps({"name": name, "at": at, "told": told}))
        return plan

    def get(self, id_: str) -> bytes:
        """Return a plan's content; `MissingError` where it is not kept by this asker."""
        try:
            return self._path(id_, ".plan").read_bytes()
        except FileNotFoundError:
            raise _missing() from None

    def remove(self, id_: str) -> None:
        """Keep a plan no longer; `MissingError` where it is not kept by this asker."""
        try:
            self._path(id_, ".json").unlink()
        except FileNotFoundError:
            raise _missing() from None
        self._path(id_, ".plan").unlink(missing_ok=True)

    def _path(self, id_: str, ending: str) -> Path:
        if not _ID.fullmatch(id_):
            raise _missing()
        return self._folder / f"{id_}{ending}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Be the only one who adds a plan of this asker's."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = (self._folder / _LOCK).open("ab")
        except OSError as error:
            raise of_disk(error, f"plans cannot be kept now: {error.strerror}") from error
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _sweep(self) -> None:
        """Remove what a process that was killed left half done; call it `_alone`."""
        half = [path for path in self._folder.glob("*.plan") if not _told_of(path).exists()]
        for path in (*half, *self._folder.glob(f"{whole.UNFINISHED}*")):
            path.unlink(missing_ok=True)

    def _write(self, id_: str, ending: str, content: bytes) -> None:
        try:
            whole.write(self._path(id_, ending), content)
        except OSError as error:
            raise of_disk(error, f"plans cannot be kept now: {error.strerror}") from error


def _told_of(plan: Path) -> Path:
    return plan.with_suffix(".json")


def _size(paths: list[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def _missing() -> MissingError:
    return MissingError("you keep no such plan")
