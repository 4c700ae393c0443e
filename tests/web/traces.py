"""What gives a restricted site away: its words, and its position in every way one is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pyproj import Transformer

from geodata import datum

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    type Floats = NDArray[np.float64]

DEGREES = ("wgs84", "gcj02", "bd09")
CLOSE, CLOSE_M = 6e-4, 60.0
"""Degrees and metres: as near as three decimals of a degree tell."""
TIGHT = 6e-5
"""Degrees: as near as four decimals tell."""
EXACT = 1.1e-6
"""Degrees: as near as six decimals tell; five are met by chance among a province's outlines."""
BESIDE = 4
"""Numbers that stand so near each other may be one position's."""
NUMBER = re.compile(r"(?<![\w.])-?\d{1,9}\.\d+|(?<![\w.])\d{6,8}(?![\w.])")
MINUTES = re.compile(
    r"(\d{1,3})\s*[°º度]\s*(\d{1,2}(?:\.\d+)?)\s*['′’分]"
    r"(?:\s*(\d{1,2}(?:\.\d+)?)\s*(?:[\"″”秒]|''))?"
)


@dataclass(frozen=True, order=True)
class Trace:
    """What was found: whose, and what."""

    site: str
    what: str


class Form(NamedTuple):
    """A site's position in one system, and what is near it there."""

    site: str
    system: str
    x: float
    y: float
    near: float


class Traces:
    """Some sites that must stay hidden: their words, and where they lie."""

    def __init__(
        self, words: Mapping[str, Sequence[str]], places: Sequence[tuple[float, float]]
    ) -> None:
        """Take each site's words by id, in the order of ``places``: WGS 84 lon and lat."""
        self._words = [(each, site) for site, own in words.items() for each in (site, *own)]
        self._places = [*zip(words, places, strict=True)]

    def in_text(self, text: str) -> set[Trace]:
        """Find words, and positions by their numbers."""
        found = {Trace(site, word) for word, site in self._words if word in text}
        values = np.array([*map(float, NUMBER.findall(text)), *_from_minutes(text)])
        return found | self._among(values) if values.size else found

    def in_points(self, points: Floats) -> set[Trace]:
        """Find positions among pairs of numbers, shape (n, 2), either of them first."""
        both = np.concatenate((points, points[:, ::-1]))
        return {
            Trace(form.site, form.system)
            for form in self.forms
            if (np.abs(both - (form.x, form.y)).max(axis=1, initial=0) < form.near).any()
        }

    @cached_property
    def forms(self) -> list[Form]:
        """Every position in every datum, in metres of the web's maps and of surveyors' planes."""
        found = []
        for site, place in self._places:
            for name in DEGREES:
                x, y = datum.from_wgs84(*place, name)
                found.append(Form(site, name, float(x), float(y), CLOSE))
            for code in _planes(place[0]):
                pair = Transformer.from_crs(4326, code, always_xy=True).transform(*place)
                found.append(Form(site, f"EPSG:{code}", *pair, CLOSE_M))
        return found

    def _among(self, values: Floats) -> set[Trace]:
        """Find both numbers of a position side by side, anywhere if exact; one if very exact."""
        order = np.argsort(values, kind="stable")
        ordered, found = values[order], set()

        def rows(at: float, near: float) -> NDArray[np.int64]:
            first, last = np.searchsorted(ordered, (at - near, at + near))
            return order[first:last]

        for site, system, x, y, near in self.forms:
            one, other = rows(x, near), rows(y, near)
            beside = np.abs(one[:, None] - other[None, :]) <= BESIDE
            if beside.any() or (rows(x, near / 10).size and rows(y, near / 10).size):
                found.add(Trace(site, system))
            elif near == CLOSE and (rows(x, EXACT).size or rows(y, EXACT).size):
                found.add(Trace(site, f"{system}, one number"))
        return found


def _planes(lon: float) -> Iterator[int]:
    """Name the planes: web maps, UTM, CGCS2000 in zones of three and of six degrees."""
    three, six = round(lon / 3), int(lon // 6) + 1
    yield from (3857, 32630 + six, 4488 + three, 4509 + three, 4478 + six, 4489 + six)


def _from_minutes(text: str) -> list[float]:
    """Return what is written in degrees, minutes and seconds."""
    return [
        int(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600
        for degrees, minutes, seconds in MINUTES.findall(text)
    ]
