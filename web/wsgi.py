"""The application as a server loads it: settings and register from the process's environment."""

from __future__ import annotations

import gc
import os
import time
from pathlib import Path

from geodata.geodesy import LonLat
from stations import nearest
from stations.reach import ReachCache
from stations.registry import LiveRegistry, Registry
from stations.store import Store
from stations.trust import trust_model
from web.app import create_app, utc_now
from web.jobs import folder_of
from web.metrics import SHARED, Metrics, take_slot
from web.roads import LiveTravel
from web.settings import Settings

POLL_S = 0.5
"""How often, at most, a worker asks the store whether there is something new."""

settings = Settings.from_env(os.environ)
model = trust_model(settings.half_life_days)
if counts := os.environ.get(SHARED):
    take_slot(Path(counts))
counted = Metrics(Path(counts) if counts else None)
store = Store.open(settings.db)
travel = LiveTravel.of(settings, time.monotonic)


def prepare(registry: Registry) -> None:
    """Compute beforehand what the first questions to a new register would wait for."""
    how = travel()
    nearest.prepare(registry, how)
    if len(registry.active):
        row = registry.active[0]
        here = LonLat(float(registry.lon[row]), float(registry.lat[row]))
        nearest.find(registry, here, limit=1, at=utc_now(), open_="arrival", travel=how)
    counted.loaded(registry.revision)


live = LiveRegistry(store, POLL_S, time.monotonic, model=model, prepare=prepare)
kept = ReachCache(settings.data_folder / "reach")
jobs = folder_of(settings.data_folder / "jobs", settings.db)
app = create_app(settings, live, utc_now, travel, kept, jobs_folder=jobs, counted=counted)
gc.collect()
gc.freeze()  # the snapshot is large and has no cycles: no collection need look at it again
