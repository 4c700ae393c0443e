"""The ordinary week of posted hours: no holidays, no closures; what a rule about hours looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stations.hours import Posted, State
from stations.hours.posted import line_of
from stations.hours.timetable import REFERENCE_MONDAY

if TYPE_CHECKING:
    import numpy.typing as npt

WEEK_MIN = 7 * 1440


def minutes(posted: Posted) -> npt.NDArray[np.uint8] | None:
    """Return the `State` of each minute of the week, from Monday on; None: unreadable."""
    bare = Posted(posted.expression, posted.calendar, place=posted.place)
    if not bare.known:
        return None
    line = line_of(bare, REFERENCE_MONDAY, 7, decreed=False)
    states: npt.NDArray[np.uint8] = np.repeat(line.states, np.diff(line.starts, append=WEEK_MIN))
    return states


def shut_at_times(posted: Posted) -> bool:
    """Tell whether the hours are known and shut the door at some time of the week."""
    states = minutes(posted)
    return states is not None and bool((states == State.CLOSED).any())
