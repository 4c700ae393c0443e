"""The files beside a register, photos and planners' plans: copied with a backup, and back.

Photos are called by their SHA-256 and never change, and a visit is recorded after its photos came:
so files copied after the database hold every photo it names.
"""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from geodata.errors import StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stations.store import Store

FOLDERS = ("photos", "plans")
UNFINISHED = "."
"""How the name of a file begins that is still being written."""


def beside(backup: Path) -> Path:
    """Return the folder of the files that belong to a backup."""
    return backup.with_name(f"{backup.name}.files")


def back_up(store: Store, backup: Path) -> int:
    """Copy the files of a register beside its backup; return how many."""
    with suppress(UsageError):  # in PostgreSQL no folder need be named; then there are none
        return copy_files(store.files, beside(backup))
    return 0


def bring_back(backup: Path, store: Store) -> int:
    """Copy the files beside a backup to the register restored from it; return how many."""
    files = beside(backup)
    return copy_files(files, store.files) if files.is_dir() else 0


def copy_files(source: Path, target: Path) -> int:
    """Copy photos and plans from one folder to another; return how many there are.

    What is there already with the same size stays; what vanishes meanwhile was swept away. A photo
    that is not what its name says raises `StoreError`: the disk, or somebody, has changed it.
    """
    count = 0
    for path in _files(source):
        there = target / path.relative_to(source)
        with suppress(FileNotFoundError):
            if not (there.is_file() and there.stat().st_size == path.stat().st_size):
                there.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copy2(path, there)
            count += 1
            _require_whole(there)
    return count


def _files(source: Path) -> Iterator[Path]:
    for name in FOLDERS:
        for path in sorted((source / name).rglob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.startswith(UNFINISHED):
                yield path


def _require_whole(path: Path) -> None:
    if path.suffix != ".jpg":
        return
    if hashlib.sha256(path.read_bytes()).hexdigest() != path.stem:
        raise StoreError(
            f"{path.name} is not the photo it was: the file was changed or damaged; "
            "take it from an older backup"
        )
