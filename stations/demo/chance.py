"""Seeded chance: streams of random numbers, exact shares, draws without replacement.

Proportions are never left to chance here: a share becomes a count by the method of largest
remainders, and chance only decides who is among the counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geodata.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from geodata.geodesy import FloatArray, IntArray

    type ObjectArray = NDArray[np.object_]


def streams(seed: int, count: int) -> list[np.random.Generator]:
    """Return ``count`` independent PCG64 generators; the same seed gives the same ones.

    A negative seed raises `UsageError`.
    """
    if not seed >= 0:
        raise UsageError(f"the seed must be 0 or a positive whole number, got {seed}")
    return [
        np.random.Generator(np.random.PCG64(child))
        for child in np.random.SeedSequence(seed).spawn(count)
    ]


def shared_out(total: int, weights: ArrayLike, *, least: int = 0) -> IntArray:
    """Divide ``total`` by weight into whole counts that add up to it, by largest remainders.

    Everybody first gets ``least``; the weights divide what is left. Equal remainders are served
    in order.
    """
    weight = np.asarray(weights, dtype=np.float64)
    exact = (total - least * len(weight)) * weight / weight.sum()
    counts = np.floor(exact).astype(np.int64)
    missing = total - least * len(weight) - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:missing]] += 1
    return counts + least


def drawn(rng: np.random.Generator, weights: FloatArray, count: int) -> IntArray:
    """Draw ``count`` different rows, each round by weight; weight 0 is drawn last of all.

    Every row waits an exponential time of rate ``weight``; the first ``count`` are drawn.
    """
    wait = rng.exponential(size=len(weights))
    arrival = np.divide(wait, weights, out=np.full(len(weights), np.inf), where=weights > 0)
    return np.argsort(arrival, kind="stable")[:count]


def dealt(rng: np.random.Generator, count: int, weights: Mapping[str, float]) -> ObjectArray:
    """Return ``count`` words in random order, each as often as its weight says, exactly."""
    counts = shared_out(count, list(weights.values()))
    words = np.repeat(np.array(list(weights), dtype=object), counts)
    return rng.permutation(words)


def picked(rng: np.random.Generator, count: int, words: Sequence[str]) -> list[str]:
    """Pick ``count`` words, every one as likely as the next."""
    return [words[number] for number in rng.integers(len(words), size=count)]


def serials(groups: IntArray) -> list[int]:
    """Count the rows of each run of equal values, from 1."""
    starts = np.flatnonzero(np.append(True, groups[1:] != groups[:-1]))
    lengths = np.diff(np.append(starts, len(groups)))
    numbers = np.arange(len(groups)) - np.repeat(starts, lengths) + 1
    return [int(number) for number in numbers]
