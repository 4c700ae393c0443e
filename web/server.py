"""The processes that serve: granian's, which stay up whatever becomes of one of them.

Granian by itself ends with a worker that dies twice within seconds, stops an old worker on a reload
before the new one can answer, and leaves its workers behind if it is killed. Here

- the socket is one, opened before any worker: what comes while there is none waits in its queue;
- a worker that dies is replaced, after a pause that grows while they die young; only where none
  has ever come up does the server end;
- all begin with the register this process has loaded (`web.serving`), share its memory and read
  only what was recorded since;
- ``SIGHUP`` looks at the register again, starts each worker anew, and stops the old one when the
  new one can answer; if that cannot be done the old one serves on;
- workers end with the server, also when it is killed.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from granian._granian import ListenerSpec
from granian.constants import HTTPModes, Interfaces
from granian.log import logger
from granian.server.mp import MPServer

from geodata.errors import ProjectError
from web import logs
from web.serving import application

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.queues import SimpleQueue

    from apiflask import APIFlask
    from granian.server.mp import WorkerProcess

    from web.serving import Start

    type Started = SimpleQueue[int]

STOP_S = 10
"""A worker told to stop that has not after so many seconds is killed."""
START_S = 120.0
"""A worker that cannot answer after so many seconds never will."""
YOUNG_S = 10.0
"""A worker that ends before this age is thought to end again."""
PAUSES_S = (0.0, 1.0, 2.0, 5.0, 15.0)
"""How long to wait before the first, second, … replacement of workers that die young."""
PAUSE_OF_LAST_S = 1.0
"""How long at most where no other worker is left: nobody is answered meanwhile."""
LATER = (
    "folium.plugins",
    "geodata.osm",
    "geodata.roads.extract",
    "mapbox_vector_tile",
    "pyogrio",
    "scipy.optimize",
    "stations.audit.rounds.solving",
    "stations.siting",
    "web.auth.openid",
    "web.help.rendering",
    "xlsxwriter",
)
"""What is imported where it is first needed, not when the server starts: half a second in all."""
LATER_S = 5.0
"""When this process imports it, so that workers begun later have it too."""
ASKED_WITHIN_S = 10
"""A connection is taken by a worker when it has asked, or after so many seconds without.

A worker that ends closes connections it has taken that have not asked yet; in the socket's queue
they wait for the next.
"""
_LOOK_S = 0.1
_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


class _Worker(Protocol):
    """A process of granian's."""

    birth: float
    inner: Any

    def start(self) -> None: ...
    def is_alive(self) -> bool: ...
    def join(self, timeout: float | None = None) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class Server(MPServer):
    """Granian's server of one WSGI application in several processes."""

    def __init__(self, address: str, port: int, workers: int, start: Start) -> None:
        """Serve what begins with ``start``."""
        super().__init__(
            "web.wsgi:app",
            address=address,
            port=port,
            workers=workers,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            blocking_threads=2,  # so that riders need not wait for somebody who saves
            log_access=False,
            log_dictconfig=logs.configuration(start.settings.log),
            workers_kill_timeout=STOP_S,
        )
        self._start = start
        self._started: Started = multiprocessing.get_context("fork").SimpleQueue()
        self._up: set[int] = set()
        self._young_deaths = 0

    def run(self) -> None:
        """Serve until stopped; exit code 1 if no worker ever came up.

        Workers are forked from a process that has the modules and the register: they begin
        sooner, share the memory, and one begun later never mixes modules of an update with those
        of before.
        """
        gc.freeze()
        loader = partial(_loaded, self._started, os.getpid(), lambda: application(self._start))
        self.serve(target_loader=loader, wrap_loader=False)

    def _init_shared_socket(self) -> None:
        """Listen once, for all workers: a queue of each one's own would end with it."""
        self._ssp = None
        held = ListenerSpec(self.bind_addr, self.bind_port, self.backlog).build()
        self._shd = held  # type: ignore[assignment]  # None only until now
        self._sso = socket.socket(fileno=held.get_fd())
        self._sso.set_inheritable(True)
        self._sso.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, ASKED_WITHIN_S)
        self._sso.listen(self.backlog)

    def _serve_loop(self, spawn_target: Callable[..., None], target_loader: Any) -> None:  # noqa: ANN401
        if not self.main_loop_interrupt.wait(LATER_S):
            _import_later()
        while not self._ending():
            self.main_loop_interrupt.wait()
            self.main_loop_interrupt.clear()
            dead = [self.interrupt_children.pop() for _ in range(len(self.interrupt_children))]
            self._note_started()
            if dead and not self._up and not self._ending():
                self.interrupt_children = dead  # makes the exit code 1
                return
            for index in dict.fromkeys(() if self._ending() else dead):
                self._replace_dead(index, spawn_target, target_loader)
            if self.reload_signal:
                self.reload_signal = False
                logger.info("Reloading: each worker ends when a new one has started")
                self._look_again()
                for index in range(self.workers):
                    self._renew(index, spawn_target, target_loader)

    def _look_again(self) -> None:
        """Let new workers begin with the register of now; if it is gone, with the one before."""
        try:
            self._start = self._start.renewed()
        except ProjectError as error:
            logger.warning(f"The register cannot be read now ({type(error).__name__})")
        gc.freeze()

    def _replace_dead(self, index: int, spawn_target: Callable[..., None], loader: Any) -> None:  # noqa: ANN401
        old: _Worker = self.wrks[index]
        if old.is_alive():  # a renewal has put another in its place
            return
        young = time.monotonic() - old.birth < YOUNG_S
        self._young_deaths = self._young_deaths + 1 if young else 0
        pause = PAUSES_S[min(self._young_deaths, len(PAUSES_S) - 1)]
        if self._wait(pause, self._none_left):
            return
        if self._none_left() and self._wait(min(pause, PAUSE_OF_LAST_S), lambda: False):
            return
        old.join()
        self.wrks[index] = self._begun(index, spawn_target, loader)

    def _none_left(self) -> bool:
        workers: list[_Worker] = [*self.wrks]
        return not any(each.is_alive() for each in workers)

    def _renew(self, index: int, spawn_target: Callable[..., None], loader: Any) -> None:  # noqa: ANN401
        """Put a new worker in an old one's place, once it can answer."""
        renewed = self._begun(index, spawn_target, loader)
        fresh: _Worker = renewed
        number = fresh.inner.pid
        self._wait(START_S, lambda: self._has_started(number) or not fresh.is_alive())
        if not self._has_started(number) or not fresh.is_alive():
            fresh.kill()
            fresh.join()
            if not self._ending():
                logger.error(f"The new worker-{index + 1} did not start: the old one serves on")
            return
        old: _Worker = self.wrks[index]
        self.wrks[index] = renewed
        old.terminate()
        self._wait(STOP_S, lambda: not old.is_alive())
        if old.is_alive():
            logger.warning(f"Killing old worker-{index + 1}: it did not end")
            old.kill()
            old.join()

    def _begun(self, index: int, spawn_target: Callable[..., None], loader: Any) -> WorkerProcess:  # noqa: ANN401
        made = self._spawn_worker(idx=index, target=spawn_target, callback_loader=loader)
        fresh: _Worker = made
        fresh.start()
        return made

    def _wait(self, seconds: float, over: Callable[[], bool]) -> bool:
        """Wait until something is ``over``, at most so long; tell whether the server is to end."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not over() and not self._ending():
            time.sleep(_LOOK_S)
        return self._ending()

    def _ending(self) -> bool:
        """Tell whether the server was told to end, which a signal may do at any moment."""
        return bool(self.interrupt_signal)

    def _has_started(self, number: int | None) -> bool:
        self._note_started()
        return number in self._up

    def _note_started(self) -> None:
        while not self._started.empty():
            self._up.add(self._started.get())


def _import_later() -> None:
    for name in LATER:
        importlib.import_module(name)
    gc.freeze()


def _loaded(started: Started, parent: int, load: Callable[[], APIFlask]) -> APIFlask:
    """Make the application in a worker, and tell the server so."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the server's own would only make a note
    _end_with(parent)
    try:
        app = load()
    except ProjectError as error:
        logger.error(f"A worker cannot begin: {error}")
        sys.exit(1)
    if os.getppid() != parent:
        sys.exit(1)
    started.put(os.getpid())
    return app


def _end_with(parent: int) -> None:
    """End this process when its parent does; `STOP_S` later at the latest.

    Who would kill it then is gone: one that waits for a database would keep the port.
    """
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)
    threading.Thread(target=_outlast, args=(parent,), name="parent", daemon=True).start()


def _outlast(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    time.sleep(STOP_S)
    os._exit(1)
