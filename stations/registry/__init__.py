"""The immutable snapshot of the register that every answer is computed from.

Nobody modifies the frames and arrays handed out here: they are shared by all threads.
"""

from __future__ import annotations

from stations.registry._cells import Column
from stations.registry._columns import index_of
from stations.registry._derived import Derived
from stations.registry._kept import Kept
from stations.registry._live import Begun, LiveRegistry
from stations.registry._move import Move
from stations.registry._parts import Layer
from stations.registry._snapshot import Registry
from stations.registry._stands import Stands
from stations.registry._sureness import Moment

__all__ = [
    "Begun",
    "Column",
    "Derived",
    "Kept",
    "Layer",
    "LiveRegistry",
    "Moment",
    "Move",
    "Registry",
    "Stands",
    "index_of",
]
