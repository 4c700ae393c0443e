"""What a coverage audit asks: so that anybody can ask it again, word for word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from geodata.errors import UsageError
from stations.coverage import Need, Terms, parse_within
from stations.hours.clock import ZONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stations.coverage import Limit
    from stations.store import Store


@dataclass(frozen=True)
class Moment:
    """An instant, and what of the register was there to be known then."""

    at: datetime
    """Aware."""
    revision: int

    def told(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"at": self.at.isoformat(), "revision": self.revision}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read what `told` wrote."""
        return cls(datetime.fromisoformat(told["at"]), int(told["revision"]))


@dataclass(frozen=True)
class Question:
    """A layer's coverage in truth, in the ordinary week, at one instant or at two."""

    layer: str
    limit: Limit
    needs: tuple[str, ...]
    trust_floor: float
    evidence: int
    """Evidence with a higher number was not known yet."""
    then: Moment
    since: Moment | None = None
    """What it is compared to; None: nothing."""

    @classmethod
    def of(
        cls, store: Store, need: Need, *, at: datetime, since: datetime | None, trust_floor: float
    ) -> Self:
        """Ask a store as it is now; `UsageError` if ``since`` is not before ``at``, both aware."""
        if since is not None and since >= at:
            raise UsageError("the first of two dates comes first: are they swapped?")
        return cls(
            layer=need.layer,
            limit=need.limit,
            needs=need.needs,
            trust_floor=trust_floor,
            evidence=store.evidence_number(),
            then=_moment(store, at),
            since=None if since is None else _moment(store, since),
        )

    @property
    def need(self) -> Need:
        """What coverage is asked for."""
        return Need(self.layer, self.limit, self.needs)

    def terms(self, at: datetime) -> Terms:
        """Return what counts as covered in truth at an instant."""
        return Terms(trust_floor=self.trust_floor, at=at, on=at.astimezone(ZONE).date())

    def told(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "layer": self.layer,
            "within": self.limit.text,
            "mode": self.limit.mode,
            "needs": list(self.needs),
            "trust_floor": self.trust_floor,
            "evidence": self.evidence,
            "then": self.then.told(),
            "since": None if self.since is None else self.since.told(),
        }

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read what `told` wrote."""
        return cls(
            layer=told["layer"],
            limit=parse_within(told["within"], told["mode"]),
            needs=tuple(told["needs"]),
            trust_floor=told["trust_floor"],
            evidence=told["evidence"],
            then=Moment.read(told["then"]),
            since=None if told["since"] is None else Moment.read(told["since"]),
        )


def _moment(store: Store, at: datetime) -> Moment:
    number = store.revision_at(at)
    if not number:
        day = at.astimezone(ZONE).date()
        raise UsageError(f"the register held nothing yet at the end of {day}; name a later day")
    return Moment(at, number)
