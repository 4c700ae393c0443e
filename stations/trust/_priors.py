"""What we believe of a station before anybody said anything about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    """Return the priors of a stations frame (columns ``kind`` and ``host``), row by row."""
    codes, hosts = pd.factorize(stations["host"])
    means = np.array([host.mean for host in model.hosts.values()])[_classes(hosts, model)]
    kind_codes, kinds = pd.factorize(stations["kind"])
    factors = np.array([model.kinds.get(kind, 1.0) for kind in kinds], dtype=float)
    success = model.strength * means[codes] * factors[kind_codes]
    return Priors(success, model.strength - success)


def host_class(host: str, model: TrustModel) -> str:
    """Return which of ``model.hosts`` a host belongs to, by the words in its name.

    Width and case make no difference; a word in Latin letters must stand by itself. A host of no
    class is ``other``, a blank one ``none``.
    """
    return list(model.hosts)[int(_classes([host], model)[0])]


def _classes(hosts: Iterable[str], model: TrustModel) -> IntArray:
    """Return the position in ``model.hosts`` of each host's class, the first that matches."""
    text = pc.utf8_lower(pc.utf8_normalize(pa.array(hosts, pa.string()), form="NFKC"))
    order = {name: number for number, name in enumerate(model.hosts)}
    found = pc.if_else(_matches(text, r"^\s*$"), order["none"], order["other"])
    for name in reversed([name for name, row in model.hosts.items() if row.words]):
        matching = _matches(text, _pattern(model.hosts[name].words))
        found = pc.if_else(matching, order[name], found)
    classes: IntArray = found.to_numpy(zero_copy_only=False)
    return classes


def _matches(text: pa.Array, pattern: str) -> pa.Array:
    return pc.match_substring_regex(text, pattern=pattern)


def _pattern(words: tuple[str, ...]) -> str:
    """Return an expression for any of the words; its word ends are those of ASCII letters only."""
    return "|".join(rf"\b{re.escape(w)}\b" if w.isascii() else re.escape(w) for w in words)
