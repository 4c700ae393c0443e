"""Stations by their names."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from pydantic import Field

from web.api import answers, replies
from web.api.base import endpoint, register
from web.api.marks import marked
from web.api.places import areas_named
from web.api.queries import Count, Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response

    from stations.registry import Registry

MOST = 50


class SearchQuery(Query):
    """Asks for stations by their names."""

    q: str = Field(min_length=1, max_length=80, description="A part of the name.")
    limit: Count = Field(8, ge=1, le=MOST, description="How many at most, of each.")


@dataclass(frozen=True)
class Names:
    """All names of a snapshot in one text, one a line: searched as fast as memory is read."""

    text: str
    starts: list[int]
    """Where each station's line starts, and where one more would."""

    @classmethod
    def of(cls, registry: Registry) -> Names:
        """Put the names of a snapshot together."""
        lines = [_plain(name) for name in registry.stations["name"]]
        starts = accumulate((len(line) + 1 for line in lines), initial=1)
        return cls("\n" + "\n".join(lines) + "\n", [*starts])

    def rows(self, wanted: str, most: int) -> list[int]:
        """Return rows whose names hold the text: those that begin with it first, then by id."""
        sought = _plain(wanted).strip()
        if not sought:
            return []
        first = [*self._found("\n" + sought, most)]
        return [*dict.fromkeys([*first, *self._found(sought, most)])][:most]

    def _found(self, text: str, most: int) -> Iterator[int]:
        at = self.text.find(text)
        for _ in range(most):
            if at < 0:
                return
            row = bisect_right(self.starts, at + (text[0] == "\n")) - 1
            yield row
            at = self.text.find(text, self.starts[row + 1] - 1)


@endpoint("/search", SearchQuery, answers.Found)
def search(query: SearchQuery) -> Response:
    """Find stations by a part of their names, without regard to case and width of letters.

    Names that begin with it come first, then by id. Beside them counties and prefectures that have
    stations.
    """
    registry = register()
    rows = registry.derived(Names.of).rows(query.q, query.limit)
    areas = areas_named(registry, query.q, query.limit)
    told = {"stations": marked(registry, rows), "areas": areas, "revision": registry.revision}
    return replies.fresh(told)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("\n", " ")
