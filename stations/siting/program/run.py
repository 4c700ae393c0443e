"""The way to a proven program: a greedy start, the relaxation, what it leaves open, and HiGHS.

1. The start, from `greedy`. 2. The relaxation by interior point; its multipliers prove a
bound whatever their accuracy, and fix what no better program can have. 3. HiGHS on the *kernel*:
what the relaxation or the best program so far uses. 4. HiGHS on all that is not fixed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stations.siting import highs
from stations.siting.plan import TOLERANCE, relative_gap

if TYPE_CHECKING:
    from stations.siting.clock import Clock
    from stations.siting.highs import Model, Proof, Told
    from stations.siting.plan import BoolArray, FloatArray

_SMALL = 5_000
"""With no more entries than this HiGHS is asked at once."""
_USED = 1e-5
_KERNEL_NODES = 50
_SHARE = 0.75
"""Of a time limit, for the relaxation and the kernel together."""


class Run:
    """One run: the best x so far, what is proven so far, and what is fixed so far."""

    def __init__(
        self,
        model: Model,
        clock: Clock,
        told: Told,
        *,
        seed: int,
        start: FloatArray | None,
        standing: float = 0.0,
        gap: float | None = None,
        until: float = 1.0,
    ) -> None:
        """Gaps (``gap`` rather than the clock's) are a share of what is beyond ``standing``.

        ``until``: the share of the time limit after which it ends.
        """
        self.model, self.clock, self.seed, self.told = model, clock, seed, told
        self.values: FloatArray | None = start
        self.best = np.inf if start is None else float(model.objective @ start)
        self.bound = float(np.minimum(model.objective, 0.0).sum())
        self._standing, self._gap = standing, clock.gap if gap is None else gap
        self._until = until
        self._early = clock.share(until, _SHARE)
        self.ending: highs.Ending = "limit"
        self._fixed = model
        self._proof: Proof | None = None
        self._used: BoolArray | None = None

    def go(self) -> None:
        """Go through the steps until the gap is as wished or the clock says stop."""
        if self.model.rows.nnz > _SMALL:
            self._relax()
            if self._done():
                return
            self._kernel()
            if self._done():
                return
        self._whole()

    def _relax(self) -> None:
        found = highs.relax(self.model, self.clock.left(self._early))
        if found is None:
            return
        self._proof = highs.prove(self.model, found.duals)
        self.bound = max(self.bound, self._proof.bound)
        self._used = self.model.whole & (found.values > _USED)

    def _kernel(self) -> None:
        """Ask HiGHS for the best among what the relaxation and the best so far use."""
        if self._used is None:
            return
        self._fix()
        kernel = self._used | ~self.model.whole
        if self.values is not None:
            kernel |= self.values > 0
        _, most = self._limits()
        model = replace(self._fixed, most=np.where(kernel, most, 0.0))
        seconds = self.clock.left(self._early)
        self._note(self._solve(model, seconds, nodes=_KERNEL_NODES))

    def _whole(self) -> None:
        self._fix()
        solved = self._solve(self._fixed, self.clock.left(self._until), nodes=None)
        known = self.best
        self._note(solved)
        if solved.ending == "infeasible":
            self.ending = "infeasible" if np.isinf(known) else "optimal"
            self.bound = max(self.bound, known)
            return
        self.ending = solved.ending
        if np.isfinite(solved.bound):
            self.bound = max(self.bound, min(solved.bound, known))

    def _solve(self, model: Model, seconds: float, nodes: int | None) -> highs.Solved:
        most = abs(self._worth(self.bound) - self._standing)
        return highs.solve(
            model,
            self.clock,
            start=self.values,
            seconds=seconds,
            seed=self.seed,
            apart=most * self._gap / (1.0 + self._gap),
            told=self.told if nodes is None else None,
            nodes=nodes,
        )

    def _note(self, solved: highs.Solved) -> None:
        if solved.values is None:
            return
        values = np.where(self.model.whole, np.round(solved.values), solved.values)
        worth = float(self.model.objective @ values)
        if worth < self.best:
            self.values, self.best = values, worth

    def _fix(self) -> None:
        """Fix what, by the bound's multipliers, every program better than the best has alike."""
        if self._proof is None or not np.isfinite(self.best):
            return
        slack = self.best - self._proof.bound + 1e-7 * max(1.0, abs(self.best))
        least, most = self._limits()
        never = self.model.whole & (self._proof.reduced > slack)
        always = self.model.whole & (-self._proof.reduced > slack)
        self._fixed = replace(
            self.model,
            least=np.where(always, 1.0, least),
            most=np.where(never, 0.0, most),
        )

    def _limits(self) -> tuple[FloatArray, FloatArray]:
        fixed, size = self._fixed, len(self.model.objective)
        least = np.zeros(size) if fixed.least is None else fixed.least
        return least, np.ones(size) if fixed.most is None else fixed.most

    def _done(self) -> bool:
        self.clock.tell(self._worth(self.best), self._worth(self.bound))
        best, bound = (self._worth(one) - self._standing for one in (self.best, self.bound))
        good = relative_gap(best, bound) <= max(self._gap, TOLERANCE)
        return good or self.clock.over(self._until)

    def _worth(self, value: float) -> float:
        return self.told.offset + self.told.sense * value
