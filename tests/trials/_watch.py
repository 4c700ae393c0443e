"""Calls with inputs under watch: what may be raised, how long it may take, how much it may hold."""

from __future__ import annotations

import faulthandler
import logging
import re
import resource
import signal
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from hypothesis import HealthCheck, Phase, given, seed, settings

from geodata.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import SearchStrategy

PATIENCE_S = 2.0
"""Process time one input may take."""
STUCK_S = 20
"""Process time after which a call is broken off."""
KILLED_S = 60
"""Process time after which the process is ended by the system."""
MOST_MB = 600
"""Memory one input may add to what the process held at most."""
BATCH = 1_000
"""Examples hypothesis is asked for at once."""
CHECKOUT = str(Path(__file__).parents[2])
_DIGITS = re.compile(r"[0-9]+")
EXPECTED = (ProjectError, click.ClickException, click.exceptions.Exit, click.Abort)


class StuckError(BaseException):
    """A call that does not come back."""


@dataclass(frozen=True)
class Target:
    """Something that reads what others send."""

    name: str
    inputs: SearchStrategy[Any]
    read: Callable[[Any], object]
    share: int = 1
    """How many inputs it gets, beside the others."""
    seeds: Callable[[], Sequence[str | bytes]] | None = None
    """Valid texts or bytes, for what is read as it comes: `guided` changes them byte by byte."""
    words: Sequence[str] = ()
    """Pieces of its grammar."""
    slow: bool = False
    """It begins a process each time, and gets a tenth."""


@dataclass
class Seen:
    """What became of a target's inputs."""

    inputs: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    faults: dict[str, str] = field(default_factory=dict)
    """What went wrong and where → the shortest input that did it."""
    times: Counter[str] = field(default_factory=Counter)


def watched(target: Target, inputs: int, first: int, note: Path | None = None) -> Seen:
    """Give a target so many inputs, of seeds from ``first`` on; ``note`` holds the last one."""
    seen = Seen()

    def one(given_: Any) -> None:
        if note is not None:
            note.write_bytes(repr(given_).encode("utf-8", "backslashreplace"))
        call(target, given_, seen)

    batch = 0
    while seen.inputs < inputs:
        asked = settings(
            max_examples=min(BATCH, inputs - seen.inputs), database=None, deadline=None,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        before = seen.inputs
        asked(seed(first + batch)(given(target.inputs)(one)))()
        batch += 1
        if seen.inputs == before:
            break
    return seen


def drawn(target: Target, one: Callable[[Any], None]) -> Callable[[bytes], object]:
    """Return what draws an input by the choices that bytes spell, and gives it to ``one``."""
    asked = settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
    made: Any = asked(given(target.inputs)(one))
    draw: Callable[[bytes], object] = made.hypothesis.fuzz_one_input
    return draw


def guarded() -> None:
    """Break off what does not come back, wherever it is, and log nothing.

    Only in the main thread of a process that does nothing else.
    """
    faulthandler.enable()
    logging.disable()
    signal.signal(signal.SIGPROF, _stuck)


def _stuck(*_: object) -> None:
    raise StuckError


def call(target: Target, given_: Any, seen: Seen) -> None:
    """Give a target one input, and note what became of it."""
    seen.inputs += 1
    held, begun = _peak_mb(), time.process_time()
    if signal.getsignal(signal.SIGPROF) is _stuck:
        signal.setitimer(signal.ITIMER_PROF, STUCK_S)
        signal.setitimer(signal.ITIMER_VIRTUAL, KILLED_S)
    try:
        target.read(given_)
    except EXPECTED:
        seen.refused += 1
    except (Exception, StuckError) as error:  # noqa: BLE001 - that is what is looked for
        _keep(seen, _where(error), given_)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    spent = time.process_time() - begun
    seen.slowest_s = max(seen.slowest_s, spent)
    if spent > PATIENCE_S:
        _keep(seen, f"takes {spent:.0f} s", given_)
    if _peak_mb() - held > MOST_MB:
        _keep(seen, f"holds {_peak_mb() - held:.0f} MB more", given_)


def _keep(seen: Seen, fault: str, given_: Any) -> None:
    told = ascii(given_)
    seen.times[fault] += 1
    if fault not in seen.faults or len(told) < len(seen.faults[fault]):
        seen.faults[fault] = told


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _where(error: BaseException) -> str:
    """Name an error and the last line of ours it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if each.filename.startswith(CHECKOUT)]
    ours = [
        each for each in ours if ".venv" not in each.filename and "/trials/" not in each.filename
    ]
    last = ours[-1] if ours else frames[-1]
    place = f"{last.filename.removeprefix(CHECKOUT + '/')}:{last.lineno}"
    return f"{type(error).__name__} at {place}: {_DIGITS.sub('#', str(error)[:160])}".splitlines()[
        0
    ]
