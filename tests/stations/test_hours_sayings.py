"""Generated texts of a known meaning are refused or mean exactly that, at every minute."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from stations.hours import Posted, State, Understood, understand
from stations.hours.clock import DAY
from stations.hours.posted import line_of
from tests.stations.hours_sayings import WEEKS, Meant, sayings

if TYPE_CHECKING:
    from datetime import date

    from tests.stations.hours_sayings import Minutes

ONE_IN = 4
"""Of 36,500 texts this part is read, always the same."""


def states(told: Understood, monday: date, *, decreed: bool = True) -> np.ndarray:
    line = line_of(Posted(told.expression, told.calendar), monday, 7, decreed=decreed)
    return np.repeat(line.states, np.diff(line.starts, append=7 * DAY))


@cache
def opened(told: Understood) -> Minutes:
    found = np.concatenate([states(told, monday) for monday in WEEKS])
    assert State.UNKNOWN not in found or told.calendar == "workdays"
    told_open: Minutes = found == State.OPEN
    return told_open


def says(told: Understood, meant: Meant) -> bool:
    is_open, said = meant.minutes()
    return np.array_equal(opened(told)[said], is_open[said])


def test_nothing_is_understood_otherwise_than_it_was_meant() -> None:
    read, doubtful, plain = 0, 0, 0
    for text, meanings in sayings().items():
        if crc32(text.encode()) % ONE_IN:
            continue
        told = understand(text)
        plain += len(meanings) == 1
        doubtful += len(meanings) > 1
        if isinstance(told, Understood):
            assert all(says(told, meant) for meant in meanings), (text, told)
            assert State.OPEN in states(told, WEEKS[-1], decreed=False), (text, told)
            read += 1
    assert read > 0.8 * plain
    assert doubtful > 1000
