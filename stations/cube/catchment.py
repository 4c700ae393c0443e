"""Enhanced two-step floating catchments: places to sit for each worker, near ones first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geodata.errors import UsageError

if TYPE_CHECKING:
    import numpy.typing as npt

    from geodata.geodesy import FloatArray
    from stations.cube.ground import Ground

SLOW = (1.0, 0.68, 0.22)
"""Gaussian weights for three zones, after Luo and Qi (2009), there of 10 minutes each, and the
default of PySAL's ``access``; see README.md for what was checked."""


class Access(NamedTuple):
    """The two steps."""

    ratio: FloatArray
    """(stations,) places for each worker of the station's catchment; 0 where nobody is."""
    sites: FloatArray
    """(sites,) places for each worker of the site."""


def e2sfca(
    ground: Ground,
    workers: npt.ArrayLike,
    capacity: npt.ArrayLike,
    limit: float,
    weights: tuple[float, ...] = SLOW,
) -> Access:
    """Return the access of every site to the places of every station.

    Luo, W. and Qi, Y. (2009), Health & Place 15(4), 1100-1107::

        R_j = S_j / Σ_r Σ_k∈zone r of j  P_k W_r        A_i = Σ_r Σ_j∈zone r of i  R_j W_r

    with S the capacity, P the workers, and as many zones of equal width up to ``limit`` (of the
    ground's unit) as there are weights, each with its outer edge; cost 0 is in the first. A site's
    workers are spread evenly over its spots. What is negative or NaN is a `UsageError`; a station
    whose capacity nobody knows is given 0 by the caller, and said so.
    """
    people, places = np.asarray(workers, dtype=float), np.asarray(capacity, dtype=float)
    if not (people >= 0).all() or not (places >= 0).all() or not limit >= 0:
        raise UsageError("workers, capacity and limit are 0 or more")
    each = np.bincount(ground.site_of, minlength=ground.sites)[ground.site_of]
    spot = ground.spot
    zone = np.searchsorted(limit * np.arange(1, len(weights)) / len(weights), ground.cost)
    weight = np.array(weights)[zone]
    asking = (people[ground.site_of] / each)[spot] * weight
    total = np.bincount(ground.station, asking, minlength=places.size)
    ratio = np.divide(places, total, out=np.zeros(places.size), where=total > 0)
    found = np.bincount(spot, ratio[ground.station] * weight, minlength=each.size)
    return Access(ratio, np.bincount(ground.site_of, found / each, minlength=ground.sites))
