"""How sure we are of every station of a snapshot: the evidence, weighed once a minute."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Self

from geodata.errors import UsageError
from stations.registry._columns import frozen
from stations.trust import Ledger, Priors, Standings, TrustModel, standings

if TYPE_CHECKING:
    from collections.abc import Callable

_MINUTE = timedelta(minutes=1)
_MINUTES = 4  # minutes whose numbers are kept


@dataclass(frozen=True, eq=False)
class Sureness:
    """Priors and evidence of the same stations, and what they make of each other."""

    model: TrustModel
    priors: Priors
    ledger: Ledger
    _weighed: Callable[[datetime], Standings] = field(repr=False)

    @classmethod
    def of(cls, model: TrustModel, priors: Priors, ledger: Ledger) -> Self:
        """Put the parts together."""
        weigh = lru_cache(_MINUTES)(partial(_weigh, model, priors, ledger))
        return cls(model, priors, ledger, weigh)

    def at(self, now: datetime) -> Standings:
        """Return every station's standing, weighed at the end of the minute ``now`` lies in.

        So what came in a moment ago counts. Ages are those at ``now`` itself, which is aware.
        """
        if now.tzinfo is None:
            raise UsageError("now must be a time with its zone")
        minute = now.astimezone(UTC).replace(second=0, microsecond=0)
        return replace(self._weighed(minute + _MINUTE), now_s=now.timestamp())


def _weigh(model: TrustModel, priors: Priors, ledger: Ledger, now: datetime) -> Standings:
    found = standings(priors, ledger, now, model)
    frozen(found.probability)
    return found
