"""The register's home in a database: every state it ever had, one revision per change.

Tables, promises and how to read an old state: ``README.md`` beside this file.
"""

from __future__ import annotations

from stations.store._accounts import Account, Accounts, Entry
from stations.store._activities import ACTIVITY_STEP_COLUMNS, ActivityStep
from stations.store._cells import read_closures, read_hours
from stations.store._chain import Broken, Verdict
from stations.store._copying import backup, copy
from stations.store._credentials import Credentials, Session, Token
from stations.store._door import check_frame
from stations.store._findings import STEP_COLUMNS, Beside, FindingStep
from stations.store._frames import changed_rows
from stations.store._identities import Identities, Identity
from stations.store._records import Changes, Revision, station_records
from stations.store._signatures import Signature
from stations.store._store import Store
from stations.store._visits import VISIT_COLUMNS, Visit

__all__ = [
    "ACTIVITY_STEP_COLUMNS",
    "STEP_COLUMNS",
    "VISIT_COLUMNS",
    "Account",
    "Accounts",
    "ActivityStep",
    "Beside",
    "Broken",
    "Changes",
    "Credentials",
    "Entry",
    "FindingStep",
    "Identities",
    "Identity",
    "Revision",
    "Session",
    "Signature",
    "Store",
    "Token",
    "Verdict",
    "Visit",
    "backup",
    "changed_rows",
    "check_frame",
    "copy",
    "read_closures",
    "read_hours",
    "station_records",
]
