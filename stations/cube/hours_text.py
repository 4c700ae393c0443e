"""A set of hours of the week in words: 每天 22:00–06:00, daily 22:00–06:00."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stations.hours.timetable import WEEK_HOURS

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray

DAY_HOURS, WEEK_DAYS = 24, 7
ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKEND = frozenset((5, 6))
RUN = 3


class Span(NamedTuple):
    """Hours of some days: ``last`` is the first hour no longer in it, above 24 past midnight."""

    first: int
    last: int
    days: frozenset[int]


class Words(NamedTuple):
    """The same said in Chinese and in English."""

    zh: str
    en: str


def spans(hours: BoolArray) -> tuple[Span, ...]:
    """Return (168,) hours as spans; together they hold exactly these hours, each once.

    A run past midnight that is shorter than a day belongs to the day it begins on; a longer one is
    cut at midnight. Sunday's night runs into Monday.
    """
    flags = np.asarray(hours, dtype=np.bool_)
    found: dict[tuple[int, int], set[int]] = {}
    for first, last in _runs(flags):
        for start, end in _cut(first, last):
            day, hour = divmod(start, DAY_HOURS)
            found.setdefault((hour, hour + end - start), set()).add(day % WEEK_DAYS)
    return tuple(Span(*key, frozenset(days)) for key, days in sorted(found.items()))


def words(hours: BoolArray) -> Words:
    """Say a set of hours of the week; none at all is said to be none.

    Where it is shorter to say which hours are not in it, these are said.
    """
    flags = np.asarray(hours, dtype=np.bool_)
    if flags.all():
        return Words("每天全天", "always")
    inside, outside = spans(flags), spans(~flags)
    if not inside:
        return Words("无", "never")
    if len(outside) < len(inside):
        but = _said(outside)
        return Words(f"除{but.zh} 外全天", f"always but {but.en}")
    return _said(inside)


def _said(chosen: tuple[Span, ...]) -> Words:
    by_days: dict[frozenset[int], list[Span]] = {}
    for span in chosen:
        by_days.setdefault(span.days, []).append(span)
    ordered = sorted(by_days.items(), key=lambda item: (sorted(item[0]), item[1]))
    zh = "；".join(f"{_days_zh(d)} {'、'.join(map(_clock, s))}" for d, s in ordered)
    en = "; ".join(f"{_days_en(d)} {', '.join(map(_clock, s))}" for d, s in ordered)
    return Words(zh, en)


def _runs(flags: BoolArray) -> list[tuple[int, int]]:
    """Return runs of a cyclic week; one that runs past its end ends above 168."""
    if flags.all():
        return [(0, WEEK_HOURS)]
    turn = int(np.argmin(flags))
    around = np.concatenate(([False], np.roll(flags, -turn), [False]))
    edges = np.flatnonzero(np.diff(around.astype(np.int8))).tolist()
    return [(a + turn, b + turn) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _cut(first: int, last: int) -> list[tuple[int, int]]:
    if last - first < DAY_HOURS:
        return [(first, last)]
    midnight = -(-first // DAY_HOURS) * DAY_HOURS
    cuts = sorted({first, *range(midnight, last, DAY_HOURS), last})
    return list(pairwise(cuts))


def _clock(span: Span) -> str:
    last = span.last if span.last <= DAY_HOURS else span.last - DAY_HOURS
    return f"{span.first:02}:00–{last:02}:00"


def _days_zh(days: frozenset[int]) -> str:
    if len(days) == WEEK_DAYS:
        return "每天"
    return "周末" if days == WEEKEND else "、".join(_listed(days, ZH, "至"))


def _days_en(days: frozenset[int]) -> str:
    if len(days) == WEEK_DAYS:
        return "daily"
    return "weekends" if days == WEEKEND else ", ".join(_listed(days, EN, "–"))


def _listed(days: frozenset[int], names: tuple[str, ...], to: str) -> list[str]:
    """List days; three and more in a row are said by the first and the last."""
    told: list[str] = []
    run: list[int] = []
    for day in range(WEEK_DAYS + 1):
        if day in days:
            run.append(day)
            continue
        ends = [names[run[0]] + to + names[run[-1]]] if len(run) >= RUN else [names[d] for d in run]
        told += ends
        run = []
    return told
