"""OGC API: features, filters and tiles, with the rights everything else has."""

from __future__ import annotations

from web.ogc import documents, downloads, items, tiles
from web.ogc.base import blueprint

__all__ = ["blueprint", "documents", "downloads", "items", "tiles"]
