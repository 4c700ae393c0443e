"""Checks at the door: matrices, weights and limits, parsed once to one form."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from geodata.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from stations.siting.plan import BoolArray, FloatArray, IntArray, Matrix


class Choice(NamedTuple):
    """Which columns may be added, and what the additions may cost in all."""

    open: IntArray
    free: IntArray
    """Columns that may be added: not open, not forbidden, none dearer than the limit."""
    forbidden: BoolArray
    costs: FloatArray
    """What adding each column costs; 1 each where sites are counted."""
    limit: float
    name: str
    """The argument the limit came from: ``sites``, ``budget`` or nothing."""

    def used(self, columns: IntArray) -> float:
        """Return what adding these columns costs."""
        return math.fsum(self.costs[columns].tolist())


def pattern(reach: Matrix) -> sp.csr_array:
    """Return who reaches whom as a canonical csr of ones (int8).

    Sparse: every stored entry counts, also a stored 0 ("0 metres away"), except a stored False.
    Dense: what is not 0.
    """
    if not sp.issparse(reach):
        dense = _dense(reach)
        return sp.csr_array(dense != 0, dtype=np.int8)
    _shape(reach)
    if reach.dtype == bool and not reach.data.all():
        reach = reach.copy()
        reach.eliminate_zeros()
    rows = sp.csr_array(reach)
    _numbers(rows.data)
    ones = np.ones(len(rows.data), np.int8)
    made = sp.csr_array((ones, rows.indices, rows.indptr), shape=rows.shape)
    if not made.has_canonical_format:
        made = made.copy()
        made.sum_duplicates()
        made.data[:] = 1
    return made


def cost_entries(costs: Matrix) -> sp.csr_array:
    """Return costs as a canonical csr (float64): what is not stored, or infinite, is no way.

    Of entries stored twice the lower one counts.
    """
    if sp.issparse(costs):
        _shape(costs)
        found = sp.coo_array(costs)
        row, column, value = found.row, found.col, found.data.astype(float)
        shape = costs.shape
    else:
        dense = _dense(costs)
        shape = dense.shape
        row, column = (axis.ravel() for axis in np.indices(shape, dtype=np.int32))
        value = dense.astype(float).ravel()
    if not (value >= 0).all():
        raise UsageError("costs must be numbers from 0 up; infinite, or not stored, means no way")
    order = np.lexsort((value, column, row)) if sp.issparse(costs) else np.arange(len(value))
    row, column, value = row[order], column[order], value[order]
    twice = np.zeros(len(value), bool)
    twice[1:] = (row[1:] == row[:-1]) & (column[1:] == column[:-1])
    keep = ~twice & np.isfinite(value)
    pointer = np.concatenate(([0], np.cumsum(np.bincount(row[keep], minlength=shape[0]))))
    return sp.csr_array((value[keep], column[keep], pointer), shape=shape)


def weights_of(weights: npt.ArrayLike | None, rows: int) -> FloatArray:
    """Return one finite weight from 0 up for each row; 1 each for None."""
    if weights is None:
        return np.ones(rows)
    return amounts_of(weights, rows, "weights", "row")


def capacities_of(capacities: npt.ArrayLike, columns: int) -> FloatArray:
    """Return one finite capacity from 0 up for each column."""
    return amounts_of(capacities, columns, "capacities", "column")


def choice(
    columns: int,
    *,
    sites: int | None,
    budget: float | None,
    site_costs: npt.ArrayLike | None,
    open_: Sequence[int],
    forbidden: Sequence[int],
) -> Choice:
    """Parse what limits the additions; neither ``sites`` nor ``budget``: nothing does."""
    opened, barred = (
        columns_of(open_, columns, "open_"),
        columns_of(forbidden, columns, "forbidden"),
    )
    both = np.intersect1d(opened, barred)
    if len(both):
        raise UsageError(f"columns {both[:5].tolist()} are both open and forbidden: choose one")
    costs, limit, name = _limit(columns, sites, budget, site_costs)
    forbidden_mask = np.zeros(columns, bool)
    forbidden_mask[barred] = True
    free = ~forbidden_mask & (costs <= limit)
    free[opened] = False
    return Choice(opened, np.flatnonzero(free), forbidden_mask, costs, limit, name)


def _limit(
    columns: int, sites: int | None, budget: float | None, site_costs: npt.ArrayLike | None
) -> tuple[FloatArray, float, str]:
    if sites is not None and budget is not None:
        raise UsageError("give sites= or budget=, not both")
    if budget is not None and site_costs is None:
        raise UsageError("budget= needs site_costs=, one cost for each column")
    if sites is not None and site_costs is not None:
        raise UsageError("sites= counts columns; site_costs= goes with budget=")
    costs = np.ones(columns)
    if site_costs is not None:
        costs = amounts_of(site_costs, columns, "site_costs", "column")
    if budget is not None:
        if not 0 <= budget < math.inf:
            raise UsageError(f"budget must be a number from 0 up, got {budget}")
        return costs, float(budget), "budget"
    if sites is None:
        return costs, math.inf, ""
    if not whole(sites):
        raise UsageError(f"sites must be a whole number, got {sites!r}")
    if not 0 <= sites <= columns:
        raise UsageError(f"sites must be 0 to {columns}, the number of candidates; got {sites}")
    return costs, float(sites), "sites"


def whole(number: object) -> bool:
    """Tell whether this is an int, of Python or numpy, and not True or False."""
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


def columns_of(numbers: Sequence[int], columns: int, name: str) -> IntArray:
    """Return column numbers, ascending, each once; ``name``: the argument they came by."""
    found = np.asarray(numbers)
    if found.size == 0:
        return np.zeros(0, np.int64)
    if found.ndim != 1 or found.dtype.kind not in "iu":
        raise UsageError(f"{name} must be a list of column numbers")
    if found.min() < 0 or found.max() >= columns:
        raise UsageError(f"{name} must be column numbers from 0 to {columns - 1}")
    return np.unique(found).astype(np.int64)


def amounts_of(
    amounts: npt.ArrayLike, size: int, name: str, one: str = "column", *, signed: bool = False
) -> FloatArray:
    """Return one finite amount for each row or column, from 0 up unless ``signed``."""
    try:
        found = np.asarray(amounts, dtype=float)
    except (TypeError, ValueError):
        raise UsageError(f"{name} must be numbers") from None
    if found.shape != (size,):
        raise UsageError(f"need {size} {name}, one for each {one}; got shape {found.shape}")
    if signed and not np.isfinite(found).all():
        raise UsageError(f"{name} must be finite numbers")
    if not signed and not ((found >= 0) & (found < np.inf)).all():
        raise UsageError(f"{name} must be finite numbers from 0 up")
    return found


def _dense(matrix: Matrix) -> npt.NDArray[Any]:
    found = np.asarray(matrix)
    _shape(found)
    if found.dtype.kind not in "biuf":
        raise UsageError("the matrix must hold numbers, or True and False")
    _numbers(found)
    return found


def _numbers(values: npt.NDArray[Any]) -> None:
    if values.dtype.kind == "f" and values.size and np.isnan(values.min()):
        raise UsageError("the matrix must not hold NaN; leave out what cannot be reached")


def _shape(matrix: Matrix) -> None:
    if len(matrix.shape) != 2 or 0 in matrix.shape:  # noqa: PLR2004  # rows and columns
        raise UsageError(
            f"need a matrix of demand rows by candidate columns, at least 1 by 1; "
            f"got shape {tuple(matrix.shape)}"
        )
