"""One thing a plan does, at one place, in one year."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from geodata import boundaries
from stations.planning.kinds import KINDS


@dataclass(frozen=True)
class Action:
    """One action of a plan, or two that go together (longer hours and amenities)."""

    id: str
    """Stable text: the kind, where, and the hours where there is a choice of them."""
    kind: str
    """A code of `KINDS`; the first of ``kinds``."""
    kinds: tuple[str, ...]
    place: str
    """The candidate's id for a new or moved station; "" else."""
    station: str
    """The existing station's id; "" for a new one."""
    into: str
    """A move: the candidate's id. A closed or merged station: the one that remains next door."""
    name: str
    host: str
    lon: float
    lat: float
    area_code: str
    year: int
    """1 is the first."""
    cost: int
    """Yuan, in that year; below 0 where it saves."""
    opening_hours: str
    """The hours afterwards; "" as they are."""
    amenities: tuple[str, ...]
    """Of a new station all it offers; else those added."""
    station_kind: str
    """standard, smart or mobile afterwards; "" as it is."""
    restricted: bool = False
    """Whether its position comes from a restricted layer."""

    @property
    def zh(self) -> str:
        """What is done, in Chinese."""
        return "、".join(KINDS.terms[code].zh for code in self.kinds)

    @property
    def en(self) -> str:
        """What is done, in English."""
        return "; ".join(KINDS.terms[code].en for code in self.kinds)

    @property
    def county(self) -> str:
        """The county's name; "" outside every county."""
        return boundaries.name_of(self.area_code) if self.area_code else ""

    def as_dict(self) -> dict[str, Any]:
        """Return the action for JSON."""
        told = asdict(self) | {"zh": self.zh, "en": self.en, "county": self.county}
        return told | {"kinds": list(self.kinds), "amenities": list(self.amenities)}
