"""Coverage hour by hour, for a map that follows a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stations.coverage.choices import reached
from stations.coverage.figures import area_name, share_of
from stations.cube import PARTS, bits, grid
from stations.cube.supply import EVERY

if TYPE_CHECKING:
    from geodata.geodesy import FloatArray
    from stations.coverage import Truth

DIGITS = 3
"""Digits of a share: as many as a map shows."""


def week_of(answer: Truth, by: str) -> dict[str, Any]:
    """Return real shares at every hour there is, and over those asked about, by area or site.

    Of an area, the share of its worker-hours, null where nobody is there. Of a site, the share of
    it in reach, null where it is not there; over several hours those count by who is there.
    """
    keys, names, shares, weights = _sites(answer) if by == "site" else _areas(answer, by)
    asked = np.where(answer.chosen, weights, 0)
    present, real = asked.sum(axis=1), (asked * np.nan_to_num(shares)).sum(axis=1)
    every = answer.hours()
    rows = zip(keys, names, _told(shares), _told(share_of(real, present)), strict=True)
    key = "id" if by == "site" else "code"
    return {
        "layer": answer.layer.name,
        "by": by,
        "first_hour": answer.cube.question.first_hour,
        "total": _told(share_of(every["trust"], every["present"])),
        "rows": [
            {key: each, "name": name, "share": share, "asked": mean}
            for each, name, share, mean in rows
        ],
        "away": _away(answer),
        "revision": answer.revision,
        "synthetic": answer.synthetic,
    }


def _away(answer: Truth) -> list[dict[str, str]]:
    """Return the stations within reach of a site on paper that stand nowhere in all these hours."""
    supply, at = answer.cube.supply, reached(answer)
    here = bits.unpacked(supply.there[at], supply.hours).astype(np.bool_).any(axis=1)
    gone = sorted({*supply.ids[at[~here]].tolist()} - {*supply.ids[at[here]].tolist()})
    names = answer.registry.stations["name"]
    return [{"id": id_, "name": str(names[id_])} for id_ in gone]


type Parts = tuple[list[str], list[str], FloatArray, FloatArray]


def _areas(answer: Truth, by: str) -> Parts:
    """Return codes, names, shares and who is there, both (areas, hours)."""
    codes, parts = grid(answer.cube, by)
    present = parts.sum(axis=0)
    shares = share_of(parts[PARTS.index("covered")], present)
    return codes, [area_name(code) for code in codes], shares, present.astype(float)


def _sites(answer: Truth) -> Parts:
    """Return the same of sites; one whose workers nobody knows counts evenly over its hours."""
    cube = answer.cube
    shares = np.where(cube.there, cube.share[EVERY], np.nan)
    known = cube.present.any(axis=1, keepdims=True)
    weights = np.where(known, cube.present, cube.there).astype(float)
    names = [str(name) for name in cube.sites["name"]]
    return [str(each) for each in cube.sites.index], names, shares, weights


def _told(shares: FloatArray) -> list[Any]:
    rounded = np.round(shares, DIGITS).astype(object)
    rounded[np.isnan(shares)] = None
    told: list[Any] = rounded.tolist()
    return told
