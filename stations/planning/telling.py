"""A plan as JSON, how it was made, and what nobody may see of a plan for a restricted layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stations.cube import profile_of
from stations.planning.packages import NEXT_DOOR_M
from stations.reach import described

if TYPE_CHECKING:
    from stations.planning.actions import Action
    from stations.planning.scheme import Scheme

OPEN_KEYS = ("kind", "kinds", "zh", "en", "year", "cost", "area_code", "county")
"""What is told of an action for a restricted layer."""
RULES = {
    "new": "stations/planning/kits.toml: hours and amenities by kind; what is needed is added and "
    "paid for; a new station counts as confirmed",
    "old": "an action at a station does not change how sure its record is; amenities keep hours of "
    "their own",
    "move": "mobile stations, to candidates of their own county",
    "close, merge": f"only where another station stands within {NEXT_DOOR_M:g} m that is open "
    "whenever the closed one is and has, or is given, all its amenities",
    "others": "what a moved station did for people outside this layer is not counted",
}


def told(scheme: Scheme, *, open_: bool, with_reasons: bool) -> dict[str, Any]:
    """Return a plan for JSON; without the role, nothing of a restricted layer's places."""
    named = open_ or not scheme.restricted
    blame = scheme.blame
    answer: dict[str, Any] = {
        "layer": scheme.wish.layer,
        "chosen": [_action(each, named=named) for each in scheme.actions],
        "objective": _number(scheme.objective),
        "objective_of": "yuan" if scheme.wish.cover_all else _weighed(scheme),
        "bound": _number(scheme.bound),
        "gap": _number(scheme.gap, 9),
        "status": scheme.status,
        "cost": scheme.cost,
        "cost_by_year": _by_year(scheme),
        "gained_by_year": [_number(each) for each in scheme.solved.gained],
        "worst_county": _number(scheme.solved.worst),
        "worst_county_bound": _number(scheme.solved.worst_bound),
        "before": scheme.before,
        "after": scheme.after,
        "counties": _counties(scheme),
        "blame": None if blame is None else blame.as_dict(named=named),
        "wish": scheme.wish.as_dict() if named else _nameless(scheme.wish.as_dict()),
        "method": method(scheme),
        "revision": scheme.revision,
        "synthetic": scheme.synthetic,
        "restricted": scheme.restricted,
    }
    if with_reasons:
        answer["reasons"] = [each.as_dict(named=named) for each in scheme.reasons()]
    return answer


def method(scheme: Scheme) -> dict[str, Any]:
    """Return how a plan was made."""
    wish, problem = scheme.wish, scheme.problem
    profile = profile_of(wish.terms.profile)
    by_road = wish.limit.unit == "min" and scheme.travel.network(wish.limit.mode) is not None
    return {
        "within": wish.limit.text,
        "mode": wish.limit.mode if wish.limit.unit == "min" else "straight",
        "estimated": wish.limit.unit == "min" and not by_road,
        "sampling": described(),
        **problem.demand.question.described(),
        "hours": wish.terms.hours.text,
        "profile": {"code": profile.code, "zh": profile.zh, "en": profile.en, "why": profile.why},
        "share_of": _weighed(scheme),
        "candidates": len(scheme.candidates),
        "packages": len(problem.shelf),
        "rows": problem.cells.relation.shape[0],
        "prices": scheme.costs.fingerprint,
        "rules": dict(RULES),
    }


def _by_year(scheme: Scheme) -> list[int]:
    """Return the yuan of each year."""
    years = range(1, scheme.wish.years + 1)
    return [sum(each.cost for each in scheme.actions if each.year == year) for year in years]


def _weighed(scheme: Scheme) -> str:
    return "worker-hours" if scheme.cube_before.weighed else "site-hours"


def _counties(scheme: Scheme) -> list[dict[str, Any]]:
    """Return worker-hours covered by county before and after, where anybody is there."""
    rows = scheme.rows("county")
    return [
        {
            "code": row["code"],
            "name": row["name"],
            "worker_hours": row["before"]["worker_hours"],
            "before": row["before"]["steps"]["trust"],
            "after": row["after"]["steps"]["trust"],
        }
        for row in rows
        if row["before"]["worker_hours"]
    ]


def _action(action: Action, *, named: bool) -> dict[str, Any]:
    whole = action.as_dict()
    return whole if named else {name: whole[name] for name in OPEN_KEYS}


def _nameless(wish: dict[str, Any]) -> dict[str, Any]:
    """Return a wish without the places it names."""
    counts = {name: len(wish[name]) for name in ("must", "keep", "forbid")}
    return wish | counts


def _number(value: float | None, digits: int = 3) -> float | None:
    """Return a rounded number; None for what is unknown or infinite."""
    if value is None or not abs(value) < float("inf"):
        return None
    return round(value, digits)
