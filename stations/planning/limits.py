"""What a plan must keep to, in the solver's numbers, and each limit in words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import shapely

from geodata.geodesy import PointIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geodata.geodesy import BoolArray, IntArray
    from stations.planning.naming import Named
    from stations.planning.packages import Offer
    from stations.planning.shelf import Shelf
    from stations.siting import Rules

COUNTY, PREFECTURE = 6, 4
"""Digits of their codes."""


@dataclass(frozen=True, eq=False)
class Limits:
    """The rules of a wish; columns are numbered as packages, then ``extra`` of their own."""

    exclusive: tuple[tuple[int, ...], ...]
    spaced_from: int
    """From this one on, the groups of ``exclusive`` are for the spacing."""
    conflicts: tuple[tuple[int, int], ...]
    requires: tuple[tuple[int, tuple[int, ...]], ...]
    at_most: tuple[tuple[tuple[int, ...], int], ...]
    spending: tuple[tuple[int, ...], ...]
    """The packages of each prefecture that shares the money; of all others together."""
    must: tuple[int, ...]
    must_names: tuple[str, ...]
    """What each of ``must`` stands for: an id of the wish."""
    crowded: tuple[str, ...]
    """Of these the candidates too near to a station in use, where nothing may be built."""
    counts: tuple[str, ...]
    """What each of ``at_most`` counts: an area code, or ``sites``."""
    spenders: tuple[str, ...]
    """Whose each of ``spending`` is: the code of a prefecture; "" of those that do not share."""
    extra: int
    """Columns that cost and serve nothing: each must be taken, and needs one of several."""

    @classmethod
    def of(cls, offer: Offer, shelf: Shelf, named: Named) -> Self:
        """Put the wish's limits into numbers."""
        wanted = _must(offer, shelf, named)
        dummies = range(len(shelf), len(shelf) + len(wanted))
        counts, spenders = _counts(offer, shelf), _spenders(offer, shelf)
        alone = tuple(_at_one_place(shelf))
        return cls(
            exclusive=(*alone, *_too_near(offer, shelf)),
            spaced_from=len(alone),
            conflicts=tuple(_kept_next_door(shelf)),
            requires=tuple(zip(dummies, wanted.values(), strict=True)),
            at_most=tuple(counts.values()),
            spending=tuple(spenders.values()),
            must=tuple(dummies),
            must_names=tuple(wanted),
            crowded=tuple(name for name in wanted if named.places.get(name) in named.crowded),
            counts=tuple(counts),
            spenders=tuple(spenders),
            extra=len(wanted),
        )

    def spend(
        self, budgets: Sequence[float] | None
    ) -> tuple[tuple[tuple[int, ...], tuple[float, ...]], ...]:
        """Return what each of `spenders` may spend in each year: equal shares in whole yuan."""
        if budgets is None:
            return ()
        sharing = max(sum(code != "" for code in self.spenders), 1)
        shares = tuple(float(money // sharing) for money in budgets)
        nothing = (0.0,) * len(shares)
        return tuple(
            (group, shares if code else nothing)
            for code, group in zip(self.spenders, self.spending, strict=True)
        )

    def rules(self, ending: IntArray, ends: IntArray, budgets: Sequence[float] | None) -> Rules:
        """Return the rules; ``ending`` are the rows of the base, ``ends`` of each package."""
        from stations.siting import Rules  # noqa: PLC0415 - the solvers, for who plans

        packages = np.flatnonzero(ends >= 0)
        bases = np.searchsorted(ending, ends[packages])
        return Rules(
            exclusive=self.exclusive,
            conflicts=self.conflicts,
            requires=self.requires,
            at_most=self.at_most,
            spend=self.spend(budgets),
            must=self.must,
            ends=tuple(zip(packages.tolist(), bases.tolist(), strict=True)),
        )

    def closed(self, chosen: IntArray, packages: int) -> BoolArray:
        """Tell which packages cannot be taken beside some: excluded, or no more are allowed."""
        taken = set(chosen.tolist())
        closed = np.zeros(packages + self.extra, dtype=np.bool_)
        for group in (*self.exclusive, *self.conflicts):
            if not taken.isdisjoint(group):
                closed[list(group)] = True
        for group, most in self.at_most:
            if len(taken.intersection(group)) >= most:
                closed[list(group)] = True
        return closed[:packages]


def crowded(offer: Offer) -> IntArray:
    """Return the candidates (places) nearer to a station in use than new ones may be."""
    spacing = offer.wish.spacing_m
    if not spacing:
        return np.zeros(0, dtype=np.int64)
    lon, lat = _positions(offer)
    near = offer.registry.stands.index.nearest(lon, lat, 1).metres[:, 0]
    return offer.size + np.flatnonzero(near < spacing)


def _positions(offer: Offer) -> tuple[np.ndarray, np.ndarray]:
    points = offer.candidates.geometry.to_numpy()
    return shapely.get_x(points), shapely.get_y(points)


def _at_one_place(shelf: Shelf) -> Iterable[tuple[int, ...]]:
    """At most one package at each candidate, and at each station that it changes or ends."""
    groups: dict[int, list[int]] = defaultdict(list)
    for number, each in enumerate(shelf.packages):
        touched = {each.station, each.at} if each.kinds[0] != "close" else {each.station}
        for place in sorted(touched - {-1}):
            groups[place].append(number)
    return [tuple(group) for _, group in sorted(groups.items()) if len(group) > 1]


def _kept_next_door(shelf: Shelf) -> Iterable[tuple[int, int]]:
    """Keep the other one where a station is closed because of what stands next door."""
    enders: dict[int, list[int]] = defaultdict(list)
    for number, row in enumerate(shelf.ends.tolist()):
        enders[row].append(number)
    for number, each in enumerate(shelf.packages):
        if each.kinds[0] == "close":
            yield from ((min(number, o), max(number, o)) for o in enders.get(each.at, ()))


def _too_near(offer: Offer, shelf: Shelf) -> Iterable[tuple[int, ...]]:
    """Candidates nearer to each other than the spacing: a new station at one of them at most."""
    spacing = offer.wish.spacing_m
    places = np.unique(shelf.at[shelf.at >= offer.size])
    if not spacing or not places.size:
        return []
    lon, lat = (each[places - offer.size] for each in _positions(offer))
    near = PointIndex(lon, lat).within(lon, lat, spacing)
    apart = (near.query < near.row) & (near.metres < spacing)
    members = {
        place: tuple(np.flatnonzero(shelf.at == place).tolist()) for place in places.tolist()
    }
    return [
        members[places[one]] + members[places[other]]
        for one, other in zip(near.query[apart], near.row[apart], strict=True)
    ]


def _must(offer: Offer, shelf: Shelf, named: Named) -> dict[str, tuple[int, ...]]:
    """Return the packages any one of which does what each id of the wish asks for."""
    listed = list(enumerate(zip(shelf.packages, shelf.ids, strict=True)))
    return {
        name: tuple(number for number, each in listed if named.meets(*each, name))
        for name in offer.wish.must
    }


def _counts(offer: Offer, shelf: Shelf) -> dict[str, tuple[tuple[int, ...], int]]:
    """Limit new stations by county, and actions in all."""
    found: dict[str, tuple[tuple[int, ...], int]] = {}
    wish = offer.wish
    if wish.per_county is not None:
        codes = [
            code if new else ""
            for code, new in zip(codes_of(offer, shelf), shelf.builds, strict=True)
        ]
        for code, group in _by(codes, COUNTY).items():
            found[code] = (group, wish.per_county)
    if wish.sites is not None:
        found["sites"] = (tuple(range(len(shelf))), wish.sites)
    return found


def _spenders(offer: Offer, shelf: Shelf) -> dict[str, tuple[int, ...]]:
    """Group packages by prefecture where each may spend the same; "" for all that may nothing.

    They share who have sites of the layer.
    """
    if offer.wish.objective != "equal_prefectures":
        return {}
    sites = offer.registry.layer(offer.wish.layer).sites["area_code"].str.slice(0, PREFECTURE)
    sharing = set(sites) - {""}
    groups: dict[str, list[int]] = {code: [] for code in sorted(sharing)}
    for number, code in enumerate(codes_of(offer, shelf)):
        mine = code[:PREFECTURE]
        groups.setdefault(mine if mine in sharing else "", []).append(number)
    return {code: tuple(group) for code, group in groups.items()}


def codes_of(offer: Offer, shelf: Shelf) -> list[str]:
    """Return the area code of each package: of the candidate, or of the station it is done to."""
    stations, new = offer.registry.stations["area_code"], offer.candidates["area_code"]
    codes, candidates = stations.tolist(), new.tolist()
    return [
        candidates[each.at - offer.size] if each.station < 0 else codes[each.station]
        for each in shelf.packages
    ]


def _by(codes: list[str], digits: int) -> dict[str, tuple[int, ...]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for number, code in enumerate(codes):
        if code:
            groups[code[:digits]].append(number)
    return {code: tuple(group) for code, group in sorted(groups.items())}
