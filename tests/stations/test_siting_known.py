"""Published and proven optima: SJC, San Francisco, OR-Library."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.sparse.csgraph import shortest_path
from scipy.spatial.distance import cdist

from stations import siting

if TYPE_CHECKING:
    from pathlib import Path

    from stations.siting.plan import FloatArray

pytestmark = pytest.mark.shared_data


def proven(plan: siting.Plan, objective: float) -> None:
    assert plan.objective == pytest.approx(objective)
    assert plan.status == "optimal"
    assert plan.gap == 0


@pytest.mark.parametrize("name", ["SJC324", "SJC402"])
def test_every_sjc_optimum(shared_data: Path, name: str) -> None:
    folder = shared_data / "bench" / "sjc"
    places = np.loadtxt(folder / f"{name}.txt", skiprows=1)
    demand = np.loadtxt(folder / f"demand-{name}.dat")
    metres = cdist(places, places)
    with (folder / "mclp_optima_highs.csv").open() as file:
        lines = [line for line in csv.DictReader(file) if line["instance"] == name]
    assert len(lines) > 9
    for line in lines:
        reach = metres <= float(line["radius_m"])
        plan = siting.max_cover(reach, demand, sites=int(line["p"]))
        proven(plan, float(line["optimal_covered_demand"]))


@pytest.fixture(scope="module")
def san_francisco(shared_data: Path) -> tuple[FloatArray, FloatArray]:
    """Metres from tracts to stores, and people in each tract."""
    folder = shared_data / "bench" / "spopt_sf"
    table = pd.read_csv(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    metres = table.pivot_table(index="DestinationName", columns="name", values="distance")
    people = table.groupby("DestinationName")["demand"].first()
    assert metres.shape == (205, 16)
    return metres.to_numpy(), people.loc[metres.index].to_numpy(dtype=float)


def test_san_francisco_as_spopt_has_it(san_francisco: tuple[FloatArray, FloatArray]) -> None:
    metres, people = san_francisco
    proven(siting.set_cover(metres <= 5000), 8)
    proven(siting.max_cover(metres <= 5000, people, sites=4), 875_247)
    median = siting.p_median(metres, people, sites=4)
    assert median.status == "optimal"
    assert round(median.objective / people.sum(), 2) == 2982.13
    center = siting.p_center(metres, sites=4)
    assert center.status == "optimal"
    assert round(center.objective, 2) == 7403.06


def pmed(folder: Path, number: int) -> tuple[FloatArray, int]:
    """Shortest ways of an OR-Library graph, and p; of edges given twice the last counts."""
    words = (folder / f"pmed{number}.txt").read_text().split()
    size, edges, sites = map(int, words[:3])
    one, other, cost = np.array(words[3 : 3 + 3 * edges], float).reshape(-1, 3).T
    graph = np.zeros((size, size))
    for i, j, c in zip(one.astype(int) - 1, other.astype(int) - 1, cost, strict=True):
        graph[i, j] = graph[j, i] = c
    ways: FloatArray = shortest_path(sp.csr_array(graph), directed=False)
    return ways, sites


def optima(path: Path) -> dict[str, float]:
    lines = [line.split() for line in path.read_text().splitlines()]
    return {line[0]: float(line[1]) for line in lines if line and line[0].startswith("pmed")}


@pytest.mark.parametrize(
    "number",
    [n if n in {1, 5, 11} else pytest.param(n, marks=pytest.mark.slow) for n in range(1, 16)],
)
def test_orlib_median_and_center(shared_data: Path, number: int) -> None:
    folder = shared_data / "bench" / "orlib_pmed"
    ways, sites = pmed(folder, number)
    name = f"pmed{number}"
    proven(siting.p_median(ways, sites=sites), optima(folder / "pmedopt.txt")[name])
    proven(siting.p_center(ways, sites=sites), optima(folder / "kcenteropt.txt")[name])
