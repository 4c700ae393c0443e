"""What was asked of a collection's features: which of them, in which order, in which system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geodata.errors import UsageError
from web.api.reading import plain, short
from web.ogc.base import given
from web.ogc.cql import read_json, read_text, rows_of
from web.ogc.cql.reading import LONGEST
from web.ogc.moments import days_of
from web.ogc.references import CRS84, box_in_wgs84, reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.geodesy import BoolArray, IntArray
    from web.ogc.fields import Field
    from web.ogc.visible import Collection

USUAL, MOST = 100, 10_000
"""Features a page holds if nothing is said, and at most."""
LANGUAGES = ("cql2-text", "cql2-json")
PAGING = ("limit", "offset", "after", "before", "revision", "crs")
"""What says which part of an answer, and how it is told."""
CHOOSING = ("bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs", "sortby")
"""What says which features, and in which order."""
_BOX, _BOX_3D = 4, 6


@dataclass(frozen=True)
class Page:
    """Which part of the features that match is asked for."""

    limit: int
    offset: int
    after: str
    """Begin after this id; "" at the beginning, or at ``offset``."""
    before: str
    """End before this id; "" none."""
    revision: int | None
    """The register's revision when its first page was told; None: this is the first."""
    reference: str
    """The system its shapes are told in."""


def asked(about: Collection) -> dict[str, str]:
    """Return the request's parameters; what a collection's features cannot be asked is refused."""
    return given(*PAGING, *CHOOSING, *about.queryables, longest={"filter": LONGEST})


def page_of(values: Mapping[str, str]) -> Page:
    """Read which page is asked for."""
    after, before, offset = values.get("after", ""), values.get("before", ""), _offset(values)
    if sum(bool(each) for each in (after, before, offset)) > 1:
        raise UsageError("offset, after and before: one of them")
    if (after or before) and "sortby" in values:
        raise UsageError("sortby: its pages go by offset")
    revision = values.get("revision")
    return Page(
        limit_of(values),
        offset,
        after,
        before,
        None if revision is None else _count(revision, "revision"),
        reference(values["crs"], "crs") if "crs" in values else CRS84,
    )


def limit_of(values: Mapping[str, str]) -> int:
    """Read how many features; more than the most is taken for the most, as the standard says."""
    limit = _count(values.get("limit", str(USUAL)), "limit")
    if limit < 1:
        raise UsageError(f"limit: expected a whole number from 1 to {MOST}")
    return min(limit, MOST)


def _offset(values: Mapping[str, str]) -> int:
    return _count(values.get("offset", "0"), "offset")


def _count(text: str, name: str) -> int:
    try:
        number = plain(text, int)
    except ValueError:
        number = -1
    if not 0 <= number < 10**9:
        raise UsageError(f"{name}: expected a whole number, got {short(text)!r}")
    return number


def matched(about: Collection, values: Mapping[str, str]) -> IntArray:
    """Return the rows of the features asked for, in the order asked for; ascending by id."""
    box = _box(values)
    rows: IntArray = about.inside(box) if box else np.arange(len(about))
    keep = _kept(about, values)
    if keep is not None:
        rows = rows[keep[rows]]
    if "sortby" in values:
        rows = _sorted(about, rows, values["sortby"])
    return rows


def _kept(about: Collection, values: Mapping[str, str]) -> BoolArray | None:
    """Tell which features the rest of the question leaves; None: all."""
    kept = [_equal(about, name, values[name]) for name in values if name in about.queryables]
    if "datetime" in values:
        kept.append(about.there(*days_of(values["datetime"], "datetime")))
    if "filter" in values:
        kept.append(_filtered(about, values))
    elif {"filter-lang", "filter-crs"} & values.keys():
        raise UsageError("filter: missing, though filter-lang or filter-crs is given")
    return np.logical_and.reduce(kept) if kept else None


def _filtered(about: Collection, values: Mapping[str, str]) -> BoolArray:
    words = values.get("filter-lang", LANGUAGES[0])
    if words not in LANGUAGES:
        raise UsageError(f"filter-lang: one of {', '.join(LANGUAGES)}")
    source = reference(values["filter-crs"], "filter-crs") if "filter-crs" in values else CRS84
    text = values["filter"]
    document = read_text(text) if words == LANGUAGES[0] else read_json(text)
    return rows_of(document, about, source)


def _equal(about: Collection, name: str, text: str) -> BoolArray:
    """Tell which features have a value; of a list, which have all those named."""
    column, field = about.column(name), about.queryables[name]
    wanted = _read(field, text)
    if isinstance(wanted, frozenset):
        answers = [wanted <= set(value) for value in column.values]
    else:
        answers = [value == wanted for value in column.values]
    found: BoolArray = np.array([*answers, False], dtype=np.bool_)[column.codes]
    return found


def _read(field: Field, text: str) -> object:
    match field.kind:
        case "number":
            return _count(text, field.name)
        case "truth":
            if text not in {"true", "false"}:
                raise UsageError(f"{field.name}: true or false")
            return text == "true"
        case "codes":
            return frozenset(part.strip() for part in text.split(",") if part.strip())
        case _:
            return text


def _box(values: Mapping[str, str]) -> tuple[float, float, float, float] | None:
    """Read ``bbox`` in its system; heights, if given, do not matter: nothing here has any."""
    source = reference(values["bbox-crs"], "bbox-crs") if "bbox-crs" in values else CRS84
    if "bbox" not in values:
        return None
    try:
        numbers = [plain(each.strip(), float) for each in values["bbox"].split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == _BOX_3D:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != _BOX or not np.isfinite(numbers).all():
        raise UsageError("bbox: four plain numbers (six with heights), the lower corner first")
    west, south, east, north = box_in_wgs84((*numbers,), source)  # type: ignore[arg-type]
    if not (max(abs(west), abs(east)) <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004
        order = "west,south,east,north" if source == CRS84 else "the axis order of bbox-crs"
        raise UsageError(f"bbox: not on Earth, or upside down; expected {order}")
    return west, south, east, north


def _sorted(about: Collection, rows: IntArray, text: str) -> IntArray:
    """Order rows by some properties, nulls last either way, ties by id."""
    keys: list[IntArray] = []
    for part in text.split(","):
        down, name = part.startswith("-"), part.strip().lstrip("+-").strip()
        if name not in about.queryables:
            known = ", ".join(about.queryables)
            raise UsageError(f"sortby: {about.name} has no {short(name)!r}; known: {known}")
        column = about.column(name)
        ranks = column.ranks[rows]
        if down:
            ranks = np.where(column.nulls[rows], ranks, -ranks - 1)
        keys.append(ranks)
    return rows[np.lexsort(keys[::-1])]
