"""The application as a server has it: the register loaded once, and followed by each process."""

from __future__ import annotations

import gc
import logging
import os
import secrets
import sys
import time
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from geodata.geodesy import LonLat
from stations import nearest
from stations.reach import ReachCache
from stations.registry import LiveRegistry
from stations.store import Store
from stations.trust import trust_model
from web.api import replies
from web.app import create_app, utc_now
from web.jobs import folder_of
from web.limits import Senders
from web.metrics import SHARED, Metrics, take_slot
from web.roads import LiveTravel

if TYPE_CHECKING:
    from apiflask import APIFlask

    from geodata.errors import ProjectError
    from stations.registry import Begun, Registry
    from web.settings import Settings

log = logging.getLogger("web.serving")

POLL_S = 0.25
"""How often a process asks the store whether there is something new."""
SPENT = "limits.sqlite"
"""The file of what is limited, in the folder where all processes count."""
SWITCH_S = 0.0005
"""How long a request waits for a thread that saves or follows to let it go on; 5 ms by itself."""


@dataclass(frozen=True)
class Start:
    """What processes that serve begin with: it goes through a fork, and they share its memory.

    It holds no connection, no thread and no lock that is held; the routing engine of a road
    network starts anew in each process (`geodata.roads`).
    """

    settings: Settings
    travel: LiveTravel
    begun: Begun
    secret: bytes = field(default_factory=partial(secrets.token_bytes, 32), repr=False)
    """What stands for a sender is the same in all processes, and gone with the last."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Load the register and open the road network; without the latter minutes are estimates."""
        travel = LiveTravel.of(settings, time.monotonic)
        return cls(settings, travel, _followed(settings, travel, None))

    def renewed(self) -> Self:
        """Return it with what was recorded since; a store that is gone raises its error."""
        return replace(self, begun=_followed(self.settings, self.travel, self.begun))


def application(start: Start) -> APIFlask:
    """Return the application of this process, which follows the register from now on.

    Once a process, and after it was forked.
    """
    settings, travel = start.settings, start.travel
    counts = os.environ.get(SHARED)
    if counts:
        take_slot(Path(counts))
    counted = Metrics(Path(counts) if counts else None)

    def prepare(registry: Registry) -> None:
        ready(registry, travel)
        counted.loaded(registry.revision)

    senders = Senders(start.secret, Path(counts, SPENT) if counts else None)
    store = Store.open(settings.db)
    live = LiveRegistry(
        store, POLL_S, time.monotonic, prepare=prepare, begun=start.begun, failing=_failing
    )
    kept = ReachCache(settings.data_folder / "reach")
    jobs = folder_of(settings.data_folder / "jobs", settings.db)
    made = partial(create_app, jobs_folder=jobs, counted=counted, senders=senders)
    app = made(settings, live, utc_now, travel, kept)
    gc.collect()
    gc.freeze()  # the snapshot is large and has no cycles: no collection need look at it again
    sys.setswitchinterval(SWITCH_S)
    live.follow()
    return app


def _failing(error: ProjectError | None) -> None:
    """Log that the store cannot be read, once, and that it can be again."""
    if error is None:
        log.warning("the register's store can be read again")
    else:
        log.warning("the register's store cannot be read, the revision before serves on: %s", error)


def ready(registry: Registry, travel: LiveTravel) -> None:
    """Compute beforehand what the first questions to a new register would wait for."""
    how = travel.beforehand()
    nearest.prepare(registry, how)
    replies.version_of(registry)
    if len(registry.active):
        row = registry.active[0]
        here = LonLat(float(registry.lon[row]), float(registry.lat[row]))
        nearest.find(registry, here, limit=1, at=utc_now(), open_="arrival", travel=how)


def _followed(settings: Settings, travel: LiveTravel, begun: Begun | None) -> Begun:
    """Return how far the register is now, by a store that is closed again."""
    model = trust_model(settings.half_life_days)
    prepare = partial(ready, travel=travel)
    with Store.open(settings.db) as store:
        live = LiveRegistry(
            store, POLL_S, time.monotonic, model=model, prepare=prepare, begun=begun
        )
        return live.begun
