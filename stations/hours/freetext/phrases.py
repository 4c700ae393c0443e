"""Words into phrases: some days, some hours, a break, a word for closed, and what parts them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stations.hours.freetext.days import DAYLIKE, EVERY, circle, days_of
from stations.hours.freetext.moments import ALL_DAY, Span, inside, moment, ordered, span
from stations.hours.freetext.seasons import YEAR, Season, season, without_named_seasons
from stations.hours.freetext.tokens import NotUnderstoodError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.hours.freetext.tokens import Token

ALL_DAYS = frozenset({"all_day", "whole_day"})
TIMES = frozenset({"time", "event", *ALL_DAYS})
NOTHING, SPACE, JOINED, COMMA, STOP = range(5)
GAPS = {"and": JOINED, "comma": COMMA, "stop": STOP}
"""What may stand between two phrases, the weakest first."""
BEFORE, BEHIND = frozenset({"before"}), frozenset({"behind"})
EITHER = BEFORE | BEHIND
FEW_DAYS = 4


@dataclass(frozen=True)
class Phrase:
    """Some words that belong together."""

    kind: str
    """days, hours, break, season, besides, or the kind of the one word it is."""
    gap: int = NOTHING
    """What stands before it."""
    group: int = 0
    """Which brackets it stands in; 0: none."""
    days: frozenset[int] = frozenset()
    spans: tuple[Span, ...] = ()
    season: Season = YEAR
    dated: bool = False
    """Said of its season as a whole: 1月1日休息."""
    loose: int = NOTHING
    """Between the last two of its spans."""
    sides: frozenset[str] = BEFORE
    """Where the days stand that it says something of."""


WORDS = {
    "closed": Phrase("closed"),
    "shut": Phrase("closed", sides=EITHER),
    "shut_on": Phrase("closed", sides=BEHIND),
    "except": Phrase("except"),
    "but": Phrase("except", sides=BEHIND),
    "always": Phrase("always"),
    "year_round": Phrase("year_round"),
    "unbroken": Phrase("unbroken"),
}
"""Words that are phrases by themselves."""


class Phraser:
    """Joins the words of one text from left to right."""

    def __init__(self, words: Sequence[Token]) -> None:
        self._words = without_named_seasons(words)
        self._at = 0
        self._gap = NOTHING
        self._group = self._groups = 0
        self._vague = ""
        self.found: list[Phrase] = []

    def read(self) -> list[Phrase]:
        """Return the phrases; a doubt raises `NotUnderstoodError`."""
        while kind := self._kind():
            self._gap = max(self._gap, self._space())
            if kind in GAPS:
                self._gap = max(self._gap, GAPS[kind])
                self._at += 1
            elif kind in {"open", "close"}:
                self._bracket(kind)
            elif kind in DAYLIKE:
                self._days()
            elif kind in TIMES:
                self._hours()
            elif kind == "date":
                self._season()
            elif kind in {"lunch", "besides"}:
                getattr(self, f"_{kind}")()
            else:
                self._word()
        self._check()
        return self.found

    def _check(self) -> None:
        if self._group:
            raise NotUnderstoodError("a bracket is not closed")
        if self._vague and any(each != ALL_DAY for word in self.found for each in word.spans):
            raise NotUnderstoodError(f"{self._vague!r} is not understood where it stands")
        if {"workdays", "always"} <= {word.kind for word in self._words}:
            raise NotUnderstoodError("holidays as usual, but hours of workdays?")

    def _kind(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._words[at].kind if at < len(self._words) else ""

    def _space(self, ahead: int = 0) -> int:
        return SPACE if self._words[self._at + ahead].spaced else NOTHING

    def _take(self) -> Token:
        self._at += 1
        return self._words[self._at - 1]

    def _add(self, phrase: Phrase) -> None:
        self.found.append(replace(phrase, gap=self._gap, group=self._group))
        self._gap = NOTHING

    def _word(self) -> None:
        word = self._take()
        if word.kind not in WORDS:
            raise NotUnderstoodError(f"{word.text!r} is not understood where it stands")
        self._add(WORDS[word.kind])

    def _bracket(self, kind: str) -> None:
        """Enter or leave brackets; those around hours right behind their days say nothing."""
        self._at += 1
        if kind == "close" and self._group:
            self._group = 0
            return
        if kind == "close" or self._group:
            raise NotUnderstoodError("brackets stand where they are not understood")
        within = self._at
        while self._kind() not in {"close", ""}:
            self._at += 1
        kinds = {word.kind for word in self._words[within : self._at]}
        before = self.found[-1].kind if self.found else ""
        if kinds <= TIMES | {"to", *GAPS} and before == "days" and self._kind():
            self._words = [*self._words[: self._at], *self._words[self._at + 1 :]]
        else:
            self._groups += 1
            self._group = self._groups
        self._at = within

    def _days(self) -> None:
        first = self._words[self._at]
        days = self._day_list()
        if first.opens or self._words[self._at - 1].opens:
            self._check_open(days)
        last = self.found[-1] if self.found else None
        if last and last.kind == "days" and last.days == days and self._group != last.group:
            return
        self._add(Phrase("days", days=days))

    def _check_open(self, days: frozenset[int]) -> None:
        """Doubt few days open without hours, then only or too: 8:00-18:00（周末开放）."""
        own = self._kind() in {*TIMES, "closed", "shut", "except", "always"}
        if not own and len(days & EVERY) < FEW_DAYS:
            raise NotUnderstoodError("it does not say which of the hours the days behind them have")

    def _day_list(self) -> frozenset[int]:
        """Take the days joined by a word, or written without a space."""
        days = self._day_range()
        while self._kind() in DAYLIKE or (self._kind() == "and" and self._kind(1) in DAYLIKE):
            here = self._words[self._at]
            if here.kind != "and" and here.spaced:
                break
            self._at += here.kind == "and"
            days |= self._day_range()
        return days

    def _day_range(self) -> frozenset[int]:
        first = self._take()
        days = days_of(first)
        if not (self._kind() == "to" and self._kind(1) == "day" and first.kind == "day"):
            return days
        self._at += 1
        last = days_of(self._take())
        if len(days) != 1 or len(last) != 1:
            raise NotUnderstoodError(f"the days after {first.text!r} are not understood")
        return circle(min(days), min(last))

    def _season(self) -> None:
        start, until = self._take(), None
        if self._kind() == "to":
            self._at += 1
            self._at += self._kind() == "next_year"
            if self._kind() != "date":
                raise NotUnderstoodError("a season without an end")
            until = self._take()
        self._add(Phrase("season", season=season(start, until)))

    def _hours(self) -> None:
        spans, gaps = [self._span()], [NOTHING]
        while gap := self._to_next_span():
            gaps.append(gap - 1)
            spans.append(self._span())
        told = [each for phrase in self.found for each in phrase.spans] + spans[:-1]
        if self._kind() in {"closed", "shut", "except", "lunch"} and inside(spans[-1], told):
            self._at += 1
            pause = spans.pop()
            if spans:
                self._add(Phrase("hours", spans=ordered(spans), loose=gaps[-2]))
                self._gap = gaps[-1]
            self._add(Phrase("break", spans=(pause,)))
        else:
            self._add(Phrase("hours", spans=ordered(spans), loose=gaps[-1]))

    def _to_next_span(self) -> int:
        """Go to the next span and return one more than what parts it, 0 if none follows."""
        ahead, gap = 0, NOTHING
        while self._kind(ahead) in GAPS:
            gap = max(gap, GAPS[self._kind(ahead)])
            ahead += 1
        if self._kind(ahead) not in TIMES:
            return 0
        gap = max(gap, self._space(ahead))
        self._at += ahead
        return gap + 1

    def _span(self) -> Span:
        if self._kind() in ALL_DAYS:
            return self._all_day()
        first = self._take()
        start = moment(first)
        if self._kind() == "to":
            self._at += 1
        elif not (start.mark == "early" and self._kind() == "time"):
            raise NotUnderstoodError("a time without the other end of its span")
        if self._kind() not in {"time", "event"}:
            raise NotUnderstoodError("a span without an end")
        last = self._take()
        if first.parts.get("four") and "0" not in (first.text[0], last.text[0]):
            raise NotUnderstoodError(f"{first.text} to {last.text} may be years")
        return span(start, moment(last))

    def _all_day(self) -> Span:
        """Take 24小时 or 全天; the latter beside half a day may be the whole of a working day."""
        since = self._at
        while self._kind() in ALL_DAYS:
            self._at += 1
        run = self._words[since : self._at]
        if {word.kind for word in run} == {"whole_day"}:
            self._vague = run[0].text
            if {word.text for word in run} == {"不打烊"}:
                raise NotUnderstoodError(f"{self._vague!r} is not understood where it stands")
        return ALL_DAY

    def _lunch(self) -> None:
        """午休12:00-14:00: a break named before its hours."""
        self._at += 1
        if self._kind() not in {"time", "event"}:
            raise NotUnderstoodError("a lunch break without its hours")
        self._add(Phrase("break", spans=(self._span(),)))

    def _besides(self) -> None:
        """除周一外: the days named are closed."""
        self._at += 1
        if self._kind() not in DAYLIKE:
            raise NotUnderstoodError("it does not say which days are left out")
        days = self._day_list()
        while self._kind() in DAYLIKE:
            days |= self._day_list()
        if self._kind() not in {"aside", "closed", "except", "comma", "stop", "close"}:
            raise NotUnderstoodError("it does not say which days are left out")
        self._at += self._kind() in {"aside", "closed", "except"}
        self._add(Phrase("besides", days=days))
