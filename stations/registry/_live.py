"""The newest snapshot of a store that others write to."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from geodata.errors import ProjectError, UsageError
from stations.registry._parts import Layer
from stations.registry._snapshot import Registry
from stations.trust import related

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from stations.store import Revision, Store
    from stations.trust import TrustModel

_SHARE = 5
"""Where more than one row in so many changed since the whole was read, it is read anew."""
_FEW = 200
"""So many rows may change in however small a register."""
_PIECES = 2_000
"""Where more pieces of evidence are new, all is read anew."""


class Begun(NamedTuple):
    """How far a register was followed; holds no store and may go through a fork."""

    registry: Registry
    revision: Revision | None
    """The snapshot's."""
    heard: int
    """The number of the newest piece of evidence the snapshot has."""
    mergers: pd.DataFrame
    """Those among the evidence."""
    fresh: int
    """How many rows changed since the whole was read."""


class LiveRegistry:
    """The newest snapshot of a store that others write to; shared by all threads."""

    def __init__(
        self,
        store: Store,
        poll_s: float,
        clock: Callable[[], float],
        *,
        model: TrustModel | None = None,
        prepare: Callable[[Registry], object] | None = None,
        begun: Begun | None = None,
        failing: Callable[[ProjectError | None], object] | None = None,
    ) -> None:
        """Load the first snapshot; a store that cannot be read raises its error here.

        ``begun``: go on from there instead, ``model`` being its own. ``prepare`` is given each new
        snapshot before anybody else: what it makes of it (`Registry.derived`) no request has to
        wait for. ``clock`` counts seconds and never goes back (`time.monotonic`); the store is
        asked for what is new at most every ``poll_s`` seconds: by `current`, or, once there was a
        `follow`, by a thread. ``model`` as in `Registry.from_frames`. ``failing`` is given the
        error when looks begin to fail, and None when they no longer do.
        """
        if not poll_s >= 0:
            raise UsageError(f"expected poll_s >= 0, got {poll_s}")
        self._prepare, self._failing = prepare, failing
        self._store, self._poll_s, self._clock = store, poll_s, clock
        self._looking = threading.Lock()
        self._followed = False
        self._error: ProjectError | None = None
        self._at = self._caught_up(begun) if begun else self._whole(model)
        self._snapshot = self._ready(self._at.registry)
        self._next_look = clock() + poll_s

    @property
    def store(self) -> Store:
        """The store it follows."""
        return self._store

    @property
    def begun(self) -> Begun:
        """How far it has come: another one, in another process too, can go on from there."""
        return self._at

    @property
    def error(self) -> ProjectError | None:
        """Why the last look at the store failed; None if it did not. The old snapshot serves on."""
        return self._error

    def follow(self) -> None:
        """Follow the store in a thread of its own, until it is closed: `current` looks no more."""
        self._followed = True
        self._store.follow(self.refresh, self._poll_s)

    def current(self) -> Registry:
        """Return the newest snapshot; while one thread looks for it, the others get the last."""
        if self._followed:
            return self._snapshot
        if self._clock() >= self._next_look and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._next_look = self._clock() + self._poll_s
                self._looking.release()
        return self._snapshot

    def refresh(self) -> Registry:
        """Look at the store now, and return a snapshot with everything recorded before the call.

        Should the look fail, `error` says why, and it is the snapshot before.
        """
        with self._looking:
            self._look()
            return self._snapshot

    def _look(self) -> None:
        try:
            at = self._caught_up(self._at)
        except ProjectError as error:
            self._note(error)
            return
        before = self._at
        if at.registry.stations is not before.registry.stations:  # not the evidence only
            self._ready(at.registry)
        self._snapshot, self._at = at.registry, at
        self._note(None)

    def _note(self, error: ProjectError | None) -> None:
        """Keep what became of a look, and tell if that is news."""
        news = (error is None) != (self._error is None)
        self._error = error
        if news and self._failing is not None:
            self._failing(error)

    def _whole(self, model: TrustModel | None) -> Begun:
        """Read all there is."""
        newest = self._store.newest()
        evidence, mergers = self._store.evidence(), self._store.mergers()
        number = newest.number if newest else 0
        registry = Registry.load(self._store, number, model=model, evidence=evidence)
        return Begun(registry, newest, _last(evidence, 0), mergers, 0)

    def _caught_up(self, at: Begun) -> Begun:
        """Return where things are now: the same if nothing is new."""
        newest, heard = self._store.newest(), self._store.evidence_number()
        if newest == at.revision and heard == at.heard:
            return at
        if not self._follows(at, newest) or not 0 <= heard - at.heard <= _PIECES:
            return self._whole(at.registry.model)
        moved = at if newest is None or newest == at.revision else self._moved(at, newest)
        if moved is None:
            return self._whole(at.registry.model)
        return self._heard(moved) if heard > at.heard else moved

    def _follows(self, at: Begun, newest: Revision | None) -> bool:
        """Tell whether the store goes on from where we are, and is not another one put there."""
        if newest == at.revision or at.revision is None:
            return True
        return newest is not None and self._store.recorded(at.revision.number) == at.revision

    def _moved(self, at: Begun, newest: Revision) -> Begun | None:
        """Return it with what was recorded up to a revision; None if that is too much."""
        registry = at.registry
        most = max(_FEW, len(registry.stations) // _SHARE) - at.fresh
        changed = self._store.changed(registry.revision, newest.number, most)
        if changed is None:
            return None
        layers = self._layers(registry, newest.number, changed.layers)
        moved = registry.moved(newest.number, changed.stations, changed.removed, layers)
        ids = registry.lacking(changed.stations.index) | changed.removed
        moved = self._told(moved, related(at.mergers, ids), at.heard)
        return at._replace(registry=moved, revision=newest, fresh=at.fresh + len(changed.stations))

    def _heard(self, at: Begun) -> Begun:
        """Return it with the evidence that is new."""
        heard, ids, merged = self._store.said_after(at.heard)
        mergers = self._store.mergers() if merged else at.mergers
        registry = self._told(at.registry, related(mergers, ids), heard)
        return at._replace(registry=registry, heard=heard, mergers=mergers)

    def _layers(
        self, registry: Registry, number: int, touched: Iterable[str]
    ) -> list[Layer] | None:
        """Return the layers, those not touched as they are; None if none is."""
        if not touched:
            return None
        return [
            Layer(info, self._store.sites(info.name, number))
            if info.name in touched
            else registry.layer(info.name)
            for info in self._store.layers(number)
        ]

    def _told(self, registry: Registry, ids: set[str], heard: int) -> Registry:
        """Return the snapshot with all that was said about some ids, up to a piece."""
        if not ids:
            return registry
        told = self._store.evidence(stations=ids)
        return registry.told_anew(ids, told[told.index <= heard])

    def _ready(self, registry: Registry) -> Registry:
        """Compute what the first requests would otherwise wait for."""
        _ = registry.destinations
        if self._prepare is not None:
            self._prepare(registry)
        return registry


def _last(evidence: pd.DataFrame, known: int) -> int:
    return int(evidence.index[-1]) if len(evidence) else known
