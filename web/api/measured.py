"""What a question about a layer is answered from, and the answers kept in memory."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from flask import current_app

from stations import coverage as covering
from stations.coverage.relation import relate
from web import roads
from web.api import replies
from web.auth import caller, part_of
from web.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from stations.coverage import Coverage, Need, Terms, Truth
    from stations.coverage.relation import Relation
    from stations.reach import Limit, ReachCache
    from stations.registry import Layer, Registry
    from stations.travel import Travel
    from stations.trust import Ledger

    type Progress = Callable[[int, int], None]

KEPT = 24
"""How many coverage answers are kept."""
KEPT_TRUTHS = 8
"""How many in truth: a thousand sites at every hour of the week take 12 MB."""
KEPT_REGISTERS = 2
"""How many registers as they once were: 200,000 stations take some 300 MB."""
KEPT_WRITTEN = 96
"""How many documents and files are kept as they were sent."""

_heard: WeakKeyDictionary[Ledger, str] = WeakKeyDictionary()


class CoverageCache:
    """The latest answers. A new revision, or network, has new ones; the old fall out.

    Who may see an answer is decided before it is asked for, never here. Nobody waits for an answer
    over roads but those who ask for one.
    """

    def __init__(self, on_disk: ReachCache | None = None) -> None:
        """Take where reach by road is kept on disk, if anywhere."""
        self.on_disk = on_disk
        self.papers: Kept[object, Coverage] = Kept(KEPT)
        self.relations: Kept[object, Relation] = Kept(KEPT)
        self.truths: Kept[object, Truth] = Kept(KEPT_TRUTHS)
        self.written: Kept[object, bytes] = Kept(KEPT_WRITTEN)
        self.registers: Kept[object, Registry] = Kept(KEPT_REGISTERS)


class Asked(NamedTuple):
    """One question about one layer, and all it is answered from."""

    registry: Registry
    layer: Layer
    travel: Travel
    need: Need
    terms: Terms | None
    """None: on paper, hours not considered."""
    cache: CoverageCache
    others: tuple[Asked, ...] = ()
    """The same asked of other layers."""
    earlier: Asked | None = None
    """The same asked of the register as it was."""
    on: date | None = None
    """On paper: the day whose places mobile stations have; None: none moves."""
    area: str = ""
    """Where the asker sees restricted layers, leading digits of area codes."""

    @classmethod
    def of(
        cls,
        registry: Registry,
        layer: Layer,
        need: Need,
        terms: Terms | None = None,
        *,
        on: date | None = None,
    ) -> Asked:
        """Take the roads and the cache of this application; ``on`` matters where stations move."""
        cache: CoverageCache = current_app.extensions["stations.coverage"]
        day = on if registry.stands.moves else None
        if terms is not None:
            terms = replace(terms, on=day)
        area = caller().area
        return cls(registry, layer, roads.current(), need, terms, cache, on=day, area=area)

    @property
    def version(self) -> str:
        """Name what the answer is made from, and on which terms."""
        made_from = version_of(self.registry, self.need.limit, self.travel)
        if self.part:
            made_from = f"{made_from}-{self.part}"
        if self.terms is None:
            return f"{made_from}-{self.on}" if self.on else made_from
        heard = _version_of_evidence(self.registry.ledger)
        parts = [repr(self.terms), *(f"{each.need.layer} {each.part}" for each in self.others)]
        if self.earlier is not None:
            parts.append(self.earlier.version)
        terms = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
        return f"{made_from}-{heard}-{terms}"

    @property
    def _contents(self) -> tuple[str, str]:
        """Name what the answer is made from, restricted layers too: for what is kept inside."""
        return replies.contents_of(self.registry), self.version

    @property
    def part(self) -> str:
        """Name the part of the layer that the asker sees; nobody gets another's from the cache."""
        return part_of(self.layer, self.area)

    @property
    def restricted(self) -> bool:
        """Whether any layer that goes into the answer is."""
        asked = (self, *self.others, *((self.earlier,) if self.earlier else ()))
        return any(each.layer.info.restricted for each in asked)

    def paper(self, progress: Progress | None = None) -> Coverage:
        """Return `coverage.measure`'s answer, computed or kept."""

        def measured() -> Coverage:
            disk = self.cache.on_disk
            return covering.measure(
                self.registry, self.need, self.travel, disk, progress=progress, on=self.on
            )

        return self._over_roads(self.cache.papers, (self.need, self.on), measured)

    def truth(self, progress: Progress | None = None) -> Truth:
        """Return `coverage.truth`'s answer with what it is compared to, computed or kept.

        It needs `terms`.
        """
        if self.others or self.earlier is not None:
            answer = self._replace(others=(), earlier=None).truth(progress)
            others = tuple(each.truth(progress) for each in self.others)
            earlier = None if self.earlier is None else self.earlier.truth(progress)
            return replace(answer, others=others, earlier=earlier)
        key = (self._contents, self.need)
        if known := self.cache.truths.get(key):
            return known
        terms = self.terms or covering.Terms()
        days = terms.question(self.need.needs).days
        relation = self._relation(terms.travel(self.travel, self.need.limit), days, progress)
        answer = covering.truth(self.registry, self.need, terms, self.travel, relation=relation)
        self.cache.truths.put(key, answer)
        return answer

    def written(self, what: tuple[object, ...], build: Callable[[], bytes]) -> bytes:
        """Return bytes made of the answer, built or kept; ``what`` names them."""
        key = (self._contents, self.need, what)
        if (known := self.cache.written.get(key)) is None:
            known = build()
            self.cache.written.put(key, known)
        return known

    def _relation(
        self, travel: Travel, days: tuple[date, ...], progress: Progress | None
    ) -> Relation:
        """Return the layer's reach to all stations in use: the same for all needs and terms.

        But for closed roads: ``travel`` knows them; and on paper for the days asked about.
        """

        def related() -> Relation:
            return relate(self.registry, self.need, travel, self.cache.on_disk, progress)

        roads_as = roads.version_of(travel, self.need.limit)
        where = (self.need.layer, self.need.limit, roads_as)
        every = self._over_roads(self.cache.relations, where, related)
        if not self.registry.stands.moves:
            return every
        on_days = (*where, days)
        return self._over_roads(
            self.cache.relations, on_days, lambda: every.on(self.registry, days)
        )

    def _over_roads[V](self, kept: Kept[object, V], what: object, build: Callable[[], V]) -> V:
        """Return what is kept, or build it: while the roads are asked, the others wait."""
        made_from = version_of(self.registry, self.need.limit, self.travel)
        key = (replies.contents_of(self.registry), made_from, self.part, what)
        if known := kept.get(key):
            return known
        with roads.one_at_a_time(self.travel, self.need.limit):
            if known := kept.get(key):  # who was waited for asked the same
                return known
            value = build()
            kept.put(key, value)
        return value


def version_of(registry: Registry, limit: Limit, travel: Travel) -> str:
    """Name what an answer within a limit is made from: the register, and for minutes the roads."""
    return f"{replies.version_of(registry)}-{roads.version_of(travel, limit)}"


def _version_of_evidence(ledger: Ledger) -> str:
    """Name all that has been reported; computed once a snapshot."""
    if ledger not in _heard:
        digest = hashlib.sha256()
        when = ledger.at, ledger.since, ledger.until
        for column in (ledger.station, ledger.kind, ledger.outcome, *when, ledger.voice):
            digest.update(column.tobytes())
        _heard[ledger] = digest.hexdigest()[:16]
    return _heard[ledger]
