"""Geography that has never heard of a station.

``import geodata`` itself loads nothing; each part is loaded when it is first asked for, and the
polygons of ``boundaries`` only when a question first needs them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geodata import boundaries, datum, files, geodesy
    from geodata.geodesy import LonLat

__all__ = ["LonLat", "boundaries", "datum", "files", "geodesy"]


def __getattr__(name: str) -> object:
    if name == "LonLat":
        return import_module("geodata.geodesy").LonLat
    if name in __all__:
        return import_module(f"geodata.{name}")
    raise AttributeError(f"module 'geodata' has no attribute {name!r}; it has {', '.join(__all__)}")
