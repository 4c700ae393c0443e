"""Inputs nobody means well with, to every reader and every address.

Each target gets its share of ``--inputs``, made by hypothesis from valid ones and from pieces of
the grammar, in a process of its own; the addresses of the API also what schemathesis makes of its
document, as each role. Faults are: an error that is not of our tree, an answer of 500 and above,
more than 2 s of process time, 600 MB of memory, the end of the process. ``--only`` names targets
by a part of their name, ``--seed`` chooses other inputs, ``--seconds`` ends it early, ``--role``
asks as one role only.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.trials import _asked, _commands, _described, _documents, _services, _stored, _texts
from tests.trials._watch import Seen, Target, guarded, watched

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.queues import Queue

CHUNK = 5_000
"""Most inputs a process is given."""
PATIENCE_S = 900
"""Wall time after which a process is given up."""


PARTS = (_texts, _documents, _stored, _services, _commands)
"""Readers; `_asked` and `_described` ask the server itself, as roles."""


def targets(role: str = "") -> list[Target]:
    """Return every target."""
    read = [target for part in PARTS for target in part.targets()]
    return [*read, *_asked.targets(role), *_described.targets(role)]


def _child(name: str, inputs: int, first: int, role: str, note: Path, told: Queue[Seen]) -> None:
    guarded()
    target = next(each for each in targets(role) if each.name == name)
    told.put(watched(target, inputs, first, note))


def _in_process(name: str, inputs: int, first: int, role: str, folder: Path) -> Seen:
    """Run a target in a process of its own; its end before the time is a fault."""
    context = multiprocessing.get_context("spawn")
    told: Queue[Seen] = context.Queue()
    note = folder / "input"
    child = context.Process(target=_child, args=(name, inputs, first, role, note, told))
    child.start()
    begun = time.monotonic()
    while child.is_alive() and told.empty() and time.monotonic() - begun < PATIENCE_S:
        child.join(0.2)
    if told.empty() and not child.is_alive():
        child.join()
    if not told.empty():
        seen = told.get()
        child.join()
        return seen
    child.kill()
    child.join()
    last = note.read_text("utf-8", "replace") if note.exists() else ""
    return Seen(faults={f"process ended with {child.exitcode}": last})


def _shares(all_: Sequence[Target], inputs: int) -> dict[str, int]:
    whole = sum(each.share for each in all_)
    return {
        each.name: max(1, inputs * each.share // whole // (10 if each.slow else 1)) for each in all_
    }


def main() -> None:
    """Run the trial; leave with 1 if there was any fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--role", default="")
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    chosen = [each for each in targets(asked.role) if asked.only in each.name]
    begun, inputs, faults = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for name, share in _shares(chosen, asked.inputs).items():
            for done in range(0, share, CHUNK):
                if time.monotonic() - begun > asked.seconds:
                    break
                number = min(CHUNK, share - done)
                first = asked.seed * 1_000_000 + done
                seen = _in_process(name, number, first, asked.role, Path(folder))
                inputs, faults = inputs + seen.inputs, faults + len(seen.faults)
                print(
                    f"  {name}: {seen.inputs:,} inputs, {seen.refused:,} refused, "
                    f"slowest {seen.slowest_s:.2f} s, {len(seen.faults)} faults", flush=True,
                )  # fmt: skip
                for fault, given in seen.faults.items():
                    print(f"    {seen.times[fault]} × {fault}\n      by {given[:600]}", flush=True)
    print(f"  {inputs:,} inputs, {faults} faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
