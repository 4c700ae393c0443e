"""The newest snapshot of a store that others write to."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pandas as pd

from geodata.errors import ProjectError, UsageError
from stations.registry._snapshot import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from stations.store import Store
    from stations.trust import TrustModel


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
    ) -> None:
        """Load the first snapshot; a store that cannot be read raises its error here.

        ``prepare`` is given each newly loaded snapshot before anybody else: what it makes of it
        (`Registry.derived`) no request has to wait for.

        ``clock`` counts seconds and never goes back (`time.monotonic`); the store is asked for
        what is new at most every ``poll_s`` seconds. A store that tells by itself (`Store.follow`)
        is followed at once, in a thread of its own, until it is closed: then no request loads a
        snapshot. ``model`` as in `Registry.from_frames`.
        """
        if not poll_s >= 0:
            raise UsageError(f"expected poll_s >= 0, got {poll_s}")
        self._prepare = prepare
        self._store, self._poll_s, self._clock = store, poll_s, clock
        self._loading = threading.Lock()
        self._error: ProjectError | None = None
        self._evidence = store.evidence()
        self._snapshot = self._ready(Registry.load(store, model=model, evidence=self._evidence))
        self._next_look = clock() + poll_s
        store.follow(self.refresh)

    @property
    def store(self) -> Store:
        """The store it follows."""
        return self._store

    @property
    def error(self) -> ProjectError | None:
        """Why the last look at the store failed; None if it did not. The old snapshot serves on."""
        return self._error

    def current(self) -> Registry:
        """Return the newest snapshot; while one thread loads it, the others get the one before."""
        if self._clock() >= self._next_look and self._loading.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._next_look = self._clock() + self._poll_s
                self._loading.release()
        return self._snapshot

    def refresh(self) -> Registry:
        """Look at the store now, and return a snapshot with everything recorded before the call.

        Should the look fail, `error` says why, and it is the snapshot before.
        """
        with self._loading:
            self._look()
            return self._snapshot

    def _look(self) -> None:
        try:
            number, heard = self._store.revision(), self._hear()
            before = self._snapshot
            if number != before.revision:
                loaded = Registry.load(self._store, number, model=before.model, evidence=heard)
                self._snapshot = self._ready(loaded)
            elif heard is not self._evidence:
                self._snapshot = before.with_evidence(heard)
            self._evidence, self._error = heard, None
        except ProjectError as error:
            self._error = error

    def _hear(self) -> pd.DataFrame:
        """Return all evidence: the same frame as before if none is new."""
        before = self._evidence
        known = int(before.index[-1]) if len(before) else 0
        newest = self._store.evidence_number()
        if newest == known:
            return before
        if newest < known:  # another file was put in the register's place
            return self._store.evidence()
        return pd.concat([before, self._store.evidence(after=known)])

    def _ready(self, registry: Registry) -> Registry:
        """Compute what the first requests would otherwise wait for."""
        _ = registry.destinations
        if self._prepare is not None:
            self._prepare(registry)
        return registry
