"""The same counting on a Dask cluster.

A block is a task. The stations travel once to each worker, as arrays, and are indexed there; sums
are added up in a tree. A task whose worker dies is done again by another one, and so are the
stations: they are a task too, not data that would be lost with its holders.
"""

from __future__ import annotations

import pickle
import re
from contextlib import contextmanager
from functools import reduce
from importlib import import_module
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from geodata.errors import ProjectError, UsageError
from stations.large.environment import differences, environment
from stations.large.errors import ClusterError
from stations.large.sums import nothing, plus, sums_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stations.large.layer import Block, LargeLayer
    from stations.large.question import Asked
    from stations.large.sums import Progress, Sums

    type Client = Any
    """`distributed.Client`, which tells no types."""
    type Future = Any
    """`distributed.Future`."""

CONNECT_S = 5
"""Seconds a scheduler has to answer, and to show a worker."""
ALONE_S = 60
"""Seconds all workers may be away at once."""
LOOK_S = 1
"""Seconds between looks at the cluster when nothing is heard."""
FAN = 8
"""Sums added up by one task."""
_ADDRESS = re.compile(r"(?:tcp|tls)://(?:[^\s:/]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}")
_LARGE_GRAPH = "distributed.admin.large-graph-warning-threshold"


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """Connect to a scheduler such as ``tcp://10.0.0.5:8786``.

    `UsageError` for what is no address or without Dask here, `ClusterError` for one that does not
    answer within some seconds.
    """
    if not _ADDRESS.fullmatch(address):
        raise UsageError(
            f"a scheduler is tcp://host:port, such as tcp://10.0.0.5:8786, not {address[:80]!r}"
        )
    client = _client(address)
    try:
        yield client
    finally:
        client.close(timeout=CONNECT_S)


def _client(address: str) -> Client:
    try:
        distributed = import_module("distributed")  # only who has a cluster needs it
    except ImportError:
        raise UsageError(
            "a cluster needs Dask here: pip install 'worker-stations[cluster]'"
        ) from None
    try:
        return distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise ClusterError(
            f"no scheduler answers at {address} ({type(error).__name__}); start it, or check the"
            " address and the network"
        ) from None


def count_on(
    client: Client, layer: LargeLayer, asked: Asked, *, progress: Progress | None = None
) -> Sums:
    """Count all points of a layer on a cluster: the figures of `stations.large.count`.

    Every worker must have this version of the project, and the layer at the same path. What
    ``progress`` raises ends the counting. `ClusterError` when the cluster cannot do it.
    """
    _check_workers(client)
    run = _Run(client, layer, asked)
    try:
        return run.wait(progress)
    finally:
        run.release()


class _Run:
    """One counting on a cluster."""

    def __init__(self, client: Client, layer: LargeLayer, asked: Asked) -> None:
        self._client, self._rows = client, layer.rows
        self._heard: SimpleQueue[Future] = SimpleQueue()
        blocks = layer.blocks()
        with import_module("dask").config.set(
            {_LARGE_GRAPH: "1 GB"}
        ):  # the stations: once, and on purpose
            stations = client.submit(_unpacked, pickle.dumps(asked), pure=False)
        here = _ours()
        leaves = client.map(_counted, blocks, asked=stations, here=here, pure=False)
        self._left = {leaf.key: (leaf, block) for leaf, block in zip(leaves, blocks, strict=True)}
        self._root = self._tree(leaves or [client.submit(nothing, stations, pure=False)])
        for future in (*leaves, self._root):
            future.add_done_callback(self._heard.put)

    def _tree(self, level: Sequence[Future]) -> Future:
        """Add up ``FAN`` at a time; only the root is held, so that sums go as they are used."""
        while len(level) > 1:
            groups = [level[start : start + FAN] for start in range(0, len(level), FAN)]
            level = [self._client.submit(_total, group, pure=False) for group in groups]
        return level[0]

    def wait(self, progress: Progress | None) -> Sums:
        """Wait for the root, and tell how far it is."""
        done, silent = 0, 0
        while not self._root.done() or self._left:
            try:
                future = self._heard.get(timeout=LOOK_S)
                silent = 0
                done += self._settle(future)
            except Empty:
                silent = 0 if self._client.scheduler_info()["workers"] else silent + LOOK_S
                if silent >= ALONE_S:
                    raise ClusterError("every worker has left the cluster; start some") from None
            if progress is not None:
                progress(done, self._rows)
        _require(self._root, "the sum")
        result: Sums = self._root.result()
        return result

    def _settle(self, future: Future) -> int:
        """Let go of a task that ended well; how many points that were."""
        leaf, block = self._left.pop(future.key, (future, None))
        _require(leaf, "the sum" if block is None else block.part.name)
        return 0 if block is None else block.rows

    def release(self) -> None:
        """Drop what is still to be done."""
        if self._client.status == "running" and not self._root.done():
            self._client.cancel([self._root, *(leaf for leaf, _ in self._left.values())])


def _require(future: Future, what: str) -> None:
    """Say why a task did not end well."""
    if future.status == "finished":
        return
    if future.status == "cancelled":
        raise ClusterError("the scheduler is gone, or dropped the work; start it, and ask again")
    error = future.exception()
    if isinstance(error, ProjectError):
        raise error
    if isinstance(error, import_module("distributed").KilledWorker):
        raise ClusterError(
            f"{what}: {error.allowed_failures + 1} workers died on it one after the other, and no"
            f" more are tried (distributed.scheduler.allowed-failures: {error.allowed_failures});"
            " they may have too little memory"
        )
    raise ClusterError(f"{what}: a worker failed: {type(error).__name__}: {str(error)[:200]}")


def _check_workers(client: Client) -> None:
    """Require a worker, and that all there are have what we have."""
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
        found: Mapping[str, Any] = client.run(environment, on_error="return")
    except (OSError, TimeoutError):
        raise ClusterError("the cluster has no worker that answers; start some") from None
    for worker, there in found.items():
        if isinstance(there, Exception):
            raise ClusterError(
                f"worker {worker} lacks this version of the project ({there}); install it there"
            )
        _compare(_ours(), there, worker)


def _ours() -> dict[str, str]:
    return dict(environment())


def _compare(here: Mapping[str, str], there: Mapping[str, str], worker: str) -> None:
    if differ := differences(here, there):
        raise ClusterError(f"worker {worker} differs: {differ}; install the same on both")


def _unpacked(packed: bytes) -> Asked:
    asked: Asked = pickle.loads(packed)  # noqa: S301 - what this program's client packed
    return asked


def _counted(block: Block, *, asked: Asked, here: Mapping[str, str]) -> Sums:
    """Count a block on a worker; also one that came later must be as we are."""
    worker = import_module("distributed").get_worker().address
    _compare(here, environment(), worker)
    if not block.part.path.exists():
        raise ClusterError(
            f"worker {worker} does not find {block.part.name}: every worker must see the layer"
            " under the same path"
        )
    return reduce(plus, sums_of(block, asked), nothing(asked))


def _total(parts: Sequence[Sums]) -> Sums:
    return reduce(plus, parts)
