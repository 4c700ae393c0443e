"""The bulletin (通报): checked, found, mended and covered in a period, by prefecture and county.

README.md beside this file says what each figure counts.
"""

from __future__ import annotations

from stations.audit.bulletin.covering import Question
from stations.audit.bulletin.issue import Asked, Bulletin, State, bulletin
from stations.audit.bulletin.period import Period

__all__ = ["Asked", "Bulletin", "Period", "Question", "State", "bulletin"]
