"""Clauses into rules: which days of which season have which hours; refused where in doubt."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from stations.hours.freetext.days import EVERY, HOLIDAY
from stations.hours.freetext.moments import Span, cut, inside
from stations.hours.freetext.phrases import COMMA, NOTHING
from stations.hours.freetext.tokens import NotUnderstoodError, SenselessError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stations.hours.freetext.readings import Clause
    from stations.hours.freetext.seasons import Season

WORKDAYS = frozenset(range(5))


@dataclass(frozen=True)
class Rule:
    """Some days of a season and their hours; no spans: closed."""

    days: frozenset[int] | None
    """None: none named, so every day."""
    spans: tuple[Span, ...]
    season: Season

    @property
    def every(self) -> frozenset[int]:
        """The days meant; a rule for all seven takes in the holidays."""
        if self.days is None or self.days >= EVERY:
            return EVERY | {HOLIDAY}
        return self.days


@dataclass
class Sentence:
    """What a text says, read in one way."""

    opened: list[Rule] = field(default_factory=list)
    closed: list[Rule] = field(default_factory=list)
    always: bool = False
    """Holidays make no difference."""
    usual: frozenset[int] = frozenset()
    """Days named as open as ever."""
    year_round: bool = False
    """No day of the year is left out."""
    doubts: list[NotUnderstoodError] = field(default_factory=list)
    """What is in doubt if the text means this at all."""


def sentence(clauses: Sequence[Clause]) -> Sentence:
    """Put the clauses of a text together; without sense they raise `SenselessError`."""
    said = Sentence()
    for clause in clauses:
        _add(said, clause)
    hours = [clause for clause in clauses if clause.said.kind == "hours"]
    if not hours:
        raise SenselessError("no hours are named")
    for at, clause in enumerate(clauses):
        if clause.said.kind == "break":
            before = sum(each.said.kind == "hours" for each in clauses[:at])
            _cut_break(said, before - 1, clause)
    said.doubts += [*_exceptions(clauses), *_holidays_of_some(clauses), *_at_the_end(hours)]
    said.doubts += _glued(clauses)
    for clause in hours:
        said.doubts += _behind(clause)
    unbroken = any(clause.said.kind == "unbroken" for clause in clauses)
    if unbroken and any(len(rule.spans) > 1 for rule in said.opened):
        raise SenselessError("it has a break and says that it has none")
    return said


def _add(said: Sentence, clause: Clause) -> None:
    kind, phrase = clause.said.kind, clause.said
    if kind == "hours":
        said.opened.append(Rule(clause.days, phrase.spans, phrase.season))
        if clause.days is not None and phrase.season.one_date:
            said.doubts.append(NotUnderstoodError("a date and days of the week: which of them?"))
    elif kind == "besides":
        said.closed.append(Rule(phrase.days, (), phrase.season))
    elif kind in {"closed", "except"}:
        if clause.days is None and not phrase.dated:
            raise SenselessError("it does not say when it is closed")
        said.closed.append(Rule(clause.days, (), phrase.season))
    elif kind in {"always", "year_round"}:
        said.always = True
        said.usual |= clause.days or frozenset()
        said.year_round |= clause.days is None


def _exceptions(clauses: Sequence[Clause]) -> Iterator[NotUnderstoodError]:
    """Doubt 除外 that may except from being closed: 周一闭馆（法定节假日除外）."""
    kinds = [clause.said.kind for clause in clauses]
    if "closed" not in kinds or not {"except", "besides"} & {*kinds}:
        return
    since = kinds.index("closed")
    later = "except" in kinds[since:] or "hours" not in kinds[:since]
    if "besides" in kinds or later or kinds.index("except") < kinds.index("hours"):
        yield NotUnderstoodError("days are left out, but of the hours or of being closed?")


def _glued(clauses: Sequence[Clause]) -> Iterator[NotUnderstoodError]:
    """Doubt hours right behind what is said of some days: 周三休息14:00-17:00."""
    for before, clause in pairwise(clauses):
        saying = before.said.kind in {"closed", "except", "always"} and not before.behind
        bare = clause.said.kind == "hours" and clause.days is None
        near = clause.said.gap == NOTHING and clause.said.season == before.said.season
        if saying and bare and near:
            yield NotUnderstoodError("hours right behind other days: open or closed then?")


def _holidays_of_some(clauses: Sequence[Clause]) -> Iterator[NotUnderstoodError]:
    """Doubt holidays closed in brackets behind some of the hours only."""
    kinds = [clause.said.kind for clause in clauses]
    places = [
        at
        for at, clause in enumerate(clauses)
        if kinds[at] in {"closed", "except"}
        and clause.said.group
        and HOLIDAY in (clause.days or ())
    ]
    if places and len(places) < kinds.count("hours") and "hours" in kinds[places[-1] :]:
        yield NotUnderstoodError("it does not say which of the hours holidays are left out of")


def _behind(clause: Clause) -> Iterator[NotUnderstoodError]:
    """Doubt which hours the days behind them have.

    8:00-12:00，14:00-18:00 周三: on Wednesday all of it, or its afternoon? 9:00-17:00，周日: on
    Sundays too, or only?
    """
    loose = len(clause.said.spans) > 1 or clause.gap >= COMMA
    if clause.behind and loose and not (clause.days or EVERY) >= WORKDAYS:
        yield NotUnderstoodError("it does not say which of the hours the days behind them have")


def _at_the_end(hours: Sequence[Clause]) -> Iterator[NotUnderstoodError]:
    """Doubt hours at the end that may be said of more than the last days.

    周一至周五8:30-12:00，周六9:00-12:00，14:00-17:00: is every afternoon meant?
    """
    last = hours[-1]
    *firsts, extra = last.said.spans
    if not firsts or last.behind or last.said.loose < last.gap:
        return
    for clause in hours[:-1]:
        shorter = len(clause.said.spans) <= len(firsts)
        same = clause.said.season == last.said.season
        if same and shorter and clause.said.spans[-1].end <= extra.start:
            yield NotUnderstoodError("the hours at the end may be said of all the days")


def _cut_break(said: Sentence, at: int, pause: Clause) -> None:
    """Take a break out of the hours said before it: 9:00-18:00（12:00-14:00休息）.

    It is certain which hours if no others could hold it, or it stands in brackets and only later
    ones could.
    """
    (span,) = pause.said.spans
    if at < 0 or not inside(span, said.opened[at].spans):
        raise SenselessError(f"the break {span} lies outside the hours")
    others = [*said.opened[:at], *([] if pause.said.group else said.opened[at + 1 :])]
    if any(inside(span, rule.spans) for rule in others):
        said.doubts.append(NotUnderstoodError("it does not say which of the hours have the break"))
    rule = said.opened[at]
    said.opened[at] = replace(rule, spans=tuple(cut(rule.spans, span)))
