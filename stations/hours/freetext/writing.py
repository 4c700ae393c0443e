"""Rules into an expression; refused where two of them contradict each other."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING

from stations.hours.freetext.days import EVERY, HOLIDAY, WEEKEND
from stations.hours.freetext.moments import ALL_DAY, Span
from stations.hours.freetext.sentences import Rule
from stations.hours.freetext.tokens import NotUnderstoodError, SenselessError
from stations.hours.syntax import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stations.hours.freetext.seasons import Season
    from stations.hours.freetext.sentences import Sentence

SUNDAY = 6
LEAST_DAYS = 3
"""Of the week, for hours that name no days: fewer are not what a text says without days."""


def written(said: Sentence) -> str:
    """Return the expression that says the same, and note what is in doubt.

    What contradicts itself raises `SenselessError`.

    Rules of the days of the week come first and share no day, then those that take in
    holidays, then single dates: later ones win.
    """
    opened = _merged(said.opened)
    for earlier, later in combinations(opened, 2):
        said.doubts += _between(earlier, later)
    said.doubts += [*_half_closed(said.closed, opened), *_always(said, opened)]
    shut = frozenset[int]().union(*(rule.days or () for rule in said.closed))
    dated = [rule.season for rule in said.closed if rule.days is None]
    if any(rule.season.dates <= season.dates for rule in opened for season in dated):
        raise SenselessError("hours are said, and their days are closed or have others")
    rules = _apart(opened, shut)
    lasting = [rule for rule in rules if not rule.season.one_date]
    exact = ["PH off"] if HOLIDAY in shut else []
    exact += [_text(rule) for rule in rules if rule.season.one_date]
    exact += [f"{season.text} off" for season in dated]
    overnight = any(span.overnight for rule in rules for span in rule.spans)
    said.doubts += [*_unsaid(lasting, shut), *(_nights(lasting, exact) if overnight else ())]
    # After ";" a rule takes the whole of its days, and the night before them with it.
    between = ", " if overnight else "; "
    expression = "; ".join([*filter(None, [between.join(map(_text, lasting))]), *exact])
    return "24/7" if expression == str(ALL_DAY) else expression


def _merged(rules: Sequence[Rule]) -> list[Rule]:
    """Join the hours of rules for the same days."""
    found: dict[tuple[Season, frozenset[int] | None], Rule] = {}
    for rule in rules:
        key = rule.season, rule.days
        spans = rule.spans
        if key in found:
            spans = found[key].spans + spans
            if rule.days is None or any(
                later.start < earlier.end for earlier, later in pairwise(spans)
            ):
                raise SenselessError("hours of the same days contradict each other")
        found[key] = Rule(rule.days, spans, rule.season)
    return list(found.values())


def _between(earlier: Rule, later: Rule) -> Iterator[NotUnderstoodError]:
    """Let a rule for some days replace hours said for more of them, and nothing else."""
    if earlier.season != later.season and not later.season.one_date:
        yield from _between_seasons(earlier, later)
        return
    if not earlier.every & later.every:
        return
    if not (later.season.one_date or later.every < earlier.every):
        raise SenselessError("the same days are given two different hours")
    if not _replaces(earlier.spans, later.spans):
        yield NotUnderstoodError("hours that may be further ones or other ones")


def _replaces(old: Sequence[Span], new: Sequence[Span]) -> bool:
    """Tell whether hours plainly stand in the place of others, and not beside them."""
    other = all(any(_touch(each, one) for one in old) for each in new)
    return other and (
        all(any(_touch(each, one) for one in new) for each in old) or {*new} <= {*old}
    )


def _between_seasons(earlier: Rule, later: Rule) -> Iterator[NotUnderstoodError]:
    """Doubt seasons that overlap, and half a day of one: 8:00-12:00，7-8月15:00-18:00."""
    one, other = earlier.season, later.season
    if one.one_date:
        return
    if one.text and one.dates & other.dates:
        yield NotUnderstoodError(f"{one.text} and {other.text} have days in common")
    if earlier.every & later.every and not _replaces(earlier.spans, later.spans):
        yield NotUnderstoodError("hours that may be further ones or other ones")


def _touch(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _half_closed(closed: Sequence[Rule], opened: Sequence[Rule]) -> Iterator[NotUnderstoodError]:
    """Doubt days closed in one of several seasons, or closed only in part of what is open."""
    named = [rule for rule in closed if rule.days is not None]
    for rule, other in product(named, opened):
        both = (rule.days or EVERY) & other.every & EVERY
        if both and not (rule.days or EVERY) & EVERY <= other.every:
            yield NotUnderstoodError("days are closed that have hours by name")
    seasons = {rule.season for rule in opened if not rule.season.one_date}
    if any(rule.season.text and rule.season not in seasons for rule in named):
        yield NotUnderstoodError("a season without hours")
    ours = {HOLIDAY}.union(*(rule.every for rule in opened))
    every = {day for rule in named for day in rule.days or () if day in ours}
    for season in seasons if len(seasons) > 1 else ():
        own = [rule for rule in named if rule.season == season or rule.season not in seasons]
        if every - {day for rule in own for day in rule.days or ()}:
            yield NotUnderstoodError("it does not say which season the closed days belong to")


def _always(said: Sentence, opened: Sequence[Rule]) -> Iterator[NotUnderstoodError]:
    """Doubt holidays that make no difference where some days are closed by name."""
    if not said.always:
        return
    if said.closed or any(HOLIDAY in (rule.days or ()) for rule in opened):
        yield NotUnderstoodError("days are closed by name, and holidays make no difference?")
    seasons = _by_season(opened).values()
    if any(said.usual & EVERY - days for days in seasons):
        yield NotUnderstoodError("days are open as usual that have no hours")
    if said.year_round and any(EVERY - days for days in seasons):
        yield NotUnderstoodError("it is open all year round, but not on every day")


def _by_season(rules: Sequence[Rule]) -> dict[Season, frozenset[int]]:
    """Return the days that each season's rules open, single dates left out."""
    found: dict[Season, frozenset[int]] = {}
    for rule in rules:
        if not rule.season.one_date:
            found[rule.season] = found.get(rule.season, frozenset()) | rule.every
    return found


def _apart(opened: Sequence[Rule], shut: frozenset[int]) -> list[Rule]:
    """Leave to each rule the days that are neither closed nor given other hours later."""
    found = []
    for at, rule in enumerate(opened):
        if rule.season.one_date:
            found.append(rule)
            continue
        later = [each for each in opened[at + 1 :] if each.season == rule.season]
        left = rule.every - shut - frozenset[int]().union(*(each.every for each in later))
        if not left or (rule.every > EVERY and len(left & EVERY) < LEAST_DAYS):
            raise SenselessError("hours are said, and their days are closed or have others")
        if rule.days is None or HOLIDAY not in rule.days:
            left &= EVERY
        found.append(replace(rule, days=left))
    seasons = list(dict.fromkeys(rule.season for rule in found))
    return sorted(
        found, key=lambda rule: (seasons.index(rule.season), HOLIDAY in (rule.days or ()))
    )


def _unsaid(rules: Sequence[Rule], shut: frozenset[int]) -> Iterator[NotUnderstoodError]:
    """Doubt seasons that open different days, and holidays beside weekends not said."""
    seasons = _by_season(rules)
    if len({frozenset(rule.days for rule in rules if rule.season == each) for each in seasons}) > 1:
        yield NotUnderstoodError("the days of one season are not said")
    for days in seasons.values():
        if not days & EVERY:
            yield NotUnderstoodError("holidays are open, and no other day")
        if HOLIDAY in days and WEEKEND - days - shut and not days >= EVERY:
            yield NotUnderstoodError("holidays are open, and the weekend is not said")


def _nights(rules: Sequence[Rule], exact: Sequence[str]) -> Iterator[NotUnderstoodError]:
    """Doubt nights beside days that another rule has too: it takes them, or adds to them."""
    special = [rule for rule in rules if HOLIDAY in (rule.days or ())]
    sundays = [rule for rule in rules if SUNDAY in (rule.days or ())]
    if exact or (special and any(rule not in special for rule in sundays)):
        yield NotUnderstoodError("nights that begin or end on a holiday or a date are not said")
    seasons = {rule.season.text for rule in rules}
    if len(seasons) > 1 and "" in seasons:
        yield NotUnderstoodError("nights that begin or end with a season are not said")


def _text(rule: Rule) -> str:
    hours = ",".join(map(str, rule.spans))
    days = "" if rule.days is None or rule.days == EVERY else _selector(rule.days)
    return " ".join(part for part in (rule.season.text, days, hours) if part)


def _selector(days: frozenset[int]) -> str:
    starts = [day for day in range(7) if day in days and (day - 1) % 7 not in days]
    runs = ["Mo-Su"] if days >= EVERY else [_run(start, days) for start in starts]
    return ",".join(runs + (["PH"] if HOLIDAY in days else []))


def _run(start: int, days: frozenset[int]) -> str:
    length = next(step for step in range(1, 8) if (start + step) % 7 not in days)
    last = WEEKDAYS[(start + length - 1) % 7]
    return WEEKDAYS[start] if length == 1 else f"{WEEKDAYS[start]}-{last}"
