"""One answer for every amenity one might need: what a map offers to choose from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stations.catalogue import catalogue
from stations.coverage.figures import share_of
from stations.cube import Supply, bits
from stations.cube.shares import shares

if TYPE_CHECKING:
    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.coverage.real import Truth
    from stations.cube import Question
    from stations.cube.bits import Words


class Choice(NamedTuple):
    """Real coverage with other needs, all else as asked."""

    needs: tuple[str, ...]
    share: FloatArray
    """(sites, hours): share of each site; NaN where it is not there."""
    total: FloatArray
    """(hours,): of all who are there; NaN where nobody is."""
    had: BoolArray
    """(stations, hours): which rows of the supply have all that is needed then."""


def choices(answer: Truth) -> list[Choice]:
    """Return the answer for what was asked, for no need at all, and for each amenity alone.

    In that order, then the catalogue's; amenities that no station in reach has are left out.
    """
    asked = answer.need.needs
    wanted = [asked, (), *((code,) for code in _amenities(answer, reached(answer)))]
    return [_choice(answer, needs) for needs in dict.fromkeys(wanted)]


def reached(answer: Truth) -> IntArray:
    """Return the rows of the supply that are within reach of any site, ascending."""
    return np.unique(answer.cube.ground.station)


def _amenities(answer: Truth, rows: IntArray) -> list[str]:
    supply = answer.cube.supply
    recorded = answer.registry.stations["amenities"]
    texts = recorded.reindex(supply.ids[rows]).unique()
    known = {code for text in texts for code in text.split(";")}
    return [each.code for each in catalogue().amenities if each.code in known]


def _choice(answer: Truth, needs: tuple[str, ...]) -> Choice:
    cube = answer.cube
    question = replace(cube.question, needs=needs)
    supply = replace(cube.supply, amenity=_amenity(answer, question))
    share: FloatArray = shares(cube.ground, supply, supply.usable()[:, None])[0]
    covered = cube.counted(np.arange(len(cube.sites)), share)
    whole = cube.present.sum(axis=0)
    had = bits.unpacked(supply.amenity, supply.hours).astype(np.bool_)
    return Choice(
        needs,
        np.where(cube.there, share, np.nan),
        share_of((covered * cube.there).sum(axis=0), whole),
        had,
    )


def _amenity(answer: Truth, question: Question) -> Words:
    """Return the hours at which each station has what another question needs."""
    supply = Supply.of(answer.registry, question)
    for each in answer.terms.changes:
        if each.verb == "equipped":
            supply = each.applied(supply, each.rows(answer.registry), question)
    return supply.amenity
