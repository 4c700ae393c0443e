"""Files into the register: a preview with every fault first, then one revision or nothing."""

from stations.imports.preview import STATIONS, Preview, accept, preview
from stations.imports.reading import read
from stations.imports.records import Options

__all__ = ["STATIONS", "Options", "Preview", "accept", "preview", "read"]
