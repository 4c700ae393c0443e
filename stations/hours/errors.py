"""The one error this package adds to the tree in `geodata.errors`."""

from __future__ import annotations

from geodata.errors import UsageError


class HoursError(UsageError):
    """A text that is not an opening_hours expression this package can evaluate."""
