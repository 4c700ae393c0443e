"""The ids a wish names: what must be done, what stays, what is forbidden."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from geodata.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stations.planning.packages import Offer, Package

_ACTION = re.compile(r"(?P<kinds>[a-z_0-9+]+):(?P<name>.+)")


@dataclass(frozen=True)
class Named:
    """What a wish names, as places and as ids of single actions."""

    must: tuple[int, ...]
    """Places something must be done at, of single actions too; ascending."""
    places: Mapping[str, int]
    """What must be done → where."""
    must_ids: frozenset[str]
    """Those of it that are ids of single actions."""
    forbidden_ids: frozenset[str]
    forbidden_places: frozenset[int]
    crowded: frozenset[int]
    """Candidates too near to a station in use."""

    @classmethod
    def of(cls, offer: Offer, crowded: Iterable[int] = ()) -> Self:
        """Read the ids of a wish; `UsageError` for one that nothing has."""
        wish = offer.wish
        places = _places(offer)
        for name in wish.keep:
            if places.get(name, offer.size) >= offer.size:
                raise UsageError(f"keep: no station {name[:60]!r}")
        must = {name: _place(name, places, "must") for name in wish.must}
        forbid = {name: _place(name, places, "forbid") for name in wish.forbid}
        return cls(
            must=tuple(sorted(set(must.values()))),
            places=must,
            must_ids=frozenset(name for name in must if name not in places),
            forbidden_ids=frozenset(name for name in forbid if name not in places),
            forbidden_places=frozenset(at for name, at in forbid.items() if name in places),
            crowded=frozenset(crowded),
        )

    def asked(self, package: Package, id_: str) -> bool:
        """Tell whether a package may be what must be done."""
        return any(self.meets(package, id_, name) for name in self.places)

    def meets(self, package: Package, id_: str, name: str) -> bool:
        """Tell whether a package is what a name asks for, or serves from the place named."""
        if name in self.must_ids:
            return id_ == name
        return package.kinds[0] != "close" and package.at == self.places[name]

    def barred(self, package: Package, id_: str) -> bool:
        """Tell whether a package is not to be looked at: forbidden, or too near to a station."""
        if id_ in self.forbidden_ids or {package.at, package.station} & self.forbidden_places:
            return True
        return package.at in self.crowded


def _places(offer: Offer) -> dict[str, int]:
    """Return every id: a station's pin, or a candidate."""
    stations: list[str] = offer.registry.stations.index.tolist()
    candidates: list[str] = offer.candidates.index.tolist()
    twice = sorted(set(stations) & set(candidates))
    if twice:
        raise UsageError(f"a candidate has the id of a station: {twice[0][:60]!r}; rename it")
    rows = {name: row for row, name in enumerate(stations)}
    return rows | {name: offer.size + number for number, name in enumerate(candidates)}


def _place(name: str, places: dict[str, int], what: str) -> int:
    """Return the place an id names: a station, a candidate, or where a single action is."""
    if name in places:
        return places[name]
    action = _ACTION.fullmatch(name)
    if action:
        rest = action["name"]
        for sign in ("", "@", ">"):
            start = rest.rpartition(sign)[0] if sign else rest
            if start in places:
                return places[rest.rpartition(">")[2]] if sign == ">" else places[start]
    raise UsageError(f"{what}: no station, candidate or action {name[:60]!r}")
