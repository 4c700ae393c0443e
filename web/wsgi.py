"""The application as a server loads it: settings and register from the process's environment."""

from __future__ import annotations

import gc
import os
import time

from stations import nearest
from stations.reach import ReachCache
from stations.registry import LiveRegistry
from stations.store import Store
from stations.trust import trust_model
from web.app import create_app, utc_now
from web.roads import LiveTravel
from web.settings import DATA_FOLDER, Settings

POLL_S = 0.5
"""How often, at most, a worker asks the store whether there is something new."""

settings = Settings.from_env(os.environ)
model = trust_model(settings.half_life_days)
store = Store.open(settings.db)
live = LiveRegistry(store, POLL_S, time.monotonic, model=model, prepare=nearest.prepare)
travel = LiveTravel.of(settings, time.monotonic)
kept = ReachCache(DATA_FOLDER / "reach")
app = create_app(settings, live, utc_now, travel, kept, jobs_folder=DATA_FOLDER / "jobs")
gc.collect()
gc.freeze()  # the snapshot is large and has no cycles: no collection need look at it again
