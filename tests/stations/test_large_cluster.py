"""Large layers on a real cluster of two worker processes on this machine."""

from __future__ import annotations

import os
import signal
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dask
import distributed
import pytest

from geodata.errors import FileFormatError, UsageError
from stations import large
from stations.large import cluster as cluster_module
from stations.large.environment import environment
from tests.stations.large_samples import by_hour, on_paper, points, same, table, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np

    from stations.cube import PointSums

PARTS, ROWS = 24, 4_000


LocalCluster: Any = distributed.LocalCluster


def local(**how: Any) -> Any:
    """Start a cluster on this machine, on ports that are free, without a dashboard."""
    address = {"host": "127.0.0.1", "protocol": "tcp", "dashboard_address": "127.0.0.1:0"}
    off = {"worker_dashboard_address": None, "scheduler_kwargs": {"dashboard": False}}
    return LocalCluster(**address, **off, **how, threads_per_worker=1)


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> large.LargeLayer:
    folder = tmp_path_factory.mktemp("stops")
    lon, lat, workers = points(PARTS * ROWS)
    for number in range(PARTS):
        part = slice(number * ROWS, (number + 1) * ROWS)
        write(folder / f"{number:02}.parquet", table("wkb", lon[part], lat[part], workers[part]))
    return large.LargeLayer.open(folder)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    settings = {
        "distributed.scheduler.allowed-failures": 1,
        "distributed.worker.memory.pause": False,
        "distributed.worker.memory.terminate": False,
    }
    with dask.config.set(settings), local(n_workers=2) as made:
        yield made


@pytest.fixture
def client(cluster: Any) -> Iterator[Any]:
    with large.connected(cluster.scheduler_address) as connected:
        yield connected


@pytest.mark.parametrize(
    "asked",
    [on_paper(), pytest.param(by_hour(), marks=pytest.mark.slow)],
    ids=["paper", "hours"],
)
def test_a_cluster_gives_the_same_and_tells_how_far_it_is(
    client: Any, layer: large.LargeLayer, asked: large.Asked
) -> None:
    told: list[tuple[int, int]] = []
    found = large.count_on(
        client, layer, asked, progress=lambda done, total: told.append((done, total))
    )
    assert same(found, large.count(layer, asked))
    assert told[-1] == (layer.rows, layer.rows)
    assert told == sorted(told)
    assert len(told) >= PARTS


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_changes_nothing(
    client: Any, layer: large.LargeLayer
) -> None:
    asked = by_hour()
    killed: list[str] = []

    def kill_one(done: int, total: int) -> None:
        if 0 < done < total and not killed:
            address, pid = next(iter(client.run(os.getpid).items()))
            os.kill(pid, signal.SIGKILL)
            killed.append(address)

    found = large.count_on(client, layer, asked, progress=kill_one)
    assert killed
    assert killed[0] not in client.scheduler_info()["workers"]
    assert same(found, large.count(layer, asked))


def test_a_bad_part_ends_it_with_the_error_of_one_machine(
    client: Any, layer: large.LargeLayer, tmp_path: Path
) -> None:
    lon, lat, _ = points(50)
    write(tmp_path / "a.parquet", table("wkb", lon, lat))
    lat[20] = 91
    write(tmp_path / "b.parquet", table("wkb", lon, lat))
    bad = large.LargeLayer.open(tmp_path)
    with pytest.raises(FileFormatError) as here:
        large.count(bad, on_paper())
    with pytest.raises(FileFormatError) as there:
        large.count_on(client, bad, on_paper())
    assert str(there.value) == str(here.value)
    assert "b.parquet, row 21" in str(here.value)
    (tmp_path / "b.parquet").unlink()
    with pytest.raises(large.ClusterError, match=r"does not find b\.parquet.*under the same path"):
        large.count_on(client, bad, on_paper())


def test_a_layer_without_points_has_sums_too(client: Any, tmp_path: Path) -> None:
    lon, lat, _ = points(0)
    empty = write(tmp_path / "a.parquet", table("wkb", lon, lat))
    layer = large.LargeLayer.open(empty)
    assert same(large.count_on(client, layer, by_hour()), large.count(layer, by_hour()))


def test_what_progress_raises_ends_it_and_the_cluster_is_free_again(
    client: Any, layer: large.LargeLayer
) -> None:
    def stop(done: int, _: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        large.count_on(client, layer, on_paper(), progress=stop)
    assert same(large.count_on(client, layer, on_paper()), large.count(layer, on_paper()))


@dataclass(frozen=True)
class Deadly:
    """A question that kills whoever counts a point."""

    hours: int = 1

    def partial(self, lon: np.ndarray, lat: np.ndarray, workers: Any) -> PointSums:
        if lon.size:
            os.kill(os.getpid(), signal.SIGKILL)
        return on_paper().partial(lon, lat, workers)

    def described(self) -> dict[str, Any]:
        return {}


@pytest.mark.slow
def test_a_part_that_kills_every_worker_is_given_up(client: Any, tmp_path: Path) -> None:
    lon, lat, _ = points(9)
    layer = large.LargeLayer.open(write(tmp_path / "a.parquet", table("wkb", lon, lat)))
    with pytest.raises(large.ClusterError, match=r"a\.parquet: 2 workers died.*allowed-failures"):
        large.count_on(client, layer, Deadly())


def test_another_version_on_a_worker_is_told(
    client: Any, layer: large.LargeLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = {**environment(), "numpy": "1.0"}
    monkeypatch.setattr(cluster_module, "_ours", lambda: here)
    with pytest.raises(large.ClusterError, match=r"worker tcp://.* differs: numpy 1\.0 here and"):
        large.count_on(client, layer, on_paper())


@pytest.mark.slow
def test_a_scheduler_that_goes_in_the_middle_is_told(layer: large.LargeLayer) -> None:
    with local(n_workers=1, processes=False) as passing:

        def close(done: int, _: int) -> None:
            if done:
                passing.close()

        with (
            large.connected(passing.scheduler_address) as client,
            pytest.raises(large.ClusterError, match="scheduler is gone"),
        ):
            large.count_on(client, layer, on_paper(), progress=close)


def test_no_worker_and_no_scheduler_are_told(
    layer: large.LargeLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT_S", 2)
    with (
        local(n_workers=0, processes=False) as empty,
        large.connected(empty.scheduler_address) as client,
        pytest.raises(large.ClusterError, match="no worker"),
    ):
        large.count_on(client, layer, on_paper())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        with (
            pytest.raises(large.ClusterError, match="no scheduler answers at"),
            large.connected(address),
        ):
            pytest.fail("connected to nobody")


@pytest.mark.parametrize("address", ["", "here", "tcp://here", "http://here:1", "tcp://a b:1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="tcp://host:port"), large.connected(address):
        pytest.fail("connected to nobody")
