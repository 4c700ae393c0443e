"""How sure we are of the stations of a snapshot: the evidence, weighed once a minute."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Self

import numpy as np

from geodata.errors import UsageError
from stations.registry._move import frozen
from stations.trust import (
    Ledger,
    Priors,
    Standings,
    TrustModel,
    ceiling,
    probabilities,
    standings,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geodata.geodesy import FloatArray, IntArray
    from stations.trust import Standing

_EPOCH, _MINUTE = datetime(1970, 1, 1, tzinfo=UTC), timedelta(minutes=1)
_WEIGHED_APIECE = 1_000
"""Stations and pieces of evidence weighed in the time of one question about a few."""
_MINUTES = 4  # minutes whose numbers are kept


class Weighing:
    """The evidence as it weighs at one instant: of every station, or of those asked about."""

    def __init__(self, model: TrustModel, priors: Priors, ledger: Ledger, now: datetime) -> None:
        self._model, self._priors, self._ledger, self._now = model, priors, ledger, now
        self._left = (len(priors.success) + len(ledger.station)) // _WEIGHED_APIECE

    @cached_property
    def whole(self) -> Standings:
        """Every station's standing."""
        found = standings(self._priors, self._ledger, self._now, self._model)
        frozen(found.probability)
        return found

    @property
    def is_whole(self) -> bool:
        """Tell whether every station has been weighed."""
        return "whole" in self.__dict__

    def again(self) -> None:
        """Note one more question about this instant: when there were many, all is weighed at once.

        That takes as long as so many questions about few stations.
        """
        if self._left < 0:
            _ = self.whole
        self._left -= 1

    def probability(self, rows: IntArray) -> FloatArray:
        """Return the probabilities of some distinct rows, in their order; `whole`'s."""
        if self.is_whole:
            return self.whole.probability[rows]
        return probabilities(*self._about(rows), self._now, self._model)

    def standings(self, rows: Sequence[int]) -> tuple[Standings, Sequence[int]]:
        """Return standings that hold some distinct rows, and their places among them."""
        if self.is_whole:
            return self.whole, rows
        about = self._about(np.array(rows, dtype=np.int64))
        return standings(*about, self._now, self._model), range(len(rows))

    def _about(self, rows: IntArray) -> tuple[Priors, Ledger]:
        return self._priors.of(rows), self._ledger.of(rows)


@dataclass(frozen=True, eq=False)
class Sureness:
    """Priors and evidence of the same stations, and what they make of each other."""

    model: TrustModel
    priors: Priors
    ledger: Ledger
    _weighed: Callable[[int], Weighing] = field(repr=False)
    """By the number of the minute since 1970."""
    _most: float = field(repr=False)

    @classmethod
    def of(cls, model: TrustModel, priors: Priors, ledger: Ledger) -> Self:
        """Put the parts together."""
        weighed = lru_cache(_MINUTES)(partial(_weighing, model, priors, ledger))
        most = ceiling(priors, ledger, model)  # now, not when somebody waits for an answer
        return cls(model, priors, ledger, weighed, most)

    def at(self, now: datetime) -> Standings:
        """Return every station's standing, weighed at the end of the minute ``now`` lies in.

        So what came in a moment ago counts. Ages are those at ``now`` itself, which is aware.
        """
        now_s = _seconds(now)
        return replace(self._weighed(_minute(now_s)).whole, now_s=now_s)

    def moment(self, now: datetime) -> Moment:
        """Return the same, for the few stations of one answer."""
        now_s = _seconds(now)
        weighing = self._weighed(_minute(now_s))
        weighing.again()
        return Moment(weighing, now_s, self._most)


@dataclass(frozen=True, eq=False)
class Moment:
    """How sure we are of some stations at an instant; the numbers are those of `Registry.trust`.

    Weighs those asked about only, unless several answers in a row are about the same minute.
    """

    _weighing: Weighing
    _now_s: float
    most: float
    """No station's probability is above this, at any instant."""

    @property
    def whole(self) -> Standings | None:
        """Every station's standing, if all are weighed; the same object all through the minute."""
        return self._weighing.whole if self._weighing.is_whole else None

    def probability(self, rows: IntArray) -> FloatArray:
        """Return the probabilities of some distinct rows, in their order."""
        return self._weighing.probability(rows)

    def standings(self, rows: Sequence[int]) -> list[Standing]:
        """Return the standings of some distinct rows, in their order, with ages in words."""
        known, places = self._weighing.standings(rows)
        return [known.station(place, self._now_s) for place in places]

    def words(self, rows: Sequence[int]) -> list[tuple[str, str]]:
        """Return what `standings` say in Chinese and English, and no more of them."""
        known, places = self._weighing.standings(rows)
        return [known.words(place, self._now_s) for place in places]


def _seconds(now: datetime) -> float:
    if now.tzinfo is None:
        raise UsageError("now must be a time with its zone")
    return now.timestamp()


def _minute(now_s: float) -> int:
    return math.floor(now_s / 60)


def _weighing(model: TrustModel, priors: Priors, ledger: Ledger, minute: int) -> Weighing:
    """Weigh at the end of a minute."""
    return Weighing(model, priors, ledger, _EPOCH + (minute + 1) * _MINUTE)
