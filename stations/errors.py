"""The domain's leaves of the error tree in `geodata.errors`."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from geodata.errors import MissingError, StoreError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


class StationMissingError(MissingError):
    """No station has the requested id."""


class LayerMissingError(MissingError):
    """No demand layer has the requested name, or none this caller may see."""


class RevisionMissingError(MissingError):
    """The register has no such revision."""


class UnknownAmenityError(UsageError):
    """A word the amenity catalogue does not know."""


class StoreBusyError(StoreError):
    """Another writer holds the store; try again."""


class StoreReadOnlyError(StoreError):
    """The store can be read but not written."""


class StoreFullError(StoreError):
    """There is no room left where the store is."""


class StoreClockError(StoreError, UsageError):
    """The clock is far behind what is recorded already."""


class StoreForeignError(StoreError):
    """The database is not a station register."""


class StoreVersionError(StoreError):
    """The register was written by a newer version of this program."""


class StoreMissingError(StoreError):
    """No register there yet; the message names the command that makes one."""


class StoreConflictError(StoreError):
    """The register changed since the caller read it; read again, then decide again."""


def of_full_disk(folder: Path) -> type[StoreError]:
    """Return what it is that nothing can be written into a folder: no room, no rights, or else."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return StoreError
    if disk.f_flag & os.ST_RDONLY:
        return StoreReadOnlyError
    return StoreError if disk.f_bavail else StoreFullError


def of_disk(error: OSError, message: str) -> StoreError:
    """Return what a disk's error means to who wanted to keep something; the message is ours."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StoreFullError(message)
    return (StoreReadOnlyError if error.errno == errno.EROFS else StoreError)(message)
