"""The numbers of the model, from ``stations/data/trust.toml``, which gives the reason for each."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.errors import UsageError
from stations.trust._evidence import CLOSED, KINDS, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.geodesy import FloatArray

_DAY_S = 86_400.0


@dataclass(frozen=True)
class Weighed:
    """A source or an outcome: its two names and its weight."""

    zh: str
    en: str
    weight: float


@dataclass(frozen=True)
class HostClass:
    """A class of hosts: the mean of its stations' priors, and the words its hosts are known by."""

    mean: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class TrustModel:
    """Every number the probability depends on besides the evidence; see README.md."""

    half_life_days: float
    strength: float
    """How much the prior weighs, in visits."""
    overruled: float
    """What is left of a piece's weight after an inspection found the contrary."""
    anonymous: float
    """The factor of a visitor's or reporter's weight who gives no name."""
    sources: Mapping[str, Weighed]
    """By kind of evidence."""
    outcomes: Mapping[str, Weighed]
    closing: Mapping[str, float]
    """``weight`` and ``half_lives`` of an inspection that found a station closed for good."""
    hosts: Mapping[str, HostClass]
    kinds: Mapping[str, float]
    """Factor of the prior's mean by kind of station; 1 for one not named."""

    def __post_init__(self) -> None:
        """Refuse a half-life that is no length of time."""
        if not 0 < self.half_life_days < math.inf:
            raise UsageError(f"half-life must be a number of days above 0: {self.half_life_days}")

    @cached_property
    def weights(self) -> FloatArray:
        """Weight of a fresh named piece, by the order of `KINDS` and `OUTCOMES`."""
        by_source = [self.sources[kind].weight for kind in KINDS]
        table = np.outer(by_source, [self.outcomes[outcome].weight for outcome in OUTCOMES])
        table[_CLOSING] = self.closing["weight"]
        return table

    @cached_property
    def half_lives_s(self) -> FloatArray:
        """Half-life in seconds, ordered as ``weights``."""
        table = np.full((len(KINDS), len(OUTCOMES)), self.half_life_days * _DAY_S)
        table[_CLOSING] *= self.closing["half_lives"]
        return table


_CLOSING = KINDS.index("inspection"), OUTCOMES.index(CLOSED)


def trust_model(half_life_days: float | None = None) -> TrustModel:
    """Read the model shipped with the program; ``half_life_days`` takes the place of its own.

    Raises `UsageError` unless that is above 0 and finite.
    """
    data = tomllib.loads((files("stations") / "data" / "trust.toml").read_text("utf-8"))
    if half_life_days is not None:
        data["half_life_days"] = half_life_days
    return TrustModel(**data | _tables(data))


def _tables(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sources": {name: Weighed(**row) for name, row in data["sources"].items()},
        "outcomes": {name: Weighed(**row) for name, row in data["outcomes"].items()},
        "hosts": {
            name: HostClass(row["mean"], tuple(row["words"])) for name, row in data["hosts"].items()
        },
    }
