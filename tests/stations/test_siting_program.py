"""Programs of several years against trying every year for every column."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import UsageError
from stations import siting
from stations.siting import Rules, highs
from stations.siting.clock import Clock
from stations.siting.program import run as program_run
from stations.siting.program import solve as program_solve
from stations.siting.program.greedy import greedy
from stations.siting.program.model import Expanded
from stations.siting.program.task import asked, task
from tests.benchmarks.siting_program import province

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DrawFn

    from stations.siting.plan import BoolArray, FloatArray, IntArray

    type Years = tuple[int, ...]
    """The year each column is taken in; the number of years: never."""
    type Limit = tuple[str, int]


class Case(NamedTuple):
    """A small question."""

    reach: BoolArray
    base: BoolArray
    weights: FloatArray
    costs: FloatArray
    groups: IntArray
    rules: Rules
    budgets: tuple[float, ...] | None
    value: tuple[float, ...] | None
    carry: bool

    @property
    def years(self) -> int:
        return len(self.budgets or self.value or (1.0,))

    @property
    def amounts(self) -> tuple[float, ...]:
        return self.budgets or (math.inf,) * self.years

    def every(self) -> Iterator[Years]:
        return itertools.product(range(self.years + 1), repeat=self.reach.shape[1])

    def limits(self) -> list[Limit]:
        """List every limit, as an obstacle names it."""
        lists = ("exclusive", "conflicts", "requires", "at_most", "spend", "ends")
        found = [(name, n) for name in lists for n in range(len(getattr(self.rules, name)))]
        found += [("forbidden", column) for column in self.rules.forbidden]
        return found + [("budgets", year) for year in range(len(self.budgets or ()))]

    def breaks(self, when: Years) -> set[Limit]:
        """Name the limits this program breaks, one by one; ``ends`` cannot be broken."""
        rules, never = self.rules, self.years
        taken = {column for column, year in enumerate(when) if year < never}
        found: set[Limit] = {("forbidden", c) for c in taken & set(rules.forbidden)}
        for n, group in enumerate(rules.exclusive):
            found |= {("exclusive", n)} if len(taken & set(group)) > 1 else set()
        for n, pair in enumerate(rules.conflicts):
            found |= {("conflicts", n)} if taken >= set(pair) else set()
        for n, (column, any_of) in enumerate(rules.requires):
            late = column in taken and all(when[one] > when[column] for one in any_of)
            found |= {("requires", n)} if late else set()
        for n, (group, most) in enumerate(rules.at_most):
            found |= {("at_most", n)} if len(taken & set(group)) > most else set()
        for n, (group, amounts) in enumerate(rules.spend):
            found |= {("spend", n)} if self.over(when, set(group), amounts) else set()
        everything = set(range(len(when)))
        over = self.over(when, everything, self.amounts)
        return found | {("budgets", year) for year in over}

    def over(self, when: Years, group: set[int], amounts: tuple[float, ...]) -> list[int]:
        """List the years in which these columns cost more than that."""
        spent = [sum(self.costs[c] for c in group if when[c] == year) for year in range(self.years)]
        most = list(amounts)
        if self.carry:
            spent, most = list(itertools.accumulate(spent)), list(itertools.accumulate(most))
        return [year for year in range(self.years) if spent[year] > most[year]]

    def covered(self, when: Years, year: int) -> BoolArray:
        taken = [column for column, at in enumerate(when) if at <= year]
        gone = {base for column, base in self.rules.ends if column in taken}
        stands = [base for base in range(self.base.shape[1]) if base not in gone]
        hit: BoolArray = self.reach[:, taken].any(axis=1) | self.base[:, stands].any(axis=1)
        return hit

    def worth(self, when: Years) -> float:
        value = self.value or (1.0,) * self.years
        return sum(v * self.weights[self.covered(when, y)].sum() for y, v in enumerate(value))

    def worst(self, when: Years) -> float:
        value = self.value or (1.0,) * self.years
        shares = []
        for group in set(self.groups[self.groups >= 0].tolist()):
            weight = np.where(self.groups == group, self.weights, 0.0)
            got = sum(v * weight[self.covered(when, y)].sum() for y, v in enumerate(value))
            if weight.sum() * sum(value) > 0:
                shares.append(got / (weight.sum() * sum(value)))
        return float(min(shares, default=1.0))

    def musts(self, when: Years) -> bool:
        return all(when[column] < self.years for column in self.rules.must)

    def full(self, when: Years) -> bool:
        return bool(self.covered(when, self.years - 1)[self.weights > 0].all())

    def freed(self, kept: set[Limit]) -> Case:
        """Return the case without must, and without the budgets and endings that are not kept."""
        ends = tuple(end for n, end in enumerate(self.rules.ends) if ("ends", n) in kept)
        budgets = [b if ("budgets", y) in kept else math.inf for y, b in enumerate(self.amounts)]
        rules = replace(self.rules, must=(), ends=ends)
        return self._replace(rules=rules, budgets=tuple(budgets))

    def meets(self, when: Years, wish: tuple[str, int]) -> bool:
        kind, number = wish
        if kind == "must":
            return when[number] < self.years
        return bool(self.covered(when, self.years - 1)[number])

    def fine(self) -> list[Years]:
        return [when for when in self.every() if self.musts(when) and not self.breaks(when)]

    def options(self) -> dict[str, Any]:
        return {
            "budgets": self.budgets,
            "base": self.base if self.base.shape[1] else None,
            "rules": self.rules,
            "carry": self.carry,
        }

    def when(self, plan: siting.ProgramPlan) -> Years:
        taken = dict(plan.chosen)
        assert tuple(sorted(taken.items())) == plan.chosen
        return tuple(taken.get(column, self.years) for column in range(self.reach.shape[1]))


@st.composite
def cases(draw: DrawFn, *, years: int = 3, budgets: bool | None = None) -> Case:
    columns, years = draw(st.sampled_from([(5, 1), (4, min(2, years)), (3, years)]))
    rows, bases = draw(st.integers(1, 7)), draw(st.integers(0, 2))
    bits = st.lists(st.booleans(), min_size=rows * 9, max_size=rows * 9)
    reach = np.array(draw(bits)).reshape(rows, 9)
    with_budgets = draw(st.booleans()) if budgets is None else budgets
    amounts = st.lists(st.integers(0, 7).map(float), min_size=years, max_size=years).map(tuple)
    value = draw(st.none() | amounts) if with_budgets else draw(amounts)
    least = draw(st.sampled_from([0, 0, -2]))
    costs = draw(st.lists(st.integers(least, 5), min_size=columns, max_size=columns))
    weights = draw(st.lists(st.integers(0, 6), min_size=rows, max_size=rows))
    groups = draw(st.lists(st.integers(-1, 2), min_size=rows, max_size=rows))
    return Case(
        reach[:, :columns],
        reach[:, columns : columns + bases],
        np.array(weights, float),
        np.array(costs, float),
        np.array(groups),
        draw(_rules(columns, bases, amounts)),
        draw(amounts) if with_budgets else None,
        value,
        draw(st.booleans()),
    )


@st.composite
def _rules(
    draw: DrawFn, columns: int, bases: int, amounts: st.SearchStrategy[tuple[float, ...]]
) -> Rules:
    column = st.integers(0, columns - 1)
    some = st.lists(column, min_size=1, max_size=3, unique=True).map(tuple)
    pair = st.lists(column, min_size=2, max_size=2, unique=True).map(tuple)

    def few(one: st.SearchStrategy[Any]) -> tuple[Any, ...]:
        return tuple(draw(st.lists(one, max_size=2))) if draw(st.booleans()) else ()

    forbidden = draw(st.sampled_from([(), (), (0,)]))
    must = [c for c in draw(st.lists(column, max_size=2, unique=True)) if c not in forbidden]
    return Rules(
        exclusive=few(some),
        conflicts=few(pair),
        requires=few(st.tuples(column, some)),
        at_most=few(st.tuples(some, st.integers(0, 2))),
        spend=few(st.tuples(some, amounts)),
        must=tuple(must) if draw(st.booleans()) else (),
        forbidden=forbidden,
        ends=few(st.tuples(column, st.integers(0, bases - 1))) if bases else (),
    )


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("small", [5_000, 0])
@settings(max_examples=60)
@given(case=cases())
def test_the_most_is_the_best_of_all_programs(small: int, case: Case) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program_run, "_SMALL", small)
        patch.setattr(program_solve, "_LARGE", 500_000 if small else -1)
        plan = siting.max_program(
            case.reach, case.weights, case.costs, value=case.value, **case.options()
        )
    fine = case.fine()
    if not fine:
        blamed(case, plan, rows=False)
        return
    when = case.when(plan)
    assert case.musts(when)
    assert not case.breaks(when)
    assert (plan.status, plan.bound) == ("optimal", plan.objective)
    assert plan.objective == near(max(map(case.worth, fine))) == near(case.worth(when))
    assert plan.standing == near(case.worth((case.years,) * len(when)))
    assert plan.spent == near(tuple(_spent(case, when)))
    assert plan.served == near(
        tuple(case.weights[case.covered(when, year)].sum() for year in range(case.years))
    )
    for column, _ in plan.chosen:
        fewer = (*when[:column], case.years, *when[column + 1 :])
        idle = case.worth(fewer) == case.worth(when)
        assert not idle or not case.musts(fewer) or case.breaks(fewer) or case.rules.ends


def _spent(case: Case, when: Years) -> list[float]:
    at = np.array(when)
    return [float(case.costs[at == year].sum()) for year in range(case.years)]


@pytest.mark.parametrize("small", [5_000, 0])
@settings(max_examples=60)
@given(case=cases())
def test_the_worst_group_first_then_the_most(small: int, case: Case) -> None:
    options: dict[str, Any] = {
        "groups": case.groups,
        "objective": "worst_group_first",
        "value": case.value,
    }
    if (case.groups < 0).all():
        with pytest.raises(UsageError, match="groups"):
            siting.max_program(case.reach, case.weights, **options)
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program_run, "_SMALL", small)
        plan = siting.max_program(case.reach, case.weights, case.costs, **options, **case.options())
    fine = case.fine()
    if not fine:
        blamed(case, plan, rows=False)
        return
    when = case.when(plan)
    assert case.musts(when)
    assert not case.breaks(when)
    worst = max(map(case.worst, fine))
    assert plan.worst == near(worst) == near(case.worst(when))
    best = max(case.worth(one) for one in fine if case.worst(one) >= worst - 1e-9)
    assert plan.objective == near(best)
    assert plan.status == "optimal"
    assert plan.gap == 0


@pytest.mark.parametrize("small", [5_000, 0])
@settings(max_examples=60)
@given(case=cases(years=2, budgets=True))
def test_the_least_covers_all_or_blames_the_smallest(small: int, case: Case) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program_run, "_SMALL", small)
        plan = siting.min_program(case.reach, case.weights, case.costs, **case.options())
    fine = [when for when in case.fine() if case.full(when)]
    if not fine:
        blamed(case, plan, rows=True)
        return
    when = case.when(plan)
    assert case.musts(when)
    assert not case.breaks(when)
    assert case.full(when)
    assert plan.objective == near(min(sum(_spent(case, one)) for one in fine))
    assert plan.objective == near(sum(plan.spent))
    assert (plan.status, plan.gap) == ("optimal", 0)


def blamed(case: Case, plan: siting.ProgramPlan, *, rows: bool) -> None:
    """Assert that the blame is impossible, no smaller one is, and no limit is there in vain."""
    assert plan.status == "infeasible"
    assert plan.chosen == ()
    blame = plan.blame
    assert blame is not None
    assert blame.smallest
    limits = set(case.limits())

    def possible(wishes: set[tuple[str, int]], kept: set[Limit]) -> bool:
        freed = case.freed(kept)
        return any(
            not freed.breaks(when) & kept
            for when in freed.every()
            if all(freed.meets(when, wish) for wish in wishes)
        )

    wishes = {("row", n) for n in blame.rows} | {("must", n) for n in blame.must}
    assert not possible(wishes, set(limits))
    counted = np.flatnonzero(case.weights > 0).tolist() if rows else []
    wish = [("row", n) for n in counted] + [("must", n) for n in sorted(set(case.rules.must))]
    for fewer in itertools.combinations(wish, len(wishes) - 1):
        assert possible(set(fewer), limits)
    kept = set(blame.limits)
    assert kept <= limits
    assert not possible(wishes, kept)
    for limit in blame.limits:
        assert possible(wishes, kept - {limit})


def test_a_made_up_province_is_proven_and_the_same_twice() -> None:
    made = province(600, 300, 150, 12)
    options: dict[str, Any] = {"budgets": [400.0] * 3, "base": made.base, "rules": made.rules}
    plan = siting.max_program(made.reach, made.weights, made.costs, **options)
    assert plan.status == "optimal"
    assert plan == siting.max_program(made.reach, made.weights, made.costs, **options)
    near_enough = siting.max_program(made.reach, made.weights, made.costs, gap=0.005, **options)
    assert near_enough.gap <= 0.005
    assert near_enough.objective <= plan.objective <= near_enough.bound
    assert max(plan.spent) <= 400


def test_the_callback_hears_of_it_and_stops_it() -> None:
    made = province(600, 300, 150, 12)
    heard: list[siting.Step] = []

    def stop(step: siting.Step) -> bool:
        heard.append(step)
        return False

    plan = siting.max_program(
        made.reach,
        made.weights,
        made.costs,
        budgets=[400.0] * 3,
        base=made.base,
        rules=made.rules,
        progress=stop,
    )
    assert plan.status == "stopped"
    assert heard
    assert plan.standing < plan.objective <= plan.bound < math.inf


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("budgets", {"budgets": [1.0, -1.0]}),
    ("budgets", {"budgets": [math.nan]}),
    ("at least one year", {"budgets": []}),
    ("value needs 1", {"budgets": [1.0], "value": [1.0, 1.0]}),
    ("base must have as many rows", {"base": np.ones((3, 1))}),
    ("groups must be 2", {"groups": [0.5, 1.0]}),
    ("objective must be", {"objective": "best"}),
    ("rules.exclusive", {"rules": Rules(exclusive=((0, 9),))}),
    ("rules.conflicts", {"rules": Rules(conflicts=((1, 1),))}),
    ("rules.requires", {"rules": Rules(requires=((0, (-1,)),))}),
    ("rules.at_most", {"rules": Rules(at_most=(((0,), -1),))}),
    ("rules.spend", {"rules": Rules(spend=(((0,), (1.0, 2.0)),))}),
    ("both must and forbidden", {"rules": Rules(must=(1,), forbidden=(1,))}),
    ("rules.ends", {"rules": Rules(ends=((0, 0),))}),
    ("costs must be finite", {"costs": [1.0, math.nan]}),
]


@pytest.mark.parametrize(("said", "options"), WRONG)
def test_what_cannot_be_meant_is_refused(said: str, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=said):
        siting.max_program(np.eye(2), **options)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("carry", [False, True])
def test_the_bound_part_by_part_holds_and_is_close(seed: int, *, carry: bool) -> None:
    made = province(300, 150, 80, 12, seed)
    options: dict[str, Any] = {"budgets": [200.0] * 3, "base": made.base, "carry": carry}
    best = siting.max_program(
        made.reach, made.weights, made.costs, rules=made.rules, gap=0.0, **options
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program_solve, "_LARGE", -1)
        plan = siting.max_program(
            made.reach, made.weights, made.costs, rules=made.rules, gap=0.05, **options
        )
    assert best.status == "optimal"
    assert plan.objective <= best.objective <= plan.bound
    assert plan.gap_of_gain <= 0.05


@settings(max_examples=150)
@given(case=cases(years=2, budgets=True), data=st.data())
def test_what_is_fixed_no_better_program_has(case: Case, data: st.DataObject) -> None:
    wish = asked(
        case.reach,
        case.weights,
        case.costs,
        groups=None,
        value=case.value,
        **case.options(),
    )
    small = task(wish, wish.weights > 0)
    model = Expanded(small)
    for year in range(small.years):
        model.cover(year)
    goal = np.zeros(model.build.variables)
    for value, missed in zip(small.value, model.missed, strict=True):
        goal[missed] = value * small.weights
    made = model.build.model(goal, model.whole())
    known = [model.values(np.array(when)[small.names]) for when in case.fine()]
    for start in known[:3]:
        clock = Clock(None, 0.0, None)
        run = program_run.Run(made, clock, highs.Told(), seed=0, start=start)
        size = len(made.lower)
        duals = data.draw(st.lists(st.integers(-3, 6), min_size=size, max_size=size))
        run._proof = highs.prove(made, np.array(duals, float))
        run._fix()
        least, most = run._limits()
        for x in known:
            assert run._proof.bound <= goal @ x + 1e-6
            if goal @ x < goal @ start - 1e-6:
                assert (least <= x).all()
                assert (x <= most).all()


def test_lists_are_matrices_too() -> None:
    assert siting.min_program([[1, 0], [0, 1]]).chosen == ((0, 0), (1, 0))
    assert siting.max_program([[1, 0], [0, 1]]).objective == 2


def test_where_few_may_be_taken_the_start_takes_the_large_ones() -> None:
    """One that serves 10 for 10 yuan, three that serve 2 for 1: of one at most, the first."""
    reach = np.zeros((16, 4))
    reach[:10, 0] = 1
    for column in (1, 2, 3):
        reach[8 + 2 * column : 10 + 2 * column, column] = 1
    rules = Rules(at_most=(((0, 1, 2, 3), 1),))
    wish = asked(
        reach, None, [10, 1, 1, 1],
        budgets=[100], base=None, rules=rules, groups=None, value=None, carry=False,
    )  # fmt: skip
    assert greedy(task(wish, np.ones(16, bool))).tolist() == [0, 1, 1, 1]
