"""Phrases into clauses, in every way they may belong together.

Days stand before their hours (周一至周五8:00-18:00) or behind them (8:00-18:00 周一至周五), and a
comma parts two clauses or two days of one list. Every way of reading is followed to its end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from stations.hours.freetext.days import HOLIDAY, WEEKEND
from stations.hours.freetext.phrases import (
    BEFORE,
    BEHIND,
    COMMA,
    JOINED,
    NOTHING,
    SPACE,
    STOP,
    Phrase,
)
from stations.hours.freetext.seasons import YEAR, Season
from stations.hours.freetext.tokens import NotUnderstoodError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_WAYS, MOST_LISTED = 100, 20
_CLOSING = frozenset({"closed", "except"})
_HOLIDAYS = (frozenset({HOLIDAY}), WEEKEND | {HOLIDAY})


@dataclass(frozen=True)
class Clause:
    """One phrase that says something, and the days it says it of."""

    said: Phrase
    days: frozenset[int] | None = None
    """None: none are named."""
    behind: bool = False
    """Its days stand behind it."""
    gap: int = NOTHING
    """What stands before its days, or before it; nothing: also a bracket."""


@dataclass(frozen=True)
class _Way:
    """One way to read the text so far."""

    clauses: tuple[Clause, ...] = ()
    held: frozenset[int] | None = None
    """Days that wait for their hours: 周一至周五（节假日休息）9:00-17:00."""


def readings(phrases: Sequence[Phrase]) -> list[tuple[Clause, ...]]:
    """Return every way to read the phrases; none: they do not fit together."""
    ways = [_Way()]
    run: list[Phrase] = []
    for phrase, behind in pairwise([*_in_seasons(phrases), None, None]):
        if phrase is not None and phrase.kind == "days":
            run.append(phrase)
            continue
        if len(run) > MOST_LISTED:
            raise NotUnderstoodError("more lists of days than anybody writes")
        parts = _parted(phrase, behind) if run and phrase else [(phrase,)]
        ways = [after for way in ways for part in parts for after in _through(way, run, part)]
        if len(ways) > MOST_WAYS:
            raise NotUnderstoodError("it can be read in too many ways")
        run = []
    return [way.clauses for way in ways if way.held is None]


def _in_seasons(phrases: Sequence[Phrase]) -> Iterator[Phrase]:
    """Write its season into every phrase and leave the seasons themselves out."""
    lasting = current = YEAR
    fresh = False
    behind = [*phrases[1:], None]
    for before, phrase, after in zip([None, *phrases], phrases, behind, strict=False):
        if phrase.kind == "season":
            _check_leading(before, phrase, after, current)
            if fresh:
                raise NotUnderstoodError("a season without hours")
            current, fresh = phrase.season, True
        elif phrase.kind == "days":
            first = before is not None and before.kind == "season"
            yield replace(phrase, season=current, gap=STOP if first else phrase.gap)
        elif fresh and phrase.kind not in {"hours", *_CLOSING}:
            raise NotUnderstoodError("a season without hours")
        else:
            dated = before is not None and before.kind == "season" and phrase.kind in _CLOSING
            yield replace(phrase, season=current, dated=dated)
            if fresh and (dated or current.one_date):
                current = lasting
            lasting, fresh = current, False
    if fresh:
        raise NotUnderstoodError("a season without hours")


def _check_leading(
    before: Phrase | None, phrase: Phrase, after: Phrase | None, current: Season
) -> None:
    """Refuse a season that may belong to the hours before it: 8:00-19:00（5月-9月）."""
    if before is None or after is None:
        return
    apart = phrase.gap >= COMMA or phrase.group != before.group
    leads = apart and after.group == phrase.group and after.gap < COMMA
    if before.kind == "days" or (current == YEAR and before.kind == "hours" and not leads):
        raise NotUnderstoodError("it does not say which hours the season has")


def _parted(hours: Phrase, behind: Phrase | None) -> list[tuple[Phrase, ...]]:
    """Return hours as they are, and with the last apart: 周一至周五8:00-12:00，9:00-11:00周六."""
    whole: list[tuple[Phrase, ...]] = [(hours,)]
    near = behind is not None and behind.kind == "days" and behind.gap < hours.loose
    if near and len(hours.spans) > 1:
        first, last = replace(hours, spans=hours.spans[:-1]), hours.spans[-1:]
        whole.append((first, replace(hours, spans=last, gap=hours.loose)))
    return whole


def _through(way: _Way, run: Sequence[Phrase], part: Sequence[Phrase | None]) -> list[_Way]:
    ways = list(_onward(way, run, part[0]))
    for more in part[1:]:
        ways = [after for each in ways for after in _onward(each, [], more)]
    return ways


def _onward(way: _Way, run: Sequence[Phrase], said: Phrase | None) -> Iterator[_Way]:
    """Share the days of a run between the clause before them and the phrase behind them."""
    if run and said and said.kind == "break" and run[-1].group == said.group:
        return
    for left in range(len(run) + 1):
        if left and not _takes(way, run[:left]):
            continue
        for right in range(left, len(run) + 1):
            waiting, days = run[left:right], run[right:]
            if waiting and (left or way.held or not _stands_between(days, said)):
                continue
            if not (_one_list(waiting) and _one_list(days)):
                continue
            after = _behind(way, run[:left])
            if waiting:
                after = replace(after, held=_union(waiting))
            yield from _next(after, days, said)


def _stands_between(days: Sequence[Phrase], said: Phrase | None) -> bool:
    """Tell whether a phrase may stand between days and their hours."""
    if said is None:
        return False
    return said.kind == "besides" or (
        said.kind in _CLOSING and (bool(days) or said.sides == BEHIND)
    )


def _behind_it(said: Phrase) -> bool:
    return said.sides >= BEHIND


def _takes(way: _Way, days: Sequence[Phrase]) -> bool:
    """Tell whether days may belong to the clause they stand behind."""
    last = way.clauses[-1] if way.clauses else None
    if last is None or last.days is not None or last.said.kind not in {"hours", *_CLOSING}:
        return False
    inward = last.said.group in {0, days[0].group}
    near = last.said.kind == "hours" or (_behind_it(last.said) and days[0].gap <= JOINED)
    same = last.said.season == days[0].season
    return inward and near and same and _one_list(days)


def _one_list(days: Sequence[Phrase]) -> bool:
    return all(b.gap < STOP and a.group == b.group for a, b in pairwise(days))


def _union(days: Sequence[Phrase]) -> frozenset[int]:
    return frozenset[int]().union(*(each.days for each in days))


def _behind(way: _Way, days: Sequence[Phrase]) -> _Way:
    if not days:
        return way
    last = way.clauses[-1]
    gap = days[0].gap if days[0].group == last.said.group else NOTHING
    last = replace(last, days=_union(days), behind=True, gap=gap)
    return replace(way, clauses=(*way.clauses[:-1], last))


def _next(way: _Way, days: Sequence[Phrase], said: Phrase | None) -> Iterator[_Way]:
    """Add the next phrase with the days before it, if it can have them."""
    if said is None:
        if not days:
            yield way
        return
    if days and not (days[-1].group == said.group and days[-1].season == said.season):
        return
    named = _union(days) if days else None
    if not _fits(way, days, named, said):
        return
    held = way.held
    if said.kind == "hours" and held is not None:
        named, held = held, None
    clause = Clause(said, named, gap=days[0].gap if days else said.gap)
    yield _Way((*way.clauses, clause), held)


def _fits(way: _Way, days: Sequence[Phrase], named: frozenset[int] | None, said: Phrase) -> bool:
    """Tell whether a phrase may have the days named before it."""
    if said.kind == "always":
        return named in _HOLIDAYS
    if said.kind == "year_round":
        return named in (None, *_HOLIDAYS)
    if not days:
        return True
    if said.kind != "hours":
        return said.kind in _CLOSING and said.sides >= BEFORE
    last = way.clauses[-1] if way.clauses else None
    between = last is not None and last.said.kind == "hours" and last.days is None
    return way.held is None and not (last and between and not _leans(last.said, days[0], said))


def _leans(before: Phrase, days: Phrase, behind: Phrase) -> bool:
    """Tell whether days between two hours can only belong to those behind them."""
    parted = days.gap >= COMMA or days.group != before.group
    return parted and behind.gap <= SPACE
