"""The coverage audit: figures for a date or between two, signed off by name, and checked anew.

README.md beside this file says what a signature proves, and what not.
"""

from __future__ import annotations

from stations.audit.coverage.answering import Ways
from stations.audit.coverage.checking import Check, check
from stations.audit.coverage.documents import ABOUT, audited, sign, signature
from stations.audit.coverage.questions import Question

__all__ = ["ABOUT", "Check", "Question", "Ways", "audited", "check", "sign", "signature"]
