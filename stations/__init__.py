"""The register of rest stations and what can be asked of it.

The parts most callers need; everything else is imported from its own module.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stations import coverage, nearest
    from stations.registry import Registry

__all__ = ["Registry", "coverage", "nearest"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a class, or a module
    """Import a part when it is asked for: who needs one does not wait for the others."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "Registry":
        return import_module("stations.registry").Registry
    return import_module(f"stations.{name}")
