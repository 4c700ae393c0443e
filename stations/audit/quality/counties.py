"""Declared area codes against positions: retired, unknown, outside."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geodata import boundaries
from geodata.geodesy import distance_m
from stations.audit.quality.places import county, lost
from stations.audit.ruling import breaches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.audit.ruling import Context, Rule

_DIGITS = 6


class Declared(NamedTuple):
    """The area codes the records declare."""

    code: IntArray
    """(n,) position in the next two."""
    texts: Sequence[str]
    heirs: Sequence[tuple[str, ...]]
    """Codes in use that each became; itself where it is in use, () where it is no code."""

    def holds(self, rows: IntArray, counties: IntArray) -> BoolArray:
        """Tell for some rows whether a county is, or lies in, what they declare."""
        found = np.zeros(len(rows), dtype=np.bool_)
        for each in np.unique(self.code[rows]).tolist():
            mine = np.flatnonzero(self.code[rows] == each)
            for heir in self.heirs[each]:
                found[mine] |= counties[mine] // 10 ** (_DIGITS - len(heir)) == int(heir)
        return found


def declared(context: Context) -> Declared:
    """Return the declared codes; an empty one has no heirs."""
    code, texts = pd.factorize(context.registry.stations["area_code"])
    heirs = [boundaries.successors(text) if text.strip() else () for text in texts]
    return Declared(code.astype(np.int64), [str(text) for text in texts], heirs)


def astray(context: Context) -> IntArray:
    """Return the rows outside the county they declare, wherever they are; not the lost ones."""
    said = context.derived(declared)
    told = np.array([bool(heirs) for heirs in said.heirs], dtype=np.bool_)
    rows = np.flatnonzero(told[said.code] & ~context.derived(lost).any)
    return rows[~said.holds(rows, context.derived(county)[rows])]


def code_retired(context: Context, rule: Rule) -> pd.DataFrame:
    """Find codes no longer in use; proposes the one that came after, or holds the position."""
    said = context.derived(declared)
    retired = [bool(h) and not _same(t, h) for t, h in zip(said.texts, said.heirs, strict=True)]
    rows = np.flatnonzero(np.array(retired, dtype=np.bool_)[said.code])
    texts = [said.texts[code] for code in said.code[rows]]
    heirs = [said.heirs[code] for code in said.code[rows]]
    inside = context.derived(county)[rows].astype(str).tolist()
    chosen = [_heir(each, at) for each, at in zip(heirs, inside, strict=True)]
    return breaches(
        rule,
        context.registry.stations.index[rows].tolist(),
        {"area_code": texts, "became": [";".join(each) for each in heirs]},
        proposals=[{"area_code": code} if code else None for code in chosen],
    )


def code_unknown(context: Context, rule: Rule) -> pd.DataFrame:
    """Find codes that are in no table of codes, used or retired; proposes the place's."""
    said = context.derived(declared)
    none = [bool(text.strip()) and not h for text, h in zip(said.texts, said.heirs, strict=True)]
    rows = np.flatnonzero(np.array(none, dtype=np.bool_)[said.code])
    inside = context.derived(county)[rows]
    return breaches(
        rule,
        context.registry.stations.index[rows].tolist(),
        {"area_code": [said.texts[code] for code in said.code[rows]]},
        proposals=[{"area_code": str(code)} if code else None for code in inside.tolist()],
    )


def _same(text: str, heirs: tuple[str, ...]) -> bool:
    """Tell whether a code, zeros at its end or not, is in use still."""
    return len(heirs) == 1 and text.strip() == heirs[0].ljust(len(text.strip()), "0")


def _heir(heirs: tuple[str, ...], inside: str) -> str:
    if len(heirs) == 1:
        return heirs[0]
    return next((heir for heir in heirs if inside.startswith(heir)), "")


def metres_outside(context: Context, rows: IntArray) -> FloatArray:
    """Return how far some rows lie from what they declare, metres.

    To the point of the outline that is nearest in degrees: exact at the line, up to a tenth too
    long far from it. Infinite where nothing is declared.
    """
    said = context.derived(declared)
    lon, lat = context.registry.lon[rows], context.registry.lat[rows]
    metres = np.full(len(rows), np.inf)
    for each in np.unique(said.code[rows]).tolist():
        mine = np.flatnonzero(said.code[rows] == each)
        if said.heirs[each]:
            legs = shapely.shortest_line(
                _outline(said.heirs[each]), shapely.points(lon[mine], lat[mine])
            )
            near = shapely.get_coordinates(legs)[::2]
            metres[mine] = distance_m(lon[mine], lat[mine], near[:, 0], near[:, 1])
    return metres


@lru_cache(maxsize=512)
def _outline(codes: tuple[str, ...]) -> shapely.Geometry:
    levels = {_DIGITS: "county", 4: "prefecture", 2: "province"}
    shapes = [
        boundaries.areas(levels[len(code)], code).geometry.iloc[0]  # type: ignore[arg-type]
        for code in codes
    ]
    whole = shapely.union_all(shapes)
    shapely.prepare(whole)
    return whole
