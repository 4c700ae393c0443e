"""The register's words: amenities, kinds, access modes, statuses, known layers, column headings.

The words themselves are data (``stations/data/catalogue.toml``); this module reads them once and
answers "which code does a person mean by this word?".
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from stations.errors import UnknownAmenityError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


@dataclass(frozen=True)
class Term:
    """One word of a vocabulary."""

    code: str
    zh: str
    """The page's own word, in Chinese."""
    en: str
    words: tuple[str, ...]
    """What else people write for it."""


@dataclass(frozen=True)
class KnownLayer:
    """A demand layer whose title and protection are known before it is imported."""

    name: str
    zh: str
    en: str
    restricted: bool


def folded(text: str) -> str:
    """Fold ``text`` for matching: width, case, spaces, ``_`` and ``-`` make no difference."""
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True)
class OsmTarget:
    """Which OpenStreetMap objects become records of one target; a tag is written ``key=value``."""

    shape: Literal["points", "areas"]
    filter: str
    """As `geodata.osm.parse_filter` reads it."""
    without: tuple[str, ...] = ()
    """An object with one of these tags is left out."""
    amenities: Mapping[str, str] = field(default_factory=dict)
    """Tag → amenity codes joined by ``;``."""
    access: Mapping[str, str] = field(default_factory=dict)
    """Tag → access code."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Tag → what an object without a name is called."""


class Vocabulary:
    """The terms of one field, in the catalogue's order."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms: dict[str, Term] = {term.code: term for term in terms}
        self._codes: dict[str, str] = {}
        for term in self.terms.values():
            for word in (term.code, term.zh, term.en, *term.words):
                self._codes.setdefault(folded(word), term.code)

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms.values())

    def code(self, word: str) -> str | None:
        """Return the code ``word`` stands for, or None."""
        return self._codes.get(folded(word))

    def expected(self) -> str:
        """Name what would be right, for a message: ``如厕 toilet, 饮水 water, …``."""
        return ", ".join(f"{term.zh} {term.code}" for term in self.terms.values())


class Amenities(Vocabulary):
    """The amenities, each with a bit of its own so that a set of them is one integer."""

    def __init__(self, terms: Iterable[Term]) -> None:
        super().__init__(terms)
        self._bits = {code: 1 << position for position, code in enumerate(self.terms)}

    def mask(self, codes: Iterable[str]) -> int:
        """Return the codes as a bit set; an unknown code raises `UnknownAmenityError`."""
        total = 0
        for code in codes:
            if code not in self._bits:
                raise UnknownAmenityError(f"no amenity {code[:80]!r}; known: {self.expected()}")
            total |= self._bits[code]
        return total

    def codes(self, mask: int) -> tuple[str, ...]:
        """Return the codes of a bit set, in catalogue order."""
        return tuple(code for code, bit in self._bits.items() if mask & bit)

    def parse(self, text: str) -> tuple[str, ...]:
        """Read a caller's comma-separated list (``toilet,充电``) into codes, in catalogue order.

        Any word of the catalogue will do; an unknown one raises `UnknownAmenityError`.
        """
        words = [word for word in re.split(r"[,;，；、\s]+", text) if word]
        return self.codes(self.mask(self.code(word) or word for word in words))


@dataclass(frozen=True)
class Catalogue:
    """Every vocabulary of the register."""

    amenities: Amenities
    kinds: Vocabulary
    access: Vocabulary
    door_asks: Vocabulary
    calendars: Vocabulary
    statuses: Vocabulary
    layers: Mapping[str, KnownLayer]
    headings: Mapping[str, tuple[str, ...]]
    """Canonical field → the headings clerks use for it, folded; the field's own name is first."""
    osm: Mapping[str, OsmTarget]
    """What an OpenStreetMap extract offers for ``stations`` and the known layers."""


def _terms(table: Mapping[str, Mapping[str, Any]]) -> list[Term]:
    return [Term(code, row["zh"], row["en"], tuple(row["words"])) for code, row in table.items()]


@cache
def catalogue() -> Catalogue:
    """Return the catalogue shipped with the program."""
    data = tomllib.loads((files("stations") / "data" / "catalogue.toml").read_text("utf-8"))
    return Catalogue(
        amenities=Amenities(_terms(data["amenities"])),
        kinds=Vocabulary(_terms(data["kinds"])),
        access=Vocabulary(_terms(data["access"])),
        door_asks=Vocabulary(_terms(data["door_asks"])),
        calendars=Vocabulary(_terms(data["calendars"])),
        statuses=Vocabulary(_terms(data["statuses"])),
        layers={name: KnownLayer(name, **row) for name, row in data["layers"].items()},
        headings={
            field: tuple(folded(word) for word in (field, *words))
            for field, words in data["headings"].items()
        },
        osm={name: OsmTarget(**row) for name, row in data["osm"].items()},
    )
