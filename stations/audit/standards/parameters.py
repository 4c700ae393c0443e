"""Which settings each predicate takes, and what is wrong with those a file gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stations.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    type Complaint = Callable[[Any], str]

COUNTED = ("capacity", "ebike_parking", "truck_bays")
"""Numbers the register holds."""
FIELDS = ("host", "phone", "access", "opening_hours", "host_hours", "capacity", "area_code")
"""What a rule may ask to be recorded."""
PLACES = ("everywhere", "districts", "unrecorded")
HOURS = 168


def _texts(value: object) -> str:
    fine = isinstance(value, list) and value and all(isinstance(x, str) and x for x in value)
    return "" if fine else "is a list of texts"


def _among(known: Mapping[str, object] | tuple[str, ...]) -> Complaint:
    def complaint(value: object) -> str:
        wrong = _texts(value)
        if wrong or not isinstance(value, list):
            return wrong
        odd = sorted(set(value) - set(known))
        return f"{odd[0][:40]!r} is none of {', '.join(known)}" if odd else ""

    return complaint


def _one(known: Mapping[str, object] | tuple[str, ...]) -> Complaint:
    def complaint(value: object) -> str:
        return "" if isinstance(value, str) and value in known else f"is one of {', '.join(known)}"

    return complaint


def _whole(value: object) -> str:
    return "" if type(value) is int and value >= 1 else "is a whole number from 1 on"


def _above(most: float) -> Complaint:
    def complaint(value: object) -> str:
        fine = type(value) in {int, float} and 0 < value <= most  # type: ignore[operator]
        return "" if fine else f"is a number above 0, at most {most:,g}"

    return complaint


_AMENITIES = catalogue().amenities.terms
TAKEN: Mapping[str, Mapping[str, Complaint]] = {
    "has": {"all": _among(_AMENITIES), "any": _among(_AMENITIES), "any_least": _whole},
    "amenity_count": {"amenity": _one(_AMENITIES), "least": _whole},
    "open_hours": {"least": _above(HOURS)},
    "count": {"field": _one(COUNTED), "least": _whole},
    "spacing": {"at_most_m": _above(1_000_000), "where": _one(PLACES)},
    "listed": {},
    "recorded": {"fields": _among(FIELDS)},
    "unseen": {"what": _texts},
}
"""Predicate → its settings, each with what finds fault with a value."""
ANY_RULE: Mapping[str, Complaint] = {"named": _texts, "having": _one(COUNTED)}
"""Settings every rule of a standard may have: whom it is for."""
_OPTIONAL = {"all", "any", "any_least"}


def faults(check: object, settings: object) -> Iterator[str]:
    """Yield what is wrong with one rule's check and its settings."""
    if not isinstance(check, str) or check not in TAKEN:
        yield f"check is one of {', '.join(TAKEN)}, not {str(check)[:40]!r}"
        return
    if not isinstance(settings, dict):
        return  # told by the rulebook
    taken = {**TAKEN[check], **ANY_RULE}
    for name, value in settings.items():
        if name not in taken:
            yield f"{check} takes no setting {name[:40]!r}; it takes {', '.join(taken)}"
        elif problem := taken[name](value):
            yield f"{name} {problem}"
    for name in sorted(TAKEN[check].keys() - _OPTIONAL - settings.keys()):
        yield f"{check} needs the setting {name}"
    if check == "has":
        yield from _choice(settings)


def _choice(settings: Mapping[str, Any]) -> Iterator[str]:
    if not settings.keys() & {"all", "any"}:
        yield "has needs the setting all or any"
    some, least = settings.get("any", []), settings.get("any_least", 1)
    if type(least) is int and isinstance(some, list) and least > max(len(some), 1):
        yield "any_least is at most the number of any"
