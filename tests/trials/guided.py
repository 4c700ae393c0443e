"""The inputs of `fuzz` guided by the code they reach: atheris keeps what gets somewhere new.

Each target runs for ``--minutes`` in a process of its own, the program's modules watched branch by
branch. What is read as it comes (files, texts, JSON) is changed byte by byte, from valid examples
and, where they are there, the real files kept beside the checkout; of the rest (requests, rows)
atheris makes the choices hypothesis would draw. Faults are those of `fuzz`. ``--only`` names
targets by a part of their name, ``--keep`` a folder where what got far stays, to go on from.

Code in C and Rust under our own is not watched: there it is luck, as in `fuzz`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.trials._watch import Seen, Target

OURS = ("geodata", "stations", "web", "scripts", "authlib")
LONGEST = 20_000
"""Bytes of an input; longer ones are the generators' matter."""
SAYS_S = 60
"""After so long a call is given up by atheris."""


def _loaded(module: str) -> tuple[Any, Any]:
    """Import a part of the targets while atheris listens, and the watch; return them."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=list(OURS)):
        part = import_module(module)
    return part, import_module("tests.trials._watch")


def _as_given(target: Target) -> Callable[[bytes], Any]:
    """Return what makes an input of atheris's bytes: they themselves, or their text."""
    seeds = [] if target.seeds is None else target.seeds()
    if seeds and isinstance(seeds[0], str):
        return lambda data: data.decode("utf-8", "replace")
    return bytes


def _child(module: str, name: str, seconds: float, told: Path, corpus: Path) -> None:
    """Run one target until its time is over; never returns."""
    atheris = import_module("atheris")
    part, watch = _loaded(module)
    target = next(each for each in part.targets() if each.name == name)
    seen, made = watch.Seen(), _as_given(target)
    until, note = time.monotonic() + seconds, corpus.with_suffix(".note")

    def tell() -> None:
        told.write_text(json.dumps(_plain(seen)))

    def one(given: Any) -> None:
        note.write_bytes(repr(given).encode("utf-8", "backslashreplace"))
        watch.call(target, given, seen)

    run: Callable[[bytes], Any] = lambda data: one(made(data))  # noqa: E731 - one of two
    if target.seeds is None:
        run = watch.drawn(target, one)

    def step(data: bytes) -> None:
        run(data)
        if time.monotonic() > until:
            tell()
            os._exit(0)

    watch.guarded()
    atheris.Setup([name, *_options(target, corpus), str(corpus)], step)
    atheris.Fuzz()


def _plain(seen: Seen) -> dict[str, Any]:
    return {
        "inputs": seen.inputs, "refused": seen.refused, "slowest_s": seen.slowest_s,
        "faults": {fault: [seen.times[fault], given] for fault, given in seen.faults.items()},
    }  # fmt: skip


def _options(target: Target, corpus: Path) -> list[str]:
    """Write seeds and words where libFuzzer looks for them, and return its options."""
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds() if target.seeds else _noise()):
        data = seed.encode("utf-8", "replace") if isinstance(seed, str) else seed
        (corpus / f"seed-{number}").write_bytes(data[:LONGEST])
    options = [f"-max_len={LONGEST}", "-rss_limit_mb=0", f"-timeout={SAYS_S}", "-verbosity=0"]
    options.append(f"-artifact_prefix={corpus}-")
    if target.words:
        words = corpus.with_suffix(".words")
        escaped = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in target.words)
        words.write_text("".join(f'"{word}"\n' for word in escaped))
        options.append(f"-dict={words}")
    return options


def _noise() -> list[bytes]:
    """Return choices to begin with where hypothesis draws: it needs some hundred bytes."""
    return [random.Random(number).randbytes(1_000) for number in range(20)]


def _watched(module: str, name: str, minutes: float, folder: Path) -> dict[str, Any]:
    """Run a target in a process of its own; return what it told, or how it ended."""
    corpus = folder / "".join(letter if letter.isalnum() else "-" for letter in name)
    told = corpus.with_suffix(".json")
    told.unlink(missing_ok=True)
    words = [sys.executable, "-m", "tests.trials.guided", "--child", name, "--part", module]
    words += ["--told", str(told)]
    words += ["--minutes", str(minutes), "--keep", str(corpus)]
    corpus.parent.mkdir(parents=True, exist_ok=True)
    with corpus.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            process.wait(minutes * 60 + 5 * SAYS_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if told.exists():
        found: dict[str, Any] = json.loads(told.read_text())
        return {**found, "corpus": len(list(corpus.iterdir()))}
    note = corpus.with_suffix(".note")
    last = note.read_text("utf-8", "replace") if note.exists() else ""
    fault = f"process ended with {process.returncode}"
    return {"inputs": 0, "refused": 0, "slowest_s": 0, "faults": {fault: [1, last]}, "corpus": 0}


def main() -> None:
    """Run the trial; leave with 1 if there was any fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="Of each target.")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--part", help=argparse.SUPPRESS)
    parser.add_argument("--told", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if find_spec("atheris") is None:
        sys.exit("atheris is not there: it comes for Linux on x86-64 (pip install atheris)")
    if asked.child is not None:
        _child(asked.part, asked.child, asked.minutes * 60, asked.told, asked.keep)
    parts = import_module("tests.trials.fuzz").PARTS
    names = {each.name: part.__name__ for part in parts for each in part.targets()}
    with tempfile.TemporaryDirectory() as temporary:
        folder = (asked.keep or Path(temporary)).absolute()
        chosen = {name: part for name, part in names.items() if asked.only in name}
        results = [
            _told(name, _watched(part, name, asked.minutes, folder))
            for name, part in chosen.items()
        ]
    inputs = sum(each["inputs"] for each in results)
    faults = sum(len(each["faults"]) for each in results)
    print(f"  {inputs:,} inputs, {faults} faults")
    sys.exit(bool(faults))


def _told(name: str, seen: dict[str, Any]) -> dict[str, Any]:
    print(
        f"  {name}: {seen['inputs']:,} inputs, {seen['refused']:,} refused, {seen['corpus']} got "
        f"somewhere new, slowest {seen['slowest_s']:.2f} s, {len(seen['faults'])} faults",
        flush=True,
    )
    for fault, (times, given) in seen["faults"].items():
        print(f"    {times} × {fault}\n      by {given[:600]}", flush=True)
    return seen


if __name__ == "__main__":
    main()
