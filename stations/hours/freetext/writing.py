"""Rules into an expression; refused where two of them contradict each other."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from stations.hours.freetext.days import EVERY, HOLIDAY
from stations.hours.freetext.moments import ALL_DAY, Span
from stations.hours.freetext.sentences import Rule
from stations.hours.freetext.tokens import NotUnderstoodError
from stations.hours.syntax import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.hours.freetext.sentences import Sentence


def written(said: Sentence) -> str:
    """Return the expression that says the same; a contradiction raises `NotUnderstoodError`."""
    opened = _merged([rule for rule in said.rules if rule.spans])
    closed = [rule for rule in said.rules if not rule.spans]
    for earlier, later in combinations(opened, 2):
        _check(earlier, later)
    if said.always and any(HOLIDAY in (rule.days or ()) for rule in said.rules):
        raise NotUnderstoodError("holidays are both named and said to make no difference")
    apart = all(not _shared(*pair) for pair in combinations(opened, 2))
    overnight = any(span.overnight for rule in opened for span in rule.spans)
    # After ";" a rule takes the whole of its days, and the night before them with it.
    between = ", " if overnight and apart else "; "
    shut = [_text(rule) for rule in closed if _matters(rule, opened)]
    expression = "; ".join([between.join(_text(rule) for rule in opened), *shut])
    return "24/7" if expression == str(ALL_DAY) else expression


def _merged(rules: Sequence[Rule]) -> list[Rule]:
    """Join the hours of rules for the same days; put the rules for every day first."""
    found: dict[tuple[str, frozenset[int] | None], Rule] = {}
    for rule in rules:
        key = rule.season, rule.days
        spans = rule.spans
        if key in found:
            spans = found[key].spans + spans
            if any(later.start < earlier.end for earlier, later in pairwise(spans)):
                raise NotUnderstoodError("hours of the same days contradict each other")
        found[key] = Rule(rule.days, spans, rule.season)
    return list(found.values())


def _check(earlier: Rule, later: Rule) -> None:
    """Let a rule for some days replace hours said for more of them, and nothing else."""
    if earlier.season != later.season:
        if (earlier.days is None) != (later.days is None) and not _one_date(later):
            raise NotUnderstoodError("the days of one season are not said")
        return
    if not _shared(earlier, later):
        return
    if not _days(later) < _days(earlier):
        raise NotUnderstoodError("the same days are given two different hours")
    if not any(_touch(one, other) for one in earlier.spans for other in later.spans):
        raise NotUnderstoodError("hours that may be further ones or other ones")


def _one_date(rule: Rule) -> bool:
    return rule.season[-1:].isdigit() and "-" not in rule.season


def _days(rule: Rule) -> frozenset[int]:
    return EVERY if rule.days is None else rule.days


def _shared(one: Rule, other: Rule) -> bool:
    seasons = one.season == other.season or not (one.season and other.season)
    return seasons and bool(_days(one) & _days(other))


def _touch(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _matters(closed: Rule, opened: Sequence[Rule]) -> bool:
    """Tell whether a closed rule shuts days that another opens, or holidays."""
    return HOLIDAY in _days(closed) or any(_days(closed) & _days(rule) for rule in opened)


def _text(rule: Rule) -> str:
    hours = ",".join(str(span) for span in rule.spans) or "off"
    days = "" if rule.days is None or rule.days == EVERY else _selector(rule.days)
    return " ".join(part for part in (rule.season, days, hours) if part)


def _selector(days: frozenset[int]) -> str:
    starts = [day for day in range(7) if day in days and (day - 1) % 7 not in days]
    runs = ["Mo-Su"] if days >= EVERY else [_run(start, days) for start in starts]
    return ",".join(runs + (["PH"] if HOLIDAY in days else []))


def _run(start: int, days: frozenset[int]) -> str:
    length = next(step for step in range(1, 8) if (start + step) % 7 not in days)
    last = WEEKDAYS[(start + length - 1) % 7]
    return WEEKDAYS[start] if length == 1 else f"{WEEKDAYS[start]}-{last}"
