"""The whole audit: the rules of a standard and those of data quality, over one register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.errors import UsageError
from stations.audit import quality
from stations.audit.predicates import CHECKS
from stations.audit.ruling import Context, judge
from stations.audit.standards import USUAL, Standard, load
from stations.audit.verdicts import is_unknown
from stations.travel import Travel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    import pandas as pd

    from stations.audit.ruling import Rule
    from stations.registry import Registry

QUALITY, STANDARD = "quality", "standard"
_ALL_CHECKS = {**quality.CHECKS, **CHECKS}


def audit(
    registry: Registry,
    standard: Standard | str | Path | None = None,
    *,
    at: datetime,
    only: Sequence[str] = (),
    travel: Travel | None = None,
    uploads: pd.DataFrame | None = None,
    platform: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Judge a register as of an aware instant, by the rules in force that day in Beijing.

    ``standard``: a shipped one's name, a planner's .toml file, or one that was read; None is the
    national definition. ``only``: as in `rules_for`. ``travel``, ``uploads`` and ``platform``: as
    in `Context`. Returns `RULING_COLUMNS`, the breaches and what nobody can know from the register:
    the latter are of severity note, their evidence says ``"verdict": "unknown"``; `is_unknown`
    tells them apart.
    """
    context = Context(registry, at, travel or Travel(), uploads, platform)
    return judge_all(rules_for(standard, only), context)


def judge_all(rules: Iterable[Rule], context: Context) -> pd.DataFrame:
    """Judge by any rules of standards and data quality; the unknown as in `audit`."""
    rulings = judge(rules, _ALL_CHECKS, context)
    rulings.loc[is_unknown(rulings), "severity"] = "note"
    return rulings


def rules_for(
    standard: Standard | str | Path | None = None, only: Sequence[str] = ()
) -> tuple[Rule, ...]:
    """Return the rules of a standard, then those of data quality.

    ``only``: some of them, by ``standard``, ``quality``, a rule's id (``place.null_island``) or
    the beginning of ids up to a dot (``place``); `UsageError` for what names none.
    """
    mine, data = load(standard or USUAL).rules, quality.rules()
    every = (*mine, *data)
    if not only:
        return every
    wanted: set[str] = set()
    for word in only:
        group = {STANDARD: mine, QUALITY: data}.get(word)
        named = group or [each for each in every if word in {each.id, each.id.split(".")[0]}]
        if not named:
            known = ", ".join(sorted({each.id for each in every}))
            raise UsageError(f"no rule {word[:40]!r}; known: quality, standard, {known}")
        wanted.update(each.id for each in named)
    return tuple(each for each in every if each.id in wanted)
