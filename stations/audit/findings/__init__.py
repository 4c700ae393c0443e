"""Findings (问题) and the rectification loop (整改): nothing is forgotten until it is mended.

README.md beside this file has the states, the steps, and what trust makes of them.
"""

from __future__ import annotations

from stations.audit.findings.listing import Wanted, listed, records, sheet, steps_told, titles
from stations.audit.findings.loop import LIVE, PENDING, STATES, STEPS, standing
from stations.audit.findings.recording import Recorded, hear, record
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

__all__ = [
    "LIVE",
    "PENDING",
    "STATES",
    "STEPS",
    "By",
    "Recorded",
    "Wanted",
    "assign",
    "confirm",
    "fix",
    "hear",
    "listed",
    "record",
    "records",
    "reopen",
    "reported",
    "settle",
    "sheet",
    "standing",
    "steps_told",
    "titles",
    "verify",
    "waive",
]
