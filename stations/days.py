"""Days as clerks write them, as the register keeps them: ISO 8601, ``2026-05-01``, "" for none."""

from __future__ import annotations

import re
from datetime import date

from geodata.errors import UsageError

_MARK = r"\s*[-./年]\s*"
_SPELLED = re.compile(
    rf"(\d{{4}})(?:{_MARK}(\d{{1,2}})\s*[-./月]\s*(\d{{1,2}})\s*日?|(\d\d)(\d\d))"
    r"(?:[T\s]\s*00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?)?"
)
_EXAMPLE = "write a day like 2026-05-01"


def read_day(text: str) -> str:
    """Return the ISO day a text says; "" for an empty one.

    Read are ``2026-05-01``, ``2026/5/1``, ``2026年5月1日``, ``20260501``, and midnights as
    spreadsheets keep their days. Anything else raises `UsageError`.
    """
    clean = text.strip()
    if not clean:
        return ""
    found = _SPELLED.fullmatch(clean)
    if found is None:
        raise UsageError(f"not a day; {_EXAMPLE}, or leave it empty")
    year, *parts = (part for part in found.groups() if part is not None)
    try:
        return date(int(year), *map(int, parts)).isoformat()
    except ValueError:
        raise UsageError(f"no such day in the calendar; {_EXAMPLE}") from None


def checked_day(text: str) -> date | None:
    """Return the day a cell of the register holds; None for "". `UsageError` if it is not ISO."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise UsageError(f'expected a day like 2026-05-01, or ""; got {text[:40]!r}')
    return day


def order_problem(first: str, last: str) -> str:
    """Say what is wrong with a span of ISO days; "" if nothing is. Both days are in it."""
    if first and last and last < first:
        return f"the last day, {last}, is before the first, {first}; are they swapped?"
    return ""
