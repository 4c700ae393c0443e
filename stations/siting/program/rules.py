"""What a program of several years must keep to, by column numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geodata.errors import UsageError
from stations.siting.inputs import columns_of, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Rules:
    """Limits on which columns go together, and when; empty: nothing is asked."""

    exclusive: tuple[tuple[int, ...], ...] = ()
    """Of each group at most one, over all years (packages at one place)."""
    conflicts: tuple[tuple[int, int], ...] = ()
    """Never both (spacing)."""
    requires: tuple[tuple[int, tuple[int, ...]], ...] = ()
    """The column only in or after a year in which one of those was taken."""
    at_most: tuple[tuple[tuple[int, ...], int], ...] = ()
    """Of these columns at most so many, over all years (per county)."""
    spend: tuple[tuple[tuple[int, ...], tuple[float, ...]], ...] = ()
    """These columns cost at most so much in each year (a prefecture's share)."""
    must: tuple[int, ...] = ()
    """Columns that must be taken, in whatever year."""
    forbidden: tuple[int, ...] = ()
    """Columns that are never taken."""
    ends: tuple[tuple[int, int], ...] = ()
    """Taking the column ends that column of ``base`` (closed, moved or merged)."""


def check_rules(rules: Rules, columns: int, bases: int, years: int) -> None:
    """Raise ``UsageError`` unless every rule can be meant."""
    for name, groups in _groups(rules):
        for group in groups:
            columns_of(group, columns, f"rules.{name}")
    if any(one == other for one, other in rules.conflicts):
        raise UsageError("rules.conflicts must name two different columns each")
    columns_of([base for _, base in rules.ends], bases, "rules.ends: numbers of base columns")
    for _, most in rules.at_most:
        if not whole(most) or most < 0:
            raise UsageError(f"rules.at_most needs whole numbers from 0 up, got {most!r}")
    for _, amounts in rules.spend:
        check_amounts(amounts, years, "rules.spend")
    both = set(rules.must) & set(rules.forbidden)
    if both:
        raise UsageError(f"columns {sorted(both)[:5]} are both must and forbidden: choose one")


def check_amounts(amounts: Sequence[float], years: int, name: str) -> None:
    """Raise unless there is one finite amount from 0 up for each year."""
    found = np.asarray(amounts, dtype=float)
    if found.shape != (years,):
        raise UsageError(f"{name} needs {years} amounts, one for each year; got {len(amounts)}")
    if not ((found >= 0) & (found < np.inf)).all():
        raise UsageError(f"{name} must be finite amounts from 0 up")


def _groups(rules: Rules) -> Iterable[tuple[str, Iterable[Sequence[int]]]]:
    """Every list of column numbers there is, by the rule's name."""
    yield "exclusive", rules.exclusive
    yield "conflicts", rules.conflicts
    yield "requires", ((column, *any_of) for column, any_of in rules.requires)
    yield "at_most", (group for group, _ in rules.at_most)
    yield "spend", (group for group, _ in rules.spend)
    yield "must", (rules.must,)
    yield "forbidden", (rules.forbidden,)
    yield "ends", ([column for column, _ in rules.ends],)
