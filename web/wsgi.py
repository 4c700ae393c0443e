"""The application as a server loads it: settings and register from the process's environment."""

from __future__ import annotations

import gc
import os
import time

from stations.registry import LiveRegistry
from stations.store import Store
from stations.trust import trust_model
from web.app import create_app
from web.settings import Settings

POLL_S = 0.5
"""How often, at most, a worker asks the store whether there is something new."""

settings = Settings.from_env(os.environ)
model = trust_model(settings.half_life_days)
live = LiveRegistry(Store.open(settings.db), POLL_S, time.monotonic, model=model)
app = create_app(settings, live)
gc.collect()
gc.freeze()  # the snapshot is large and has no cycles: no collection need look at it again
