"""What a caller wrote, as values: every reader raises `UsageError` for what it cannot mean."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from geodata.errors import UsageError
from stations.catalogue import catalogue
from stations.coverage import parse_hours, parse_what_if
from stations.cube import profile_of
from stations.hours.clock import aware, wall
from stations.reach import Limit, parse_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ValidationInfo

    from stations.coverage import ClosedRoad, HourSet, Supposed

MOST_LAYERS = 5
DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def plain[N: (int, float)](text: str, read: Callable[[str], N]) -> N:
    """Read a number, but only in plain decimal notation: Python reads ``2_5`` and ``１２`` too."""
    number = read(text)
    if not DECIMAL.fullmatch(text):
        raise UsageError(f"expected plain digits, such as 25 or -0.5, not {short(text)!r}")
    return number


@lru_cache(maxsize=256)
def needs(text: str) -> tuple[str, ...]:
    """Read amenities, as codes or words."""
    return catalogue().amenities.parse(text)


def kind(text: str) -> str:
    """Read a kind of station; "" is none."""
    if not text:
        return ""
    kinds = catalogue().kinds
    if (code := kinds.code(text)) is None:
        raise UsageError(f"not a kind of station; known: {kinds.expected()}")
    return code


def status(text: str) -> str:
    """Read a status; "" is none."""
    if not text:
        return ""
    statuses = catalogue().statuses
    if (code := statuses.code(text)) is None:
        raise UsageError(f"not a status; known: {statuses.expected()}")
    return code


@lru_cache(maxsize=256)
def access(text: str) -> tuple[str, ...]:
    """Read ways in."""
    known = catalogue().access
    words = [word for word in re.split(r"[,;，；、\s]+", text) if word]
    if any(known.code(word) is None for word in words):
        raise UsageError(f"not a way in; known: {known.expected()}")
    return tuple(dict.fromkeys(code for word in words if (code := known.code(word))))


def instant(text: str) -> datetime | None:
    """Read an instant; one without a zone is Beijing time. "" is none."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            "expected an instant such as 2026-11-24T02:00 (Beijing time) or 2026-11-23T18:00Z;"
            " in an address + is written %2B"
        ) from None
    moment = aware(moment) if moment.tzinfo is None else moment
    wall(moment)  # refuses years no calendar has
    return moment


def within(text: str, info: ValidationInfo) -> Limit:
    """Read a limit; its minutes are of the mode, which stands before it in the question."""
    return parse_within(text, info.data.get("mode", "walk"))


def hours(text: str) -> HourSet | None:
    """Read hours of the week; "" is none."""
    return parse_hours(text) if text else None


def what_if(text: str) -> tuple[Supposed | ClosedRoad, ...]:
    """Read changes to stations and roads, separated by semicolons; "" is none."""
    return tuple(parse_what_if(part) for part in re.split("[;；]", text) if part.strip())


def profile(text: str) -> str:
    """Read when workers are there."""
    return profile_of(text).code


def layers(text: str) -> tuple[str, ...]:
    """Read names of layers, each once; "" is none."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if len(names) > MOST_LAYERS:
        raise UsageError(f"expected {MOST_LAYERS} layers at most")
    return names


def bbox(text: str) -> tuple[float, float, float, float] | None:
    """Read west,south,east,north; "" is none."""
    if not text:
        return None
    try:
        west, south, east, north = (plain(edge, float) for edge in text.split(","))
    except ValueError:
        raise UsageError("expected west,south,east,north in degrees, as plain numbers") from None
    across = abs(west) <= 180 and abs(east) <= 180  # noqa: PLR2004 - degrees; NaN fails
    if not (across and -90 <= south <= north <= 90):  # noqa: PLR2004
        raise UsageError("expected -180..180 for west and east, and -90 <= south <= north <= 90")
    return west, south, east, north


def short(text: str) -> str:
    """Cut a caller's own text for a message."""
    return text if len(text) <= 80 else text[:79] + "…"  # noqa: PLR2004
