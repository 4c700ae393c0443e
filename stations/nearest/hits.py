"""Answers: the station's record, and what a rider wants to know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stations.nearest.facts import facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stations.nearest.reasons import Said
    from stations.registry import Registry
    from stations.travel import Mode


class Visit(NamedTuple):
    """What is expected of a visit at an instant."""

    expected_minutes: float
    """The way, and where the door is shut the way on: README.md."""
    open: str
    """``open``, ``closed`` or ``unknown`` from arrival to the end of the stay."""
    open_text: Said
    """What changes next at the door after arrival."""
    next_change: str | None
    """When, ISO 8601 with zone; None: no change within 400 days."""
    way_in: str
    """Code of the way in on arrival; "" unknown."""
    trust: float
    trust_text: Said
    why: list[Said]
    """The door; then why stations closer than this one, not told of before, do not come first."""
    fallback: dict[str, Any] | None
    """The station to try next: id, name, lon, lat, distance_m, road_m, minutes and estimated from
    door to door, open at that arrival, trust, trust_text. None: none within a day that is not known
    to be shut."""


class Arrival:
    """What awaits who comes to a station in a minute: the same for all who do, and shared."""

    __slots__ = ("said", "written")

    def __init__(self, said: Mapping[str, Any]) -> None:
        self.said = said
        """The fields of `Visit` but for its first, in order, for JSON; of ``why`` the door."""
        self.written: Any = None
        """The same in the form somebody sends it in, kept by who does; None: nobody has asked."""


UNKNOWN = Arrival({**dict.fromkeys(Visit._fields[1:]), "open": "unknown", "why": []})
"""Without an instant nothing is known of a door."""


class Hit(NamedTuple):
    """A found station."""

    registry: Registry
    row: int
    """Its row in ``registry.stands``: a station that moves is told of where it is on arrival."""
    mode: Mode
    way: dict[str, Any]
    """What `way_there` returns."""
    arrival: Arrival
    closer: Sequence[Said]
    """Why closer stations do not come first."""

    @property
    def said(self) -> dict[str, Any]:
        """What depends on the question, for JSON: ``way``, and the fields of `Visit`.

        What is in it is shared: do not change it.
        """
        said = self.arrival.said
        return {**self.way, **said, "why": [*said["why"], *self.closer]}

    @property
    def minutes(self) -> float:
        """How long the way takes, rounded to the hundredth."""
        minutes: float = self.way["minutes"]
        return minutes

    @property
    def distance_m(self) -> float:
        """Straight metres, rounded to the millimetre."""
        metres: float = self.way["distance_m"]
        return metres

    @property
    def road_m(self) -> float | None:
        """Metres by road, rounded to the millimetre; None: ``minutes`` are an estimate."""
        metres: float | None = self.way["road_m"]
        return metres

    @property
    def visit(self) -> Visit | None:
        """What is expected of a visit; None: the question named no instant."""
        if self.arrival is UNKNOWN:
            return None
        said = self.said
        return Visit(*(said[name] for name in Visit._fields))

    @property
    def station(self) -> dict[str, Any]:
        """The station's record, as `Registry.stand` returns it; shared: do not change it."""
        return self.registry.stand(self.row)

    @property
    def links(self) -> Sequence[dict[str, str]]:
        """`stations.navigation.Link` as dicts, those of the mode, the best first."""
        return facts(self.registry).links(self.row, self.mode)

    def as_dict(self) -> dict[str, Any]:
        """Return everything in one flat dict, for JSON."""
        return {**self.station, **self.said, "links": list(self.links)}


def way_there(
    mode: Mode,
    metres: float,
    minutes: float,
    road_m: float | None,
    expected_minutes: float | None = None,
) -> dict[str, Any]:
    """Tell how far a station is: straight metres, the way's minutes, by road where there is one."""
    return {
        "distance_m": thousandth(metres),
        "road_m": road_m and thousandth(road_m),
        "minutes": hundredth(minutes),
        "mode": mode.code,
        "estimated": road_m is None,
        "expected_minutes": expected_minutes and hundredth(expected_minutes),
    }


def thousandth(exact: float) -> float:
    """Round metres or trust, neither below 0; `round` takes four times as long."""
    return int(exact * 1000 + 0.5) / 1000


def hundredth(exact: float) -> float:
    """Round minutes."""
    return int(exact * 100 + 0.5) / 100
