"""Why there is no station to go to, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

from stations.nearest.hits import Hit
from stations.nearest.question import DAY_MIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stations.nearest.fitting import Fitting
    from stations.nearest.question import Question
    from stations.nearest.ways import Ways

_FIRST, _GROWTH = 8, 4
"""How many stations are asked about first, and how they grow."""


class Nothing(NamedTuple):
    """Why an answer is empty."""

    code: Literal["none_fits", "no_way", "too_far", "shut"]
    zh: str
    en: str


NONE_FITS = Nothing("none_fits", "没有符合条件的驿站", "No station has what is asked for")
NO_WAY = Nothing(
    "no_way",
    "没有道路可到符合条件的驿站",
    "No way by road leads to any station that has what is asked for",
)
TOO_FAR = Nothing(
    "too_far",
    "符合条件的驿站都在一天路程之外",
    "All stations that have what is asked for are more than a day away",
)
SHUT = Nothing(
    "shut",
    "没有到达时开门、又符合条件的驿站",
    "No station that has what is asked for can be entered on arrival",
)


class Hits(list[Hit]):
    """Stations to go to, the best first; where there is none, the reason."""

    def __init__(self, hits: Iterable[Hit], why_none: Nothing | None = None) -> None:
        super().__init__(hits)
        self.why_none = why_none


def why_none(asked: Question, fitting: Fitting, ways: Ways) -> Nothing:
    """Tell why a question has no answer; ``ways`` are asked for from the nearest outwards."""
    size = _FIRST
    while True:
        near, metres = fitting.pins.nearest_to(asked.origin, size, within_m=asked.within_m)
        if not near:
            return NONE_FITS
        least = min(ways.here(near, metres))
        if math.isfinite(least):
            return TOO_FAR if asked.open_ != "any" and least > DAY_MIN else SHUT
        if len(near) < size or ways.spent(None):
            return NO_WAY
        size *= _GROWTH
