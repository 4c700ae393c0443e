"""Checks of the machine: Python, packages, clock, calendar, fonts."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from scripts.cli.doctor.found import Found
from stations.hours.decree import decree
from stations.report.fonts import chinese_font

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

OURS = "worker-stations"
OLDEST = (3, 12)
BUILT_AFTER = 2026
"""The clock of a machine that says an earlier year has lost the time."""
_LAST_QUARTER = 10


def look(now: datetime) -> Iterator[Found]:
    """Look at what is installed and at the clock."""
    yield from _python()
    yield from _packages()
    yield from _clock(now)
    yield from _fonts()
    yield from _paper()


def _python() -> Iterator[Found]:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= OLDEST:
        yield Found("python", "good", f"Python {found}")
    else:
        yield Found("python", "wrong", f"Python {found}", "install Python 3.12 or newer")


def _packages() -> Iterator[Found]:
    asked = [Requirement(text) for text in requires(OURS) or ()]
    needed = [each for each in asked if each.marker is None or each.marker.evaluate({"extra": ""})]
    wrong = [problem for each in needed if (problem := _problem(each))]
    if wrong:
        yield Found(
            "packages",
            "wrong",
            "; ".join(wrong),
            "run scripts/demo --no-serve or .venv/bin/python -m pip install -e .",
        )
    else:
        yield Found("packages", "good", f"{metadata(OURS)['Version']}, {len(needed)} packages")


def _problem(asked: Requirement) -> str:
    try:
        there = version(asked.name)
    except PackageNotFoundError:
        return f"{asked.name} is missing"
    if asked.specifier.contains(there, prereleases=True):
        return ""
    return f"{asked.name} {there} is not {asked.specifier}"


def _clock(now: datetime) -> Iterator[Found]:
    known = decree().years
    if now.year < BUILT_AFTER:
        yield Found("clock", "wrong", f"it says {now:%Y-%m-%d}", "set the time; use NTP")
    elif now.year not in known:
        yield Found(
            "calendar",
            "wrong",
            f"days off of {now.year} are not known: {decree().source}",
            "pip install --upgrade holidays: hours on days off are unknown until then",
        )
    elif now.year + 1 not in known and now.month >= _LAST_QUARTER:
        yield Found(
            "calendar",
            "hint",
            f"days off of {now.year + 1} are not known yet",
            "they are decreed in November: pip install --upgrade holidays then",
        )
    else:
        yield Found("calendar", "good", decree().source)


def _fonts() -> Iterator[Found]:
    font = chinese_font()
    if font is None:
        yield Found(
            "fonts",
            "wrong",
            "no Chinese font: papers and plots would lack Chinese",
            "apt-get install fonts-noto-cjk",
        )
    else:
        yield Found("fonts", "good", font)


def _paper() -> Iterator[Found]:
    try:
        import weasyprint  # noqa: PLC0415 - it loads libraries of the system, which is the check
    except (OSError, ImportError):
        yield Found(
            "paper",
            "wrong",
            "PDF cannot be made: Pango is missing",
            "apt-get install libpangoft2-1.0-0",
        )
    else:
        yield Found("paper", "good", f"WeasyPrint {weasyprint.__version__}")
