"""Instants and intervals as days in Beijing: sites are there by the day."""

from __future__ import annotations

import math
import re
from datetime import date, datetime

from geodata.errors import UsageError
from stations.hours.clock import wall
from web.api.reading import short

OPEN = ("", "..")
"""How an end that is open is written."""
_EXAMPLE = "2026-11-24T02:00:00Z, or an interval such as 2026-11-01/2026-11-30 or ../2026-11-30"


def days_of(text: str, name: str) -> tuple[float, float]:
    """Read an instant or an interval; return its first and last day as ordinals, inclusive.

    Open ends are infinite. An instant counts as the day it lies in, in Beijing.
    """
    ends = text.split("/")
    if len(ends) > 2 or all(end in OPEN for end in ends):  # noqa: PLR2004 - two ends
        raise UsageError(f"{name}: expected an instant such as {_EXAMPLE}")
    first, last = (ends[0], ends[0]) if len(ends) == 1 else ends
    since = -math.inf if first in OPEN else day_of(first, name)
    until = math.inf if last in OPEN else day_of(last, name)
    if since > until:
        raise UsageError(f"{name}: an interval's start comes before its end")
    return since, until


def day_of(text: str, name: str) -> int:
    """Return the day of an RFC 3339 instant in Beijing, or of an ISO date, as an ordinal."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text).toordinal()
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None and "T" in text.upper():
            return wall(moment).date().toordinal()
    except (ValueError, OverflowError):
        pass
    raise UsageError(f"{name}: {short(text)!r} is no instant with its zone; expected {_EXAMPLE}")
