"""The only module that knows HiGHS: a mixed 0-1 model in arrays, solved, in arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import highspy
import numpy as np

if TYPE_CHECKING:
    import scipy.sparse as sp

    from stations.siting.clock import Clock
    from stations.siting.plan import BoolArray, FloatArray, Untyped

type Ending = Literal["optimal", "infeasible", "limit"]

_STATUS: dict[Any, Ending] = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
}
ACCURACY = 1e-6
"""HiGHS keeps rows to this; an optimum it reports is one up to this share of the objective."""
_LARGE_ENTRIES = 20_000
"""From here on interior point is several times faster at the first relaxation than simplex."""
LARGE = 1e5
"""Objectives are scaled down to this where they are larger: HiGHS's tolerances are absolute."""


@dataclass(frozen=True)
class Model:
    """Minimise ``objective @ x`` with ``lower <= rows @ x <= upper`` and ``least <= x <= most``."""

    objective: FloatArray
    rows: sp.csr_array
    lower: FloatArray
    upper: FloatArray
    whole: BoolArray
    """Which x are 0 or 1, the rest may lie between."""
    integral: bool = False
    """Whether every solution's objective is a whole number."""
    least: FloatArray | None = None
    """Of each x; 0 where nothing is said."""
    most: FloatArray | None = None
    """Of each x; 1 where nothing is said."""


class Solved(NamedTuple):
    """What HiGHS found."""

    values: FloatArray | None
    """The best x found; None: none."""
    bound: float
    """No x is below this."""
    ending: Ending


class Relaxed(NamedTuple):
    """An answer of the relaxation, from the interior: not a corner."""

    values: FloatArray
    duals: FloatArray


class Told(NamedTuple):
    """How to tell the caller's callback: model objectives times ``sense`` plus ``offset``."""

    offset: float = 0.0
    sense: float = 1.0


def solve(
    model: Model,
    clock: Clock,
    *,
    start: FloatArray | None = None,
    seconds: float | None = None,
    seed: int = 0,
    apart: float = 0.0,
    target: float | None = None,
    told: Told | None = None,
    nodes: int | None = None,
) -> Solved:
    """Solve until best and bound are at most ``apart``, or the clock says stop.

    With ``target`` also as soon as some x is at or below it, or none can be. Without ``told`` the
    callback hears nothing new: the model is a part of the caller's question only. ``nodes`` ends
    the search after so many, the same everywhere.
    """
    if not model.rows.shape[1]:
        fine = bool((model.lower <= 0).all() and (model.upper >= 0).all())
        return Solved(np.zeros(0) if fine else None, 0.0, "optimal" if fine else "infeasible")
    scale = _scale(model)
    least = 0.999 * scale if model.integral else 1e-9
    left = clock.left() if seconds is None else min(seconds, clock.left())
    highs = _loaded(
        model,
        scale,
        random_seed=int(seed),
        mip_lp_solver="ipm" if model.rows.nnz > _LARGE_ENTRIES else "choose",
        mip_rel_gap=0.0,
        mip_abs_gap=max(least, apart * scale),
        objective_target=-highspy.kHighsInf if target is None else target * scale,
        time_limit=max(left, 0.01),
        mip_max_nodes=int(highspy.kHighsIInf if nodes is None else nodes),
    )
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start
        highs.setSolution(solution)
    _listen(highs, clock, told, scale, np.inf if target is None else target)
    highs.run()
    return _solved(highs, model, scale)


def _listen(highs: Untyped, clock: Clock, told: Told | None, scale: float, target: float) -> None:
    def progress(event: Untyped) -> None:
        values = (event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)
        best, bound = (
            told.offset + told.sense * value / scale
            if told is not None and abs(value) < highspy.kHighsInf
            else None
            for value in values
        )
        beyond = values[1] / scale > target + ACCURACY * max(1.0, abs(target))
        if not clock.tell(best, bound) or beyond:
            event.interrupt()

    def hurry(event: Untyped) -> None:
        if clock.over():
            event.interrupt()

    highs.cbMipInterrupt.subscribe(progress)
    highs.cbSimplexInterrupt.subscribe(hurry)
    highs.cbIpmInterrupt.subscribe(hurry)


def flow(model: Model) -> FloatArray:
    """Solve a model without whole numbers that has an optimum, to a corner."""
    scale = _scale(model)
    highs = _loaded(model, scale)
    highs.run()
    return np.asarray(highs.getSolution().col_value)


def relax(model: Model, seconds: float) -> Relaxed | None:
    """Solve the relaxation by interior point without crossover; None: no end in that time."""
    scale = _scale(model)
    highs = _loaded(
        model,
        scale,
        solve_relaxation=True,
        solver="ipm",
        run_crossover="off",
        time_limit=float(seconds),
    )
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    solution = highs.getSolution()
    return Relaxed(np.asarray(solution.col_value), np.asarray(solution.row_dual) / scale)


class Proof(NamedTuple):
    """What multipliers of a model's rows prove, whatever their accuracy."""

    bound: float
    """No x, whole or not, is below this."""
    reduced: FloatArray
    """What each x costs beyond what its rows pay for: raising it by 1 raises the bound by this."""


def prove(model: Model, duals: FloatArray) -> Proof:
    """Return the bound multipliers prove: one a row, above 0 for ``lower``, below for ``upper``."""
    none = ((duals > 0) & np.isinf(model.lower)) | ((duals < 0) & np.isinf(model.upper))
    multipliers = np.where(none, 0.0, duals)
    reduced = model.objective - model.rows.T @ multipliers
    least = np.zeros(len(reduced)) if model.least is None else model.least
    most = np.ones(len(reduced)) if model.most is None else model.most
    limit = np.where(multipliers > 0, model.lower, model.upper)
    paid = multipliers[multipliers != 0] @ limit[multipliers != 0]
    bound = paid + np.where(reduced > 0, least, most) @ reduced
    return Proof(float(bound), reduced)


def _solved(highs: Untyped, model: Model, scale: float) -> Solved:
    ending = _STATUS.get(highs.getModelStatus(), "limit")
    found = highs.getInfo()
    values = None
    if found.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        values = np.asarray(highs.getSolution().col_value)
    plain = not model.whole.any() and ending == "optimal"
    bound = (found.objective_function_value if plain else found.mip_dual_bound) / scale
    if model.integral and np.isfinite(bound):
        bound = float(np.ceil(bound - 1e-6 * max(1.0, abs(bound) * 1e-3)))
    return Solved(values, bound, ending)


def _scale(model: Model) -> float:
    largest = float(np.abs(model.objective).max(initial=0.0))
    if largest == 0 or (model.integral and largest <= LARGE):
        return 1.0
    return LARGE / largest if largest > LARGE or not model.integral else 1.0


def _loaded(model: Model, scale: float, **options: float | str) -> Untyped:
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in {"output_flag": False, **options}.items():
        highs.setOptionValue(name, value)
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = model.rows.shape
    lp.col_cost_ = model.objective * scale
    lp.col_lower_ = np.zeros(lp.num_col_) if model.least is None else model.least
    lp.col_upper_ = np.ones(lp.num_col_) if model.most is None else model.most
    lp.row_lower_ = np.maximum(model.lower, -highspy.kHighsInf)
    lp.row_upper_ = np.minimum(model.upper, highspy.kHighsInf)
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[whole] for whole in model.whole.astype(int).tolist()]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_row_, lp.a_matrix_.num_col_ = model.rows.shape
    lp.a_matrix_.start_ = model.rows.indptr
    lp.a_matrix_.index_ = model.rows.indices
    lp.a_matrix_.value_ = model.rows.data.astype(float)
    highs.passModel(lp)
    return highs
