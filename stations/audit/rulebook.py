"""Rules as data: TOML tables read into `Rule`, strictly.

::

    [[rules]]
    id = "place.null_island"
    zh = "坐标在零点"
    en = "Position at null island"
    requirement = { zh = "…", en = "…" }
    source = "…"
    level = "must"
    severity = "critical"
    check = "null_island"
    since = 2025-01-01           # and until, kinds, hosts, statuses: may be missing
    fix = { zh = "…", en = "…" }
    trap = { zh = "…", en = "…" }
    settings = { within_m = 1000 }
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import MISSING, fields
from datetime import date
from typing import TYPE_CHECKING, Any

from geodata.errors import UsageError
from stations.audit.ruling import LEVELS, SEVERITIES, Rule, Words
from stations.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_FIELDS = {each.name for each in fields(Rule)}
_NEEDED = {
    each.name
    for each in fields(Rule)
    if each.default is MISSING and each.default_factory is MISSING
}
_WORDS = ("requirement", "fix", "trap")
_LISTS = ("kinds", "hosts", "statuses")
_TEXTS = ("id", "zh", "en", "source", "check")
_DATES = ("since", "until")


def read_rules(text: str) -> tuple[Rule, ...]:
    """Read the ``[[rules]]`` of a TOML document, in its order; other tables are not looked at.

    `UsageError` names every fault: an unknown or missing field, a word that is none of the known
    ones, an id that comes twice.
    """
    try:
        tables = tomllib.loads(text).get("rules", [])
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"not TOML: {error}") from None
    return rules_of(tables)


def rules_of(tables: object) -> tuple[Rule, ...]:
    """Make rules of tables read already; faults as in `read_rules`."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UsageError("expected rules as a list of tables, [[rules]]")
    faults = [
        f"rule {table.get('id', number)!r}: {fault}"
        for number, table in enumerate(tables, 1)
        for fault in _faults(table)
    ]
    ids = Counter(str(table.get("id")) for table in tables)
    faults += [f"rule {name!r} comes {times} times" for name, times in ids.items() if times > 1]
    if faults:
        raise UsageError("; ".join(faults))
    return tuple(_rule(table) for table in tables)


def _rule(table: Mapping[str, Any]) -> Rule:
    words = {name: Words(**table[name]) for name in _WORDS}
    lists = {name: tuple(table[name]) for name in _LISTS if name in table}
    return Rule(**{**table, **words, **lists})


def _faults(table: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(table.keys() - _FIELDS):
        yield f"no field is called {name[:40]!r}"
    for name in sorted(_NEEDED - table.keys()):
        yield f"{name} is missing"
    for name in _TEXTS:
        if not isinstance(table.get(name, "-"), str) or not table.get(name, "-").strip():
            yield f"{name} is a text"
    for name in _WORDS:
        if name in table and not _is_words(table[name]):
            yield f'{name} is a text in both languages, {{ zh = "…", en = "…" }}'
    for name in _DATES:
        if name in table and type(table[name]) is not date:
            yield f"{name} is a date such as 2025-01-01"
    yield from _of_known(table)


def _is_words(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"zh", "en"}
        and all(isinstance(text, str) and text.strip() for text in value.values())
    )


def _of_known(table: Mapping[str, Any]) -> Iterator[str]:
    kinds, statuses = list(catalogue().kinds.terms), list(catalogue().statuses.terms)
    known: Mapping[str, Sequence[str]] = {"level": LEVELS, "severity": SEVERITIES}
    for name, words in known.items():
        if name in table and table[name] not in words:
            yield f"{name} is one of {', '.join(words)}"
    lists: Mapping[str, Sequence[str]] = {"kinds": kinds, "statuses": statuses, "hosts": ()}
    for name, words in lists.items():
        value = table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            yield f"{name} is a list of texts"
        elif words and set(value) - set(words):
            yield f"{name} are some of {', '.join(words)}"
    if not isinstance(table.get("settings", {}), dict):
        yield "settings is a table"
