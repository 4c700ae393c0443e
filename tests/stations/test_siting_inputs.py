"""What is refused, what stands for what, and how a run is stopped."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import scipy.sparse as sp

from geodata.errors import UsageError
from stations import siting

if TYPE_CHECKING:
    from collections.abc import Callable

REACH = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]])
MODELS = [siting.max_cover, siting.p_median, siting.p_center]

BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "either sites"),
    ({"sites": 1, "budget": 3.0, "site_costs": [1, 1, 1]}, "either sites"),
    ({"sites": 4}, "0 to 3"),
    ({"sites": -1}, "0 to 3"),
    ({"sites": 1.5}, "whole number"),
    ({"sites": True}, "whole number"),
    ({"budget": 3.0}, "site_costs"),
    ({"budget": math.nan, "site_costs": [1, 1, 1]}, "budget"),
    ({"budget": -1.0, "site_costs": [1, 1, 1]}, "budget"),
    ({"budget": 1.0, "site_costs": [1, -1, 1]}, "site_costs"),
    ({"budget": 1.0, "site_costs": [1, 1]}, "3 site_costs"),
    ({"sites": 1, "site_costs": [1, 1, 1]}, "goes with budget"),
    ({"sites": 1, "open_": [0, 1], "forbidden": [1]}, "both open and forbidden"),
    ({"sites": 1, "open_": [3]}, "0 to 2"),
    ({"sites": 1, "open_": [-1]}, "0 to 2"),
    ({"sites": 1, "forbidden": [True, False, True]}, "column numbers"),
    ({"sites": 1, "forbidden": [0.5]}, "column numbers"),
    ({"sites": 1, "weights": [1, 2]}, "3 weights"),
    ({"sites": 1, "weights": [1, 2, -1]}, "weights"),
    ({"sites": 1, "weights": [1, 2, math.nan]}, "weights"),
    ({"sites": 1, "weights": [1, 2, math.inf]}, "weights"),
    ({"sites": 1, "weights": ["a", "b", "c"]}, "weights"),
    ({"sites": 1, "time_limit_s": 0}, "time_limit_s"),
    ({"sites": 1, "time_limit_s": math.nan}, "time_limit_s"),
    ({"sites": 1, "gap": 1.0}, "gap"),
    ({"sites": 1, "gap": math.nan}, "gap"),
    ({"sites": 1, "seed": -1}, "seed"),
]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("options", "says"), BAD)
def test_bad_options_are_refused(
    model: Callable[..., siting.Plan], options: dict[str, Any], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        model(REACH, **options)


@pytest.mark.parametrize(
    ("matrix", "says"),
    [
        (np.zeros((0, 3)), "at least 1 by 1"),
        (np.zeros((3, 0)), "at least 1 by 1"),
        (sp.csr_array((0, 3)), "at least 1 by 1"),
        (np.ones(3), "at least 1 by 1"),
        (np.array([[math.nan, 1.0]]), "NaN|numbers from 0 up"),
        (sp.csr_array(np.array([[math.nan, 1.0]])), "NaN|numbers from 0 up"),
        (np.array([["a", "b"]]), "numbers"),
    ],
)
@pytest.mark.parametrize("model", MODELS)
def test_bad_matrices_are_refused(
    model: Callable[..., siting.Plan], matrix: Any, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        model(matrix, sites=1)


@pytest.mark.parametrize("model", [siting.p_median, siting.p_center])
def test_negative_costs_are_refused(model: Callable[..., siting.Plan]) -> None:
    with pytest.raises(UsageError, match="from 0 up"):
        model(np.array([[1.0, -1.0]]), sites=1)


def test_bad_capacities_are_refused() -> None:
    with pytest.raises(UsageError, match="3 capacities"):
        siting.max_cover(REACH, sites=1, capacities=[1, 2])


def test_a_stored_zero_is_reached_and_a_stored_false_is_not() -> None:
    zero = sp.csr_array(([0.0], ([0], [1])), shape=(1, 2))
    assert siting.max_cover(zero, sites=1).chosen == (1,)
    false = sp.csr_array(([False], ([0], [1])), shape=(1, 2))
    assert siting.max_cover(false, sites=1).objective == 0
    assert siting.max_cover(np.array([[0.0, 0.0]]), sites=1).objective == 0


def test_entries_in_any_order_and_stored_twice() -> None:
    twice = sp.coo_array(([1, 1, 1, 1], ([0, 0, 1, 0], [2, 0, 0, 2])), shape=(2, 3))
    assert siting.max_cover(twice, sites=1).chosen == (0,)
    costs = sp.coo_array(([5.0, 3.0], ([0, 0], [0, 0])), shape=(1, 1))
    assert siting.p_median(costs, sites=1).objective == 3


def test_the_matrix_given_is_not_changed() -> None:
    matrix = sp.csr_array(([0.0, 5.0, 2.0], [2, 0, 1], [0, 2, 3]), shape=(2, 3))
    before = matrix.copy()
    siting.max_cover(matrix, sites=1)
    siting.p_median(matrix, sites=2)
    assert (matrix.data == before.data).all()
    assert (matrix.indices == before.indices).all()


def test_of_alike_columns_the_lowest_is_chosen() -> None:
    alike = np.ones((4, 5), bool)
    assert siting.max_cover(alike, sites=2).chosen == (0,)
    assert siting.set_cover(alike, forbidden=[0]).chosen == (1,)


def test_three_posts_apart_need_three_sites() -> None:
    plan = siting.set_cover(np.eye(5, dtype=bool), sites=2)
    assert plan.status == "infeasible"
    assert plan.blame == siting.Blame(rows=(0, 1, 2), limits=("sites",))


def city(points: int, seed: int) -> tuple[sp.csr_array, np.ndarray]:
    """Points about some towns, each also a candidate that reaches all within a radius."""
    draw = np.random.default_rng(seed)
    towns = draw.uniform(0, 10, (12, 2))
    place = towns[draw.integers(0, 12, points)] + draw.normal(0, 0.5, (points, 2))
    apart = np.linalg.norm(place[:, None] - place[None], axis=2)
    return sp.csr_array(apart <= 0.35), draw.integers(1, 100, points).astype(float)


def test_a_second_run_gives_the_identical_plan() -> None:
    reach, weights = city(300, 0)
    first = siting.max_cover(reach, weights, sites=12)
    second = siting.max_cover(reach, weights, sites=12)
    assert first == second
    assert first.status == "optimal"
    assert first.assignment is not None
    assert (first.assignment == second.assignment).all()


def test_a_gap_is_kept_and_said() -> None:
    reach, weights = city(300, 0)
    best = siting.max_cover(reach, weights, sites=12)
    plan = siting.max_cover(reach, weights, sites=12, gap=0.2)
    assert plan.status in {"optimal", "gap reached"}
    assert plan.gap <= 0.2
    assert plan.objective <= best.objective <= plan.bound


def test_the_callback_hears_of_progress_and_can_stop() -> None:
    reach, weights = city(600, 1)
    heard: list[siting.Step] = []

    def stop(step: siting.Step) -> bool:
        heard.append(step)
        return False

    plan = siting.max_cover(reach, weights, sites=20, progress=stop)
    assert len(heard) == 1
    assert plan.status == "stopped"
    assert plan.objective == heard[0].objective
    assert plan.bound == heard[0].bound
    assert plan.objective < plan.bound


def test_out_of_time_gives_the_best_found_and_an_honest_bound() -> None:
    reach, weights = city(600, 1)
    best = siting.max_cover(reach, weights, sites=20)
    assert best.status == "optimal"
    plan = siting.max_cover(reach, weights, sites=20, time_limit_s=1e-9)
    assert plan.status == "time limit"
    assert 0 < plan.objective <= best.objective <= plan.bound
