"""What stands on either side of a comparison: a property, a literal, arithmetic, a folded text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.errors import UsageError
from web.api.reading import short
from web.ogc.moments import day_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from web.ogc.columns import Codes
    from web.ogc.fields import Kind
    from web.ogc.visible import Collection

_MARKS = re.compile(r"[\u0300-\u036f]")
ARITHMETIC: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "div": lambda a, b: np.trunc(a / b),
    "^": np.float_power,
}
FOLDS: dict[str, Callable[[str], str]] = {
    "casei": str.casefold,
    "accenti": lambda text: _MARKS.sub("", _decomposed(text)),
}
"""What makes texts the same that differ in case, or in accents."""
WORDS: dict[str, str] = {
    "text": "a text", "codes": "a list of texts", "number": "a number",
    "truth": "TRUE or FALSE", "day": "a date",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Value:
    """A value of every feature: distinct ones, and which of them each feature has."""

    kind: Kind
    distinct: Sequence[Any]
    """Texts (days are ISO texts), tuples of texts, booleans; of numbers none."""
    codes: Codes | IntArray | None = None
    """Row → position in ``distinct``, -1: null; None: a literal, ``distinct[0]`` for every row."""
    numbers: FloatArray | None = None
    """Of numbers: one for each row, or one for all; NaN: null."""

    @property
    def literal(self) -> Any:  # noqa: ANN401 - any value
        """The value of a literal that is not a number."""
        return self.distinct[0]

    def told(self, answers: Sequence[bool]) -> tuple[BoolArray, BoolArray]:
        """Return, row by row, the answer about its distinct value, and whether it has one."""
        codes = self.codes if self.codes is not None else np.zeros(1, dtype=np.int64)
        return np.array([*answers, False], dtype=np.bool_)[codes], codes >= 0


def value_of(node: object, about: Collection) -> Value:  # noqa: PLR0911 - one for each kind
    """Read one side of a comparison."""
    match node:
        case bool():
            return Value("truth", [node])
        case int() | float():
            return Value("number", [], numbers=np.array([float(node)]))
        case str():
            return Value("text", [node])
        case [*items] if all(isinstance(item, str) for item in items):
            return Value("codes", [tuple(items)])
        case {"property": str(name)}:
            return property_of(name, about)
        case {"date": str(text)} | {"timestamp": str(text)}:
            day_of(text, "filter")
            return Value("day", [text])
        case {"op": str(op), "args": [inner]} if op.lower() in FOLDS:
            return _folded(value_of(inner, about), op.lower())
        case {"op": str(op), "args": [left, right]} if op in ARITHMETIC:
            return _computed(op, value_of(left, about), value_of(right, about))
        case {"op": str(op)}:
            raise UsageError(f"filter: {short(op)!r} is not something with a value here")
        case _:
            raise UsageError("filter: expected a property, a number, a text, a date or a list")


def property_of(name: str, about: Collection) -> Value:
    """Return a property's values."""
    if name not in about.queryables:
        known = ", ".join((*about.queryables, "geometry"))
        raise UsageError(f"filter: {about.name} has no property {short(name)!r}; known: {known}")
    column = about.column(name)
    if column.field.kind == "number":
        return Value("number", [], numbers=column.numbers)
    return Value(column.field.kind, column.values, column.codes)


def alike(left: Value, right: Value, op: str) -> None:
    """Refuse to compare what cannot be compared."""
    kinds = {left.kind, right.kind}
    if len(kinds) > 1:
        advice = "; a date is written DATE('2026-11-24')" if "day" in kinds else ""
        told = " with ".join(WORDS[each.kind] for each in (left, right))
        raise UsageError(f"filter: {op} compares {told}{advice}")


def _folded(value: Value, op: str) -> Value:
    fold = FOLDS[op]
    if value.kind == "text":
        return replace(value, distinct=[fold(text) for text in value.distinct])
    if value.kind == "codes":
        return replace(value, distinct=[tuple(map(fold, texts)) for texts in value.distinct])
    raise UsageError(f"filter: {op.upper()} is for texts")


def _computed(op: str, left: Value, right: Value) -> Value:
    if left.numbers is None or right.numbers is None:
        raise UsageError(f"filter: {op} is for numbers")
    with np.errstate(all="ignore"):
        found = ARITHMETIC[op](left.numbers, right.numbers)
    return Value("number", [], numbers=np.where(np.isfinite(found), found, np.nan))


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)
