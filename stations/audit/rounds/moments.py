"""Times of day as people write them, 08:30, and as a round counts them: minutes since midnight."""

from __future__ import annotations

import re

from geodata.errors import UsageError
from stations.hours.clock import DAY

_TIME = re.compile(r"([01]?\d|2[0-4])[:：]([0-5]\d)", re.ASCII)


def minutes_of(text: str) -> int:
    """Read a time of day such as 08:30; 24:00 is the day's end. Anything else: `UsageError`."""
    found = _TIME.fullmatch(text.strip())
    minutes = int(found[1]) * 60 + int(found[2]) if found else DAY + 1
    if minutes > DAY:
        raise UsageError(f"a time of day is written 08:30, not {text[:40]!r}")
    return minutes


def clock(minutes: int) -> str:
    """Write minutes since midnight as 08:30."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
