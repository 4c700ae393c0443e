"""Days of the week as people write them: 周一、三, Mon-Fri, 双休日."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stations.hours.freetext.tokens import NotUnderstoodError

if TYPE_CHECKING:
    from stations.hours.freetext.tokens import Token

HOLIDAY = 7
"""Stands beside the weekdays 0 to 6 in a set of days."""
EVERY = frozenset(range(7))
WEEKEND = frozenset({5, 6})

GROUPS = {
    "daily": EVERY,
    "workdays": frozenset(range(5)),
    "weekend": WEEKEND,
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
    joined, ranged = "", False
    for sign in (word.parts["zh"] or "").replace(" ", ""):
        number = "一二三四五六日".find(sign.replace("天", "日"))
        number = int(sign) - 1 if sign.isdigit() else number
        if number < 0:
            joined = sign
            continue
        if ranged and not joined:
            raise NotUnderstoodError(f"the days after {word.text!r} are not understood")
        ranged = joined in {"-", "至", "到"} and first is not None
        days |= circle(first, number) if ranged and first is not None else {number}
        first, joined = number, ""
    return frozenset(days)


def circle(first: int, last: int) -> frozenset[int]:
    """Return the days from one to another, past Sunday where need be."""
    return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))
