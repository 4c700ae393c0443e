"""Road minutes of pairs of a sample point and a station's door, each asked of the roads once."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.roads import SNAP_M, WALK_M_PER_MIN, Snapped

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from geodata.geodesy import FloatArray, IntArray
    from geodata.roads import Costing, NetworkInfo, RoadNetwork
    from stations.reach.cache import ReachCache
    from stations.reach.samples import Samples

    type ComplexArray = npt.NDArray[np.complex128]
    type Progress = Callable[[int, int], None]

FORMAT = 2
"""Of the arrays kept; another number finds nothing of this one's."""


class RoadPairs:
    """Minutes from sample points to places, remembered by position, and on disk where there is one.

    What is remembered depends on the network, the mode and the samples, never on the stations:
    another revision of the register asks only for positions it alone has. Threads may share it.
    """

    def __init__(
        self,
        network: RoadNetwork,
        mode: str,
        samples: Samples,
        cache: ReachCache | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._network, self._mode, self._cache, self._progress = network, mode, cache, progress
        self.samples, self.costing = samples, network.costing(mode)
        self._asked, self._lock = 0, threading.Lock()
        self._key = _key_of(network.info, self.costing, samples)
        kept = cache.get(self._key) if cache is not None else None
        kept = kept or _nothing(network.snap(samples.lon, samples.lat, mode))
        self.origins = _snapped(kept, "origin")
        """The samples on the road."""
        self._places, self._doors = kept["places"], _snapped(kept, "door")
        self._pairs, self._minutes = kept["pairs"], kept["minutes"]

    def hush(self) -> None:
        """Tell ``progress`` no more: whoever asks from now on is not the one who waited for it."""
        self._progress = None

    def doors(self, lon: FloatArray, lat: FloatArray) -> tuple[IntArray, Snapped]:
        """Bring places to the road; the numbers they have here, and what was found."""
        with self._lock:
            return self._brought(lon + 1j * lat)

    def _brought(self, asked: ComplexArray) -> tuple[IntArray, Snapped]:
        new = np.setdiff1d(asked, self._places)
        if new.size:
            found = self._network.snap(new.real, new.imag, self._mode)
            self._places = np.concatenate((self._places, new))
            self._doors = _joined(self._doors, found)
        order = np.argsort(self._places, kind="stable")
        place = order[np.searchsorted(self._places, asked, sorter=order)]
        return place, self._doors.take(place)

    def minutes(self, sample: IntArray, place: IntArray) -> FloatArray:
        """Return the minutes of pairs, all with both ends on the road; infinite where no way is."""
        pair = place * self.origins.lon.size + sample
        with self._lock:
            self._ask(np.setdiff1d(pair, self._pairs))
            found: FloatArray = self._minutes[np.searchsorted(self._pairs, pair)]
        return found

    def _ask(self, pairs: IntArray) -> None:
        if not pairs.size:
            return
        place, sample = np.divmod(pairs, self.origins.lon.size)
        order = np.lexsort((place, sample))
        ways = self._network.pairs(
            self.origins,
            self._doors,
            sample[order],
            place[order],
            self._mode,
            progress=self._advance if self._progress else None,
        )
        self._asked += pairs.size
        keys, minutes = np.concatenate((self._pairs, pairs[order])), ways.minutes
        in_order = np.argsort(keys)
        self._pairs = keys[in_order]
        self._minutes = np.concatenate((self._minutes, minutes))[in_order]
        self._keep()

    def _advance(self, done: int, total: int) -> None:
        if self._progress:
            self._progress(self._asked + done, self._asked + total)

    def _keep(self) -> None:
        if self._cache is None:
            return
        snapped = {"origin": self.origins, "door": self._doors}
        columns = {
            f"{name}_{field}": column
            for name, found in snapped.items()
            for field, column in found._asdict().items()
        }
        columns |= {"places": self._places, "pairs": self._pairs, "minutes": self._minutes}
        self._cache.put(self._key, columns)


def _joined(some: Snapped, more: Snapped) -> Snapped:
    columns: list[Any] = [np.concatenate(both) for both in zip(some, more, strict=True)]
    return Snapped(*columns)


def _snapped(kept: dict[str, Any], name: str) -> Snapped:
    return Snapped(*(kept[f"{name}_{field}"] for field in Snapped._fields))


def _nothing(origins: Snapped) -> dict[str, Any]:
    """Return what is known before anything was asked: where the samples meet the road."""
    kept: dict[str, Any] = {f"origin_{name}": each for name, each in origins._asdict().items()}
    kept |= {f"door_{name}": each[:0] for name, each in origins._asdict().items()}
    kept |= {"places": np.empty(0, np.complex128), "pairs": np.empty(0, np.int64)}
    return kept | {"minutes": np.empty(0)}


def _key_of(info: NetworkInfo, costing: Costing, samples: Samples) -> str:
    """Name everything the minutes depend on, but for the places."""
    said = [FORMAT, info.id, info.engine, asdict(costing), WALK_M_PER_MIN, SNAP_M]
    seal = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    seal.update(samples.lon.tobytes())
    seal.update(samples.lat.tobytes())
    return seal.hexdigest()
