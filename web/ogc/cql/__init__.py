"""Filters in CQL2: read by the `cql2` package, answered here a column at a time.

README.md beside the package tells what is supported and why pygeofilter does not read them.
"""

from __future__ import annotations

from web.ogc.cql.conditions import rows_of
from web.ogc.cql.reading import read_json, read_text

__all__ = ["read_json", "read_text", "rows_of"]
