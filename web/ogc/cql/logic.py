"""Truth in three values, of every feature at once: what compares with nothing known is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray


@dataclass(frozen=True, eq=False)
class Truth:
    """Where a condition holds, and where it does not; where neither, it is unknown."""

    holds: BoolArray
    fails: BoolArray

    @classmethod
    def of(cls, holds: BoolArray, known: BoolArray | None = None) -> Self:
        """Return the truth of a condition that is unknown where it is not ``known``."""
        if known is None:
            return cls(holds, ~holds)
        return cls(holds & known, ~holds & known)

    @classmethod
    def constant(cls, value: bool | None, size: int) -> Self:  # noqa: FBT001 - the value itself
        """Return one value for all; None: unknown."""
        return cls(np.full(size, value is True), np.full(size, value is False))

    def __and__(self, other: Self) -> Self:
        return type(self)(self.holds & other.holds, self.fails | other.fails)

    def __or__(self, other: Self) -> Self:
        return type(self)(self.holds | other.holds, self.fails & other.fails)

    def __invert__(self) -> Self:
        return type(self)(self.fails, self.holds)
