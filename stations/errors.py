"""The domain's leaves of the error tree in `geodata.errors`."""

from __future__ import annotations

from geodata.errors import MissingError, StoreError, UsageError


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


class StoreForeignError(StoreError):
    """The database is not a station register."""


class StoreVersionError(StoreError):
    """The register was written by a newer version of this program."""


class StoreMissingError(StoreError):
    """No register there yet; the message names the command that makes one."""


class StoreConflictError(StoreError):
    """The register changed since the caller read it; read again, then decide again."""
