"""The errors this package adds to the tree in `geodata.errors`."""

from __future__ import annotations

from geodata.errors import UsageError


class HoursError(UsageError):
    """A text that is not an opening_hours expression this package can evaluate."""


class NoSuchDayError(HoursError):
    """Raised when an expression names a day that no year has, such as 31 April."""
