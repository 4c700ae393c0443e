"""What errors say, in the reader's language.

Errors are raised with English sentences, and programs read those. A sentence is found again among
the templates of the catalogue ``errors``; what was formatted into it is translated in turn where it
is a sentence itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, Self

from web.words import ERRORS, texts

ENGLISH = "en"
"""The language errors are raised in."""
DEEPEST = 4
_PLACE = re.compile(r"\{(\d+)\}")
_QUOTED = r"""(?<!\w)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?!\w)|“[^”]*”"""
_FIELD = re.compile(rf"(?:[\w.\[\] -]{{1,60}}|{_QUOTED}): ")
_QUOTED_OR_END = re.compile(rf"{_QUOTED}|; ")


@dataclass(frozen=True)
class Template:
    """A sentence with places in it."""

    chunks: tuple[str, ...]
    """What stands around the places, in order: one more than there are places."""
    said: str
    """Its translation."""

    @classmethod
    def of(cls, message: str, said: str) -> Self:
        """Return the template of a message such as ``no station {0}``."""
        return cls(tuple(_PLACE.split(message)[::2]), said)

    @property
    def length(self) -> int:
        """How much of the sentence is its own."""
        return sum(map(len, self.chunks))

    def values(self, sentence: str) -> list[str] | None:
        """Return what fills the places in a sentence, each as short as can be; None: nothing."""
        first, *others = self.chunks
        if not others:
            return [] if sentence == first else None
        *inner, last = others
        end = len(sentence) - len(last)
        if not sentence.startswith(first) or not sentence.endswith(last):
            return None
        found, at = [], len(first)
        for chunk in inner:
            next_at = sentence.find(chunk, at, end)
            if next_at < 0:
                return None
            found.append(sentence[at:next_at])
            at = next_at + len(chunk)
        return None if at > end else [*found, sentence[at:end]]

    def filled(self, values: list[str]) -> str:
        """Return the translation with values in its places."""
        return _PLACE.sub(lambda place: values[int(place[1])], self.said)


class _Whole(NamedTuple):
    """A sentence as a template has it."""

    template: Template
    values: list[str]

    @property
    def length(self) -> int:
        """How much of the sentence is the template's own."""
        return self.template.length


def translated(sentence: str, language: str, depth: int = 0) -> str:
    """Return what an error said in a language; what no template knows stays as it is.

    Of all ways to read a sentence the one that leaves least of it to places is taken.
    """
    if language == ENGLISH or depth > DEEPEST:
        return sentence
    known = texts(ERRORS, language).get(sentence)
    if known is not None or " " not in sentence:
        return known or sentence
    whole = _whole(sentence, language)
    if whole is None or any(len(_split(value)) > 1 for value in whole.values):
        parts = _parts(sentence, language, depth)
        if len(parts) > 1:
            return "；".join(translated(part, language, depth + 1) for part in parts)
    field = _FIELD.match(sentence)
    if field and _literal(sentence[field.end() :], language) >= (whole.length if whole else 1):
        return f"{field[0][:-2]}：{translated(sentence[field.end() :], language, depth + 1)}"
    if whole is None:
        return sentence
    return whole.template.filled([translated(each, language, depth + 1) for each in whole.values])


def _whole(sentence: str, language: str) -> _Whole | None:
    """Return the template that a sentence is of."""
    for template in _templates(language):
        values = template.values(sentence)
        if values is not None:
            return _Whole(template, values)
    return None


def _literal(sentence: str, language: str) -> int:
    """Return how much of a sentence no place takes; 0: nobody knows it."""
    if sentence in texts(ERRORS, language):
        return len(sentence)
    whole, field = _whole(sentence, language), _FIELD.match(sentence)
    within = _literal(sentence[field.end() :], language) if field else 0
    return max(whole.length if whole else 0, within)


def _parts(sentence: str, language: str, depth: int) -> list[str]:
    """Part a list of faults; what nobody knows alone belongs to the part before it."""
    parts: list[str] = []
    for piece in _split(sentence):
        if parts and translated(piece, language, depth + 1) == piece:
            parts[-1] += f"; {piece}"
        else:
            parts.append(piece)
    return parts


def _split(sentence: str) -> list[str]:
    """Split at semicolons, but those of quotations."""
    ends = [found.span() for found in _QUOTED_OR_END.finditer(sentence) if found[0] == "; "]
    starts = [0, *(end for _, end in ends)]
    return [
        sentence[start:end]
        for start, end in zip(starts, [*(end for end, _ in ends), len(sentence)], strict=True)
    ]


@cache
def _templates(language: str) -> tuple[Template, ...]:
    """Return the templates, those that say most first: a place is the last resort."""
    found = [Template.of(message, said) for message, said in texts(ERRORS, language).items()]
    return tuple(sorted(found, key=lambda each: (-each.length, each.chunks)))
