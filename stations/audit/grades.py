"""Grades (星级): which one a station has, what the next one lacks, and the cheapest way there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import orjson
import pandas as pd

from stations.audit import stars, ways
from stations.audit.predicates import PREDICATES, weekly_hours
from stations.audit.standards import load
from stations.audit.verdicts import Verdict, judged
from stations.catalogue import catalogue
from stations.planning.costs import CostTable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.audit.ruling import Context, Rule
    from stations.audit.standards import Grade, Standard
    from stations.audit.verdicts import Verdicts

GRADE_COLUMNS: Mapping[str, str] = {
    "grade": "int64",  # reached whatever the unknown turns out to be; 0 none
    "shown": "int64",  # `grade`, or less while something about it is not mended: see `stars`
    "held": "str",  # JSON list of the findings that hold it down; "[]" none
    "at_best": "int64",  # reached if all that is unknown is well
    "next": "int64",  # the grade after `grade`; 0: it has the highest
    "missing": "str",  # ids of rules of the next grade that are broken, joined by ";"
    "unknown": "str",  # ids of those nobody can judge from the register
    "yuan": "Int64",  # the cheapest way to mend what is missing; <NA>: some of it has no price
    "way": "str",  # JSON list of that way's steps, see `ways`; "[]" nothing to mend
}


@dataclass(frozen=True, eq=False)
class _Judged:
    """Every rule of a standard in force, asked of every station."""

    rules: tuple[Rule, ...]
    verdicts: Mapping[str, Verdicts]
    opened: FloatArray


def graded(
    context: Context,
    standard: Standard | str | Path,
    prices: CostTable | None = None,
    *,
    findings: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return `GRADE_COLUMNS` of every station in use that a rule is for, indexed by id.

    By the rules in force on the context's day. A rule that is not for a station asks nothing of
    it. ``prices``: `CostTable.default()` if None. ``findings``: as `findings.standing` has them at
    the context's instant; None: nothing is held down. A standard without grades gives no row.
    """
    standard = load(standard)
    told = _judge(standard, context)
    rows = _graded(standard, told, context)
    ids = pd.Index(context.registry.stations.index[rows], name="id")
    if not rows.size:
        empty = {name: pd.Series(dtype=kind) for name, kind in GRADE_COLUMNS.items()}
        return pd.DataFrame(empty, index=ids)
    sure = _reached(standard, told, allowed={Verdict.MET, Verdict.NOT_FOR})[rows]
    best = _reached(standard, told, allowed=set(Verdict) - {Verdict.BREACH})[rows]
    following = np.where(sure < len(standard.grades), sure + 1, 0)
    lacking = [
        _lacking(standard.grades, told, int(row), int(grade))
        for row, grade in zip(rows, following, strict=True)
    ]
    seen, held = (
        (sure, "[]")
        if findings is None
        else stars.shown(standard, context.day, ids, sure, findings)
    )
    frame = pd.DataFrame(
        {
            "grade": sure,
            "shown": seen,
            "held": held,
            "at_best": best,
            "next": following,
            "missing": [";".join(missing) for missing, _ in lacking],
            "unknown": [";".join(unknown) for _, unknown in lacking],
            **_priced(context, told, rows, [missing for missing, _ in lacking], prices),
        },
        index=ids,
    )
    return frame.astype(dict(GRADE_COLUMNS))


def _judge(standard: Standard, context: Context) -> _Judged:
    rules = standard.in_force(context.day)
    verdicts = {rule.id: judged(PREDICATES[rule.check], context, rule).verdict for rule in rules}
    return _Judged(rules, verdicts, weekly_hours(context.registry)[0])


def _graded(standard: Standard, told: _Judged, context: Context) -> IntArray:
    """Return the rows of stations in use that a rule of some grade is for."""
    asked: BoolArray = np.zeros(len(context.registry.stations), dtype=np.bool_)
    for grade in standard.grades:
        for name in grade.rules:
            if name in told.verdicts:
                asked |= told.verdicts[name] != Verdict.NOT_FOR
    in_use = np.zeros(len(asked), dtype=np.bool_)
    in_use[context.registry.active] = True
    return np.flatnonzero(asked & in_use)


def _reached(standard: Standard, told: _Judged, allowed: set[Verdict]) -> IntArray:
    """Return each row's highest grade of which, and of all below, every rule is so judged."""
    good = np.ones(len(told.opened), dtype=np.bool_)
    reached = np.zeros(len(told.opened), dtype=np.int64)
    for grade in standard.grades:
        for name in grade.rules:
            if name in told.verdicts:
                good &= np.isin(told.verdicts[name], [int(each) for each in allowed])
        reached[good] = grade.number
    return reached


def _lacking(
    every: tuple[Grade, ...], told: _Judged, row: int, grade: int
) -> tuple[list[str], list[str]]:
    """Return which rules of a grade a row breaks, and which nobody can judge."""
    names = [] if not grade else [name for name in every[grade - 1].rules if name in told.verdicts]
    missing = [name for name in names if told.verdicts[name][row] == Verdict.BREACH]
    unknown = [name for name in names if told.verdicts[name][row] == Verdict.UNKNOWN]
    return missing, unknown


def _priced(
    context: Context,
    told: _Judged,
    rows: IntArray,
    missing: list[list[str]],
    prices: CostTable | None,
) -> dict[str, list[object]]:
    rules = {rule.id: rule for rule in told.rules}
    frame, masks = context.registry.stations, context.registry.amenity_masks
    listed = prices or CostTable.default()
    known: dict[tuple[object, ...], tuple[int | None, str]] = {}
    found = []
    for row, names in zip(rows.tolist(), missing, strict=True):
        counts = tuple(int(frame[name].iloc[row]) for name in _counted(rules, names))
        place = str(frame["area_code"].iloc[row])
        key = (*names, int(masks[row]), round(float(told.opened[row]), 2), *counts, place)
        if key not in known:
            have = ways.Have(
                frozenset(catalogue().amenities.codes(int(masks[row]))),
                float(told.opened[row]),
                dict(zip(_counted(rules, names), counts, strict=True)),
                place,
            )
            way = ways.cheapest([rules[name] for name in names], have, listed)
            known[key] = (ways.total(way), orjson.dumps(way).decode())
        found.append(known[key])
    return {"yuan": [yuan for yuan, _ in found], "way": [way for _, way in found]}


def _counted(rules: Mapping[str, Rule], names: list[str]) -> list[str]:
    broken = [rules[name] for name in names]
    return [str(rule.settings["field"]) for rule in broken if rule.check == "count"]
