"""A thread that hears from PostgreSQL when something was recorded."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from geodata.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    import psycopg

CHANNEL = "stations_recorded"
_TICK_S = 0.2
"""How long it may take until a stopped follower notices."""
_RETRY_S = 1.0
"""How long to wait where the database is gone before looking whether it is back."""


class Follower:
    """Calls ``told`` after each notice, and after each new connection: it may have missed some."""

    def __init__(
        self,
        listening: Callable[[], AbstractContextManager[psycopg.Connection]],
        told: Callable[[], object],
    ) -> None:
        self._listening, self._told = listening, told
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more, and wait until that is so."""
        self._over.set()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self._listen()
            except StoreError:
                self._told()  # so that it knows, too
                self._over.wait(_RETRY_S)

    def _listen(self) -> None:
        with self._listening() as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self._told()
            while not self._over.is_set():
                if list(connection.notifies(timeout=_TICK_S, stop_after=1)):
                    self._told()
