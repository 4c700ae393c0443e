"""Two saved plans side by side: which actions, what they cost, whom they serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from stations.report.spoken import Said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stations.planning.saving import SavedPlan

_FIGURES: Mapping[str, tuple[str, str]] = {
    "objective": ("目标值", "objective"),
    "bound": ("证明的界", "bound"),
    "gap": ("差距", "gap"),
    "status": ("结论", "status"),
    "actions": ("措施数", "actions"),
    "cost": ("费用（元）", "cost, yuan"),
    "years": ("年数", "years"),
    "share_before": ("现在覆盖率", "share covered before"),
    "share_after": ("方案后覆盖率", "share covered after"),
    "covered_after": ("方案后覆盖量", "hours covered after"),
}
_CHANGES = ("year", "cost", "opening_hours", "amenities", "into")
"""What of one action two plans may have otherwise."""
_INPUTS = ("revision", "register", "network", "evidence", "costs", "candidates")


class Figure(NamedTuple):
    """One figure of both plans."""

    name: str
    zh: str
    en: str
    a: Any
    b: Any

    @property
    def same(self) -> bool:
        """Whether it is the same in both."""
        return bool(self.a == self.b)


@dataclass(frozen=True)
class Comparison:
    """How plan ``b`` differs from plan ``a``."""

    only_a: tuple[Mapping[str, Any], ...]
    """Actions, in the plan's order."""
    only_b: tuple[Mapping[str, Any], ...]
    changed: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...]
    """The same action with another year, price, hours or amenities."""
    shared: int
    """Actions that are the same in both."""
    figures: tuple[Figure, ...]
    counties: tuple[Mapping[str, Any], ...]
    """Where the two serve differently: ``code``, ``name``, worker-hours covered ``a`` and ``b``."""
    wishes: tuple[str, ...]
    """What was asked otherwise: fields of the wish."""
    inputs: tuple[str, ...]
    """What went in otherwise: some of `SavedPlan.inputs`."""

    @property
    def differs(self) -> bool:
        """Whether the answers do."""
        actions = bool(self.only_a or self.only_b or self.changed or self.counties)
        return actions or not all(each.same for each in self.figures)

    def said(self) -> Iterator[Said]:
        """Say what differs in the answers."""
        for each in self.only_a:
            yield Said(f"只有甲方案：{each['zh']} {each['name']}", f"only in A: {each['id']}")
        for each in self.only_b:
            yield Said(f"只有乙方案：{each['zh']} {each['name']}", f"only in B: {each['id']}")
        for old, new in self.changed:
            others = [name for name in _CHANGES if old.get(name) != new.get(name)]
            told = ", ".join(f"{name} {old.get(name)} → {new.get(name)}" for name in others)
            yield Said(f"有变：{old['name']}：{told}", f"changed: {old['id']}: {told}")
        for figure in self.figures:
            if not figure.same:
                told = f"{_short(figure.a)} → {_short(figure.b)}"
                yield Said(f"{figure.zh}：{told}", f"{figure.en}: {told}")

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "differs": self.differs,
            "shared": self.shared,
            "only_a": list(self.only_a),
            "only_b": list(self.only_b),
            "changed": [{"a": old, "b": new} for old, new in self.changed],
            "figures": [each._asdict() for each in self.figures],
            "counties": list(self.counties),
            "wishes": list(self.wishes),
            "inputs": list(self.inputs),
        }


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) and abs(value) < 1 else str(value)


def beside(a: SavedPlan, b: SavedPlan) -> Comparison:
    """Compare two saved plans, whatever each was asked."""
    mine = {each["id"]: each for each in a.actions}
    theirs = {each["id"]: each for each in b.actions}
    both = [(old, theirs[id_]) for id_, old in mine.items() if id_ in theirs]
    changed = [pair for pair in both if any(pair[0].get(n) != pair[1].get(n) for n in _CHANGES)]
    ones, others = a.wish.as_dict(), b.wish.as_dict()
    left, right = _figures(a), _figures(b)
    return Comparison(
        only_a=tuple(each for id_, each in mine.items() if id_ not in theirs),
        only_b=tuple(each for id_, each in theirs.items() if id_ not in mine),
        changed=tuple(changed),
        shared=len(both) - len(changed),
        figures=tuple(Figure(n, *_FIGURES[n], left[n], right[n]) for n in _FIGURES),
        counties=tuple(_counties(a, b)),
        wishes=tuple(name for name in ones if ones[name] != others[name]),
        inputs=tuple(name for name in _INPUTS if a.inputs[name] != b.inputs[name]),
    )


def _figures(plan: SavedPlan) -> dict[str, Any]:
    answer = plan.answer
    return {
        **{name: answer[name] for name in ("objective", "bound", "gap", "status")},
        "actions": len(plan.actions),
        "cost": sum(int(each["cost"]) for each in plan.actions),
        "years": plan.wish.years,
        "share_before": answer["before"]["share"],
        "share_after": answer["after"]["share"],
        "covered_after": answer["after"]["exact"],
    }


def _counties(a: SavedPlan, b: SavedPlan) -> Iterator[dict[str, Any]]:
    """Give the counties that differ, in code order; one that a plan has not is 0 there."""
    sides = [{row["code"]: row for row in plan.answer["counties"]} for plan in (a, b)]
    for code in sorted(sides[0].keys() | sides[1].keys()):
        found = [side.get(code) for side in sides]
        left, right = (0 if row is None else row["after"] for row in found)
        if left != right:
            name = next(row["name"] for row in found if row is not None)
            yield {"code": code, "name": name, "a": left, "b": right}
