"""Files into the register: a preview with every fault first, then one revision or nothing."""

from stations.imports.preview import Preview, accept, preview
from stations.imports.records import Options

__all__ = ["Options", "Preview", "accept", "preview"]
