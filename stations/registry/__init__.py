"""The immutable snapshot of the register that every answer is computed from.

Nobody modifies the frames and arrays handed out here: they are shared by all threads.
"""

from __future__ import annotations

from stations.registry._derived import Derived
from stations.registry._live import LiveRegistry
from stations.registry._snapshot import Layer, Registry
from stations.registry._stands import Stands
from stations.registry._sureness import Moment

__all__ = ["Derived", "Layer", "LiveRegistry", "Moment", "Registry", "Stands"]
