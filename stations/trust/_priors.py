"""What we believe of a station before anybody said anything about it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from geodata.geodesy import FloatArray, IntArray
    from stations.trust._model import TrustModel


@dataclass(frozen=True, eq=False)
class Priors:
    """The prior of each station, in visits of weight 1."""

    success: FloatArray
    """Shape (n,), above 0."""
    failure: FloatArray
    """Shape (n,), above 0."""

    def of(self, rows: IntArray) -> Priors:
        """Return the priors of some rows, in their order."""
        return Priors(self.success[rows], self.failure[rows])


def priors(stations: pd.DataFrame, model: TrustModel) -> Priors:
    """Return the priors of a stations frame (columns ``kind`` and ``host``), row by row.

    Each distinct host is classified once; do this once a snapshot.
    """
    codes, hosts = pd.factorize(stations["host"])
    of_class = {name: host.mean for name, host in model.hosts.items()}
    means = np.array([of_class[host_class(host, model)] for host in hosts], dtype=float)
    kind_codes, kinds = pd.factorize(stations["kind"])
    factors = np.array([model.kinds.get(kind, 1.0) for kind in kinds], dtype=float)
    success = model.strength * means[codes] * factors[kind_codes]
    return Priors(success, model.strength - success)


def host_class(host: str, model: TrustModel) -> str:
    """Return which of ``model.hosts`` a host belongs to, by the words in its name.

    Width and case make no difference; a word in Latin letters must stand by itself. A host of no
    class is ``other``, a blank one ``none``.
    """
    text = unicodedata.normalize("NFKC", host).casefold()
    if not text.strip():
        return "none"
    for name, row in model.hosts.items():
        if row.words and _pattern(row.words).search(text):
            return name
    return "other"


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    parts = (rf"(?<![a-z]){re.escape(w)}(?![a-z])" if w.isascii() else re.escape(w) for w in words)
    return re.compile("|".join(parts))
