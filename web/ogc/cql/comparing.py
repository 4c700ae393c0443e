"""Comparisons: of each distinct value once, or of numbers all at once."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.errors import UsageError
from web.ogc.cql.logic import Truth
from web.ogc.cql.values import Value, alike, value_of
from web.ogc.moments import day_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from web.ogc.visible import Collection

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
LISTS: dict[str, Callable[[frozenset[str], frozenset[str]], bool]] = {
    "a_equals": operator.eq,
    "a_contains": operator.ge,
    "a_containedby": operator.le,
    "a_overlaps": lambda mine, asked: not mine.isdisjoint(asked),
}


def compared(op: str, left: Value, right: Value, size: int) -> Truth:
    """Compare two values in each feature; null compares with nothing."""
    alike(left, right, op)
    if left.numbers is not None and right.numbers is not None:
        known = ~(np.isnan(left.numbers) | np.isnan(right.numbers))
        return _spread(Truth.of(COMPARISONS[op](left.numbers, right.numbers), known), size)
    if left.kind == "codes":
        raise UsageError(f"filter: {op} is not for lists; A_EQUALS, A_CONTAINS, A_OVERLAPS are")
    if left.codes is None and right.codes is not None:
        return compared(_SWAPPED.get(op, op), right, left, size)
    if right.codes is not None:
        return _columns(op, left, right)
    asked = _comparable(right)[0]
    answers = [bool(COMPARISONS[op](each, asked)) for each in _comparable(left)]
    return _spread(Truth.of(*left.told(answers)), size)


def between(node: Sequence[object], about: Collection) -> Truth:
    """Tell where a value lies between two others, both inclusive."""
    if len(node) == 2 and isinstance(node[1], list):  # noqa: PLR2004 - as drafts of CQL2 had it
        node = [node[0], *node[1]]
    if len(node) != 3:  # noqa: PLR2004
        raise UsageError("filter: BETWEEN takes a value and two bounds")
    value, low, high = (value_of(each, about) for each in node)
    if value.kind not in {"number", "day"}:
        raise UsageError("filter: BETWEEN is for numbers and dates")
    size = len(about)
    return compared(">=", value, low, size) & compared("<=", value, high, size)


def among(node: Sequence[object], about: Collection) -> Truth:
    """Tell where a value is one of a list."""
    if len(node) != 2 or not isinstance(node[1], list) or not node[1]:  # noqa: PLR2004
        raise UsageError("filter: IN takes a property and a list of values")
    value, size = value_of(node[0], about), len(about)
    found = Truth.constant(value=False, size=size)
    for each in node[1]:
        found |= compared("=", value, value_of(each, about), size)
    return found


def like(node: Sequence[object], about: Collection) -> Truth:
    """Tell where a text is like a pattern; a backslash escapes its wildcards."""
    if len(node) != 2:  # noqa: PLR2004
        raise UsageError("filter: LIKE takes a property and a pattern")
    value, pattern = value_of(node[0], about), value_of(node[1], about)
    if value.kind != "text" or pattern.kind != "text" or pattern.codes is not None:
        raise UsageError("filter: LIKE compares a text with a pattern such as '%驿站%'")
    fits = matcher(pattern.literal)
    return _spread(Truth.of(*value.told([fits(text) for text in value.distinct])), len(about))


def lists(op: str, node: Sequence[object], about: Collection) -> Truth:
    """Compare a list of texts with another, as sets."""
    if len(node) != 2:  # noqa: PLR2004
        raise UsageError(f"filter: {op.upper()} takes two lists")
    left, right = (value_of(each, about) for each in node)
    if left.kind != "codes" or right.kind != "codes" or right.codes is not None:
        raise UsageError(f"filter: {op.upper()} takes a property that is a list, and a list")
    asked = frozenset(right.literal)
    answers = [LISTS[op](frozenset(each), asked) for each in left.distinct]
    return _spread(Truth.of(*left.told(answers)), len(about))


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a text is like a pattern, in time that grows with their product.

    A regular expression could take far longer.
    """
    pieces = re.findall(r"\\.|%|_|[^\\%_]+|\\", pattern, re.DOTALL)
    parts: list[list[str]] = [[]]
    for piece in pieces:
        if piece == "%":
            parts.append([])
        else:
            letters = (
                [""] if piece == "_" else [*piece.removeprefix("\\" if len(piece) > 1 else "")]
            )
            parts[-1].extend(letters)
    if len(parts) == 1:
        only = parts[0]
        return lambda text: len(text) == len(only) and _at(text, only, 0)
    first, *middle, last = parts
    shortest = len(first) + len(last)

    def fits(text: str) -> bool:
        if len(text) < shortest or not _at(text, first, 0):
            return False
        end, place = len(text) - len(last), len(first)
        if not _at(text, last, end):
            return False
        for part in middle:
            found = _find(text, part, place, end)
            if found < 0:
                return False
            place = found + len(part)
        return place <= end

    return fits


def _at(text: str, letters: list[str], place: int) -> bool:
    return all(letter in {"", text[place + step]} for step, letter in enumerate(letters))


def _find(text: str, letters: list[str], start: int, end: int) -> int:
    if "" not in letters:
        return text.find("".join(letters), start, end)
    return next((at for at in range(start, end - len(letters) + 1) if _at(text, letters, at)), -1)


def _columns(op: str, left: Value, right: Value) -> Truth:
    """Compare two properties: distinct pairs of values, once each."""
    if left.codes is None or right.codes is None:
        raise UsageError("filter: expected two properties")
    width = len(right.distinct) + 1
    pairs, codes = np.unique((left.codes + 1) * width + right.codes + 1, return_inverse=True)
    mine, its = [None, *_comparable(left)], [None, *_comparable(right)]
    known = [(mine[pair // width], its[pair % width]) for pair in pairs.tolist()]
    holds = [None not in pair and bool(COMPARISONS[op](*pair)) for pair in known]
    sure = np.array([None not in pair for pair in known])
    return Truth.of(np.array(holds)[codes], sure[codes])


def _comparable(value: Value) -> Sequence[Any]:
    if value.kind == "day":
        return [day_of(text, "filter") for text in value.distinct]
    return value.distinct


def _spread(truth: Truth, size: int) -> Truth:
    """Tell every feature what holds for all."""
    if len(truth.holds) == size:
        return truth
    return Truth(np.broadcast_to(truth.holds, size), np.broadcast_to(truth.fails, size))
