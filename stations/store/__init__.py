"""The register's home in a database: every state it ever had, one revision per change.

Tables, promises and how to read an old state: ``README.md`` beside this file.
"""

from __future__ import annotations

from stations.store._cells import read_closures, read_hours
from stations.store._chain import Broken, Verdict
from stations.store._door import check_frame
from stations.store._findings import STEP_COLUMNS, FindingStep
from stations.store._frames import changed_rows
from stations.store._records import Changes, Revision, station_records
from stations.store._store import Store

__all__ = [
    "STEP_COLUMNS",
    "Broken",
    "Changes",
    "FindingStep",
    "Revision",
    "Store",
    "Verdict",
    "changed_rows",
    "check_frame",
    "read_closures",
    "read_hours",
    "station_records",
]
