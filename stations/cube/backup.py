"""Backup: who hangs on a single station, or on the stations of a single host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd

from stations.cube import bits
from stations.cube.supply import EVERY

if TYPE_CHECKING:
    from geodata.geodesy import IntArray
    from stations.cube.bits import Words
    from stations.cube.measure import Amounts, Cube

type Of = Literal["station", "host"]


class _Carriers(NamedTuple):
    """Which stations, or hosts, carry which site; sorted by site."""

    site: IntArray
    name: np.ndarray
    words: Words
    """Hours at which the site is there and any part of it has it usable within reach."""


def backup(cube: Cube) -> pd.DataFrame:
    """Return for every site how much of its real coverage has no backup.

    Columns: ``covered`` worker-hours; ``one_station`` and ``one_host``: of these, at hours with
    exactly one station (or stations of one host only) usable in reach of any part of the site;
    ``one_station_hours`` and ``one_host_hours``, how many such hours there are. A station whose
    host nobody knows counts as a host of its own.
    """
    covered = cube.covered(EVERY)
    columns: dict[str, Amounts] = {"covered": covered.sum(axis=1)}
    for of in ("station", "host"):
        alone = bits.unpacked(_sole(cube, _carriers(cube, of)), cube.hours) > 0
        columns[f"one_{of}"] = np.where(alone, covered, 0).sum(axis=1)
        columns[f"one_{of}_hours"] = alone.sum(axis=1)
    return pd.DataFrame(columns, index=cube.sites.index)


def leaning(cube: Cube, of: Of) -> pd.DataFrame:
    """Return the stations (or hosts) some site hangs on alone: most worker-hours first, by name.

    Columns: ``sites``, ``worker_hours`` (covered, that nobody else would), ``site_ids``.
    """
    carriers, covered = _carriers(cube, of), cube.covered(EVERY)
    words = carriers.words & _sole(cube, carriers)[carriers.site]
    hangs = words.any(axis=1)
    site = carriers.site[hangs]
    held = np.where(bits.unpacked(words[hangs], cube.hours), covered[site], 0).sum(axis=1)
    ids = cube.sites.index.to_numpy(dtype=object)[site]
    rows = pd.DataFrame({of: carriers.name[hangs], "worker_hours": held, "id": ids})[held > 0]
    found = rows.groupby(of).agg(
        sites=("id", "size"), worker_hours=("worker_hours", "sum"), site_ids=("id", tuple)
    )
    order = np.lexsort((np.arange(len(found)), -found["worker_hours"].to_numpy()))
    return found.iloc[order]


def _carriers(cube: Cube, of: Of) -> _Carriers:
    near, supply = cube.ground.nearest(), cube.supply
    words = supply.usable()[near.station] & bits.packed(cube.there)[near.spot]
    ids = supply.ids.astype(str).astype(object)
    by = ids if of == "station" else np.where(supply.hosts == "", "id " + ids, supply.hosts)
    names, carrier = np.unique(by.astype(str), return_inverse=True)
    key = near.spot * len(names) + carrier[near.station]
    order = np.argsort(key, kind="stable")
    found, begins = np.unique(key[order], return_index=True)
    joined = bits.united(words, order, np.append(begins, key.size))
    site, number = np.divmod(found, max(len(names), 1))
    return _Carriers(site, names[number], joined)


def _sole(cube: Cube, carriers: _Carriers) -> Words:
    """Return the hours at which exactly one carries each site."""
    begins = np.searchsorted(carriers.site, np.arange(len(cube.sites) + 1))
    return bits.sole(carriers.words, np.arange(len(carriers.words)), begins)
