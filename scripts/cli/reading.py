"""The register a command asks, as the server would read it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stations import Registry
from stations.trust import TrustModel, trust_model
from web.settings import Settings

if TYPE_CHECKING:
    from stations.store import Store

_HALF_LIFE = "STATIONS_HALF_LIFE_DAYS"


def trust_as_set() -> TrustModel:
    """Return the trust model with the half-life that ``STATIONS_HALF_LIFE_DAYS`` says."""
    told = {name: value for name, value in os.environ.items() if name == _HALF_LIFE}
    return trust_model(Settings.from_env(told).half_life_days)


def read_register(store: Store, number: int | None = None) -> Registry:
    """Read a revision, the newest for None, with all evidence and the half-life that is set."""
    return Registry.load(store, number, model=trust_as_set())
