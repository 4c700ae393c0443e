"""A saved plan asked for again: the same plan, or what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stations import planning
from stations.planning.beside import beside
from stations.planning.saving import SavedPlan
from stations.registry import Registry
from stations.report.spoken import Said
from stations.travel import Travel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stations.planning.scheme import Scheme
    from stations.planning.solving import Progress as Solving
    from stations.reach import ReachCache
    from stations.reach.pairs import Progress
    from stations.store import Store
    from stations.trust import TrustModel

_ESTIMATES = Travel()
_INPUTS = {
    "register": Said(
        "登记簿该版本的内容与当时不同：不是同一个登记簿。",
        "That revision of the register holds something else: it is another register.",
    ),
    "network": Said("路网与当时不同。", "The road network is another."),
    "evidence": Said("缺少当时已有的核实记录。", "Evidence that was there then is missing."),
    "costs": Said("文件中的价目被改过。", "The prices in the file were changed."),
    "candidates": Said("文件中的候选站址被改过。", "The candidates in the file were changed."),
}


@dataclass(frozen=True, eq=False)
class Replay:
    """A saved plan, made again."""

    scheme: Scheme
    plan: SavedPlan
    """As made now."""
    differs: tuple[Said, ...]
    """What is not as it was, inputs first; none: it is the same plan."""

    @property
    def same(self) -> bool:
        """Whether the plan and all it was made of are the same."""
        return not self.differs


def replay(
    saved: SavedPlan,
    store: Store,
    *,
    travel: Travel = _ESTIMATES,
    cache: ReachCache | None = None,
    model: TrustModel | None = None,
    relating: Progress | None = None,
    progress: Solving | None = None,
) -> Replay:
    """Make a saved plan again: on its revision, its evidence, its candidates and prices.

    Raises what `planning.plan` raises, and `RevisionMissingError` where the store has no such
    revision. A plan that a time limit cut short may come out otherwise, and that is said.
    """
    heard = store.evidence()
    heard = heard[heard.index <= saved.inputs["evidence"]]
    registry = Registry.load(store, saved.inputs["revision"], model=model, evidence=heard)
    scheme = planning.plan(
        registry,
        saved.wish,
        candidates=saved.candidates,
        costs=saved.costs,
        travel=travel,
        cache=cache,
        relating=relating,
        progress=progress,
    )
    number = int(heard.index[-1]) if len(heard) else 0
    again = SavedPlan.of(scheme, evidence=number)
    return Replay(scheme, again, (*_other_inputs(saved, again), *_other_answer(saved, again)))


def _other_inputs(saved: SavedPlan, again: SavedPlan) -> Iterator[Said]:
    for name, said in _INPUTS.items():
        if saved.inputs[name] != again.inputs[name]:
            yield said


def _other_answer(saved: SavedPlan, again: SavedPlan) -> Iterator[Said]:
    found = beside(saved, again)
    if saved.answer["status"] in {"time limit", "stopped"} and found.differs:
        yield Said(
            "当时因时间用完而停，再算不一定得到同一方案。",
            "The first run was cut short by time: another need not end the same.",
        )
    yield from found.said()
