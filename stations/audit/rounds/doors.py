"""When the doors are open on one day, and how long a visit takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stations.audit.rounds.moments import clock
from stations.audit.rounds.terms import terms
from stations.hours.clock import DAY, State
from stations.hours.posted import line_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from stations.hours import Posted


class Span(NamedTuple):
    """A time of the day at which a door is not known to be closed."""

    since: int
    until: int
    """Exclusive: a visit may end as the door shuts."""
    unknown: tuple[tuple[int, int], ...]
    """The parts of it at which nobody knows whether it is open."""

    def sure(self, begin: int, end: int) -> bool:
        """Tell whether the door is known to be open from one minute to another."""
        return not any(begin < last and first < end for first, last in self.unknown)


def spans_of(posted: Posted, day: date) -> tuple[Span, ...]:
    """Return the spans of a day in Beijing, in order, by the real calendar and with closures.

    Hours that are not known are a span, as somebody has to find out.
    """
    line = line_of(posted, day, 1)
    ends = np.append(line.starts[1:], DAY)
    found: list[Span] = []
    for since, until, state in zip(
        line.starts.tolist(), ends.tolist(), line.states.tolist(), strict=True
    ):
        if state == State.CLOSED:
            continue
        vague = ((since, until),) if state == State.UNKNOWN else ()
        if found and found[-1].until == since:
            before = found.pop()
            found.append(Span(before.since, until, before.unknown + vague))
        else:
            found.append(Span(since, until, vague))
    return tuple(found)


def written(spans: Sequence[Span]) -> str:
    """Write the day's hours: ``08:00-12:00, 14:00-18:00``; a ``?`` where they are not known."""
    return ", ".join(
        f"{clock(each.since)}–{clock(each.until)}{'?' if each.unknown else ''}" for each in spans
    )


def visit_min(questions: float, findings: int) -> int:
    """Return the minutes at a station, rounded up: getting in, the form, what is to be seen."""
    known = terms()
    return math.ceil(
        known.arriving_min + known.per_question_min * questions + known.per_finding_min * findings
    )
