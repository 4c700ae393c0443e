"""Jobs at work: in each process one that takes minutes and one other; the rest wait their turn."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
import time
import weakref
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url
from werkzeug.exceptions import TooManyRequests

from geodata.errors import StoreError
from web.jobs.records import Job, Records

if TYPE_CHECKING:
    from collections.abc import Callable

type Report = Callable[[str, int, int], None]
type Work = Callable[[Report], bytes]

LONG = frozenset({"site", "rounds"})
"""Kinds that solvers work on for minutes: no upload or audit waits for them."""
MOST_WAITING = 16
"""How many jobs of the public may wait in one process, long ones and others, and how many of those
signed in."""
MOST_OF_SENDER = 4
"""How many jobs of one sender may wait or be at work in one process; signed in any number."""
PUBLIC = "public"
"""Whose jobs go last: everybody's who is not signed in."""
REPORT_S = 0.2
"""How often, at most, progress is taken down, and a cancelled job noticed."""


def folder_of(base: Path, register: str) -> Path:
    """Return where under ``base`` the servers of one register keep their jobs.

    ``register`` is its address; two that name the same file in different ways have one folder, and
    a password makes no difference.
    """
    url = make_url(register)
    if url.drivername.startswith("sqlite") and url.database:
        url = url.set(database=str(Path(url.database).resolve()))
    named = url.render_as_string(hide_password=True)
    return base / hashlib.sha256(named.encode()).hexdigest()[:16]


class Cancelled(Exception):  # noqa: N818 - it is no error
    """Nobody wants the answer any more; raised by `Report` inside the work."""


class _Queue:
    """What waits for one thread: of those signed in, of the public; whether that is at work."""

    def __init__(self) -> None:
        self.of: dict[bool, deque[tuple[str, Work]]] = {True: deque(), False: deque()}
        self.busy = False

    def next(self) -> tuple[str, Work] | None:
        """Take the first out; None if none waits, and the thread ends."""
        waiting = self.of[True] or self.of[False]
        self.busy = bool(waiting)
        return waiting.popleft() if waiting else None

    def forget(self, id_: str) -> None:
        """Take one out that nobody waits for."""
        for known, waiting in self.of.items():
            self.of[known] = deque(each for each in waiting if each[0] != id_)


class Jobs:
    """The jobs of this process, and all it may be asked about those of others.

    A job's work is called in a thread of its own with a function to report to: the stage, how much
    of it is done and how much there is. That function ends the work by `Cancelled` when the job has
    been cancelled, in whatever process.
    """

    def __init__(
        self,
        folder: Path | None,
        explain: Callable[[Exception], tuple[int, str]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take the folder that all processes share; None: one of its own that goes with this.

        ``explain`` gives the status and the sentence a failure is answered with; ``clock`` tells
        seconds since 1970.
        """
        if folder is None:
            folder = Path(tempfile.mkdtemp(prefix="jobs-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._records = Records(folder, clock)
        self._explain = explain
        self._turn = threading.Lock()
        self._queues = {True: _Queue(), False: _Queue()}  # by whether it is a long one
        self._untold: dict[str, tuple[int, str]] = {}

    def start(self, kind: str, asker: str, work: Work, sender: str = "") -> Job:
        """Begin a job of ``asker``, or let it wait its turn: the public's go last.

        Too many that wait raise 429, and of the public too many of one ``sender``. How many of the
        public wait does not matter to others.
        """
        known = asker != PUBLIC
        queue = self._queues[kind in LONG]
        with self._turn:
            waiting = queue.of[known]
            if len(waiting) >= MOST_WAITING:
                raise TooManyRequests(
                    "Too many questions wait already; please try again in a while.", retry_after=30
                )
            if not known and self._records.unended(sender) >= MOST_OF_SENDER:
                raise TooManyRequests(
                    f"{MOST_OF_SENDER} of your questions wait or are at work; cancel one, or wait.",
                    retry_after=10,
                )
            job = self._records.add(kind, asker, sender)
            waiting.append((job.id, work))
            if not queue.busy:
                queue.busy = True
                threading.Thread(
                    target=self._work_off, args=(queue,), name="jobs", daemon=True
                ).start()
        return job

    def counts(self) -> dict[str, int]:
        """Count the jobs kept, of all processes, by state."""
        return self._records.counts()

    def get(self, id_: str, asker: str) -> Job:
        """Return a job; one that is not this asker's raises `MissingError`."""
        self._tell()
        return self._records.get(id_, asker)

    def result(self, id_: str, asker: str) -> bytes | None:
        """Return what came of a job; None if nothing did, or not yet."""
        return self._records.result(id_, asker)

    def cancel(self, id_: str, asker: str) -> Job:
        """Give up a job; one that has ended stays as it is."""
        job = self._records.cancel(id_, asker)
        with self._turn:  # what waits no longer makes room for others
            for queue in self._queues.values():
                queue.forget(id_)
        return job

    def _work_off(self, queue: _Queue) -> None:
        while True:
            with self._turn:
                found = queue.next()
            if found is None:
                return
            self._run(*found)

    def _run(self, id_: str, work: Work) -> None:
        try:
            if self._records.begin(id_):
                self._records.finish(id_, work(self._reporter(id_)))
        except Cancelled:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the asker is told
            self._untold[id_] = self._explain(error)
            self._tell()

    def _tell(self) -> None:
        """Take down what failed; where that fails, too, whoever looks next has it tried again."""
        with suppress(StoreError):
            for id_, (status, sentence) in list(self._untold.items()):
                self._records.fail(id_, status, sentence)
                self._untold.pop(id_, None)

    def _reporter(self, id_: str) -> Report:
        told = ("", time.monotonic() - REPORT_S)

        def report(stage: str, done: int, total: int) -> None:
            nonlocal told
            now = time.monotonic()
            if stage == told[0] and done < total and now - told[1] < REPORT_S:
                return
            told = stage, now
            if not self._records.advance(id_, stage, done, total):
                raise Cancelled

        return report
