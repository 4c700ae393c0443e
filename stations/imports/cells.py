"""One cell's text to one field's value; what cannot be read is a `ValueError` saying what would be.

Each parser sees a distinct text once, however many rows repeat it (`parse_column`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from geodata import boundaries

if TYPE_CHECKING:
    from collections.abc import Callable

    from stations.catalogue import Vocabulary

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]")


@dataclass(frozen=True)
class Doubt:
    """What a parser returns for a text it keeps although it does not understand it."""

    value: Any
    problem: str


class Parsed(NamedTuple):
    """A column, read; positions count from 0."""

    values: list[Any]
    """None where the text cannot be read."""
    faults: list[tuple[int, str]]
    """(position, problem) of the texts that cannot be kept."""
    doubts: list[tuple[int, str]]
    """(position, problem) of the texts kept all the same."""


def parse_column[Cell](texts: pd.Series[Any], parse: Callable[[Cell], Any]) -> Parsed:
    """Parse every cell; ``parse`` returns a value or a `Doubt`, or raises `ValueError`."""
    codes, distinct = pd.factorize(texts)
    read = [_attempt(parse, text) for text in distinct]
    parsed = Parsed([read[code].value for code in codes.tolist()], [], [])
    for position, code in enumerate(codes.tolist()):
        if read[code].fault:
            parsed.faults.append((position, read[code].fault))
        if read[code].doubt:
            parsed.doubts.append((position, read[code].doubt))
    return parsed


class _Read(NamedTuple):
    value: Any
    fault: str = ""
    doubt: str = ""


def _attempt[Cell](parse: Callable[[Cell], Any], text: Cell) -> _Read:
    try:
        value = parse(text)
    except ValueError as error:
        return _Read(None, fault=str(error))
    if isinstance(value, Doubt):
        return _Read(value.value, doubt=value.problem)
    return _Read(value)


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


def codes_value(text: str, *, vocabulary: Vocabulary) -> str:
    """Return the codes of the words in ``text``, joined by ``;`` in catalogue order."""
    codes: set[str] = set()
    for words in re.split(r"[;；,，、/|\n]+", text):
        for word in [words] if vocabulary.code(words) else words.split():
            code = vocabulary.code(word)
            if code is None:
                raise ValueError(
                    f"{word[:80]!r} is no word of the catalogue; use {vocabulary.expected()}"
                )
            codes.add(code)
    return ";".join(code for code in vocabulary.terms if code in codes)


def count_value(text: str, *, units: str, most: int, example: str) -> int | None:
    """Return a whole number such as ``1200``, ``1,200``, ``1200人``; None for an empty cell.

    ``units`` are the characters that may follow the number; ``example`` says what is counted.
    """
    clean = re.sub(rf"(?<=\d)[,，](?=\d{{3}})|\s|(?<=\d)[{units}]$", "", text.strip())
    if not clean:
        return None
    if not re.fullmatch(r"\d+(\.0*)?", clean):
        raise ValueError(f"not a whole number, such as {example}")
    number = int(clean.split(".")[0][:12])
    if number > most:
        raise ValueError(f"more than {most:,}; a number such as {example} is needed")
    return number


def area_code_value(text: str) -> str:
    """Return today's county code; "" for an empty cell or a retired code with several heirs."""
    clean = text.strip()
    if not clean:
        return ""
    if not re.fullmatch(r"\d{6}", clean):
        raise ValueError("not a six-digit county code (GB/T 2260), such as 530114")
    heirs = boundaries.successors(clean)
    if not heirs:
        raise ValueError("no county has or had this code (GB/T 2260); leave it empty if unsure")
    return heirs[0] if len(heirs) == 1 else ""


def flag_value(text: str) -> bool:
    """Return a yes/no cell; empty is no."""
    clean = text.strip().casefold()
    if clean in {"", "false", "no", "0", "否"}:
        return False
    if clean in {"true", "yes", "1", "是"}:
        return True
    raise ValueError("neither true nor false")
