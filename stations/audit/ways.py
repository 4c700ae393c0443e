"""The cheapest way to mend what a station lacks: a list of steps, with prices where there are any.

A step is ``{"action", …, "yuan"}``; ``yuan`` None has no price in the list::

    {"action": "add_amenities", "amenities": {"shower": 2}, "yuan": 60000}   pieces of each
    {"action": "extend_hours", "weekly_hours": 30.0, "yuan": 14000}          hours a week added
    {"action": "upgrade_24h", "yuan": 90000}                                 where that is cheaper
    {"action": "add_places", "field": "truck_bays", "count": 16, "yuan": None}
    {"action": "mend", "rule": "six.map", "yuan": None}                      as the rule's fix says
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geodata.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stations.audit.ruling import Rule
    from stations.planning.costs import CostTable

    type Step = dict[str, Any]

_WEEK_H = 168


class Have(NamedTuple):
    """What a station has now."""

    amenities: frozenset[str]
    weekly_hours: float
    counts: Mapping[str, int]
    """Field → its number, for the fields that fall short."""
    area_code: str


def cheapest(broken: Sequence[Rule], have: Have, prices: CostTable) -> list[Step]:
    """Return the steps that end the breach of every rule in ``broken`` at least cost.

    Exact for amenities, choices among them solved together; an amenity without a price is taken
    only where nothing else will do.
    """
    steps = _amenities(broken, have, prices)
    hours = [float(rule.settings["least"]) for rule in broken if rule.check == "open_hours"]
    if hours:
        steps.append(_hours(max(hours), have, prices))
    places: dict[str, int] = {}
    for rule in broken:
        if rule.check == "count":
            name = str(rule.settings["field"])
            lacking = int(rule.settings["least"]) - have.counts[name]
            places[name] = max(places.get(name, 0), lacking)
    steps += [
        {"action": "add_places", "field": name, "count": lacking, "yuan": None}
        for name, lacking in places.items()
    ]
    by_hand = ("spacing", "listed", "recorded", "unseen")
    steps += [
        {"action": "mend", "rule": rule.id, "yuan": None}
        for rule in broken
        if rule.check in by_hand
    ]
    return steps


def total(way: Sequence[Step]) -> int | None:
    """Return what a way costs; None where a step has no price. Nothing to do costs 0."""
    yuan = [step["yuan"] for step in way]
    return None if None in yuan else sum(yuan)


def _hours(least: float, have: Have, prices: CostTable) -> Step:
    more = round(least - have.weekly_hours, 2)
    step: Step = {"action": "extend_hours", "weekly_hours": more, "yuan": None}
    step["yuan"] = _price(prices, "extend_hours", have, weekly_hours=more)
    always = _price(prices, "upgrade_24h", have) if least == _WEEK_H else None
    if always is not None and (step["yuan"] is None or always < step["yuan"]):
        return {"action": "upgrade_24h", "yuan": always}
    return step


def _amenities(broken: Sequence[Rule], have: Have, prices: CostTable) -> list[Step]:
    wanted: Counter[str] = Counter()
    choices: list[tuple[list[str], int]] = []
    for rule in broken:
        if rule.check == "amenity_count":
            wanted |= Counter({str(rule.settings["amenity"]): int(rule.settings["least"])})
        elif rule.check == "has":
            lacking = set(rule.settings.get("all", ())) - have.amenities
            wanted |= Counter(dict.fromkeys(lacking, 1))
            choices += _choices(rule, have)
    price = {
        code: _price(prices, "add_amenities", have, amenities=(code,))
        for code in {*wanted, *(code for some, _ in choices for code in some)}
    }
    chosen = _chosen(wanted, choices, price)
    if not chosen:
        return []
    each = [code for code, pieces in sorted(chosen.items()) for _ in range(pieces)]
    yuan = _price(prices, "add_amenities", have, amenities=each)
    return [{"action": "add_amenities", "amenities": dict(sorted(chosen.items())), "yuan": yuan}]


def _choices(rule: Rule, have: Have) -> list[tuple[list[str], int]]:
    some = set(rule.settings.get("any", ()))
    need = int(rule.settings.get("any_least", 1)) - len(some & have.amenities)
    return [(sorted(some - have.amenities), need)] if some and need > 0 else []


def _chosen(
    wanted: Counter[str], choices: list[tuple[list[str], int]], price: Mapping[str, int | None]
) -> Counter[str]:
    """Add to ``wanted`` the cheapest amenities with which every choice is made."""
    if not choices:
        return wanted
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - 0.1 s

    codes = sorted(price)
    dear = 1.0 + sum(yuan or 0 for yuan in price.values())
    cost = np.array([dear if price[code] is None else float(price[code] or 0) for code in codes])
    part = np.array([[code in some for code in codes] for some, _ in choices], dtype=float)
    held = np.array([code in wanted for code in codes], dtype=float)
    found = milp(
        cost + 1e-3,  # of equal prices, the fewest pieces
        integrality=np.ones(len(codes)),
        bounds=Bounds(held, np.ones(len(codes))),
        constraints=LinearConstraint(part, lb=[need for _, need in choices]),
    )
    picked = [code for code, taken in zip(codes, found.x, strict=True) if round(taken)]
    return wanted | Counter(dict.fromkeys(picked, 1))


def _price(
    prices: CostTable,
    kind: str,
    have: Have,
    *,
    amenities: Sequence[str] = (),
    weekly_hours: float = 0.0,
) -> int | None:
    ask: Callable[..., int] = prices.price
    try:
        return ask(kind, area_code=have.area_code, amenities=amenities, weekly_hours=weekly_hours)
    except UsageError:
        return None
