"""The application as a server loads it: settings and register from the process's environment."""

from __future__ import annotations

import gc
import os
import time

from stations.registry import LiveRegistry
from stations.store import Store
from web.app import create_app
from web.settings import Settings

POLL_S = 0.5
"""How often, at most, a worker asks the store whether there is a newer revision."""

settings = Settings.from_env(os.environ)
app = create_app(settings, LiveRegistry(Store.open(settings.db), POLL_S, time.monotonic))
gc.collect()
gc.freeze()  # the snapshot is large and has no cycles: no collection need look at it again
