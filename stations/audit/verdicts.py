"""What a requirement says of each station: met, broken, or not to be known from the register."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stations.audit.ruling import CHECK_COLUMNS, breaches

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from geodata.geodesy import BoolArray, IntArray
    from stations.audit.ruling import Check, Column, Context, Rule

    type Verdicts = npt.NDArray[np.uint8]
    type Predicate = Callable[[Context, Rule], Seen]

UNKNOWN_MARK = '"verdict":"unknown"'
"""What the evidence of a ruling holds that is none: the register cannot tell."""


class Verdict(IntEnum):
    """One station under one requirement."""

    MET = 0
    BREACH = 1
    UNKNOWN = 2
    NOT_FOR = 3
    """The rule is not for this station."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What a predicate saw; everything by row of the register."""

    verdict: Verdicts
    not_known: str
    """What the register would have to hold to decide the unknown ones."""
    facts: Mapping[str, Column] = field(default_factory=dict)
    """What a breach rests on."""


def verdicts(broken: BoolArray, unknown: BoolArray) -> Verdicts:
    """Return a `Verdict` a row; unknown goes before broken."""
    return np.where(unknown, Verdict.UNKNOWN, np.where(broken, Verdict.BREACH, Verdict.MET)).astype(
        np.uint8
    )


def applies(context: Context, rule: Rule) -> BoolArray:
    """Tell which rows a rule of a standard is for: `Rule.scope`, narrowed by two settings.

    ``named``: the station's name or host holds one of these words; ``having``: at least one of
    this field is recorded. With both, either will do.
    """
    inside = rule.scope(context.registry)
    words, counted = rule.settings.get("named", ()), rule.settings.get("having", "")
    if not words and not counted:
        return inside
    frame = context.registry.stations
    either = np.zeros(len(frame), dtype=np.bool_)
    for word in words:
        for column in ("name", "host"):
            either |= frame[column].str.contains(word, regex=False).to_numpy(dtype=bool)
    if counted:
        either |= (frame[counted].fillna(0) > 0).to_numpy(dtype=bool)
    return inside & either


def judged(predicate: Predicate, context: Context, rule: Rule) -> Seen:
    """Ask a predicate; rows the rule is not for become `Verdict.NOT_FOR`."""
    seen = predicate(context, rule)
    verdict = np.where(applies(context, rule), seen.verdict, Verdict.NOT_FOR).astype(np.uint8)
    return Seen(verdict, seen.not_known, seen.facts)


def check_of(predicate: Predicate) -> Check:
    """Make a check of a predicate: a row for each breach and for each station not to be judged.

    The evidence says which, as ``verdict``.
    """

    def check(context: Context, rule: Rule) -> pd.DataFrame:
        seen = judged(predicate, context, rule)
        broken = np.flatnonzero(seen.verdict == Verdict.BREACH)
        unknown = np.flatnonzero(seen.verdict == Verdict.UNKNOWN)
        facts = {name: _taken(values, broken) for name, values in seen.facts.items()}
        not_known = {"verdict": ["unknown"], "not_known": [seen.not_known]}
        parts = [
            _breaches(context, rule, broken, facts),
            _spread(context, breaches(rule, [""], not_known), unknown, np.zeros_like(unknown)),
        ]
        return pd.concat(parts, ignore_index=True)[list(CHECK_COLUMNS)]

    return check


def is_unknown(rulings: pd.DataFrame) -> BoolArray:
    """Tell which rulings are none: nobody can know from the register."""
    return rulings["evidence"].str.contains(UNKNOWN_MARK, regex=False).to_numpy(dtype=bool)


def _taken(values: Column, rows: IntArray) -> pd.Series[Any]:
    return pd.Series(values).iloc[rows].reset_index(drop=True)


def _breaches(
    context: Context, rule: Rule, rows: IntArray, facts: Mapping[str, pd.Series[Any]]
) -> pd.DataFrame:
    """Return check rows; facts that come often are written once."""
    table = pd.DataFrame({"verdict": "breach", **facts}, index=np.arange(len(rows)))
    code = table.groupby(list(table), dropna=False, sort=False).ngroup().to_numpy()
    _, first = np.unique(code, return_index=True)
    few = table.iloc[first]
    made = breaches(rule, [""] * len(few), {str(name): few[name] for name in table})
    return _spread(context, made, rows, code)


def _spread(
    context: Context, made: pd.DataFrame, rows: IntArray, code: npt.NDArray[np.integer[Any]]
) -> pd.DataFrame:
    """Return check rows for rows of the register, ``code`` saying which of those made."""
    ids = context.registry.stations.index
    return made.iloc[code].assign(station=ids[rows].astype("str"))
