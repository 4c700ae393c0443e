"""What a station may show at most while something about it is not mended: ``[[ceilings]]``.

::

    [[ceilings]]
    severity = "critical"   # of a finding that is not over
    grade = 1               # no more than this is shown, whatever the rules give
    overdue = 0             # and this when its day is over
    source = "…"
    since = 2024-01-01      # and until: may be missing, as a rule's
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from stations.audit.ruling import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NEEDED = {"severity", "grade", "overdue", "source"}
_DATES = ("since", "until")


@dataclass(frozen=True)
class Ceiling:
    """The highest grade shown beside a finding of one severity."""

    severity: str
    grade: int
    overdue: int
    source: str
    """The document or reason it comes from."""
    since: date = date.min
    """First day in force, Beijing date; this and ``until`` inclusive."""
    until: date | None = None

    def in_force(self, day: date) -> bool:
        """Tell whether it applies on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


def ceilings_of(document: Mapping[str, Any]) -> tuple[Ceiling, ...]:
    """Make ceilings of tables without faults."""
    return tuple(Ceiling(**table) for table in document.get("ceilings", []))


def faults(tables: object, grades: int) -> Iterator[str]:
    """Tell what is wrong with the ``[[ceilings]]`` of a standard with so many grades."""
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        yield "expected ceilings as a list of tables, [[ceilings]]"
        return
    for number, table in enumerate(tables, 1):
        for fault in _faults(table, grades):
            yield f"ceiling {number}: {fault}"


def _faults(table: Mapping[str, Any], grades: int) -> Iterator[str]:
    if not table.keys() >= _NEEDED or table.keys() - _NEEDED - set(_DATES):
        yield "needs severity, grade, overdue and source, may have since and until, no more"
        return
    if table["severity"] not in SEVERITIES:
        yield f"severity is one of {', '.join(SEVERITIES)}"
    numbers = table["overdue"], table["grade"]
    if any(type(each) is not int for each in numbers) or not 0 <= numbers[0] <= numbers[1] < grades:
        yield f"overdue and grade are numbers, 0 <= overdue <= grade < {grades}, the highest grade"
    if not isinstance(table["source"], str) or not table["source"].strip():
        yield "source is a text"
    for name in _DATES:
        if name in table and type(table[name]) is not date:
            yield f"{name} is a date such as 2025-01-01"
