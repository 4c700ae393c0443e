"""How evenly coverage is spread: Gini, Lorenz, the worst-off tenth; and catchments (E2SFCA)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geodata.errors import UsageError
from stations.cube.losses import table
from stations.cube.workers import worker_types

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from geodata.geodesy import FloatArray
    from stations.cube.measure import Cube

DECILE = 0.1


class Lorenz(NamedTuple):
    """Points of a Lorenz curve from (0, 0) to (1, 1), the worst off first.

    No point where nobody has anything: nothing is shared out then, evenly or not.
    """

    people: FloatArray
    """Share of all weight."""
    covered: FloatArray
    """Share of all that is covered."""


class Fairness(NamedTuple):
    """How evenly something is spread over groups of people."""

    gini: float
    """0: all alike; towards 1: few have all. NaN without people, or where nobody is covered."""
    worst_decile: float
    """Mean over the tenth of the people worst off. NaN without people."""
    mean: float
    lorenz: Lorenz
    groups: pd.DataFrame
    """By group: ``weight`` (worker-hours) and ``share`` (covered)."""

    @property
    def nobody(self) -> bool:
        """Whether there are people, and nobody is covered."""
        return self.mean == 0

    @property
    def single(self) -> bool:
        """Whether all who are there are of one group: there is nothing to compare."""
        return int((self.groups["weight"] > 0).sum()) == 1


def lorenz(values: npt.ArrayLike, weights: npt.ArrayLike) -> Lorenz:
    """Return the Lorenz curve of ``values`` (0 or more) held by groups of ``weights`` people.

    Groups of no weight do not count. No point where nobody has anything. `UsageError` for what is
    negative or NaN.
    """
    value, weight = _checked(values, weights)
    order = np.argsort(value, kind="stable")
    people = np.concatenate(([0.0], np.cumsum(weight[order])))
    held = np.concatenate(([0.0], np.cumsum((weight * value)[order])))
    if not held[-1]:
        return Lorenz(np.zeros(0), np.zeros(0))
    return Lorenz(people / people[-1], held / held[-1])


def gini(values: npt.ArrayLike, weights: npt.ArrayLike) -> float:
    """Return the Gini coefficient of values held by groups of people.

    ``Σ Σ w_i w_j |x_i - x_j| / (2 W² mean)``, which is twice the area between the Lorenz curve
    and the diagonal (Gini 1912; the form with weights: Lerman and Yitzhaki 1989). NaN where nobody
    has anything: the mean is 0, and that is not evenness.
    """
    curve = lorenz(values, weights)
    if not curve.people.size:
        return float("nan")
    steps = np.diff(curve.people) * (curve.covered[1:] + curve.covered[:-1])
    return float(max(1 - steps.sum(), 0.0))


def worst_mean(values: npt.ArrayLike, weights: npt.ArrayLike, part: float = DECILE) -> float:
    """Return the mean value of the ``part`` of the people who have least.

    Exact: a group on the edge counts with as many of its people as still belong (the mean of a
    tail as Rockafellar and Uryasev 2002 define it for distributions with jumps). NaN without
    people.
    """
    if not 0 < part <= 1:
        raise UsageError(f"a part is above 0 and at most 1, not {part}")
    value, weight = _checked(values, weights)
    order = np.argsort(value, kind="stable")
    value, weight = value[order], weight[order]
    most = part * weight.sum()
    if not most:
        return float("nan")
    before = np.cumsum(weight) - weight
    counted = np.clip(most - before, 0, weight)
    return float((counted * value).sum() / most)


def over_areas(cube: Cube, by: str = "county") -> Fairness:
    """Return how evenly real coverage is spread over counties (or sites, prefectures …)."""
    return _fairness(_shares(table(cube, by)))


def over_types(cubes: Mapping[str, Cube]) -> Fairness:
    """Return how evenly real coverage is spread over types of worker.

    ``cubes`` by the name of their layer. A site's type is what its record says (`worker_types`),
    or else its layer's name; the same type in two layers is one group. `UsageError` where some
    layers know workers and others none: worker-hours and site-hours do not add up.
    """
    if len({cube.weighed for cube in cubes.values()}) > 1:
        raise UsageError(
            "only layers that all know their numbers of workers, or all do not, can be compared"
        )
    parts = []
    for name, cube in cubes.items():
        sums = table(cube, "site")[["present", "covered"]]
        types = worker_types(cube.sites).replace("", name)
        parts.append(sums.groupby(types.to_numpy()).sum())
    every = pd.concat(parts) if parts else pd.DataFrame(columns=["present", "covered"])
    return _fairness(_shares(every.groupby(level=0).sum()))


def _shares(sums: pd.DataFrame) -> pd.DataFrame:
    weight = sums["present"].to_numpy(dtype=float)
    covered = sums["covered"].to_numpy(dtype=float)
    share = np.divide(covered, weight, out=np.zeros(len(weight)), where=weight > 0)
    return pd.DataFrame({"weight": weight, "share": share}, index=sums.index)


def _fairness(groups: pd.DataFrame) -> Fairness:
    value, weight = groups["share"].to_numpy(dtype=float), groups["weight"].to_numpy(dtype=float)
    total = weight.sum()
    mean = float((value * weight).sum() / total) if total else float("nan")
    return Fairness(
        gini(value, weight), worst_mean(value, weight), mean, lorenz(value, weight), groups
    )


def _checked(values: npt.ArrayLike, weights: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    value, weight = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    if value.shape != weight.shape or not ((value >= 0) & (weight >= 0)).all():
        raise UsageError("values and weights are as many, and none below 0")
    return value[weight > 0], weight[weight > 0]
