"""Findings (问题) and the rectification loop (整改): nothing is forgotten until it is mended.

README.md beside this file has the states, the steps, and what trust makes of them.
"""

from __future__ import annotations

from stations.audit.findings.hearing import hear
from stations.audit.findings.listing import Wanted, listed, records, sheet, steps_told, titles
from stations.audit.findings.loop import LIVE, PENDING, STATES, STEPS, standing
from stations.audit.findings.merging import merge
from stations.audit.findings.recording import Recorded, Run, record, record_run
from stations.audit.findings.reports import reported
from stations.audit.findings.stepping import (
    By,
    assign,
    confirm,
    fix,
    reopen,
    settle,
    verify,
    waive,
)
from stations.audit.findings.updating import update

__all__ = [
    "LIVE",
    "PENDING",
    "STATES",
    "STEPS",
    "By",
    "Recorded",
    "Run",
    "Wanted",
    "assign",
    "confirm",
    "fix",
    "hear",
    "listed",
    "merge",
    "record",
    "record_run",
    "records",
    "reopen",
    "reported",
    "settle",
    "sheet",
    "standing",
    "steps_told",
    "titles",
    "update",
    "verify",
    "waive",
]
