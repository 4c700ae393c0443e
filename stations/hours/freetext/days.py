"""Days and seasons as people write them: 周一、三, Mon-Fri, 5月-次年4月, 1st Nov."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stations.hours.freetext.tokens import NotUnderstoodError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.hours.freetext.tokens import Token

HOLIDAY = 7
"""Stands beside the weekdays 0 to 6 in a set of days."""
EVERY = frozenset(range(7))
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LAST_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

GROUPS = {
    "daily": EVERY,
    "workdays": frozenset(range(5)),
    "weekend": frozenset({5, 6}),
    "holidays": frozenset({HOLIDAY}),
}
DAYLIKE = frozenset({"day", *GROUPS})
"""Kinds of words that name days."""
_ENGLISH = ("mo", "tu", "we", "th", "fr", "sa", "su")


def days_of(word: Token) -> frozenset[int]:
    """Return the days one word names."""
    if word.kind in GROUPS:
        return GROUPS[word.kind]
    if english := (word.parts.get("en") or word.parts.get("en2")):
        return frozenset({_ENGLISH.index(english[:2])})
    days: set[int] = set()
    first: int | None = None
    joined = ""
    for sign in (word.parts["zh"] or "").replace(" ", ""):
        number = "一二三四五六日".find(sign.replace("天", "日"))
        number = int(sign) - 1 if sign.isdigit() else number
        if number < 0:
            joined = sign
            continue
        run = joined in {"-", "至", "到"} and first is not None
        days |= circle(first, number) if run and first is not None else {number}
        first = number
    return frozenset(days)


def circle(first: int, last: int) -> frozenset[int]:
    """Return the days from one to another, past Sunday where need be."""
    return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))


def _month(word: Token) -> int:
    if name := word.parts.get("name"):
        return [month.lower() for month in MONTHS].index(name[:3])
    number = int(word.parts["month"] or 0)
    if not 1 <= number <= len(MONTHS):
        raise NotUnderstoodError(f"there is no month {number}")
    return number - 1


def date_text(word: Token) -> str:
    """Return a date or a month as an expression writes it."""
    if word.parts.get("christmas"):
        return "Dec 25"
    month, day = _month(word), word.parts.get("day")
    if day is None:
        return MONTHS[month]
    if not 1 <= int(day) <= LAST_DAYS[month]:
        raise NotUnderstoodError(f"{MONTHS[month]} has no day {day}")
    return f"{MONTHS[month]} {int(day)}"


def season_text(start: Token, until: Token) -> str:
    """Return a season as an expression writes it."""
    if bool(start.parts.get("day")) != bool(until.parts.get("day")):
        raise NotUnderstoodError("a season has a day at both ends or at none")
    return f"{date_text(start)}-{date_text(until)}"


def without_named_seasons(words: Sequence[Token]) -> list[Token]:
    """Drop 夏季, winter where their dates stand beside them; elsewhere they are a doubt."""
    kept = list(words)
    for at in reversed([at for at, word in enumerate(kept) if word.kind == "season"]):
        after = [word for word in kept[at + 1 : at + 3] if word.kind != "open"]
        before = [word for word in kept[max(at - 2, 0) : at] if word.kind != "open"]
        if not any(side and side[edge].kind == "date" for side, edge in ((after, 0), (before, -1))):
            raise NotUnderstoodError(f"from when to when is {kept[at].text}? Write the dates")
        del kept[at]
    return kept
