"""Hours that cannot be: never open, round the clock with days off, spans of minutes, unreadable.

Each distinct record of hours is looked at once. Closures for some days are not part of it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from stations.audit.noticed import record_of
from stations.audit.ruling import breaches
from stations.hours import State
from stations.hours.posted import line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from stations.audit.ruling import Context, Rule
    from stations.hours import Posted

_MONDAYS = tuple(
    date(2026, month, 1 + -date(2026, month, 1).weekday() % 7) for month in range(1, 13)
)
"""The first Monday of every month: seasonal hours are open in one of these weeks."""
_NOVEMBER = 10
_DAYS = 9  # a week, and a day on either side for spans that cross its ends
_OFF = re.compile(r"\b(?:off|closed)\b", re.IGNORECASE)
_COMMENT = re.compile(r'"[^"]*"')


def _plain(posted: Posted) -> Posted:
    return replace(posted, closures=(), within=())


def _never_opens(posted: Posted) -> bool:
    bare = _plain(posted)
    if not bare.known:
        return False
    weeks = (_MONDAYS[_NOVEMBER], *_MONDAYS)
    return all(
        (line_of(bare, monday, 7, decreed=False).states == State.CLOSED).all() for monday in weeks
    )


def _shortest(posted: Posted) -> int:
    """Return the minutes of the shortest open span of the ordinary week, 0 without one."""
    bare = _plain(posted)
    if not bare.known:
        return 0
    line = line_of(bare, _MONDAYS[_NOVEMBER], _DAYS, decreed=False)
    lengths = np.diff(line.starts)[1:]  # of what has both its ends in sight
    before, here, after = line.states[:-2], line.states[1:-1], line.states[2:]
    ends = (before == State.CLOSED) & (after == State.CLOSED)  # not an open end: 10:00+
    spans = lengths[: len(here)][(here == State.OPEN) & ends]
    return int(spans.min()) if spans.size else 0


def never_open(context: Context, rule: Rule) -> pd.DataFrame:
    """Find hours that open in no week of the year."""

    def breach(posted: Posted) -> dict[str, object] | None:
        return {"hours": posted.expression} if _never_opens(posted) else None

    return _flagged(context, rule, breach)


def round_the_clock_off(context: Context, rule: Rule) -> pd.DataFrame:
    """Find hours that say round the clock and days off in one breath."""

    def breach(posted: Posted) -> dict[str, object] | None:
        text = _COMMENT.sub("", posted.expression)
        both = text.strip().startswith("24/7") and _OFF.search(text) and posted.known
        return {"hours": posted.expression} if both else None

    return _flagged(context, rule, breach)


def minutes_only(context: Context, rule: Rule) -> pd.DataFrame:
    """Find hours with an open span shorter than ``least_min`` minutes."""

    def breach(posted: Posted) -> dict[str, object] | None:
        shortest = _shortest(posted)
        short = 0 < shortest < rule.settings["least_min"]
        return {"hours": posted.expression, "minutes": shortest} if short else None

    return _flagged(context, rule, breach)


def unreadable(context: Context, rule: Rule) -> pd.DataFrame:
    """Find hours that cannot be read; proposes what the words mean where there is no doubt."""

    def breach(posted: Posted) -> dict[str, object] | None:
        unread = posted.expression.strip() and not posted.known
        return {"hours": posted.expression} if unread else None

    def proposal(posted: Posted) -> Mapping[str, object] | None:
        return record_of(posted.expression)

    return _flagged(context, rule, breach, proposal)


def _flagged(
    context: Context,
    rule: Rule,
    breach: Callable[[Posted], dict[str, object] | None],
    proposal: Callable[[Posted], Mapping[str, object] | None] = lambda _: None,
) -> pd.DataFrame:
    """Ask about each distinct record of hours, and spread the answer over the rows."""
    table = context.registry.timetable
    seen = [breach(posted) for posted in table.distinct]
    wrong = np.array([each is not None for each in seen], dtype=np.bool_)
    rows = np.flatnonzero(wrong[table.codes]) if len(wrong) else np.empty(0, dtype=np.int64)
    proposed = {
        code: proposal(table.distinct[code]) for code in np.unique(table.codes[rows]).tolist()
    }
    facts = [seen[code] or {} for code in table.codes[rows].tolist()]
    names = sorted({name for each in facts for name in each})
    return breaches(
        rule,
        context.ids(rows),
        {name: [each[name] for each in facts] for name in names},
        proposals=[proposed[code] for code in table.codes[rows].tolist()],
    )
