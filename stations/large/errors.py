"""The one error of this package that is not the caller's data."""

from __future__ import annotations

from geodata.errors import ProjectError


class ClusterError(ProjectError, ConnectionError):
    """The cluster cannot be reached, is gone, or cannot do this work; the message says which."""
