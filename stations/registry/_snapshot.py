"""One revision of the register in memory, and the evidence about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from geodata.errors import UsageError
from stations.registry import _columns
from stations.registry._cells import record_of
from stations.registry._columns import Rows
from stations.registry._derived import Derived
from stations.registry._kept import REMEMBERED
from stations.registry._move import Move, frozen
from stations.registry._parts import Layer, Parts
from stations.registry._stands import Stands, moving
from stations.registry._sureness import Sureness
from stations.schema import SITE_COLUMNS, STATION_COLUMNS
from stations.store import check_frame
from stations.trust import Ledger, evidence_frame, trust_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import geopandas as gpd

    from stations.store import Store
    from stations.trust import TrustModel

_RECORDS = 16_384  # records a snapshot keeps ready: the stations people ask for


@dataclass(frozen=True, eq=False)
class Registry(Parts):
    """The register at one revision; made by `from_frames`, `load`, or `moved` from another."""

    @classmethod
    def from_frames(
        cls,
        stations: gpd.GeoDataFrame,
        layers: Iterable[Layer] = (),
        revision: int = 0,
        *,
        model: TrustModel | None = None,
    ) -> Self:
        """Check the frames once, copy them, and derive what answers need.

        There is no evidence yet: see `with_ledger`. ``model`` is `trust.trust_model()` if None.
        Frames that break `stations.schema` raise `FaultyDataError` with every fault.
        """
        check_frame(stations, STATION_COLUMNS)
        fresh = stations.sort_index()
        move = Move.of((), fresh.index.tolist())
        model = model or trust_model()
        return cls._made(move, fresh, revision, layers=_by_name(layers), model=model, before=None)

    @classmethod
    def load(
        cls,
        store: Store,
        as_of: int | None = None,
        *,
        model: TrustModel | None = None,
        evidence: pd.DataFrame | None = None,
    ) -> Self:
        """Read one revision of the store, the newest for None, and all evidence there is.

        ``evidence`` is what was read of the store already, ``model`` as in `from_frames`.
        """
        number = store.revision() if as_of is None else as_of
        layers = [Layer(info, store.sites(info.name, number)) for info in store.layers(number)]
        registry = cls.from_frames(store.stations(number), layers, number, model=model)
        return registry.with_evidence(store.evidence() if evidence is None else evidence)

    def moved(
        self,
        revision: int,
        stations: gpd.GeoDataFrame,
        removed: Iterable[str] = (),
        layers: Iterable[Layer] | None = None,
    ) -> Self:
        """Return the snapshot of another revision: what one made anew would be, for less.

        ``stations`` are those added or changed (frame), ``removed`` the ids of others, ``layers``
        all there are, None if none is different. Of evidence it has what this one has about the
        ids that stay: see `told_anew`. What is `Movable` of the derived values is brought along.
        """
        check_frame(stations, STATION_COLUMNS)
        fresh = stations.sort_index()
        move = Move.of(self._rows.columns["id"], fresh.index.tolist(), removed)
        by_name = self.layers if layers is None else _by_name(layers, self.layers)
        made = self._made(move, fresh, revision, layers=by_name, model=self.model, before=self)
        made._derived.take_over(self._derived, made, move)  # noqa: SLF001 - its own kind
        return made

    @classmethod
    def _made(
        cls,
        move: Move,
        fresh: gpd.GeoDataFrame,
        revision: int,
        *,
        layers: Mapping[str, Layer],
        model: TrustModel,
        before: Self | None,
    ) -> Self:
        known = None if before is None else before._rows  # noqa: SLF001 - its own kind
        rows = (known or Rows.none()).moved(move, fresh, model)
        active = frozen(np.flatnonzero(rows.in_use))
        lon, lat = rows.lon[active], rows.lat[active]
        index = _columns.index_of(lon, lat, None if before is None else before.index)
        offered = None if before is None else before._offering  # noqa: SLF001 - its own kind
        offering = _columns.offerings(rows.masks, active, index, offered)
        pins = Stands.pins(rows, active, index, offering)
        record = partial(record_of, rows.columns, rows.lon, rows.lat)
        return cls(
            revision=revision,
            layers=MappingProxyType(layers),
            active=active,
            index=index,
            stands=moving(pins, rows, None if before is None else before.stands),
            _rows=rows,
            _sureness=Sureness.of(model, rows.priors, _ledger(move, before, fresh.index)),
            _record=lru_cache(_RECORDS)(record),
            _offers=lru_cache(REMEMBERED)(partial(_columns.offers, rows.masks[active])),
            _offering=offering,
        )

    def with_evidence(self, evidence: pd.DataFrame) -> Self:
        """Return the snapshot with this evidence (frame) and no other."""
        return self.with_ledger(Ledger.from_frame(evidence, self.stations.index))

    def with_ledger(self, ledger: Ledger) -> Self:
        """Return the snapshot with this evidence and no other; all the rest is shared.

        The ledger is made with this snapshot's ids: `UsageError` for another number of stations.
        """
        if ledger.stations != len(self.stations):
            raise UsageError(
                f"expected evidence about {len(self.stations)} stations, got {ledger.stations}"
            )
        sureness = Sureness.of(self._sureness.model, self.priors, ledger)
        return replace(self, _sureness=sureness)

    def told_anew(self, ids: Iterable[str], evidence: pd.DataFrame) -> Self:
        """Return the snapshot in which ``evidence`` is all there is about some ids.

        `trust.related` says about which it must be for mergers to count; the others' stays. Ids
        that are none of the stations' are left out.
        """
        known = [(row, each) for each in sorted(set(ids)) if (row := self._row(each)) is not None]
        names = pd.Index([each for _, each in known], dtype="str")
        if not known:
            return self
        about = Ledger.from_frame(evidence, names)
        return self.with_ledger(self.ledger.told_anew(np.array([row for row, _ in known]), about))

    def with_layers(self, layers: Iterable[Layer]) -> Self:
        """Return the snapshot with these layers and no others; what is derived is derived anew."""
        by_name = {layer.info.name: layer for layer in layers}
        return replace(self, layers=MappingProxyType(by_name), _derived=Derived())

    def derived[T](self, build: Callable[[Registry], T]) -> T:
        """Return ``build(self)``, computed once and shared by all that differ in evidence only.

        So it must not depend on the evidence, nor keep the registry it is given.
        """
        return self._derived.get(build, self)


def _ledger(move: Move, before: Registry | None, ids: pd.Index[str]) -> Ledger:
    """Return the evidence there was about the stations that stay."""
    if before is None:
        return Ledger.from_frame(evidence_frame([]), ids)
    return before.ledger if move.same_ids else before.ledger.moved(move.to_same_id, len(move))


def _by_name(layers: Iterable[Layer], known: Mapping[str, Layer] | None = None) -> dict[str, Layer]:
    """Check layers and put them in order; those ``known`` as they are need no check."""
    found: dict[str, Layer] = {}
    for layer in sorted(layers, key=lambda layer: layer.info.name):
        if layer.info.name in found:
            raise UsageError(f"two layers are called {layer.info.name!r}")
        if known is not None and known.get(layer.info.name) is layer:
            found[layer.info.name] = layer
            continue
        check_frame(layer.sites, SITE_COLUMNS)
        found[layer.info.name] = Layer(layer.info, layer.sites.sort_index())
    return found
