"""Every error this project raises on purpose, in one tree.

::

    ProjectError
    ├── UsageError (ValueError)           what the caller gave is wrong
    │   ├── PositionError                 not a position on Earth
    │   ├── UnknownReferenceError         unknown datum or coordinate reference system
    │   ├── FileFormatError               a file that is not what its name says
    │   └── FaultyDataError               rows that are wrong; every fault is listed
    ├── MissingError (LookupError)        what was asked for does not exist
    ├── ForbiddenError (PermissionError)  it exists, but not for this caller
    └── StoreError (OSError)              the register's store cannot be used

Each leaf is also a built-in, so ``except ValueError`` keeps working. Packages above add leaves
(``stations.errors``); ``web.errors`` maps every one of them to an HTTP status.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class ProjectError(Exception):
    """Base of every error this project raises on purpose."""


class UsageError(ProjectError, ValueError):
    """What the caller gave is wrong; the message says what would be right."""


class PositionError(UsageError):
    """Not a position on Earth."""


class UnknownReferenceError(UsageError):
    """An unknown datum or coordinate reference system."""


class FileFormatError(UsageError):
    """A file that is not what its name says, or cannot be read as it."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one cell of a file or frame."""

    row: int | None
    """The row as the file's reader sees it (a sheet's header is row 1); None: the whole file."""
    field: str
    """The canonical field, or the column as the file calls it."""
    value: str
    """The value as it came, cut to 80 characters."""
    problem: str
    """What is wrong and what would be right."""


class FaultyDataError(UsageError):
    """Rows that are wrong; every fault is in ``faults``."""

    def __init__(self, message: str, faults: Sequence[Fault]) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class MissingError(ProjectError, LookupError):
    """What was asked for does not exist."""


class ForbiddenError(ProjectError, PermissionError):
    """It exists, but not for this caller."""


class StoreError(ProjectError, OSError):
    """The register's store cannot be used now, or at all."""
