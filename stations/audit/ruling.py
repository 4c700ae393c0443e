"""A rule, what it is asked about, and what it answers: the contract of everything in this package.

A *check* is a pure, vectorised predicate: it looks at a `Context` and at its own `Rule`, and gives
a frame of `CHECK_COLUMNS`, one row for each breach it saw. It changes nothing, asks no clock and no
network. `judge` runs the checks of many rules and puts their answers into one rulings frame.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd

from geodata.errors import UsageError
from stations.hours.clock import ZONE
from stations.registry import Derived
from stations.travel import Travel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy.typing as npt

    from geodata.geodesy import BoolArray, IntArray
    from stations.registry import Registry

    type Column = Sequence[Any] | npt.NDArray[Any] | pd.Series[Any]
    type Check = Callable[["Context", "Rule"], pd.DataFrame]

LEVELS = ("must", "should", "may")
SEVERITIES = ("critical", "major", "minor", "note")
"""The gravest first."""
RULING_COLUMNS: Mapping[str, str] = {
    "rule": "str",  # the rule's id
    "station": "str",  # the station's id
    "severity": "str",  # one of SEVERITIES
    "fact": "str",  # 16 hex digits: what the ruling rests on; the same facts, the same digits
    "evidence": "str",  # JSON object: what was seen, the facts among it
    "proposal": "str",  # JSON object: field → value proposed; "" none
}
CHECK_COLUMNS = tuple(name for name in RULING_COLUMNS if name != "severity")
_ALWAYS = date.min


@dataclass(frozen=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, eq=False)
class Rule:
    """One line of a standard, or one thing no record may be."""

    id: str
    """Lower-case, ``family.name``; stable: findings and waivers refer to it."""
    zh: str
    en: str
    requirement: Words
    source: str
    """The document or reason it comes from."""
    level: str
    """One of `LEVELS`."""
    severity: str
    """One of `SEVERITIES`: how grave a breach is."""
    check: str
    """The name of the predicate that tests it; several rules may share one."""
    fix: Words
    """What ends a breach."""
    trap: Words
    """How one is fooled: a station that looks like a breach and is none."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The numbers and words the predicate works with."""
    since: date = _ALWAYS
    """First day in force, Beijing date, inclusive."""
    until: date | None = None
    """Last day in force, inclusive; None: still in force."""
    kinds: tuple[str, ...] = ()
    """Codes of the station kinds it is for; () all."""
    hosts: tuple[str, ...] = ()
    """It is for stations whose host holds one of these words; () all."""
    statuses: tuple[str, ...] = ("active",)
    """Codes of the statuses it is for."""

    def in_force(self, day: date) -> bool:
        """Tell whether it applies on a day."""
        return self.since <= day and (self.until is None or day <= self.until)

    def scope(self, registry: Registry) -> BoolArray:
        """Tell which rows of ``registry.stations`` it is for."""
        frame = registry.stations
        inside: BoolArray = frame["status"].isin(self.statuses).to_numpy(dtype=bool, copy=True)
        if self.kinds:
            inside &= frame["kind"].isin(self.kinds).to_numpy(dtype=bool)
        if self.hosts:
            codes, texts = pd.factorize(frame["host"])
            held = [any(word in text for word in self.hosts) for text in texts]
            inside &= np.array(held, dtype=bool)[codes]
        return inside


@dataclass(frozen=True, eq=False)
class Context:
    """Everything a check may look at."""

    registry: Registry
    at: datetime
    """Aware: the instant the register is judged at."""
    travel: Travel = field(default_factory=Travel)
    uploads: pd.DataFrame | None = None
    """Which upload each station's position came with: see `quality.uploads`; None: not known."""
    platform: pd.DataFrame | None = None
    """A map platform's list, as `quality.maplist.read` gives it; None: none was brought."""
    _derived: Derived = field(default_factory=Derived, repr=False)

    def __post_init__(self) -> None:
        """Refuse an instant without its zone."""
        if self.at.utcoffset() is None:
            raise UsageError("expected a time with its zone, e.g. 2026-11-22T08:00:00+08:00")

    @property
    def day(self) -> date:
        """The date in Beijing."""
        return self.at.astimezone(ZONE).date()

    def ids(self, rows: IntArray) -> list[str]:
        """Return the ids of rows of the register."""
        return [str(each) for each in self.registry.stations.index[rows]]

    def derived[T](self, build: Callable[[Context], T]) -> T:
        """Return ``build(self)``, computed once for all checks that ask."""
        return self._derived.get(build, self)


def rulings_frame(rows: Iterable[Mapping[str, str]] | pd.DataFrame) -> pd.DataFrame:
    """Return a frame of `RULING_COLUMNS`, sorted by station, rule and fact, numbered from 0."""
    frame = pd.DataFrame(
        rows if isinstance(rows, pd.DataFrame) else list(rows), columns=[*RULING_COLUMNS]
    )
    frame = frame.astype(dict(RULING_COLUMNS))
    keys = ["station"] if frame["station"].is_unique else ["station", "rule", "fact"]
    return frame.sort_values(keys, kind="stable", ignore_index=True)


def breaches(
    rule: Rule,
    stations: Sequence[str],
    facts: Mapping[str, Column],
    *,
    beside: Mapping[str, Column] | None = None,
    proposals: Sequence[Mapping[str, Any] | None] | None = None,
) -> pd.DataFrame:
    """Return the frame a check gives: one row for each of ``stations``, ids of the register.

    ``facts`` (name → one value a row) is what the breach rests on: as long as these stay as they
    are, it is the same breach. ``beside`` is shown with them and may change from day to day, such
    as an age. Values are what JSON has, numpy's numbers too; NaN and NA become null.
    """
    ids = list(stations)
    names, columns = list(facts), [_plain(values) for values in facts.values()]
    told = [dict(zip(names, row, strict=True)) for row in _rows(columns, len(ids))]
    marks = [fact_of(each) for each in told]
    if beside:
        more = [_plain(values) for values in beside.values()]
        names = list(beside)
        for each, row in zip(told, _rows(more, len(ids)), strict=True):
            each.update(zip(names, row, strict=True))
    return pd.DataFrame(
        {
            "rule": [rule.id] * len(ids),
            "station": ids,
            "fact": marks,
            "evidence": [_json(each) for each in told],
            "proposal": [_json(each) if each else "" for each in proposals or [None] * len(ids)],
        },
        columns=list(CHECK_COLUMNS),
        dtype="str",
    )


def fact_of(facts: Mapping[str, Any]) -> str:
    """Return 16 hex digits that are the same for equal facts, whatever their order."""
    return hashlib.sha256(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def judge(rules: Iterable[Rule], checks: Mapping[str, Check], context: Context) -> pd.DataFrame:
    """Run every rule in force on the context's day; return one rulings frame.

    What a check says of stations the rule is not for is left out. A rule whose check ``checks``
    does not hold raises `UsageError`.
    """
    found = [_ruled(rule, checks, context) for rule in rules if rule.in_force(context.day)]
    return rulings_frame(pd.concat(found) if found else [])


def _ruled(rule: Rule, checks: Mapping[str, Check], context: Context) -> pd.DataFrame:
    if rule.check not in checks:
        known = ", ".join(sorted(checks))
        raise UsageError(f"rule {rule.id!r} names a check {rule.check[:40]!r}; known: {known}")
    answer = checks[rule.check](context, rule)
    rows = context.registry.stations.index.get_indexer(answer["station"])
    within: pd.DataFrame = answer[rule.scope(context.registry)[rows]]
    return within.assign(severity=rule.severity)


def _rows(columns: list[list[Any]], count: int) -> Iterable[tuple[Any, ...]]:
    return zip(*columns, strict=True) if columns else [()] * count


def _plain(values: Column) -> list[Any]:
    """Return plain Python cells, None for what is missing."""
    cells = pd.Series(values).astype(object)
    return cells.where(cells.notna(), None).tolist()


def _json(record: Mapping[str, Any]) -> str:
    return orjson.dumps(record).decode()
