"""What packages do to the stations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stations.cube import bits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stations.cube import Supply
    from stations.planning.shelf import Shelf


def applied(supply: Supply, shelf: Shelf, chosen: Iterable[int]) -> Supply:
    """Return the stations after some packages, at most one at each place."""
    numbers = np.array(sorted(chosen), dtype=np.int64)
    at, ends = shelf.at[numbers], shelf.ends[numbers]
    there, opened, unknown = supply.there.copy(), supply.open.copy(), supply.unknown.copy()
    amenity, trusted = supply.amenity.copy(), supply.trusted.copy()
    acts = [shelf.packages[number].kinds[0] != "close" for number in numbers.tolist()]
    some, at = numbers[np.array(acts, dtype=np.bool_)], at[np.array(acts, dtype=np.bool_)]
    there[at] = bits.all_hours(supply.hours)
    opened[at], amenity[at], trusted[at] = (
        each[some] for each in (shelf.open, shelf.amenity, shelf.trusted)
    )
    unknown[at] &= ~opened[at]
    there[ends[ends >= 0]] = 0
    return replace(
        supply, there=there, open=opened, unknown=unknown, amenity=amenity, trusted=trusted
    )
