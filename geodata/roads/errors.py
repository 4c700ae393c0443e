"""What can be wrong with a road network, as leaves of the tree in `geodata.errors`."""

from __future__ import annotations

from geodata.errors import MissingError, StoreError


class RoadsMissingError(MissingError):
    """No road network there yet; the message names the command that makes one."""


class RoadsBrokenError(StoreError):
    """A road network's folder that is damaged, half built, or from another version."""


class RoadsBusyError(StoreError):
    """Another build holds the folder; try again when it is done."""


class RoadsServerError(StoreError):
    """The Valhalla server does not answer, or not as one."""


class RoadsEngineError(StoreError):
    """The routing engine failed, or refused what it was asked."""
