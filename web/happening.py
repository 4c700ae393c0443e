"""The activities there are, followed as the store gets more of them."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from geodata.errors import StoreError
from stations.activities import activities_of

if TYPE_CHECKING:
    from stations.activities import Activity
    from stations.store import Store


class Happening:
    """Every activity of a store as it is now; shared by all threads."""

    def __init__(self) -> None:
        self._known: tuple[int, tuple[Activity, ...]] = (0, ())
        self._reading = Lock()

    def now(self, store: Store) -> tuple[int, tuple[Activity, ...]]:
        """Return the newest step's number, and all activities by number.

        Only what is new is read: one look at a number if nothing is. A store that cannot be read is
        told of as it was.
        """
        try:
            return self._read(store)
        except StoreError:
            return self._known

    def _read(self, store: Store) -> tuple[int, tuple[Activity, ...]]:
        newest = store.activities_number()
        if newest == self._known[0]:
            return self._known
        with self._reading:
            number, known = self._known
            if newest < number:  # another file was put in the register's place
                number, known = 0, ()
            steps = store.activity_steps(after=number)
            if len(steps):
                self._known = int(steps.index[-1]), tuple(activities_of(steps, known))
            elif newest == 0:
                self._known = 0, ()
            return self._known
