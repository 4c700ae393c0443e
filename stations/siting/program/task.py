"""A program of several years, parsed and made small."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp

from geodata.errors import UsageError
from stations.siting.cliques import cliques
from stations.siting.inputs import amounts_of, pattern, weights_of
from stations.siting.program.reduce import alike, renumbered, replaceable
from stations.siting.program.rules import Rules, check_amounts, check_rules
from stations.siting.reduce import only

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from stations.siting.plan import BoolArray, FloatArray, IntArray, Matrix


@dataclass(frozen=True)
class Asked:
    """All that was asked for, checked, in the caller's numbers."""

    reach: sp.csr_array
    base: sp.csr_array
    """Rows by standing stations; no columns where none was given."""
    weights: FloatArray
    costs: FloatArray
    budgets: FloatArray
    """One for each year, infinite where there is none."""
    carry: bool
    value: FloatArray
    groups: IntArray
    """Each row's group, 0 and up; -1: in none."""
    rules: Rules

    @property
    def years(self) -> int:
        """How many."""
        return len(self.value)


def asked(
    reach: Matrix,
    weights: npt.ArrayLike | None,
    costs: npt.ArrayLike | None,
    *,
    budgets: Sequence[float] | None,
    base: Matrix | None,
    rules: Rules,
    groups: npt.ArrayLike | None,
    value: Sequence[float] | None,
    carry: bool,
) -> Asked:
    """Check everything at the door."""
    rows = pattern(reach)
    size, columns = rows.shape
    years = len(budgets if budgets is not None else value if value is not None else (1.0,))
    if not years:
        raise UsageError("need at least one year: budgets= and value= must not be empty")
    if budgets is not None:
        check_amounts(budgets, years, "budgets")
    if value is not None:
        check_amounts(value, years, "value")
    none = base is None or np.shape(base) == (size, 0)
    standing = sp.csr_array((size, 0), dtype=np.int8) if none else pattern(base)
    if standing.shape[0] != size:
        raise UsageError(f"base must have as many rows as reach: {size}, not {standing.shape[0]}")
    check_rules(rules, columns, standing.shape[1], years)
    return Asked(
        rows,
        standing,
        weights_of(weights, size),
        np.zeros(columns) if costs is None else amounts_of(costs, columns, "costs", signed=True),
        np.full(years, np.inf) if budgets is None else np.asarray(budgets, float),
        carry,
        np.ones(years) if value is None else np.asarray(value, float),
        _groups_of(groups, size),
        rules,
    )


class Task(NamedTuple):
    """The program made small: only what can make a difference is left."""

    rows: sp.csr_array
    """Canonical, ones (float64); alike rows merged."""
    base: sp.csr_array
    """The same rows by the standing stations that can end."""
    weights: FloatArray
    groups: IntArray
    costs: FloatArray
    budgets: FloatArray
    carry: bool
    value: FloatArray
    rules: Rules
    """In the numbers of this task."""
    cliques: tuple[IntArray, ...]
    """Columns of which at most one is taken: the exclusive ones and the conflicts together."""
    names: IntArray
    """The caller's column numbers, ascending."""
    origin: IntArray
    """For each row the lowest of the caller's rows it stands for."""

    @property
    def years(self) -> int:
        """How many."""
        return len(self.value)


def task(asked: Asked, wanted: BoolArray, within: IntArray | None = None) -> Task:
    """Make it small: wanted rows that are not always covered, columns that are not forbidden.

    ``within``: no others than these columns.
    """
    size = asked.reach.shape[1]
    some = np.arange(size) if within is None else within
    free = np.setdiff1d(some, np.array(asked.rules.forbidden, int))
    rules = renumbered(asked.rules, free, size)
    ending = np.unique(np.array([base for _, base in rules.ends], int))
    rules = replace(rules, ends=tuple((k, int(np.searchsorted(ending, b))) for k, b in rules.ends))
    left = np.flatnonzero(wanted & ~always(asked))
    rows = only(asked.reach, rows=left, columns=free)
    base = only(asked.base, rows=left, columns=ending)
    return _merged(
        Task(
            rows,
            base,
            asked.weights[left],
            asked.groups[left],
            asked.costs[free],
            asked.budgets,
            asked.carry,
            asked.value,
            rules,
            (),
            free,
            left,
        )
    )


def _merged(task: Task) -> Task:
    """Merge alike rows, leave out columns that others can stand for, and merge again."""
    task = _rows_merged(task)
    return narrowed(task, np.flatnonzero(~replaceable(task.rows, task.costs, task.rules)))


def narrowed(task: Task, keep: IntArray) -> Task:
    """Return the task with some of its columns only, its rows merged again."""
    rules = renumbered(task.rules, keep, len(task.names))
    few = task._replace(
        rows=only(task.rows, columns=keep),
        costs=task.costs[keep],
        names=task.names[keep],
        rules=rules,
        cliques=cliques(rules.exclusive, rules.conflicts),
    )
    return _rows_merged(few)


def with_rows(task: Task, rows: IntArray) -> Task:
    """Return the task with some of its rows only."""
    return task._replace(
        rows=only(task.rows, rows=rows),
        base=only(task.base, rows=rows),
        weights=task.weights[rows],
        groups=task.groups[rows],
        origin=task.origin[rows],
    )


def _rows_merged(task: Task) -> Task:
    first, kind = alike(task.rows, task.base, task.groups)
    return with_rows(task, first)._replace(weights=np.bincount(kind, task.weights, len(first)))


def always(asked: Asked) -> BoolArray:
    """Tell rows a standing station covers that nothing ends."""
    barred = set(asked.rules.forbidden)
    ending = [base for column, base in asked.rules.ends if column not in barred]
    stays = np.setdiff1d(np.arange(asked.base.shape[1]), np.array(ending, int))
    found: BoolArray = np.diff(asked.base[:, stays].indptr) > 0
    return found


def _groups_of(groups: npt.ArrayLike | None, size: int) -> IntArray:
    if groups is None:
        return np.full(size, -1)
    found = np.asarray(groups)
    if found.shape != (size,) or found.dtype.kind not in "iu":
        raise UsageError(f"groups must be {size} whole numbers, one for each row; -1: in none")
    return found.astype(np.int64)
