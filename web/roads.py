"""The road network in use, followed while it is built anew."""

from __future__ import annotations

import hashlib
import logging
import math
import threading
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import shapely
from flask import current_app, has_request_context

from geodata import roads
from geodata.errors import MissingError, ProjectError
from geodata.roads import RoadNetwork, RoadsBrokenError, RoadsEngineError, RoadsServerError
from geodata.roads.engine import RefusalError
from stations.travel import Travel

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from geodata.roads import NetworkInfo, TruckSize
    from stations.reach import Limit
    from stations.registry import Registry
    from web.settings import Settings

log = logging.getLogger("web.roads")

POLL_S = 2.0
"""How often, at most, the folder is looked at."""
RIDER_S = 1.0
"""How long a rider waits for a server's answers before minutes are estimates."""
OPEN_S = 5.0
"""How long a server is waited for at the start."""
PROBE_S = 0.3
"""How long whoever is due waits for a sign of a server that was lost."""
RETRY_S, LONGEST_S = 5.0, 60.0
"""How often, at most, what is lost or damaged is tried again; a server lost time and again less."""
STEADY_S = 300.0
"""A server that was lost before so long is as good as one that never was."""
ESTIMATES = Travel()
LOST = (RoadsBrokenError, RoadsEngineError, RoadsServerError)
"""How an engine fails; minutes are estimates then."""


class LiveTravel:
    """How one gets about by now: call it. Shared by all threads.

    A folder is looked at again every few seconds, and a newer network opened; until that is done,
    and should it fail, the one before serves on. One whose files were written to is dropped at
    once: the engine has them mapped, and reading what is gone ends the process. A server that does
    not answer is lost for `riders` until it does again.
    """

    def __init__(
        self,
        place: str | None,
        clock: Callable[[], float],
        *,
        required: bool = True,
        truck: TruckSize | None = None,
        poll_s: float = POLL_S,
    ) -> None:
        """Open the network at ``place``; None: there is none, and minutes are estimates.

        So they are where it is damaged or a server is lost, until that has passed: `error` says so,
        and also of a network that is not there if it is ``required``. ``clock`` counts seconds and
        never goes back.
        """
        self._place, self._truck, self._clock, self._poll_s = place, truck, clock, poll_s
        self._watched = place is not None and not place.startswith(("http://", "https://"))
        self._loading = threading.Lock()
        self._error: ProjectError | None = None
        self._travel = Travel()
        self._required = required
        self._lost_at, self._pause = -math.inf, RETRY_S
        self._next_look = clock()
        if place is not None:
            self._try(self._look if self._watched else partial(self._reach, seconds=OPEN_S))

    @classmethod
    def of(cls, settings: Settings, clock: Callable[[], float]) -> Self:
        """Follow the network that the settings name."""
        place, required = settings.roads_place
        return cls(place, clock, required=required, truck=settings.truck)

    @property
    def error(self) -> ProjectError | None:
        """Why the last look failed; None if it did not."""
        return self._error

    @property
    def lost(self) -> ProjectError | None:
        """Why a server is not asked now; None if it is, and of a folder."""
        return None if self._watched else self._error

    def __call__(self) -> Travel:
        """Return how one gets about by now; while one thread looks, the others do not wait."""
        if self._watched:
            self._try(self._look)
        elif self._error is not None:
            self._try(self._reach)
        return self._travel

    def riders(self) -> Travel:
        """Return how a rider gets about: by estimate while a server is lost."""
        found = self()
        return found if self.lost is None else ESTIMATES

    def beforehand(self) -> Travel:
        """Return by what answers are worked out beforehand: a server is not asked for that."""
        return self() if self._watched else ESTIMATES

    def lose(self, error: ProjectError) -> None:
        """Have riders get estimates until a server that has failed answers again."""
        if not self._watched:
            now = self._clock()
            again = now - self._lost_at < STEADY_S
            self._pause = min(2 * self._pause, LONGEST_S) if again else RETRY_S
            self._lost_at, self._next_look = now, now + self._pause
            self._note(error)

    def _try(self, look: Callable[[str], None]) -> None:
        """Look whether anything is new, if that is due and nobody else does."""
        if self._clock() < self._next_look or not self._loading.acquire(blocking=False):
            return
        try:
            look(str(self._place))
        except ProjectError as error:
            self._note(error)
        finally:
            pause = self._poll_s if self._error is None else max(self._poll_s, RETRY_S)
            self._next_look = self._clock() + pause
            self._loading.release()

    def _look(self, place: str) -> None:
        before = self._travel.roads
        if before is not None and not before.intact:
            self._travel, before = ESTIMATES, None
        try:
            found = roads.status(Path(place))
        except MissingError:
            if before is None and self._required:
                raise
            self._error = None  # nothing built yet, or taken away: what is open serves on
            return
        if before is None or _mark(found) != _mark(before.info):
            self._travel = self._opened(place)
        self._error = None

    def _reach(self, place: str, seconds: float = PROBE_S) -> None:
        with roads.within(seconds):
            if self._travel.roads is None:
                self._travel = self._opened(place)
            else:
                with suppress(RefusalError):  # it answers, if only that it will not say
                    self._travel.roads.ask("status", {})
        self._error = None

    def _note(self, error: ProjectError) -> None:
        if self._error is None:
            log.warning("the road network cannot be used: %s", error)
        self._error = error

    def _opened(self, place: str) -> Travel:
        return Travel(RoadNetwork.open(place, truck=self._truck))


def answered[T](travel: Callable[[], Travel], ask: Callable[[Travel], T]) -> T:
    """Answer a rider over the roads or, where their engine fails or takes long, by estimate."""
    if not isinstance(travel, LiveTravel):
        return ask(travel())
    how = travel.riders()
    if how.roads is None:
        return ask(how)
    try:
        with roads.within(RIDER_S):
            return ask(how)
    except LOST as error:
        travel.lose(error)
        return ask(ESTIMATES)


def current() -> Travel:
    """Return how one gets about: ask once per request, so that one answer is of one network."""
    travel: Callable[[], Travel] = current_app.extensions["stations.travel"]
    return travel()


def for_riders() -> Travel:
    """Return how a rider gets about by now."""
    travel: Callable[[], Travel] = current_app.extensions["stations.travel"]
    return travel.riders() if isinstance(travel, LiveTravel) else travel()


def slow(travel: Travel, limit: Limit) -> bool:
    """Tell whether roads are asked for this limit, which may take seconds."""
    return limit.unit == "min" and travel.network(limit.mode) is not None


def one_at_a_time(travel: Travel, limit: Limit) -> AbstractContextManager[object]:
    """Wait until nobody else asks the roads for many ways; at once where none are asked.

    Such an answer takes all processors it can get: two together would only keep everybody else
    waiting longer. A request for them raises at once while their server is lost; a job waits.
    """
    if not slow(travel, limit):
        return nullcontext()
    live = current_app.extensions["stations.travel"] if has_request_context() else None
    if isinstance(live, LiveTravel) and live.lost is not None:
        raise live.lost
    return _many_ways


_many_ways = threading.Lock()


def version_of(travel: Travel, limit: Limit) -> str:
    """Name everything that minutes depend on besides the register: "" where no road is asked."""
    network = travel.network(limit.mode) if slow(travel, limit) else None
    if network is None:
        return ""
    made_by = f"{network.info.id} {network.info.built_at} {network.costing(limit.mode)}"
    return hashlib.sha256(made_by.encode()).hexdigest()[:16]


def told(travel: Travel) -> dict[str, Any] | None:
    """Say which network answers; None if none does. Where it is kept is nobody's business."""
    if travel.roads is None:
        return None
    info = travel.roads.info
    return {
        "id": info.id[:16],
        "source": info.title,
        "built_at": info.built_at and info.built_at.isoformat(),
        "osm_at": info.osm_at and info.osm_at.isoformat(),
    }


def met(travel: Travel, registry: Registry) -> bool:
    """Tell whether any station lies where the network is: else no minute is taken from it."""
    if travel.roads is None:
        return False
    area = travel.roads.info.area
    return bool(shapely.intersects_xy(area, registry.lon, registry.lat).any())


def _mark(info: NetworkInfo) -> tuple[object, ...]:
    return info.id, info.source, info.built_at
