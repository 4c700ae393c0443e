"""Every model and option against trying every subset of the columns."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from stations import siting
from tests.examples import few

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hypothesis.strategies import DrawFn

    from stations.siting.plan import FloatArray


class Case(NamedTuple):
    """A small instance: costs (infinite: no way), weights, and options."""

    costs: FloatArray
    weights: FloatArray
    options: dict[str, Any]

    @property
    def columns(self) -> int:
        return int(self.costs.shape[1])

    def sets(self) -> Iterator[list[int]]:
        """Every set of columns the options allow, the open ones included."""
        open_, forbidden = self.options["open_"], self.options["forbidden"]
        free = [c for c in range(self.columns) if c not in open_ and c not in forbidden]
        for size in range(len(free) + 1):
            for added in itertools.combinations(free, size):
                if self.allows(added):
                    yield sorted((*open_, *added))

    def allows(self, added: tuple[int, ...]) -> bool:
        if "budget" in self.options:
            return bool(self.price(added) <= self.options["budget"])
        return len(added) <= int(self.options.get("sites", self.columns))

    def price(self, added: tuple[int, ...]) -> float:
        return math.fsum(self.options["site_costs"][c] for c in added)

    def check(self, plan: siting.Plan) -> None:
        """Assert that the plan keeps every option."""
        assert list(plan.chosen) == sorted(set(plan.chosen))
        assert set(plan.chosen) == {*plan.added, *self.options["open_"]}
        assert not set(plan.added) & {*self.options["open_"], *self.options["forbidden"]}
        assert self.allows(plan.added)


def _weights(draw: Callable[[st.SearchStrategy[Any]], Any], size: int) -> FloatArray:
    whole = st.integers(0, 9).map(float)
    number = draw(st.sampled_from([whole, st.floats(0, 5).map(lambda w: round(w, 3))]))
    return np.array(draw(st.lists(number, min_size=size, max_size=size)))


@st.composite
def cases(draw: DrawFn, *, limited: bool = True) -> Case:
    rows, columns = draw(st.integers(1, 9)), draw(st.integers(1, 7))
    way = st.one_of(st.just(math.inf), st.integers(0, 6).map(float), st.floats(0, 9))
    values = draw(st.lists(way, min_size=rows * columns, max_size=rows * columns))
    costs = np.array(values).reshape(rows, columns)
    roles = draw(st.lists(st.sampled_from("ccccof"), min_size=columns, max_size=columns))
    options: dict[str, Any] = {
        "open_": [c for c, role in enumerate(roles) if role == "o"],
        "forbidden": [c for c, role in enumerate(roles) if role == "f"],
    }
    limit = draw(st.sampled_from(["sites", "budget"] if limited else ["sites", "budget", ""]))
    if limit == "sites":
        options["sites"] = draw(st.integers(0, columns))
    elif limit == "budget":
        options["site_costs"] = _weights(draw, columns).tolist()
        options["budget"] = float(draw(st.integers(0, 15)))
    return Case(costs, _weights(draw, rows), options)


def stored(costs: FloatArray) -> sp.csr_array:
    """Finite costs as stored entries, zeros too."""
    row, column = np.nonzero(np.isfinite(costs))
    made = sp.csr_array((costs[row, column], (row, column)), shape=costs.shape)
    assert made.nnz == len(row)
    return made


def near(value: float) -> Any:
    return pytest.approx(value, rel=1e-6, abs=1e-6)


def agrees(plan: siting.Plan, best: float) -> None:
    assert plan.status == "optimal"
    assert plan.objective == near(best)
    assert plan.bound == plan.objective
    assert plan.gap == 0


def covered(case: Case, chosen: list[int]) -> float:
    hit = np.isfinite(case.costs[:, chosen]).any(axis=1)
    return float(case.weights[hit].sum())


@few(20)
@given(cases())
def test_max_cover_is_the_best_of_all_sets(case: Case) -> None:
    plan = siting.max_cover(stored(case.costs), case.weights, **case.options)
    case.check(plan)
    agrees(plan, max(covered(case, chosen) for chosen in case.sets()))
    assert covered(case, list(plan.chosen)) == near(plan.objective)
    first = [next((c for c in plan.chosen if np.isfinite(row[c])), -1) for row in case.costs]
    assert plan.assignment is not None
    assert plan.assignment.tolist() == first
    dense = siting.max_cover(np.isfinite(case.costs), case.weights, **case.options)
    assert dense == plan


@given(cases())
def test_max_cover_adds_nothing_that_brings_nothing(case: Case) -> None:
    plan = siting.max_cover(stored(case.costs), case.weights, **case.options)
    for column in plan.added:
        fewer = [c for c in plan.chosen if c != column]
        assert covered(case, fewer) < plan.objective


def shared(case: Case, chosen: list[int], capacities: FloatArray) -> float:
    """Most weight the chosen columns can serve: by Hall, over all sets of rows left out."""
    rows = [r for r in range(len(case.weights)) if np.isfinite(case.costs[r, chosen]).any()]
    best = math.inf
    for size in range(len(rows) + 1):
        for some in itertools.combinations(rows, size):
            reach = np.isfinite(case.costs[list(some)][:, chosen]).any(axis=0)
            rest = sum(case.weights[r] for r in rows if r not in some)
            best = min(best, rest + capacities[chosen][reach].sum())
    return best


@settings(max_examples=40)
@given(cases(), st.data())
def test_max_cover_with_capacities_is_the_best_of_all_sets(case: Case, data: st.DataObject) -> None:
    capacities = _weights(data.draw, case.columns)
    plan = siting.max_cover(stored(case.costs), case.weights, capacities=capacities, **case.options)
    case.check(plan)
    agrees(plan, max(shared(case, chosen, capacities) for chosen in case.sets()))
    served = plan.served.toarray()
    assert served.sum() == near(plan.objective)
    assert (served.sum(axis=1) <= case.weights + 1e-6).all()
    assert (served.sum(axis=0) <= capacities + 1e-6).all()
    assert not served[~np.isfinite(case.costs)].any()
    assert set(np.flatnonzero(served.any(axis=0))) <= set(plan.chosen)


def possible(case: Case, rows: tuple[int, ...]) -> bool:
    part = np.isfinite(case.costs[list(rows)])
    return any(part[:, chosen].any(axis=1).all() for chosen in case.sets())


def blamed(case: Case, plan: siting.Plan, rows: list[int]) -> None:
    """Assert that the blame is impossible, and no smaller set of rows is."""
    assert plan.status == "infeasible"
    assert plan.chosen == ()
    assert plan.gap == plan.objective == math.inf
    blame = plan.blame
    assert blame is not None
    assert blame.smallest
    assert not possible(case, blame.rows)
    for fewer in itertools.combinations(rows, len(blame.rows) - 1):
        assert possible(case, fewer)
    assert set(blame.alone) == {r for r in rows if not possible(case, (r,))}
    gives_way(case, blame)


def gives_way(case: Case, blame: siting.Blame) -> None:
    """Without the limits blamed the rows can be served; without limits to blame they cannot."""
    options = dict(case.options)
    if "forbidden" in blame.limits:
        options["forbidden"] = []
    if "sites" in blame.limits:
        options["sites"] = case.columns
    if "budget" in blame.limits:
        options["budget"] = 1e9
    without = case._replace(options=options)
    assert possible(without, blame.rows) == bool(blame.limits)


def spent(case: Case, chosen: list[int]) -> float:
    added = tuple(c for c in chosen if c not in case.options["open_"])
    return case.price(added) if "budget" in case.options else len(added)


@given(cases(limited=False))
def test_set_cover_is_the_least_of_all_sets_or_blames_the_smallest(case: Case) -> None:
    plan = siting.set_cover(stored(case.costs), **case.options)
    rows = list(range(len(case.weights)))
    fine = [s for s in case.sets() if np.isfinite(case.costs[:, s]).any(axis=1).all()]
    if not fine:
        blamed(case, plan, rows)
        return
    case.check(plan)
    agrees(plan, min(spent(case, chosen) for chosen in fine))
    assert np.isfinite(case.costs[:, list(plan.chosen)]).any(axis=1).all()


def total(case: Case, rows: list[int], chosen: list[int]) -> float:
    least = case.costs[rows][:, chosen].min(axis=1, initial=math.inf)
    return float((least * case.weights[rows]).sum())


def worst(case: Case, rows: list[int], chosen: list[int]) -> float:
    least = case.costs[rows][:, chosen].min(axis=1, initial=math.inf)
    return float((least * case.weights[rows]).max(initial=0.0))


@pytest.mark.parametrize(("model", "measure"), [(siting.p_median, total), (siting.p_center, worst)])
@few(15)
@given(case=cases())
def test_median_and_center_are_the_least_of_all_sets(
    model: Callable[..., siting.Plan],
    measure: Callable[[Case, list[int], list[int]], float],
    case: Case,
) -> None:
    plan = model(stored(case.costs), case.weights, **case.options)
    rows = np.flatnonzero(case.weights > 0).tolist()
    best = min(measure(case, rows, chosen) for chosen in case.sets())
    if best == math.inf:
        blamed(case, plan, rows)
        return
    case.check(plan)
    agrees(plan, best)
    assert measure(case, rows, list(plan.chosen)) == near(plan.objective)
    assert plan.assignment is not None
    for row, server in enumerate(plan.assignment.tolist()):
        ways = case.costs[row, list(plan.chosen)]
        least = ways.min(initial=math.inf)
        expected = plan.chosen[int(ways.argmin())] if least < math.inf else -1
        assert server == expected
    assert model(case.costs, case.weights, **case.options) == plan
