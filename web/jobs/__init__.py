"""Questions that take long: begun now, asked after later, given up at any time."""

from __future__ import annotations

from web.jobs.records import KEPT_S, Job, State
from web.jobs.running import PUBLIC, Cancelled, Jobs, Report, Work, folder_of

__all__ = ["KEPT_S", "PUBLIC", "Cancelled", "Job", "Jobs", "Report", "State", "Work", "folder_of"]
