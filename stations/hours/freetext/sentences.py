"""Words into rules: which days, which season, which hours; refused where they leave a doubt."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from stations.hours.freetext.days import (
    DAYLIKE,
    EVERY,
    HOLIDAY,
    circle,
    date_text,
    days_of,
    season_text,
    without_named_seasons,
)
from stations.hours.freetext.moments import ALL_DAY, Span, cut, inside, moment, ordered, span
from stations.hours.freetext.tokens import NotUnderstoodError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.hours.freetext.tokens import Token


@dataclass(frozen=True)
class Rule:
    """Some days of a season and their hours; no spans: closed."""

    days: frozenset[int] | None
    """None: none named, so every day."""
    spans: tuple[Span, ...]
    season: str = ""


@dataclass
class Sentence:
    """What a text has said so far."""

    rules: list[Rule] = field(default_factory=list)
    days: frozenset[int] | None = None
    """Named, but without hours yet."""
    listed: bool = False
    """They came after a comma, so they begin something new."""
    season: str = ""
    lasting: str = ""
    """The season to return to after a single date."""
    season_used: bool = True
    always: bool = False
    """Holidays make no difference."""
    shutting: bool = False
    """The days that follow are closed ones."""


class Reader:
    """Reads the words of one text from left to right."""

    def __init__(self, words: Sequence[Token]) -> None:
        self._words = without_named_seasons(words)
        self._at = 0
        self.said = Sentence()

    def read(self) -> Sentence:
        """Return what the text says; a doubt raises `NotUnderstoodError`."""
        while (word := self._peek()) is not None:
            if word.kind in DAYLIKE:
                self._days()
            elif word.kind == "date":
                self._season()
            elif word.kind in {"time", "event", "all_day"}:
                self._hours()
            elif word.kind in {"closed", "always", "lunch", "besides"}:
                getattr(self, f"_{word.kind}")()
            elif word.kind in {"and", "open", "close"}:
                self._at += 1
            else:
                raise NotUnderstoodError(f"{word.text!r} is not understood where it stands")
        self._finish()
        return self.said

    def _peek(self, ahead: int = 0) -> Token | None:
        at = self._at + ahead
        return self._words[at] if at < len(self._words) else None

    def _kind(self, ahead: int = 0) -> str:
        word = self._peek(ahead)
        return "" if word is None else word.kind

    def _take(self) -> Token:
        self._at += 1
        return self._words[self._at - 1]

    def _days(self) -> None:
        before = self._words[self._at - 1].kind if self._at else ""
        bracketed, listed = before == "open", before == "and"
        days = self._day_list()
        if self.said.shutting:
            self.said.shutting = False
            self._add(Rule(days, (), self.said.season))
        elif bracketed and self._kind() in {"", "close"} and self._nameless():
            self.said.rules[-1] = replace(self.said.rules[-1], days=days)
        elif self.said.days in (None, days):
            self.said.days = days
            self.said.listed = listed
        else:
            raise NotUnderstoodError("two groups of days stand beside each other")

    def _nameless(self) -> bool:
        """Tell whether the last rule has hours, no days, and none before it."""
        rules = self.said.rules
        behind = self._at - 1
        while behind >= 0 and self._words[behind].kind in {*DAYLIKE, "to", "and", "open"}:
            behind -= 1
        timed = behind >= 0 and self._words[behind].kind in {"time", "event", "all_day"}
        return timed and self.said.days is None and bool(rules) and rules[-1].days is None

    def _day_list(self) -> frozenset[int]:
        days = self._day_range()
        while self._kind() in DAYLIKE or (self._kind() == "and" and self._kind(1) in DAYLIKE):
            if self._kind() == "and":
                self._at += 1
            days |= self._day_range()
        return days

    def _day_range(self) -> frozenset[int]:
        first = self._take()
        days = days_of(first)
        if self._kind() == "to" and self._kind(1) == "day" and first.kind == "day":
            self._at += 1
            last = days_of(self._take())
            if len(days) != 1 or len(last) != 1:
                raise NotUnderstoodError(f"the days after {first.text!r} are not understood")
            return circle(min(days), min(last))
        return days

    def _season(self) -> None:
        if not self.said.season_used:
            raise NotUnderstoodError("a season without hours")
        start, until = self._take(), None
        if self._kind() == "to":
            self._at += 1
            if self._kind() == "next_year":
                self._at += 1
            if self._kind() != "date":
                raise NotUnderstoodError("a season without an end")
            until = self._take()
        self.said.season = date_text(start) if until is None else season_text(start, until)
        if until is not None or not (start.parts.get("day") or start.parts.get("christmas")):
            self.said.lasting = self.said.season
        self.said.season_used = False

    def _hours(self) -> None:
        spans = [self._span()]
        while self._kind() == "and" and self._kind(1) in {"time", "event", "all_day"}:
            self._at += 1
            spans.append(self._span())
        while self._kind() in {"time", "event", "all_day"}:
            spans.append(self._span())
        said = self.said
        if said.shutting:
            raise NotUnderstoodError("hours after a word for closed")
        if len(spans) > 1 and self._kind() == "closed" and inside(spans[-1], spans[:-1]):
            spans = cut(spans[:-1], spans[-1])
            self._at += 1
        if self._kind() in {"closed", "lunch"} and said.days is None and said.rules:
            self._cut_break(spans)
            return
        self._add(Rule(said.days, ordered(spans), said.season))
        said.days = None

    def _span(self) -> Span:
        if self._kind() == "all_day":
            while self._kind() == "all_day":
                self._at += 1
            return ALL_DAY
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

    def _cut_break(self, pauses: list[Span]) -> None:
        """Take a break out of the hours said before it: 9:00-18:00（12:00-14:00休息）."""
        self._at += 1
        rule = self.said.rules[-1]
        for pause in pauses:
            if not inside(pause, rule.spans):
                raise NotUnderstoodError(f"the break {pause} lies outside the hours")
            rule = replace(rule, spans=tuple(cut(rule.spans, pause)))
        self.said.rules[-1] = rule

    def _lunch(self) -> None:
        """午休12:00-14:00: a break named before its hours."""
        if not self.said.rules or self.said.days is not None:
            raise NotUnderstoodError("a lunch break without hours to take it from")
        self._at += 1
        if self._kind() not in {"time", "event"}:
            raise NotUnderstoodError("a lunch break without its hours")
        pause = self._span()
        self._at -= 1
        self._cut_break([pause])

    def _closed(self) -> None:
        self._at += 1
        if self.said.days is not None:
            self._add(Rule(self.said.days, (), self.said.season))
            self.said.days = None
        elif not self.said.season_used:
            self._add(Rule(None, (), self.said.season))
        elif self._kind() in DAYLIKE and not self.said.shutting:
            self.said.shutting = True
        else:
            raise NotUnderstoodError("it does not say when it is closed")

    def _besides(self) -> None:
        """除周一外: the days named are closed."""
        self._at += 1
        if self._kind() not in DAYLIKE:
            raise NotUnderstoodError("it does not say which days are left out")
        days = self._day_list()
        if self._kind() not in {"aside", "closed", "and", "close"}:
            raise NotUnderstoodError("it does not say which days are left out")
        self._at += self._kind() != "close"
        self._add(Rule(days, (), self.said.season))

    def _always(self) -> None:
        self._at += 1
        if self.said.days not in (None, frozenset({HOLIDAY})):
            raise NotUnderstoodError("the hours of days that stay open are not said")
        self.said.days = None
        self.said.always = True

    def _add(self, rule: Rule) -> None:
        self.said.rules.append(rule)
        self.said.season_used = True
        self.said.season = self.said.lasting

    def _finish(self) -> None:
        said = self.said
        opened = [rule for rule in said.rules if rule.spans]
        if said.days is not None:
            alone = len(said.rules) == 1 and not said.listed and said.season_used
            if alone and said.rules[0].days is None:
                said.rules[0] = replace(said.rules[0], days=said.days)
            elif said.days != EVERY or any(rule.days is not None for rule in said.rules):
                raise NotUnderstoodError("days are named without hours")
        if not opened:
            raise NotUnderstoodError("no hours are named")
        if not said.season_used or said.shutting:
            raise NotUnderstoodError("a season or a word for closed stands without hours or days")
