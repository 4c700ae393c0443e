"""Threads that notice what was recorded: PostgreSQL tells, SQLite has to be asked."""

from __future__ import annotations

import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

from geodata.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    import psycopg

    type Told = Callable[[], object]

CHANNEL = "stations_recorded"
_TICK_S = 0.2
"""How long it may take until a stopped follower notices."""
_RETRY_S = 1.0
"""How long to wait where the database is gone before looking whether it is back."""


class Follower:
    """A thread that calls ``told`` whenever something may have been recorded."""

    def __init__(self, attend: Callable[[threading.Event], None], told: Told) -> None:
        """``attend`` is called again and again until the event it is given is set."""
        self._attend, self._told = attend, told
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Follow no more, and wait until that is so."""
        self._over.set()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self._once()
            except Exception:  # noqa: BLE001 - a follower that ends leaves everybody behind
                told = threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread()))
                threading.excepthook(told)
                self._over.wait(_RETRY_S)

    def _once(self) -> None:
        try:
            self._attend(self._over)
        except StoreError:
            self._told()  # so that it knows, too
            self._over.wait(_RETRY_S)


def listener(
    listening: Callable[[], AbstractContextManager[psycopg.Connection]], told: Told
) -> Follower:
    """Return what calls ``told`` after each notice, and each new connection: it may miss some."""
    return Follower(partial(_listen, listening, told), told)


def asker(told: Told, every_s: float) -> Follower:
    """Return what calls ``told``, which looks by itself, every so many seconds."""

    def wait(over: threading.Event) -> None:
        if not over.wait(every_s):
            told()

    return Follower(wait, told)


def _listen(
    listening: Callable[[], AbstractContextManager[psycopg.Connection]],
    told: Told,
    over: threading.Event,
) -> None:
    with listening() as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        told()
        while not over.is_set():
            if list(connection.notifies(timeout=_TICK_S, stop_after=1)):
                told()
