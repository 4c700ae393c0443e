"""Text-level work on opening_hours expressions; parsing itself is the library's.

Two jobs: bring an expression into a form the library reads as the OSM specification does, and
rewrite the days of the week in it so that the library sees a date as a holiday or a workday.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]  # not in its stub

from stations.hours.decree import Reading
from stations.hours.errors import HoursError, NoSuchDayError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LENGTH = 1000
"""Characters of an expression; the longest of the wild ones seen has 230."""

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
NEVER = "PH"  # without a country the library knows no public holiday, so this matches no date

_DAY = "|".join(WEEKDAYS)
_NTH = rf"(?:{_DAY})\[[^\]]*\](?: [+-]\d+ days?)?"
_ITEM = rf"(?:{_NTH}|(?:{_DAY})(?:-(?:{_DAY}))?(?!\[)|PH|SH)(?![A-Za-z])"
_SELECTOR = re.compile(rf"(?<![A-Za-z]){_ITEM}(?:,{_ITEM})*")
_MOVED = re.compile(r"\b[PS]H [+-]?\d+ days?")
_SUN = re.compile(r"\b(?:sunrise|sunset|dawn|dusk)\b")
_MOMENT = r"(?:\d\d:\d\d|sunrise|sunset|dawn|dusk|\([^)]*\))"
_OPEN_END = re.compile(rf"(?P<start>{_MOMENT})(?:-(?P<end>{_MOMENT}))?\+(?!\d)")
_NO_DATE = re.compile(r"(Feb(?= 3)|(?:Apr|Jun|Sep|Nov)(?= 31)) (\d\d)")
_SPAN = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")
_COMMENT = re.compile(r'\s*(?:(?P<word>\b(?:open|closed|off|unknown))\s*)?"[^"]*"', re.IGNORECASE)
_LIST_COMMA = re.compile(
    r"(?<=[A-Za-z\d\]])(?<!\d:\d\d)(?<!open)(?<!closed)(?<!off)(?<!unknown)(?<!24/7)(?<!/\d\d)"
    r"(?<!sunrise)(?<!sunset)(?<!dawn)(?<!dusk)\s*,\s+",
    re.IGNORECASE,
)


def canonical(text: str) -> str:
    """Return the library's own spelling of an expression, as OSM means it and without comments.

    A comment without a state word makes its rule unknown (the library reads it as open), and
    ``Fr, Sa 10:00-12:00`` is one list of days (the library reads two rules). A text that is too
    long, empty or not an expression, and a holiday moved by days, raise `HoursError`; a day no year
    has (``Apr 31``; the library takes it for every day) raises `NoSuchDayError`.
    """
    if len(text) > MAX_LENGTH:
        raise HoursError(f"hours of {len(text)} characters; at most {MAX_LENGTH} are read")
    _parsed(text, text)
    plain = _COMMENT.sub(lambda found: f" {found['word'] or 'unknown'}", text).strip()
    spelled = str(_parsed(_LIST_COMMA.sub(",", plain), text))
    if found := _NO_DATE.search(spelled):
        raise NoSuchDayError(f"{found[1]} has no day {found[2]}: {text[:80]!r}")
    if _MOVED.search(spelled):
        raise HoursError(f"days counted from a holiday are not understood: {text[:80]!r}")
    return spelled


def _parsed(text: str, shown: str) -> OpeningHours:
    try:
        return OpeningHours(text)
    except (ParserError, UnicodeEncodeError):
        raise HoursError(
            f"not an opening_hours expression, such as Mo-Fr 08:30-17:30: {shown[:80]!r}"
        ) from None


def needs_place(spelled: str) -> bool:
    """Tell whether the expression speaks of sunrise, sunset, dawn or dusk."""
    return _SUN.search(spelled) is not None


def passes_midnight(spelled: str) -> bool:
    """Tell whether hours of one day, as `bounds` returns them, may reach into the next."""
    late = any(not since < until <= "24:00" for since, until in _SPAN.findall(spelled))
    return late or needs_place(spelled)


def names_days(spelled: str) -> bool:
    """Tell whether the expression selects days of the week or holidays."""
    return any(not _is_dates(found[0]) for found in _SELECTOR.finditer(spelled))


def names_holidays(spelled: str) -> bool:
    """Tell whether the expression speaks of public holidays."""
    return any("PH" in found[0].split(",") for found in _SELECTOR.finditer(spelled))


def by_weekday(spelled: str) -> bool:
    """Tell whether a date's day of the week, and not only its place in its month, matters."""
    return any(
        len({signature(spelled, Reading(weekday, holiday)) for weekday in range(7)}) > 1
        for holiday in (False, True)
    )


def _is_dates(selector: str) -> bool:
    """Tell whether a selector holds only days counted in their month, which are dates."""
    return all("[" in item for item in selector.split(","))


def bounds(spelled: str) -> tuple[str, ...]:
    """Return the expressions between which the truth lies where ``spelled`` leaves it open.

    ``10:00+`` ends anywhere from a minute later to midnight; a school holiday (SH) is any day or
    none, as nobody publishes a table of them.
    """
    found = [spelled]
    if "SH" in spelled:
        found.append(_SELECTOR.sub(lambda item: item[0].replace("SH", "Mo-Su"), spelled))
    if _OPEN_END.search(spelled):
        found = [_OPEN_END.sub(end, text) for text in found for end in (_shortest, _longest)]
    return tuple(found)


def _shortest(found: re.Match[str]) -> str:
    start, end = found["start"], found["end"]
    if end is None:
        end = _next_minute(start) if start[0].isdigit() else f"({start.strip('()')}+00:01)"
    return f"{start}-{end}"


def _next_minute(moment: str) -> str:
    minutes = int(moment[:2]) * 60 + int(moment[3:]) + 1
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _longest(found: re.Match[str]) -> str:
    start, end = found["start"], found["end"]
    timed = end is not None and start[0].isdigit() and end[0].isdigit()
    overnight = timed and (end <= start or end > "24:00")
    return f"{start}-{'48:00' if overnight else '24:00'}"


def rewritten(spelled: str, acts: Mapping[int, Reading]) -> str:
    """Return the expression in which weekday ``w`` is what ``acts[w]`` reads as.

    Days counted in their month (``Th[3]``) are dates and stay as written.
    """
    return _SELECTOR.sub(lambda found: _selector(found[0], acts), spelled)


def signature(spelled: str, reading: Reading) -> tuple[bool, ...]:
    """Tell which selectors of days pick a date read so; equal ones need no telling apart."""
    return tuple(_picks(found[0], reading) for found in _SELECTOR.finditer(spelled))


def _picks(selector: str, reading: Reading) -> bool:
    return any(
        reading.holiday if item == "PH" else item != "SH" and reading.weekday in _span(item)
        for item in selector.split(",")
        if "[" not in item
    )


def _selector(selector: str, acts: Mapping[int, Reading]) -> str:
    items = selector.split(",")
    chosen: set[int] = set()
    for item in items:
        if item == "PH":
            chosen |= {weekday for weekday, reading in acts.items() if reading.holiday}
        elif item != "SH" and "[" not in item:
            span = _span(item)
            chosen |= {weekday for weekday, reading in acts.items() if reading.weekday in span}
    days = [WEEKDAYS[weekday] for weekday in sorted(chosen)]
    return ",".join(days + [item for item in items if "[" in item]) or NEVER


def _span(item: str) -> set[int]:
    first, _, last = item.partition("-")
    start = WEEKDAYS.index(first)
    length = (WEEKDAYS.index(last or first) - start) % 7
    return {(start + step) % 7 for step in range(length + 1)}
