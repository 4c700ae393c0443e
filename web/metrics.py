"""What `/metrics` tells Prometheus, counted over all processes that serve one register.

Requests are told apart by the name of their view, never by address: there are as many series as
views. Each process holds a *slot* of a folder all share, and counts there; who comes after one that
has ended goes on where it stopped. So counts never fall and there are as many files as processes
were alive at once.
"""

from __future__ import annotations

import fcntl
import hmac
import ipaddress
import logging
import os
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector
from werkzeug.exceptions import NotFound

from web.measures import RegisterMeasures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from web.settings import Settings

log = logging.getLogger("web.metrics")

TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder, as Prometheus's client has it."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30)
_ROOM = {
    "counter": 1 << 20,
    "histogram": 1 << 20,
    "gauge_livesum": 1 << 16,
    "gauge_livemin": 1 << 16,
}
"""Bytes of the files of a slot: 100 views by all methods and statuses need half."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via")
NOWHERE = "none"
"""The view of a request to an address that is not there."""


def take_slot(folder: Path) -> int:
    """Count in ``folder``, shared with other processes; return the slot taken. Once a process.

    The slot is free again when the process ends, however it ends. Where there is no room for one
    the process counts for itself alone, and -1 is returned.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        slot = next(number for number in range(1_000) if _held(folder, number) is not None)
        _make_room(folder, slot)
    except OSError as error:
        log.warning("the counts of this process are not shared: %s", error.strerror)
        return -1
    os.environ[SHARED] = str(folder)
    values.ValueClass = values.MultiProcessValue(lambda: slot)  # type: ignore[no-untyped-call]
    return slot


def _make_room(folder: Path, slot: int) -> None:
    """Have the disk give the room now: counting on one that is full would end the process.

    Gauges begin anew: what ended with requests in flight has none any more.
    """
    for name, size in _ROOM.items():
        file = os.open(folder / f"{name}_{slot}.db", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(file, 0, size)
            if name.startswith("gauge"):
                os.pwrite(file, bytes(size), 0)
        finally:
            os.close(file)


def _held(folder: Path, number: int) -> int | None:
    """Lock a slot and return the file to keep open; None if another process has it."""
    file = os.open(folder / f"slot-{number}", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


class Metrics:
    """The requests of one application; those of all processes that share a folder."""

    def __init__(self, folder: Path | None) -> None:
        """Count in memory, or if there is a ``folder`` in the slot `take_slot` has taken there."""
        own = CollectorRegistry()
        self._folder = folder
        self._counts = Counter(
            "stations_requests",
            "Requests answered.",
            ("view", "method", "status"),
            registry=own,
        )
        self._seconds = Histogram(
            "stations_request_seconds",
            "How long they took.",
            ("view",),
            buckets=SECONDS,
            registry=own,
        )
        self.in_flight = Gauge(
            "stations_requests_in_flight",
            "Requests being answered; the nearest question's short way is not among them.",
            registry=own,
            multiprocess_mode="livesum",
        )
        self._loaded = Gauge(
            "stations_snapshot_loaded_seconds",
            "When the oldest snapshot answered from was loaded, seconds since 1970.",
            registry=own,
            multiprocess_mode="livemin",
        )
        self._revision = Gauge(
            "stations_snapshot_revision_oldest",
            "The revision of the process that follows last.",
            registry=own,
            multiprocess_mode="livemin",
        )
        self._own = own
        self._counter = lru_cache(4_096)(self._counts.labels)
        self._timer = lru_cache(1_024)(self._seconds.labels)

    def of(self, view: str, method: str, status: int) -> tuple[Counter, Histogram]:
        """Return what counts such answers, and what their seconds are told to."""
        known = method if method in METHODS else "other"
        return self._counter(view, known, status), self._timer(view)

    def loaded(self, revision: int) -> None:
        """Note that this process answers from a revision from now on."""
        self._loaded.set_to_current_time()
        self._revision.set(revision)

    def text(self, register: RegisterMeasures) -> bytes:
        """Return everything in Prometheus's text form."""
        found = self._own
        if self._folder is not None:
            found = CollectorRegistry()
            MultiProcessCollector(found, str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(found) + generate_latest(register)


def register(app: Flask, found: Metrics, settings: Settings) -> None:
    """Count what ``app`` answers, and tell it at ``/metrics``."""
    app.extensions["stations.metrics"] = found
    told = RegisterMeasures(app.extensions)
    app.before_request(found.in_flight.inc)
    app.teardown_request(lambda _: found.in_flight.dec())
    app.get("/metrics")(_view(found, told, settings.metrics_token))


def counted(view: str | None, method: str, status: int, seconds: float) -> None:
    """Count an answer of the application at work."""
    found: Metrics = current_app.extensions["stations.metrics"]
    count, timer = found.of(view or NOWHERE, method, status)
    count.inc()
    timer.observe(seconds)


def _view(found: Metrics, told: RegisterMeasures, token: str) -> Callable[[], Response]:
    def metrics() -> Response:
        """Tell Prometheus."""
        if not _may_read(token):
            raise NotFound
        g.unlogged = True
        answer = Response(found.text(told), content_type=TYPE)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return metrics


def _may_read(token: str) -> bool:
    """Tell whether the request has the token; without one set, whether it is from this machine."""
    if token:
        scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
        known = hmac.compare_digest(sent.strip().encode(errors="replace"), token.encode())
        return scheme.lower() == "bearer" and known
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
