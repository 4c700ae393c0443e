"""The list of requirements of OWASP's ASVS: what it names is there, its figures are its tables'."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
VERDICTS = ("met", "partly", "not", "n/a")
CHAPTERS = {1: 38, 2: 53, 3: 18, 4: 9, 5: 30, 6: 13, 7: 12, 8: 15, 9: 7, 10: 5, 11: 8, 12: 15,
            13: 13, 14: 23}  # fmt: skip
"""Requirements of levels 1 and 2 in each chapter of ASVS 4.0.3."""
FOLDERS = ("geodata/", "stations/", "web/", "scripts/", "tests/")


class Row(NamedTuple):
    """A requirement, judged."""

    id: tuple[int, ...]
    about: str
    verdict: str
    evidence: str


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|\n").split("|")]


@cache
def page(name: str) -> list[str]:
    return (ROOT / name).read_text("utf-8").splitlines()


def requirements() -> list[Row]:
    found = []
    for line in page("web/asvs.md"):
        if re.match(r"\| \d+\.\d+\.\d+ \|", line):
            id_, about, verdict, evidence = cells(line)
            found.append(Row(tuple(map(int, id_.split("."))), about, verdict, evidence))
    return found


def figures(name: str, after: str) -> list[str]:
    """Return the cells of the first line of a page that begins so."""
    return next(cells(line)[1:] for line in page(name) if line.startswith(after))


def test_every_requirement_is_there_once_and_in_order() -> None:
    ids = [row.id for row in requirements()]
    assert ids == sorted(set(ids))
    assert Counter(chapter for chapter, *_ in ids) == CHAPTERS
    sections = [".".join(map(str, row.id[:2])) for row in requirements()]
    headings = [m[1] for line in page("web/asvs.md") if (m := re.match(r"### V(\d+\.\d+) ", line))]
    assert headings == list(dict.fromkeys(sections))


def test_every_verdict_is_one_of_four_and_has_its_reason() -> None:
    for row in requirements():
        assert row.verdict in VERDICTS, row
        assert row.evidence, row
        assert 1 <= len(row.about.split()) <= 10, row


def test_what_is_named_is_there() -> None:
    named = {each for line in page("web/asvs.md") for each in re.findall(r"`([^`]+)`", line)}
    files = {each for each in named if each.startswith(FOLDERS)}
    assert len(files) > 100
    for each in files:
        path, _, test = each.partition("::")
        assert (ROOT / path).is_file(), each
        if test:
            assert f"def {test}(" in (ROOT / path).read_text("utf-8"), each


def test_the_figures_are_those_of_the_tables() -> None:
    rows = requirements()
    told = Counter(row.verdict for row in rows)
    at = page("web/asvs.md").index("| met | partly | not | n/a | all |")
    first = [int(cell) for cell in cells(page("web/asvs.md")[at + 2])]
    assert first == [*(told[verdict] for verdict in VERDICTS), len(rows)]
    for chapter in CHAPTERS:
        mine = Counter(row.verdict for row in rows if row.id[0] == chapter)
        expected = [str(mine[verdict]) for verdict in VERDICTS]
        assert figures("web/security.md", f"| V{chapter} ") == expected, chapter
    whole = [f"**{told[verdict]}**" for verdict in VERDICTS]
    assert figures("web/security.md", "| **all** ") == whole
