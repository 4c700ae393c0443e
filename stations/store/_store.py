"""The register's home: read any state it ever had, add a change to it."""

from __future__ import annotations

from stations.store._heard import Heard
from stations.store._proof import Proof
from stations.store._register import Register


class Store(Register, Heard, Proof):
    """One register in a database; safe to share between threads, not to take through a fork.

    Every method may raise a `StoreError`: `StoreBusyError` (locked), `StoreReadOnlyError` or
    plain (damaged, gone). ``as_of`` is a revision number, 0 being the empty register before the
    first; None means the newest, and one that is not there raises `RevisionMissingError`.
    """
