"""The road network in use, followed while it is built anew."""

from __future__ import annotations

import hashlib
import logging
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import shapely
from flask import current_app

from geodata import roads
from geodata.errors import MissingError, ProjectError
from geodata.roads import RoadNetwork
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


class LiveTravel:
    """How one gets about by now: call it. Shared by all threads.

    A folder is looked at again every few seconds, and a newer network opened; until that is done,
    and should it fail, the one before serves on. A server's address is opened once.
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

        A network that is damaged raises its error here, and so does one that is not there if it
        is ``required``. ``clock`` counts seconds and never goes back.
        """
        self._place, self._truck, self._clock, self._poll_s = place, truck, clock, poll_s
        self._watched = place is not None and not place.startswith(("http://", "https://"))
        self._loading = threading.Lock()
        self._error: ProjectError | None = None
        self._travel = Travel()
        if place is not None:
            try:
                self._travel = self._opened(place)
            except MissingError:
                if required:
                    raise
        self._next_look = clock() + poll_s

    @classmethod
    def of(cls, settings: Settings, clock: Callable[[], float]) -> Self:
        """Follow the network that the settings name."""
        place, required = settings.roads_place
        return cls(place, clock, required=required, truck=settings.truck)

    @property
    def error(self) -> ProjectError | None:
        """Why the last look failed; None if it did not."""
        return self._error

    def __call__(self) -> Travel:
        """Return how one gets about by now; while one thread looks, the others do not wait."""
        due = self._watched and self._clock() >= self._next_look
        if due and self._loading.acquire(blocking=False):
            try:
                self._look(str(self._place))
            finally:
                self._next_look = self._clock() + self._poll_s
                self._loading.release()
        return self._travel

    def _look(self, place: str) -> None:
        before = self._travel.roads
        try:
            found = roads.status(Path(place))
            if before is None or _mark(found) != _mark(before.info):
                self._travel = self._opened(place)
            self._error = None
        except MissingError:
            self._error = None  # nothing built yet, or taken away: what is open serves on
        except ProjectError as error:
            if self._error is None:
                log.warning("the road network cannot be opened: %s", error)
            self._error = error

    def _opened(self, place: str) -> Travel:
        return Travel(RoadNetwork.open(place, truck=self._truck))


def current() -> Travel:
    """Return how one gets about: ask once per request, so that one answer is of one network."""
    travel: Callable[[], Travel] = current_app.extensions["stations.travel"]
    return travel()


def slow(travel: Travel, limit: Limit) -> bool:
    """Tell whether roads are asked for this limit, which may take seconds."""
    return limit.unit == "min" and travel.network(limit.mode) is not None


def one_at_a_time(travel: Travel, limit: Limit) -> AbstractContextManager[object]:
    """Wait until nobody else asks the roads for many ways; at once where none are asked.

    Such an answer takes all processors it can get: two together would only keep everybody else
    waiting longer.
    """
    return _many_ways if slow(travel, limit) else nullcontext()


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
