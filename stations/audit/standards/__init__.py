"""Standards (标准): what a station must have, as files anybody can read and write.

A file has one table ``[standard]`` (``id``, ``zh``, ``en``, ``version``, ``source``), its
``[[rules]]`` as `stations.audit.rulebook` reads them with a check of `stations.audit.predicates`,
and, if the standard has grades, ``[[grades]]``, the lowest first::

    [[grades]]
    grade = 1
    zh = "一星"
    en = "One star"
    rules = ["fuzhou.rest"]     # besides those of every lower grade

and ``[[ceilings]]``, as `stations.audit.standards.ceilings` reads them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geodata.errors import FileFormatError, MissingError, UsageError
from stations.audit.rulebook import rules_of
from stations.audit.standards import parameters
from stations.audit.standards.ceilings import Ceiling, ceilings_of
from stations.audit.standards.ceilings import faults as faulty_ceilings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from stations.audit.ruling import Rule

SHIPPED = ("national", "six_haves", "six_plus_x", "shandong", "fuzhou", "truck_home", "yunnan")
"""The names of the standards that come with the program."""
USUAL = "national"
_ABOUT = ("id", "zh", "en", "version", "source")
_GRADE = {"grade", "zh", "en", "rules"}


@dataclass(frozen=True)
class Grade:
    """One grade (星级) of a standard."""

    number: int
    """From 1, the lowest."""
    zh: str
    en: str
    rules: tuple[str, ...]
    """Ids of the rules it asks for besides those of every lower grade."""


@dataclass(frozen=True, eq=False)
class Standard:
    """A standard as read from its file."""

    id: str
    zh: str
    en: str
    version: str
    source: str
    rules: tuple[Rule, ...]
    grades: tuple[Grade, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    """What may be shown at most while a finding is not over."""

    def in_force(self, day: date) -> tuple[Rule, ...]:
        """Return its rules of a Beijing day, in the file's order."""
        return tuple(rule for rule in self.rules if rule.in_force(day))


def load(standard: Standard | str | Path) -> Standard:
    """Return a shipped standard by name, or read one of a planner's: a path that ends in .toml.

    `UsageError` for an unknown name and for a file with faults, each told; `MissingError` for a
    file that is not there.
    """
    if isinstance(standard, Standard):
        return standard
    if str(standard).lower().endswith(".toml"):
        return _of_file(Path(standard))
    if str(standard) not in SHIPPED:
        raise UsageError(
            f"no standard {str(standard)[:40]!r}; known: {', '.join(SHIPPED)}; or name a .toml file"
        )
    return _shipped(str(standard))


def read(text: str) -> Standard:
    """Read a standard; `UsageError` names every fault."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"not TOML: {error}") from None
    rules, found = _rules(document)
    found += _faults(document)
    if found:
        raise UsageError("; ".join(found))
    about = {name: document["standard"][name] for name in _ABOUT}
    grades = tuple(
        Grade(each["grade"], each["zh"], each["en"], tuple(each["rules"]))
        for each in document.get("grades", [])
    )
    return Standard(**about, rules=rules, grades=grades, ceilings=ceilings_of(document))


@cache
def _shipped(name: str) -> Standard:
    return read((files(__package__) / f"{name}.toml").read_text("utf-8"))


def _of_file(path: Path) -> Standard:
    try:
        return read(path.read_text("utf-8"))
    except FileNotFoundError:
        raise MissingError(f"no file {path.name}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FileFormatError(f"{path.name} cannot be read as text: {error}") from None
    except UsageError as error:
        raise UsageError(f"{path.name}: {error}") from None


def _rules(document: Mapping[str, Any]) -> tuple[tuple[Rule, ...], list[str]]:
    try:
        return rules_of(document.get("rules", [])), []
    except UsageError as error:
        return (), [str(error)]


def _faults(document: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(document.keys() - {"standard", "rules", "grades", "ceilings"}):
        yield f"no table is called {name[:40]!r}; known: standard, rules, grades, ceilings"
    about = document.get("standard")
    if not isinstance(about, dict):
        yield f"the table [standard] is missing, with {', '.join(_ABOUT)}"
    else:
        for name in sorted(about.keys() - set(_ABOUT)):
            yield f"[standard] has no field {name[:40]!r}"
        for name in _ABOUT:
            if not isinstance(about.get(name), str) or not about[name].strip():
                yield f"[standard] needs {name}, a text"
    rules = document.get("rules", [])
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        return  # told by the rulebook
    if not rules:
        yield "a standard has at least one of [[rules]]"
    for number, rule in enumerate(rules, 1):
        for fault in parameters.faults(rule.get("check"), rule.get("settings", {})):
            yield f"rule {rule.get('id', number)!r}: {fault}"
    grades = document.get("grades", [])
    yield from _faulty_grades(grades, {str(rule.get("id")) for rule in rules})
    yield from faulty_ceilings(
        document.get("ceilings", []), len(grades) if isinstance(grades, list) else 0
    )


def _faulty_grades(grades: object, known: set[str]) -> Iterator[str]:
    if not isinstance(grades, list) or not all(isinstance(each, dict) for each in grades):
        yield "expected grades as a list of tables, [[grades]]"
        return
    for number, grade in enumerate(grades, 1):
        if grade.keys() != _GRADE or grade.get("grade") != number:
            yield f"grade {number}: needs grade = {number}, zh, en and rules, and nothing else"
            continue
        if not all(isinstance(grade[name], str) and grade[name].strip() for name in ("zh", "en")):
            yield f"grade {number}: zh and en are texts"
        rules = grade["rules"]
        if not isinstance(rules, list) or not all(isinstance(each, str) for each in rules):
            yield f"grade {number}: rules is a list of ids"
        elif odd := sorted(set(rules) - known):
            yield f"grade {number}: no rule is called {odd[0][:40]!r}"
