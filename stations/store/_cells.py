"""The cells of a stations frame that hold more than one value, as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from geodata.errors import UsageError
from stations.catalogue import catalogue
from stations.days import checked_day
from stations.hours import CALENDARS, Closure
from stations.places import read_places

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def read_closures(text: str) -> tuple[Closure, ...]:
    """Return the closures a cell holds; one that cannot be read raises `UsageError`."""
    records = _json(text)
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise UsageError(
            'expected a JSON list such as [{"from": "2026-02-15", "to": "2026-02-20"}]'
        )
    return tuple(Closure.parse(each) for each in records)


def read_hours(text: str) -> Mapping[str, str]:
    """Return code → hours expression of a cell; one that cannot be read raises `UsageError`."""
    record = _json(text)
    if not isinstance(record, dict) or not all(isinstance(each, str) for each in record.values()):
        raise UsageError('expected a JSON object such as {"shower": "08:00-20:00"}')
    return record


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError("expected JSON") from None


def _amenity_hours(text: str) -> None:
    catalogue().amenities.mask(read_hours(text))


def _calendar(text: str) -> None:
    if text not in CALENDARS:
        raise UsageError(f"expected one of {', '.join(CALENDARS)}")


def _or_empty(read: Callable[[str], object]) -> Callable[[str], object]:
    return lambda text: text and read(text)


CHECKS: Mapping[str, Callable[[str], object]] = {
    "calendar": _calendar,
    "amenity_hours": _or_empty(_amenity_hours),
    "closures": _or_empty(read_closures),
    "access_hours": _or_empty(read_hours),
    "places": read_places,
    "from": checked_day,
    "until": checked_day,
}
"""What raises `UsageError` for a cell of a column that would not be understood."""
