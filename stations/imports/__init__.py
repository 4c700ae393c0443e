"""Files into the register: a preview with every fault first, then one revision or nothing."""

from stations.imports.headings import SHAPEFILE_NAMES
from stations.imports.preview import STATIONS, Preview, accept, preview
from stations.imports.reading import likely, read
from stations.imports.records import Options

__all__ = [
    "SHAPEFILE_NAMES",
    "STATIONS",
    "Options",
    "Preview",
    "accept",
    "likely",
    "preview",
    "read",
]
