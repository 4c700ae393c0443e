"""The register of rest stations and what can be asked of it.

The parts most callers need; everything else is imported from its own module.
"""

from stations import coverage, nearest
from stations.registry import Registry

__all__ = ["Registry", "coverage", "nearest"]
