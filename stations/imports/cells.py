"""One cell's text to one field's value; what cannot be read is a `ValueError` saying what would be.

Each parser sees a distinct text once, however many rows repeat it (`parse_column`).
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from geodata import boundaries
from stations.catalogue import Vocabulary, catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAME_LENGTH = 200
HOURS_LENGTH = 2_000
TEXT_LENGTH = 500
MOST_PEOPLE = 10_000_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]")


def parse_column(
    texts: pd.Series[str], parse: Callable[[str], Any]
) -> tuple[list[Any], list[tuple[int, str]]]:
    """Parse every cell; return the values (None where it failed) and (position, problem) pairs."""
    codes, distinct = pd.factorize(texts)
    values: list[Any] = []
    problems: list[str | None] = []
    for text in distinct:
        value, problem = _attempt(parse, text)
        values.append(value)
        problems.append(problem)
    failed = [
        (position, problem)
        for position, code in enumerate(codes.tolist())
        if (problem := problems[code]) is not None
    ]
    return [values[code] for code in codes.tolist()], failed


def _attempt(parse: Callable[[str], Any], text: str) -> tuple[Any, str | None]:
    try:
        return parse(text), None
    except ValueError as error:
        return None, str(error)


def text_value(text: str, *, longest: int, required: bool = False) -> str:
    """Return ``text`` with runs of white space folded to one blank."""
    clean = " ".join(text.split())
    if required and not clean:
        raise ValueError("empty; every record needs one")
    if len(clean) > longest:
        raise ValueError(f"{len(clean):,} characters; at most {longest}")
    if _CONTROL.search(clean):
        raise ValueError("holds control characters; plain text is needed")
    return clean


def word_value(text: str, *, vocabulary: Vocabulary, default: str) -> str:
    """Return the code a word stands for; an empty cell is ``default``."""
    if not text.strip():
        return default
    code = vocabulary.code(text)
    if code is None:
        raise ValueError(f"not a word of the catalogue; use one of {vocabulary.expected()}")
    return code


def amenities_value(text: str) -> str:
    """Return the amenity codes in ``text``, joined by ``;`` in catalogue order."""
    known = catalogue().amenities
    codes: list[str] = []
    for words in re.split(r"[;；,，、/|\n]+", text):
        for word in [words] if known.code(words) else words.split():
            code = known.code(word)
            if code is None:
                raise ValueError(
                    f"{word[:80]!r} is no amenity of the catalogue; use {known.expected()}"
                )
            codes.append(code)
    return ";".join(known.codes(known.mask(codes)))


def people_value(text: str) -> int | None:
    """Return a number of people: ``1200``, ``1,200``, ``1200人``; None for an empty cell."""
    clean = re.sub(r"(?<=\d)[,，](?=\d{3})|\s|人$|名$|位$", "", text.strip())
    if not clean:
        return None
    if not re.fullmatch(r"\d+(\.0*)?", clean):
        raise ValueError("not a whole number of people, such as 1200")
    number = int(clean.split(".")[0][:12])
    if number > MOST_PEOPLE:
        raise ValueError(f"more than {MOST_PEOPLE:,} people")
    return number


def area_code_value(text: str) -> str:
    """Return today's county code; "" for an empty cell or a retired code with several heirs."""
    clean = text.strip()
    if not clean:
        return ""
    if not re.fullmatch(r"\d{6}", clean):
        raise ValueError("not a six-digit county code (GB/T 2260), such as 530114")
    return boundaries.current_code(clean) or ""


def flag_value(text: str) -> bool:
    """Return a yes/no cell; empty is no."""
    clean = text.strip().casefold()
    if clean in {"", "false", "no", "0", "否"}:
        return False
    if clean in {"true", "yes", "1", "是"}:
        return True
    raise ValueError("neither true nor false")


def _word(vocabulary: Vocabulary, default: str) -> Callable[[str], str]:
    return partial(word_value, vocabulary=vocabulary, default=default)


def station_parsers() -> Mapping[str, Callable[[str], Any]]:
    """Return field → parser for a station's columns, in the schema's order."""
    known = catalogue()
    return {
        "name": partial(text_value, longest=NAME_LENGTH, required=True),
        "kind": _word(known.kinds, "standard"),
        "amenities": amenities_value,
        "opening_hours": partial(text_value, longest=HOURS_LENGTH),
        "access": _word(known.access, ""),
        "host": partial(text_value, longest=TEXT_LENGTH),
        "capacity": people_value,
        "area_code": area_code_value,
        "status": _word(known.statuses, "active"),
        "phone": partial(text_value, longest=TEXT_LENGTH),
        "synthetic": flag_value,
    }


def site_parsers() -> Mapping[str, Callable[[str], Any]]:
    """Return field → parser for a demand site's columns."""
    return {
        "name": partial(text_value, longest=NAME_LENGTH, required=True),
        "workers": people_value,
        "synthetic": flag_value,
    }


id_value = partial(text_value, longest=100, required=True)
