"""The clock jumps.

By a library of our own before the system's: libfaketime also fakes what threads wait by, and so
stops Python's.
"""

from __future__ import annotations

import subprocess
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.trials._scene import Rules, Scene
from tests.trials._server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.trials._scene import Told

STATIONS = 2_000
ALL = ("edit", "report", "upload", "plan", "photo")


class Clock:
    """What the server's clock says: so far off as a file tells, by a library made for it."""

    def __init__(self, folder: Path) -> None:
        self._file, self._library = folder / "clock", folder / "clock.so"
        source = Path(__file__).with_name("clock.c")
        command = ["cc", "-shared", "-fPIC", "-o", str(self._library), str(source), "-ldl"]
        subprocess.run(command, check=True)
        self.set(timedelta())

    def set(self, off: timedelta) -> None:
        """Put it so far off."""
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{off // timedelta(seconds=1)}\n")
        beside.replace(self._file)

    def environment(self) -> dict[str, str]:
        """Return what makes a program go by it."""
        return {"LD_PRELOAD": str(self._library), "TRIAL_CLOCK": str(self._file)}


@contextmanager
def _kept() -> Iterator[tuple[Server, Clock]]:
    with tempfile.TemporaryDirectory() as folder:
        clock, server = Clock(Path(folder)), Server(Path(folder), STATIONS, 2)
        server.environment |= clock.environment()
        server.begin()
        try:
            yield server, clock
        finally:
            server.end()


def clock_ahead() -> Told:
    """Put the clock an hour ahead, and right again."""
    with _kept() as (server, clock):
        return Scene(server, ALL).play(
            "clock an hour ahead, put right",
            lambda: clock.set(timedelta(hours=1)),
            lambda: clock.set(timedelta()),
            Rules(refused=False, ready=True),
        )


def clock_back() -> Told:
    """Put the clock a day back, and right again."""
    with _kept() as (server, clock):
        return Scene(server, ALL).play(
            "clock a day back, put right",
            lambda: clock.set(timedelta(days=-1)),
            lambda: clock.set(timedelta()),
            Rules(refused=None, ready=True),
        )


FAULTS = (clock_ahead, clock_back)
